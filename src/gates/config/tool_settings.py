"""Tool settings: which of its files a tool would read in this project, and what that file says, line by line.

Everything here is read as text; no tool is started and none is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from gates.errors import ConfigError
from gates.project.documents import LIMIT, toml

if TYPE_CHECKING:
    from gates.project.facts import Project


class Setting(msgspec.Struct, frozen=True):
    """A value that a tool was given, and its place: `pyproject.toml:12`."""

    value: Any
    place: str


class Settings(msgspec.Struct, frozen=True, dict=True):
    """What one file gives a tool: where (`[tool.mypy] in pyproject.toml`), and each key with its place.

    Most callers ask only where, so that `read` is called for the keys when the first of them is wanted. Elements of
    lists have keys of their own, `select[0]`, and so have mypy's sections for modules: `overrides[tests.*].strict`.
    """

    where: str
    read: Callable[[], Mapping[str, Setting]]

    @property
    def file(self) -> str:
        """The file, relative to the project's root."""
        return self.where.rpartition("] in ")[2]

    @cached_property
    def keys(self) -> Mapping[str, Setting]:
        """Each key with its value and its place."""
        return self.read()


class _Place(msgspec.Struct, frozen=True):
    """One form of a tool's configuration: a file, and in it a table or sections; without any the file itself counts."""

    file: str
    table: tuple[str, ...] | None = None
    section: str | None = None


_RUFF = (_Place(".ruff.toml", ()), _Place("ruff.toml", ()), _Place("pyproject.toml", ("tool", "ruff")))
_MYPY = (
    _Place("mypy.ini", section="mypy"),
    _Place(".mypy.ini", section="mypy"),
    _Place("pyproject.toml", ("tool", "mypy")),
    _Place("setup.cfg", section="mypy"),
)
_PYTEST = (
    _Place("pytest.toml", ("pytest",)),
    _Place(".pytest.toml", ("pytest",)),
    _Place("pytest.ini", section="pytest"),
    _Place(".pytest.ini", section="pytest"),
    _Place("pyproject.toml", ("tool", "pytest", "ini_options")),
    _Place("pyproject.toml", ("tool", "pytest")),
    _Place("tox.ini", section="pytest"),
    _Place("setup.cfg", section="tool:pytest"),
)
_COVERAGE = (
    _Place(".coveragerc", section=""),
    _Place(".coveragerc.toml", ("tool", "coverage")),
    _Place(".coveragerc.toml", ()),
    _Place("setup.cfg", section="coverage:"),
    _Place("tox.ini", section="coverage:"),
    _Place("pyproject.toml", ("tool", "coverage")),
)
_OF = {"ruff": _RUFF, "mypy": _MYPY, "coverage": _COVERAGE}
# These files are the tool's own: they count though they say nothing.
_ITS_OWN = frozenset({".ruff.toml", "ruff.toml", "mypy.ini", ".mypy.ini", "pytest.toml", ".pytest.toml", "pytest.ini"})
_ITS_OWN |= {".pytest.ini", ".coveragerc", ".coveragerc.toml"}


def ruff_settings(project: Project) -> Settings | None:
    """What ruff would read for this project (its rule: the nearest directory upward that has a configuration)."""
    return _upward(project, _RUFF)


def mypy_settings(project: Project) -> Settings | None:
    """What mypy would read for this project, in the order of its documentation ("The mypy configuration file")."""
    return _upward(project, _MYPY)


def pytest_settings(project: Project) -> Settings | None:
    """What pytest would read for this project, in the order of its documentation ("Configuration file formats")."""
    return _upward(project, _PYTEST)


def coverage_settings(project: Project) -> Settings | None:
    """What coverage would read in the project's root; keys are `run.branch`, `report.fail_under`."""
    return _here(project.root, "", _COVERAGE)


def ruff_settings_below(project: Project) -> Mapping[str, Settings]:
    """What ruff would read in folders below the root that have a configuration of their own, by folder."""
    names = {place.file for place in _RUFF}
    folders = {folder for folder, _, name in (path.rpartition("/") for path in project.tree.files) if name in names}
    found = {folder: _here(project.root / folder, f"{folder}/", _RUFF) for folder in sorted(folders - {""})}
    return {folder: one for folder, one in found.items() if one is not None}


def settings_in_file(project: Project, tool: Literal["ruff", "mypy", "coverage"], name: str) -> Settings | None:
    """What a tool would read of one file that it was told to read; `name` is relative to the project's root."""
    suffix = PurePosixPath(name).suffix
    places = [place for place in _OF[tool] if PurePosixPath(place.file).suffix == suffix or place.section is not None]
    if suffix == ".toml":
        in_pyproject = PurePosixPath(name).name == "pyproject.toml" or tool == "mypy"
        places = [place for place in _OF[tool] if place.table is not None and bool(place.table) == in_pyproject]
    text = text_of(project.root / name)
    if text is None:
        return None
    readers = ((_from_toml if place.table is not None else _from_ini, place) for place in places)
    found = (reader(text, name, place) for reader, place in readers)
    return next((one for one in found if one is not None), Settings(name, dict))


def ruff_configured(project: Project) -> str | None:
    """Where ruff is configured, such as `[tool.ruff] in pyproject.toml`, or None."""
    return _where(ruff_settings(project))


def mypy_configured(project: Project) -> str | None:
    """Where mypy is configured, or None."""
    return _where(mypy_settings(project))


def pytest_configured(project: Project) -> str | None:
    """Where pytest is configured, or None."""
    return _where(pytest_settings(project))


def addopts(project: Project) -> Setting | None:
    """The arguments in pytest's `addopts` with their place, or None without any."""
    import shlex

    found = pytest_settings(project)
    given = None if found is None else found.keys.get("addopts")
    if given is None:
        return None
    if isinstance(given.value, list):
        return Setting([str(one) for one in given.value], given.place)
    try:
        return Setting(shlex.split(str(given.value)), given.place)
    except ValueError:
        # An unclosed quotation mark, which pytest itself will refuse.
        return Setting(str(given.value).split(), given.place)


def text_of(path: Path) -> str | None:
    """The text of a file, bytes that are not UTF-8 replaced; None when it is absent, unreadable or over 2 MiB."""
    try:
        if not path.is_file() or path.stat().st_size > LIMIT:
            return None
        return path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError:
        return None


def _where(found: Settings | None) -> str | None:
    return None if found is None else found.where


def _upward(project: Project, places: Sequence[_Place]) -> Settings | None:
    for directory, shown in _directories(project):
        found = _here(directory, shown, places)
        if found is not None:
            return found
    return None


def _directories(project: Project) -> Iterator[tuple[Path, str]]:
    """The project's root and, inside a larger repository, what is above it, with `../` as it is shown."""
    yield project.root, ""
    top = None if project.git is None else project.git.toplevel
    if top is None or not project.root.is_relative_to(top):
        return
    for depth, directory in enumerate(project.root.parents, start=1):
        if not directory.is_relative_to(top):
            return
        yield directory, "../" * depth


def _here(directory: Path, shown: str, places: Sequence[_Place]) -> Settings | None:
    for index, place in enumerate(places):
        text = text_of(directory / place.file)
        if text is None:
            continue
        reader = _from_toml if place.table is not None else _from_ini
        found = reader(text, f"{shown}{place.file}", place)
        if found is not None:
            return found
        if place.file in _ITS_OWN and all(other.file != place.file for other in places[index + 1 :]):
            return Settings(f"{shown}{place.file}", dict)
    return None


def _from_toml(text: str, shown: str, place: _Place) -> Settings | None:
    top = place.table or ()
    table: Any = tables(text)
    for name in top:
        table = table.get(name) if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or not tables(text):
        return None
    where = f"[{'.'.join(top)}] in {shown}" if top else shown
    return Settings(where, lambda: _keys(table, text, shown, top))


def _keys(table: Mapping[str, Any], text: str, shown: str, top: tuple[str, ...]) -> Mapping[str, Setting]:
    from gates.config.positions import positions

    keys: dict[str, Setting] = {}
    for path, line in positions(text).items():
        inner = path[len(top) :]
        if path[: len(top)] == top and inner:
            value: Any = table
            for one in inner:
                value = value[one]
            name = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in inner)
            keys[name.removeprefix(".")] = Setting(value, f"{shown}:{line}")
    return keys


def _from_ini(text: str, shown: str, place: _Place) -> Settings | None:
    from gates.config import ini

    keys: dict[str, Setting] = {}
    named = place.section or ""
    seen = False
    for section, entries in ini.sections(text).items():
        # coverage has several: `[coverage:run]` in a shared file, `[run]` in its own; mypy has `[mypy-tests.*]`.
        several = named == "" or named.endswith(":")
        modules = section.removeprefix("mypy-") if named == "mypy" and section.startswith("mypy-") else ""
        if not (section.startswith(named) if several else section == named or modules):
            continue
        seen = seen or not modules
        inner = f"{section.removeprefix(named)}." if several else f"overrides[{modules}]." if modules else ""
        keys |= {f"{inner}{key}": Setting(one.value, f"{shown}:{one.line}") for key, one in entries.items()}
    if not seen:
        return None
    return Settings(f"[{named}{'*' if named.endswith(':') else ''}] in {shown}" if named else shown, lambda: keys)


def tables(text: str) -> Mapping[str, Any]:
    """The tables of a TOML document; none where it is not valid, which its own tool will say."""
    try:
        return toml(text, "")
    except ConfigError:
        return {}
