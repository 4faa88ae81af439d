"""Comparing: what changed between two documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from gates.builtin.sbom.facts import Bom, Component

What = Literal["added", "removed", "version", "licence", "hash"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one component; `before` and `after` are "" where there is nothing."""

    what: What
    name: str
    before: str
    after: str


def compare(before: Bom, after: Bom) -> tuple[Change, ...]:
    """The changes by name. A component that is there in several versions is compared version by version.

    Hashes are compared where version and an algorithm are the same on both sides; one that came or went is a change.
    """
    old, new = _by_name(before), _by_name(after)
    found = [change for name in sorted({*old, *new}) for change in _of(name, old.get(name, {}), new.get(name, {}))]
    return tuple(found)


def value(change: Change) -> Any:
    """A change as plain values."""
    return msgspec.to_builtins(change)


def _of(name: str, old: dict[str, Component], new: dict[str, Component]) -> Iterator[Change]:
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    # One version for another; of several nobody can say which took whose place.
    if len(gone) == len(come) == 1:
        first, second = old[gone[0]], new[come[0]]
        yield Change(what="version", name=name, before=gone[0], after=come[0])
        yield from _licence(name, first, second)
    else:
        yield from (Change(what="removed", name=name, before=one, after="") for one in gone)
        yield from (Change(what="added", name=name, before="", after=one) for one in come)
    for version in sorted(set(old) & set(new)):
        first, second = old[version], new[version]
        yield from _licence(name, first, second)
        if _hashes_differ(first, second):
            yield Change(what="hash", name=name, before=_hashes(first), after=_hashes(second))


def _licence(name: str, first: Component, second: Component) -> Iterator[Change]:
    before, after = _licence_of(first), _licence_of(second)
    if before != after:
        yield Change(what="licence", name=name, before=before, after=after)


def _hashes_differ(first: Component, second: Component) -> bool:
    old, new = set(first.hashes.items), set(second.hashes.items)
    shared = {one.partition(":")[0] for one in old} & {one.partition(":")[0] for one in new}
    if not shared:
        return bool(old) != bool(new)
    return {one for one in old if one.partition(":")[0] in shared} != {
        one for one in new if one.partition(":")[0] in shared
    }


def _licence_of(one: Component) -> str:
    return one.licence or ", ".join(one.named.items)


def _hashes(one: Component) -> str:
    return ", ".join(one.hashes.items)


def _by_name(bom: Bom) -> dict[str, dict[str, Component]]:
    found: dict[str, dict[str, Component]] = {}
    for one in (*([bom.root] if bom.root else []), *bom.components.items):
        found.setdefault(one.name, {})[one.version] = one
    return found
