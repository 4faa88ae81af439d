"""Generators: those that the project has imported, seeded together, and put back together."""

from __future__ import annotations

import _random as _core
import random as _random
import sys
from types import ModuleType
from typing import Any

import pytest

from pytest_vltair.fixed.libraries import LIBRARIES, Generator
from pytest_vltair.importing import Imports


class Saved:
    """Where all generators stood, and what they had been seeded with last."""

    def __init__(self, number: int | None, states: dict[str, Any]) -> None:
        self.number = number
        self.states = states


class Generators:
    """Every generator of the table whose library is imported; one imported later takes the seed that is in force.

    It matters for the numbers of a test: a library that it imports itself has the same seed as one that was there.
    """

    def __init__(self) -> None:
        self._active: dict[str, Generator] = {}
        self._number: int | None = None
        self._imports = Imports(LIBRARIES, self.learn)
        self._hook: Any = None
        self.testing = False

    def start(self, hook: Any) -> Saved:
        """Find what is imported, watch for what will be, and say where all stands; `hook` is that of third parties."""
        self._hook = hook
        for name in LIBRARIES:
            module = sys.modules.get(name)
            # A stand-in that a test or a conftest put there has no place where it was found.
            if isinstance(module, ModuleType) and module.__spec__ is not None:
                self.learn(name, module)
        self._imports.start()
        return self.save()

    def stop(self) -> None:
        """Watch no more."""
        self._imports.stop()

    def learn(self, name: str, module: ModuleType) -> None:
        """Take up the generator of a module that has just been imported; an older release may have none."""
        try:
            found = LIBRARIES[name](module)
        except AttributeError:
            return
        self.add(name, found)

    def add(self, name: str, generator: Generator) -> None:
        """Take up a generator, and seed it with the seed that is in force."""
        self._active[name] = generator
        if self._number is not None:
            self._seed_one(name, generator, self._number)

    def seed(self, number: int) -> None:
        """Seed all, and ask third parties to.

        Raises:
            pytest.fail.Exception: one cannot be seeded for a test.
            pytest.UsageError: one cannot be seeded before there are tests, where nobody would catch a failure.
        """
        self._number = number
        for name, generator in self._active.items():
            try:
                generator.seed(number)
            except Exception as error:  # noqa: BLE001 - whatever a library raises
                self._fail(name, error)
        if self._hook is not None and self._hook.get_hookimpls():
            self._ask(number)

    def save(self) -> Saved:
        """Where all stand now."""
        return Saved(self._number, {name: one.save() for name, one in self._active.items() if one.save is not None})

    def load(self, saved: Saved) -> None:
        """Put all back to where they stood; one that cannot say where it stood is seeded again."""
        self._number = saved.number
        for name, generator in list(self._active.items()):
            if name in saved.states and generator.load is not None:
                generator.load(saved.states[name])
            elif saved.number is not None:
                self._seed_one(name, generator, saved.number)
        if saved.number is not None and self._hook is not None and self._hook.get_hookimpls():
            self._ask(saved.number)

    def follow(self, number: int) -> bool:
        """Whether what `random` draws follows its seed; leaves it seeded."""
        self._seed_one("random", self._active["random"], number)
        drawn = _random.random()  # noqa: S311 - it is what is looked at
        return drawn == _core.Random(number).random()

    def aside(self, number: int) -> Saved:
        """Where all stand now; until they are put `back` they follow this seed, as far as they can be put back."""
        saved = Saved(self._number, {name: one.save and one.save() for name, one in self._active.items()})
        self._number = number
        for name, generator in self._active.items():
            if generator.save is not None:
                self._seed_one(name, generator, number)
        return saved

    def back(self, saved: Saved) -> None:
        """Put all back to where they stood; those that were taken up since start with the seed that was in force."""
        self._number = saved.number
        for name, generator in list(self._active.items()):
            if name not in saved.states:
                if saved.number is not None:
                    self._seed_one(name, generator, saved.number)
            elif generator.load is not None:
                generator.load(saved.states[name])

    def _ask(self, number: int) -> None:
        for plugin in self._hook.get_hookimpls():
            try:
                plugin.function(*(number for name in plugin.argnames if name == "seed"))
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises
                self._fail(f"what plugin {plugin.plugin_name} seeds", error)

    def _seed_one(self, name: str, generator: Generator, number: int) -> None:
        try:
            generator.seed(number)
        except Exception as error:  # noqa: BLE001 - whatever a library raises
            self._fail(name, error)

    def _fail(self, name: str, error: Exception) -> None:
        said = f"vltair_seed: {name} cannot be seeded: {type(error).__name__}: {error}"
        if self.testing:
            raise pytest.fail.Exception(said, pytrace=False) from None
        raise pytest.UsageError(said) from error
