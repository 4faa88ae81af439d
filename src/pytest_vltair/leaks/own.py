"""Own: which of the imported modules, and which classes in them, are the project's."""

# Strings all the way: a Path for each of hundreds of modules costs too much.
# ruff: noqa: PTH113, PTH118, PTH119, PTH206, PTH208
from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

FOREIGN = frozenset({
    ".eggs", ".nox", ".tox", ".venv", "dist-packages", "env", "node_modules", "site-packages", "venv",
})  # fmt: skip
"""Folders below the root that hold other people's modules."""

ATTEMPTS = 10
"""How often what somebody else changes meanwhile is read again."""

Read = TypeVar("Read")

TESTS = frozenset({"test", "tests", "testing"})
"""Folders of tests and what supports them."""


class Own:
    """Knows the project's modules by their files.

    Those of a module below the root are its own, but for tests and what is installed there. A package that has its
    source in the root, or in `src` below it, is the project's own wherever it is installed.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root) + os.sep
        self._names = frozenset(_packages(self._root)) | frozenset(_packages(f"{self._root}src"))

    def modules(self, known: set[str]) -> Iterator[types.ModuleType]:
        """The project's modules that are imported and not `known`, which learns every name."""
        for name, module in tuple(sys.modules.items()):
            if name not in known:
                known.add(name)
                try:
                    if type(module) is types.ModuleType and self.has(name, module):
                        yield module
                except Exception:  # noqa: BLE001 - a tool forbids to look at files, as in coroutines: another time
                    known.discard(name)

    def has(self, name: str, module: types.ModuleType) -> bool:
        """Whether a module is the project's own."""
        held = vars(module)
        file = held.get("__file__")
        if name == "__main__" or not isinstance(file, str):
            return False
        below = file if file.startswith(self._root) else os.path.realpath(file)
        if below.startswith(self._root):
            parts = below[len(self._root) :].split(os.sep)
            if FOREIGN.isdisjoint(parts):
                return TESTS.isdisjoint(parts[:-1]) and not _is_test(parts[-1])
        return name.partition(".")[0] in self._names and not _is_test(os.path.basename(file))


def classes(module: types.ModuleType) -> Iterator[type]:
    """The classes that a module defines, with those inside of them."""
    name = module.__name__
    waiting = [vars(module)]
    seen: set[type] = set()
    while waiting:
        for value in steadily(partial(_values, waiting.pop())):
            if (
                issubclass(type(value), type)
                and value not in seen
                and type.__dict__["__module__"].__get__(value) == name
            ):
                seen.add(value)
                waiting.append(value.__dict__)
                yield value


def steadily(read: Callable[[], Read]) -> Read:
    """What `read` returns once nobody changes a dict while it is gone through: a finaliser may, or another thread."""
    for _ in range(ATTEMPTS):
        try:
            return read()
        except RuntimeError:
            continue
    return read()


def _values(namespace: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(namespace.values())


def _packages(folder: str) -> Iterator[str]:
    """The names under which what lies in a folder is imported."""
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.endswith(".py"):
            yield entry[:-3]
        elif entry not in TESTS | FOREIGN and os.path.isfile(os.path.join(folder, entry, "__init__.py")):
            yield entry


def _is_test(file: str) -> bool:
    return file in {"conftest.py", "setup.py"} or file.startswith("test_") or file.endswith("_test.py")
