"""Files: what a test made outside of its temporary folder, and what it changed or removed in the work tree."""

# Strings all the way, as the system has them.
# ruff: noqa: PTH111, PTH118, PTH120, PTH206
from __future__ import annotations

import os
import stat
import sys
import tempfile
import weakref
from collections.abc import Generator, Hashable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vltair.leaks import audit
from pytest_vltair.leaks.keeping import Keeping
from pytest_vltair.leaks.touched import Before, Touched
from pytest_vltair.leaks.values import MISSING
from pytest_vltair.worktree import above

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

INNOCENT = frozenset({
    ".benchmarks", ".eggs", ".gates", ".git", ".hg", ".hypothesis", ".import_linter_cache", ".mypy_cache", ".nox",
    ".pytest_cache", ".ruff_cache", ".svn", ".tox", "__pycache__", "__snapshots__", "htmlcov",
})  # fmt: skip
"""Folders that tools fill by themselves, wherever they are."""

INNOCENT_NAMES = (".coverage", "pytest-cache-files-", "pymp-", "vltair-")
"""Beginnings of the names of such files and folders."""

OUTPUTS = ("allure_report_dir", "basetemp", "htmlpath", "log_file", "output", "vltair_record", "xmlpath")
"""Options that tell pytest and its plugins where to write."""

UPDATES = ("force_regen", "inline_snapshot", "regen_all", "snapshot_update", "update_snapshots")
"""Options that ask for changed files in the work tree."""

DEVICES = ("/dev", "/proc", "/sys")


class Files:
    """What is not as it was before somebody touched it, by path, while a test runs."""

    kind = "files"

    def __init__(self, config: pytest.Config) -> None:
        root = os.path.realpath(config.rootpath)
        self._root = root + os.sep
        self._tree = (above(root) or root) + os.sep
        self._temporary = _temporary()
        self._elsewhere = tuple(one + os.sep for one in (*DEVICES, *_outputs(config), *_caches()))
        self._updating = any(_option(config, name) for name in UPDATES)
        self._looked: dict[Hashable, Any] = {}
        self._touched = Touched(self._concerns, self._is_in_tree)
        self._keeping = Keeping(root)
        config.pluginmanager.register(Running(self._touched), "vltair-leaks-files")

    def look(self) -> State:
        """What is there now where it is not as it was; a folder that is new or gone stands for what is in it."""
        fresh, self._touched.fresh = self._touched.fresh, set()
        looked = {path: seen for path, seen in self._looked.items() if path not in fresh}
        folders: set[str] = set()
        within: set[str] = set()
        for path in sorted(fresh):
            before, now = self._touched.before[path], self._touched.seen(path)
            if folders and _is_within(path, folders):
                within.add(path)
            elif not before.is_also(now) and (before.status is None or self._is_in_tree(path)) and not _is_owned(path):
                looked[path] = now
                if _is_folder(before) != _is_folder(now):
                    folders.add(path)
        for source, target in self._touched.moved.items():
            if source in looked and target in looked and _is_same(self._touched.before[source], looked[target]):
                del looked[target]
        self._touched.forget([path for path in fresh if path not in looked and path not in within])
        self._looked = looked
        return looked

    def changed(self, known: State) -> bool:
        """Whether anything is not as it was that `known` does not have so."""
        if self._touched.fresh:
            self.look()
        looked = self._looked
        return known is not looked and (len(known) != len(looked) or any(known.get(p) is not looked[p] for p in looked))

    def same(self, _key: Hashable, before: Any, after: Any) -> bool:
        """Whether the same is there, whoever has written it since."""
        return before is not MISSING and after is not MISSING and bool(before.is_also(after))

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`out.txt was made; it is kept in .gates/left-behind/4711`."""
        path = str(key)
        was, now = self._pair(path, before, after)
        name = path.removeprefix(self._root).replace(os.sep, "/")
        name += "/" if _is_folder(was) or _is_folder(now) else ""
        if was.status is None:
            return f"{name} was made{self._where(path)}"
        if now.status is None and path in self._touched.moved:
            return f"{name} was moved to {self._touched.moved[path].removeprefix(self._root)}"
        if now.status is None:
            return f"{name} was removed{'' if _is_kept(was) else ', and was too large to be kept'}"
        if was.status.st_mode != now.status.st_mode and was.content == now.content:
            return f"{name} had mode {was.status.st_mode & 0o7777:03o} and has {now.status.st_mode & 0o7777:03o}"
        if not _is_kept(was):
            return f"{name} was changed, and was too large to be kept"
        return f"{name} was changed{self._where(path)}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Put back what was there; what is there now is moved, never removed."""
        path = str(key)
        was, _ = self._pair(path, before, after)
        for each in [path, *sorted(one for one in self._touched.before if one.startswith(path + os.sep))]:
            self._put(each, was if each == path else self._touched.before[each])
        return was.is_also(self._touched.seen(path))

    def _put(self, path: str, was: Before) -> None:
        moved = self._touched.moved
        sources = [source for source, target in moved.items() if path in {source, target}]
        self._touched.fresh.update([path, *sources])
        for source in sources:
            self._keeping.move_back(source, moved[source], self._touched.before[source])
        now = self._touched.seen(path)
        self._touched.before.setdefault(path, now)  # it was forgotten as what it was before anybody touched it
        if not was.is_also(now):
            self._keeping.put(path, was, now, path.startswith(self._root))

    def _pair(self, path: str, before: Any, after: Any) -> tuple[Before, Before]:
        original = self._touched.before.get(path, Before(None))
        return original if before is MISSING else before, original if after is MISSING else after

    def _where(self, path: str) -> str:
        return f"; the test's is kept in {self._keeping.folder(path.startswith(self._root)).removeprefix(self._root)}"

    def _is_in_tree(self, path: str) -> bool:
        return path.startswith(self._tree)

    def _concerns(self, path: str) -> bool:
        """Whether it is a path that no tool fills by itself."""
        if f"{path}{os.sep}".startswith(self._elsewhere):
            return False
        inside = path.startswith(self._tree)
        if not inside and path.startswith(self._temporary):
            return False
        if inside and self._updating:
            return False
        parts = path[len(self._tree) :].split(os.sep) if inside else path.split(os.sep)
        return INNOCENT.isdisjoint(parts) and not any(part.startswith(INNOCENT_NAMES) for part in parts)


class Running:
    """Listens from the set-up of each test to the end of its teardown."""

    def __init__(self, touched: Touched) -> None:
        self._touched = touched
        self._running = False
        audit.listen(touched.handlers, self)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Hand on what happens in a test."""
        if self._running:
            self._touched(event, args)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Begin to listen."""
        self._running = True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Listen no more once everybody but the guard is done with the test."""
        __tracebackhide__ = True
        try:
            return (yield)
        finally:
            self._running = False

    def pytest_unconfigure(self) -> None:
        """Leave the process as it was."""
        audit.ignore(self)


def _is_folder(seen: Before) -> bool:
    return seen.status is not None and stat.S_ISDIR(seen.status.st_mode)


def _is_same(before: Before, now: Before) -> bool:
    """Whether the very same file or folder is meant."""
    return before.status is not None and now.status is not None and os.path.samestat(before.status, now.status)


def _is_kept(was: Before) -> bool:
    return was.content is not None or was.status is None or not stat.S_ISREG(was.status.st_mode)


def _is_within(path: str, folders: set[str]) -> bool:
    folder = os.path.dirname(path)
    while len(folder) > 1 and folder != os.path.dirname(folder):
        if folder in folders:
            return True
        folder = os.path.dirname(folder)
    return False


def _is_owned(path: str) -> bool:
    """Whether a `TemporaryDirectory` that somebody still holds will remove it."""
    registry = getattr(weakref.finalize, "_registry", {})
    return any(info.args[:1] == (path,) for info in tuple(registry.values()) if type((info.args or (0,))[0]) is str)


def _option(config: pytest.Config, name: str) -> Any:
    return getattr(config.option, name, None)


def _outputs(config: pytest.Config) -> list[str]:
    """Where the command line tells pytest and its plugins to write, below a folder or to a file."""
    named = (_option(config, name) or None for name in OUTPUTS)
    paths = [os.path.join(config.invocation_params.dir, one) for one in named if isinstance(one, (str, os.PathLike))]
    return [path for path in map(os.path.normpath, paths) if not f"{config.rootpath}{os.sep}".startswith(path)]


def _temporary() -> tuple[str, ...]:
    """The folders of all `tmp_path`, by the two names that the system's temporary folder may have."""
    folder = os.environ.get("PYTEST_DEBUG_TEMPROOT") or tempfile.gettempdir()
    return tuple(os.path.join(one, "pytest-of-") for one in {folder, os.path.realpath(folder)})


def _caches() -> list[str]:
    """Where users' caches are."""
    home = os.path.expanduser("~")
    local = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    usual = os.path.join(home, "Library", "Caches") if sys.platform == "darwin" else os.path.join(home, ".cache")
    return [one for one in (local, usual) if one]
