"""Order: the tests as collected, reversed, shuffled by module or mixed, by a hash of the seed and their names."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from hashlib import blake2b
from itertools import groupby
from typing import Any

import pytest

from pytest_vltair.fixed.seed import SEED
from pytest_vltair.fixed.seeding import name_of
from pytest_vltair.settings import Given, Settings

ORDERS = ("fixed", "reversed", "random", "interleaved")
OUTPUT = "vltair_order"
REMEDIES = {
    "randomly": "--randomly-dont-reorganize",
    "reverse": "no --reverse",
    "random_order": "no --random-order",
}


def rank(seed: int, name: str) -> bytes:
    """Where a name comes among others, as if by chance."""
    return blake2b(f"{seed}\0order\0{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def units(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """The tests one by one, but those of a document together: what comes later in it builds on what came before."""

    def key(item: pytest.Item) -> tuple[int, int]:
        file = next((node for node in item.listchain() if isinstance(node, pytest.File)), None)
        return (0, id(item)) if file is None or isinstance(file, pytest.Module) else (1, id(file))

    together: dict[tuple[int, int], list[pytest.Item]] = {}
    for item in items:
        together.setdefault(key(item), []).append(item)
    return list(together.values())


def arranged(order: str, seed: int, items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests in that order; what is left out changes nothing about the order of the others."""
    if order == "fixed":
        return items
    found = units(items)
    if order == "reversed":
        found.reverse()
    elif order == "random":
        found.sort(key=lambda unit: [rank(seed, name) for name in _path(unit[0])])
    else:
        found.sort(key=lambda unit: rank(seed, _path(unit[0])[-1]))
    return [item for unit in found for item in unit]


def _path(item: pytest.Item) -> list[str]:
    """File, classes and test, by their names."""
    above = [node.nodeid for node in item.listchain() if isinstance(node, pytest.File | pytest.Class)]
    return [*above, name_of(item)]


class Order:
    """Puts the tests in order after all plugins have had their say, and before xdist hands them out."""

    name = "order"

    def __init__(self, given: Given, settings: Settings) -> None:  # noqa: ARG002 - as all factors are made
        self.demanded = given.choice(*ORDERS)
        self.hooks = self
        self._seed = 0
        self._collected: list[pytest.Item] = []
        self._changed = ""

    def apply(self, config: pytest.Config) -> None:
        """See the tests as they were collected, which is before any plugin that changes them at once."""
        held = config.stash.get(SEED, None)
        self._seed = 0 if held is None else held.number
        config.pluginmanager.register(_First(self._note), "vltair-order-collected")

    def restore(self) -> None:
        """Nothing outlives the session."""

    def shown(self) -> str:
        """The order; where another plugin made it another one, that."""
        return f"changed by {self._changed}" if self._changed else self.demanded

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Order what all others left; --ff, which the user asked for, comes after."""
        result = yield
        if self.demanded in {"fixed", "reversed"}:
            self._changed = self._changer(config, items)
        items[:] = arranged(self.demanded, self._seed, items)
        self._collected = []
        if self._changed and hasattr(config, "workeroutput"):
            config.workeroutput[OUTPUT] = self._changed
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from a worker who changed the order: the controller collects nothing itself."""
        self._changed = self._changed or getattr(node, "workeroutput", {}).get(OUTPUT, "")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say who changed the order, and how to have it otherwise."""
        if self._changed:
            remedy = REMEDIES.get(self._changed, f"-p no:{self._changed}")
            terminalreporter.write_line(
                f"vltair: order {self.demanded} does not hold: plugin {self._changed} reorders the tests ({remedy})"
            )

    def _note(self, items: list[pytest.Item]) -> None:
        self._collected = list(items)

    def _changer(self, config: pytest.Config, items: list[pytest.Item]) -> str:
        left = set(items)
        if items == [item for item in self._collected if item in left]:
            return ""
        others = list(_others(config))
        if not others:
            return ""
        for known in (self._collected, [item for item in self._collected if item in left]):
            if items == [item for item in _pytests_own(config, known) if item in left]:
                return ""
        asked = {"reverse": "reverse", "random_order": "random_order_enabled", "randomly": "randomly_reorganize"}
        likely = [name for name in others if getattr(config.option, asked.get(name, ""), False)]
        return (likely or others)[0]


class _First:
    """Sees the tests first."""

    def __init__(self, note: Callable[[list[pytest.Item]], None]) -> None:
        self._see = note

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        self._see(items)
        return (yield)


def _others(config: pytest.Config) -> Iterable[str]:
    own = ("_pytest.", "pytest_vltair.", "xdist.", "_hypothesis")
    impls = config.hook.pytest_collection_modifyitems.get_hookimpls()
    found = [impl for impl in impls if not getattr(impl.function, "__module__", "").startswith(own)]
    above = f"{config.rootpath}{os.sep}"  # a conftest.py is named by its path, which is another one elsewhere
    return (name.removeprefix(above) for name, _ in groupby(impl.plugin_name for impl in found))


def _pytests_own(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """The order that pytest itself gives these tests: those with the same parameter of a fixture together."""
    copy = list(items)
    manager: Any = config.pluginmanager.getplugin("funcmanage")
    if manager is not None:
        manager.pytest_collection_modifyitems(items=copy)
    return copy
