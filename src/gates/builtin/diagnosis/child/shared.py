"""Shared: what a test left otherwise than it found it, where another may meet it: looked at before and after each."""

# ruff: noqa: PTH111, PTH118
from __future__ import annotations

import decimal
import locale
import logging
import os
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .values import look

MODULE = "module "
NAMES = 5000
FILES = 20000
MOST = 40
OWN = frozenset({"PYTEST_CURRENT_TEST", "COLUMNS", "LINES", "VLTAIR_TRIAL"})
LEFT_OUT = frozenset({".git", "__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"})
FOREIGN = ("_pytest", "pytest", "pluggy", "xdist", "execnet", "py", "vltair_trial", "sys", "linecache", "re", "_sre")
LIBRARIES = f"{os.sep}site-packages{os.sep}"

Seen = dict[str, object]


class Watch:
    """Looks at the state of the process before and after a test, and says what differs."""

    def __init__(self, root: str, note: Callable[..., None]) -> None:
        self.root = os.path.realpath(root)
        self.note = note
        self.found: Seen = {}
        self.places = {
            "checkout": self.root,
            "home": os.path.expanduser("~"),
            "temporary folder": tempfile.gettempdir(),
        }

    def before(self, item: pytest.Item) -> None:
        """Look."""
        self.found = self.look(item)

    def after(self, item: pytest.Item, name: str) -> None:
        """Look again, and write down what differs."""
        now = self.look(item)
        for number, what in enumerate(changes(self.found, now)):
            if number == MOST:
                break
            self.note("state", id=name, what=what)
        self.found = {}

    def look(self, item: pytest.Item) -> Seen:
        """What there is, by the words for it: what belongs to the project first."""
        seen: Seen = {}
        for part in (self.globals, self.fixtures(item), process, self.files, loggers, self.patches):
            try:
                seen.update(part())
            except Exception:  # noqa: BLE001, S112 - whatever a test has made of the process
                continue
        return seen

    def globals(self) -> Iterator[tuple[str, object]]:
        """Names of the project's modules and classes, and what they hold."""
        for name, module in self.modules():
            if self.is_ours(module):
                yield f"{MODULE}{name}", True
                for attribute, value in list(vars(module).items())[:NAMES]:
                    if attribute.startswith("__") or isinstance(value, types.ModuleType):
                        continue
                    yield f"{name}.{attribute}", look(value)
                    if isinstance(value, type) and value.__module__ == name:
                        yield from _class(f"{name}.{attribute}", value)

    def fixtures(self, item: pytest.Item) -> Callable[[], Iterator[tuple[str, object]]]:
        """Values of the test's fixtures that other tests have too."""

        def values() -> Iterator[tuple[str, object]]:
            known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
            for name, definitions in known.items():
                for one in definitions:
                    result = getattr(one, "cached_result", None)
                    if one.scope in {"session", "package", "module", "class"} and result and result[2] is None:
                        yield f"fixture {name} ({one.scope})", look(result[0])

        return values

    def patches(self) -> Iterator[tuple[str, object]]:
        """What the names of other modules stand for."""
        for name, module in self.modules():
            if not self.is_ours(module) and name.partition(".")[0] not in FOREIGN:
                for attribute, value in list(vars(module).items())[:NAMES]:
                    if (
                        isinstance(value, (types.FunctionType, types.BuiltinFunctionType, type))
                        and attribute[:1] != "_"
                    ):
                        yield f"{name}.{attribute}", _Same(value)

    def files(self) -> Iterator[tuple[str, object]]:
        """Files of the checkout, of the home and of the temporary folder."""
        count = 0
        for where, top in self.places.items():
            for folder, folders, names in os.walk(top):
                folders[:] = [one for one in folders if one not in LEFT_OUT and not one.startswith("pytest-of-")]
                for name in [*names, *folders]:
                    count += 1
                    if count > FILES:
                        return
                    path = os.path.join(folder, name)
                    kind = "folder" if name in folders else "file"
                    relative = os.path.relpath(path, top).replace(os.sep, "/")
                    yield f"{kind} {relative} in the {where}", _stamp(path) if kind == "file" else True

    def modules(self) -> list[tuple[str, types.ModuleType]]:
        """Every module that is loaded under its own name."""
        return [(name, one) for name, one in list(sys.modules.items()) if type(one) is types.ModuleType]

    def is_ours(self, module: types.ModuleType) -> bool:
        """Whether a module is of the project."""
        path = getattr(module, "__file__", None)
        if not isinstance(path, str):
            return False
        return os.path.realpath(path).startswith(self.root + os.sep) and LIBRARIES not in path


class _Same:
    """Stands for a thing; equal to what stands for the very same one."""

    __hash__ = object.__hash__

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.thing is self.thing


def changes(before: Seen, after: Seen) -> Iterator[str]:
    """What differs, in words; of what other modules hold, only what was replaced; the imports come last."""
    imported = [what for what in after if what.startswith(MODULE) and what not in before]
    fresh = tuple(f"{what.removeprefix(MODULE)}." for what in imported)
    gone = tuple(f"{what.removeprefix(MODULE)}." for what in before if what.startswith(MODULE) and what not in after)
    for what in dict.fromkeys((*before, *after)):
        was, now = before.get(what), after.get(what)
        if was == now or (was is None and (isinstance(now, _Same) or what.startswith(fresh))):
            continue
        if what.startswith(MODULE):
            if now is None:
                yield f"{what}, gone from sys.modules"
        elif not (isinstance(was, _Same) and now is None) and not what.startswith(gone):
            yield what
    yield from (f"{what}, imported" for what in imported)


def process() -> Iterator[tuple[str, object]]:
    """What there is one of in a process."""
    for name, value in list(os.environ.items()):
        if name not in OWN:
            yield f"environment variable {name}", value
    yield "the current directory", _or_none(os.getcwd)
    yield "sys.path", tuple(sys.path)
    yield "sys.argv", tuple(sys.argv)
    mask = os.umask(0o077)
    os.umask(mask)
    yield "the umask", mask
    yield "the time zone", (time.tzname, time.timezone)
    yield "the locale", _or_none(lambda: locale.setlocale(locale.LC_ALL))
    context = decimal.getcontext()
    yield "the context of decimals", (context.prec, context.rounding, context.Emin, context.Emax, context.capitals)
    yield "warnings.filters", tuple(map(str, warnings.filters))
    yield "the limit of recursion", sys.getrecursionlimit()


def loggers() -> Iterator[tuple[str, object]]:
    """Levels, handlers and switches of loggers."""
    yield "the level that logging.disable set", logging.root.manager.disable
    yield "the root logger", (logging.root.level, tuple(map(id, logging.root.handlers)))
    for name, one in list(logging.root.manager.loggerDict.items()):
        if isinstance(one, logging.Logger):
            found = one.level, one.disabled, one.propagate, tuple(map(id, one.handlers))
            if found != (0, False, True, ()):
                yield f"logger {name}", found


def _class(label: str, owner: type) -> Iterator[tuple[str, object]]:
    for name, value in list(vars(owner).items())[:NAMES]:
        if not name.startswith("__") and not name.startswith("_abc_"):
            yield f"{label}.{name}", look(value)


def _stamp(path: str) -> object:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _or_none(read: Callable[[], Any]) -> object:
    try:
        return read()
    except Exception:  # noqa: BLE001 - a folder that is gone, a locale that is none
        return None


_watch: Watch | None = None


def begin(spec: dict[str, Any], note: Callable[..., None]) -> None:
    """Watch, where that is asked for."""
    global _watch  # noqa: PLW0603
    _watch = Watch(spec["root"], note) if "state" in spec.get("watch", ()) else None


def before(item: pytest.Item) -> None:
    """A test begins."""
    if _watch is not None:
        _watch.before(item)


def after(item: pytest.Item, name: str) -> None:
    """A test has ended."""
    if _watch is not None:
        _watch.after(item, name)
