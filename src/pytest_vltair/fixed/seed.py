"""Seed: the number of the run, from which the seeds of all tests, fixtures and imports are made."""

from __future__ import annotations

from os import urandom

import pytest

from pytest_vltair.fixed.generators import Generators, Saved
from pytest_vltair.fixed.seeding import Seeding, derive, marked, name_of
from pytest_vltair.settings import Given, Settings, nearest

OPTION = "--vltair-seed"
SEED: pytest.StashKey[Seed] = pytest.StashKey()
_CHECKED = 1


def of_item(item: pytest.Item) -> int:
    """The seed of a test: what its marker says, or else made from the run's seed (0 without one) and its node id.

    Raises:
        pytest.fail.Exception: the marker says no number.
    """
    number = marked(item)
    if number is not None:
        return number
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
        self.hooks.start()

    def restore(self) -> None:
        """Put all generators back to where they stood, and watch no more."""
        self.hooks.stop()
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
