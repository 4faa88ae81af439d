"""Joining: what a lock file says of a distribution, with what is installed of it, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from gates.builtin.supply.distribution import Distribution
from gates.builtin.supply.source import Supply
from gates.model.evidence import counted


def with_metadata(supply: Supply, installed: Mapping[str, Distribution]) -> Supply:
    """A lock's distributions with the metadata of those that are installed in the very version that it names.

    What they require is taken from there only where the lock does not say it.
    """
    if supply.kind == "environment":
        return supply
    return replace(
        supply,
        root=None if supply.root is None else _described(supply.root, installed),
        distributions=counted(_described(one, installed) for one in supply.distributions.items),
    )


def absent(supply: Supply, installed: Mapping[str, Distribution]) -> list[str]:
    """One sentence where distributions of a lock are not installed, since no lock says licences and suppliers."""
    told = supply.distributions.items
    number = sum(_described(one, installed) is one for one in told)
    if not number:
        return []
    where = f"{number} of {len(told)} distributions are not installed in the judged environment as they are locked"
    return [
        f"{where}: only metadata says licences and suppliers; install the lock, or name its environment by --python"
    ]


def with_hashes(supply: Supply, lock: Supply) -> Supply:
    """Installed distributions with the files that a lock names for the very version that is installed."""
    held = {one.key: one.artifacts for one in lock.distributions.items if one.origin == "index"}

    def hashed(one: Distribution) -> Distribution:
        found = held.get(one.key)
        if found is None or one.artifacts.count or one.origin != "index":
            return one
        return replace(one, artifacts=found)

    return replace(supply, distributions=counted(map(hashed, supply.distributions.items)))


def _described(one: Distribution, installed: Mapping[str, Distribution]) -> Distribution:
    there = installed.get(one.name)
    if there is None or (one.version and there.version != one.version) or (not one.version and one.origin == "index"):
        return one
    return replace(
        one,
        version=one.version or there.version,
        record=there.record,
        hashed=there.hashed,
        tags=there.tags,
        requires=one.requires if one.known else there.requires,
        known=True,
        licence=there.licence,
        supplier=there.supplier,
        author=there.author,
        summary=one.summary or there.summary,
    )
