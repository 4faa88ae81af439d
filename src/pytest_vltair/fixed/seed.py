"""Seed: the number of the run, from which the seeds of all tests, fixtures and imports are made."""

from __future__ import annotations

from hashlib import blake2b
from os import urandom
from typing import Any

import pytest

from pytest_vltair.fixed.generators import Generators, Saved
from pytest_vltair.fixed.seeding import Seeding
from pytest_vltair.settings import Given, Settings, nearest

MARKER = "vltair_seed"
OPTION = "--vltair-seed"
SEED: pytest.StashKey[Seed] = pytest.StashKey()
_CHECKED = 1


def derive(number: int, *names: str) -> int:
    """32 bits that depend on a seed and names, the same in every process and on every machine."""
    text = "\0".join((str(number), *names))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


def name_of(item: pytest.Item) -> str:
    """The node id of a test without the group that xdist's `--dist loadgroup` puts after it."""
    nodeid = item.nodeid
    if "@" in nodeid and item.parent is not None:
        plain = f"{item.parent.nodeid}::{item.name}"
        if nodeid.startswith(f"{plain}@"):
            return plain
    return nodeid


def of_item(item: pytest.Item) -> int:
    """The seed of a test: what its marker says, or else made from the run's seed (0 without one) and its node id.

    Raises:
        pytest.fail.Exception: the marker says no number.
    """
    marker = item.get_closest_marker(MARKER)
    if marker is not None:
        return _marked(marker, item)
    held = item.config.stash.get(SEED, None)
    return derive(0 if held is None else held.number, name_of(item))


class Seed:
    """Holds every generator that the project imports at seeds made from one number."""

    name = "seed"

    def __init__(self, given: Given, settings: Settings) -> None:  # noqa: ARG002 - as all factors are made
        self.number = _number(given)
        self.demanded = str(self.number)
        self.generators = Generators()
        self.hooks = Seeding(self.number, self.generators)
        self._drawn = given.text == "random"
        self._before: Saved | None = None
        self.hooks.tell_workers = self._drawn

    def apply(self, config: pytest.Config) -> None:
        """Seed what is imported by now, and watch for what will be."""
        config.stash[SEED] = self
        self._before = self.generators.start(config.hook.pytest_vltair_seed)
        config.option.vltair_seed = self.demanded
        self.generators.seed(derive(self.number, ""))

    def restore(self) -> None:
        """Put all generators back to where they stood, and watch no more."""
        self.generators.stop()
        if self._before is not None:
            self.generators.load(self._before)

    def shown(self) -> str:
        """The number, if the generators of this process really follow a seed."""
        saved = self.generators.save()
        try:
            return self.demanded if self.generators.follow(_CHECKED) else "not followed by random"
        finally:
            self.generators.load(saved)


def _number(given: Given) -> int:
    if given.text == "random":
        return int.from_bytes(urandom(4), "big")
    if not (given.text.isascii() and given.text.isdigit()):
        given.wrong(f"is neither a number from 0 on nor random{nearest(given.text, ['random'])}")
    if len(given.text) > 1000:
        given.wrong("has more digits than a seed can use")
    return int(given.text)


def _marked(marker: pytest.Mark, item: pytest.Item) -> int:
    values: list[Any] = [*marker.args, *marker.kwargs.values()]
    if len(values) == 1 and set(marker.kwargs) <= {"number"}:
        (number,) = values
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**32:
            return int(number)
    said = ", ".join([*map(repr, marker.args), *(f"{name}={value!r}" for name, value in marker.kwargs.items())])
    pytest.fail(f"{MARKER}({said}) of {item.nodeid} names no seed: write one number, 0 to {2**32 - 1}", pytrace=False)
