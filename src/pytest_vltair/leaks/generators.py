"""Generators: draws from the random module's own generator in a test that did not seed it.

A test that drew is named unless it (or whoever ran between, such as a plugin) seeded the generator or set its state
since the last look. numpy's generator cannot tell who seeded it, so nobody is accused of drawing from it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

_SEEDING = (random.Random.seed.__code__, random.Random.setstate.__code__)
_KEY = "random"


class _Watched(random.Random):
    """The random module's own generator, that counts how often it was seeded."""

    seedings = 0

    @property
    def gauss_next(self) -> Any:
        """The spare number of `gauss`, which seeding forgets; that is how seeding is seen whoever holds `seed`."""
        return self.__dict__.get("gauss_next")

    @gauss_next.setter
    def gauss_next(self, value: Any) -> None:
        self.__dict__["gauss_next"] = value
        if sys._getframe(1).f_code in _SEEDING:  # noqa: SLF001 - gauss sets it too
            _Watched.seedings += 1


class Generators:
    """The state of the random module's generator, with how often it was seeded."""

    kind = "random"

    def __init__(self, config: pytest.Config) -> None:
        self._generator: Any = vars(random)["_inst"]
        self._getstate = random.Random.getstate
        self._setstate = random.Random.setstate
        if type(self._generator) is random.Random:
            self._generator.__class__ = _Watched
            config.add_cleanup(self._release)

    def look(self) -> State:
        """The state and the count."""
        return {_KEY: (self._getstate(self._generator), _Watched.seedings)}

    def changed(self, known: State) -> bool:
        """Whether numbers were drawn or a seed was set."""
        state, count = known[_KEY]
        now = self._getstate(self._generator)
        # The position comes last and tells nearly all draws, without a look at the 624 numbers.
        return count != _Watched.seedings or now[1][-1] != state[1][-1] or bool(now != state)

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether nothing was drawn, or somebody seeded."""
        del key
        return bool(before[1] != after[1] or before[0] == after[0])

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """What happened."""
        del key, before, after
        return "numbers were drawn from the global generator of the module random, which nobody seeded"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set the state that it had."""
        del key, after
        self._setstate(self._generator, before[0])
        _Watched.seedings = before[1]
        return True

    def _release(self) -> None:
        if type(self._generator) is _Watched:
            vars(random)["_inst"].__class__ = random.Random
