"""Imports: where modules are looked for, and modules that a test replaced or removed."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Hashable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_vltair.leaks.ordered import Ordered
from pytest_vltair.leaks.values import MISSING, Sign, change

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

LONG = 500
"""After so many tests the tag of a dict, which is read faster than its values, has paid for what is imported for it."""


class ImportPath(Ordered):
    """`sys.path`, `sys.meta_path` and `sys.path_hooks`, entry by entry, and the order of what they have in common."""

    kind = "import-path"
    names = ("sys.path", "sys.meta_path", "sys.path_hooks")

    def lists(self) -> tuple[list[Any], ...]:
        """The three lists."""
        return sys.path, sys.meta_path, sys.path_hooks


class Modules:
    """`sys.modules`: a new module is nobody's fault, a stand-in is, and so is one that is another or gone."""

    kind = "modules"

    def __init__(self) -> None:
        self._modules = sys.modules
        self._reads = 0
        self._tag: Callable[[], object] | None = None
        self._for: State = {}
        self._prepared: list[Any] = []

    def look(self) -> State:
        """Modules by name."""
        state: dict[Hashable, Any] = {}
        state.update(self._modules)
        return state

    def changed(self, known: State) -> bool:
        """Whether any module is another one."""
        if known is not self._for:
            self._for, self._prepared = known, list(known.values())
        try:
            return len(known) != len(self._modules) or list(self._modules.values()) != self._prepared
        except Exception:  # noqa: BLE001 - what stands in for a module is asked whether it is equal
            return True

    def signs(self, known: State) -> Sequence[Sign] | None:
        """The modules; in a long run the tag of the dict, where it has one."""
        if self._tag is None:
            return [Sign(self._listed, list(known.values()))]
        tag = self._tag()
        return None if self.changed(known) else [Sign(self._tag, tag)]

    def _listed(self) -> list[Any] | None:
        """The modules; once, when the run proves to be long, None: the signs are made anew then."""
        self._reads += 1
        if self._reads == LONG:
            from pytest_vltair.leaks import tags

            self._tag = tags.reader(self._modules)
            return None
        return list(self._modules.values())

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether it is the very module, or one imported for the first time; what is weakly held may go any time."""
        del key
        if after is MISSING:
            return type(before) in weakref.ProxyTypes
        return before is after or (before is MISSING and not _stands_in(after))

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`json was replaced`, or removed, or stood in for."""
        if after is MISSING:
            return f"{key} was removed from sys.modules"
        if before is MISSING:
            return f"{change(str(key), before, after)} in sys.modules"
        if issubclass(type(after), ModuleType) and not _stands_in(after):
            return f"{key} was imported again: sys.modules has another module of that name"
        return f"{key} was replaced in sys.modules by {type(after).__name__}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Put the module back, as an attribute of its package too."""
        if not isinstance(key, str):
            return False
        if before is MISSING:
            self._modules.pop(key, None)
            return True
        self._modules[key] = before
        package, _, name = key.rpartition(".")
        parent = self._modules.get(package)
        held = vars(parent) if issubclass(type(parent), ModuleType) else {}
        if held.get(name) is after:
            held[name] = before
        return True


def _stands_in(module: Any) -> bool:
    return module is None or type(module).__module__ == "unittest.mock"
