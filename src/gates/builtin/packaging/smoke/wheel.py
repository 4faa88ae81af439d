"""Wheel: what a wheel gives to those who install it: modules to import, and entry points."""

from __future__ import annotations

import configparser
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import msgspec

from gates.builtin.packaging.smoke import extras
from gates.builtin.packaging.smoke.extras import Extras

CODE = (".py", ".so", ".pyd")
INSTALLED = ("purelib", "platlib")
CONSOLE, GUI = "console_scripts", "gui_scripts"
_VALUE = re.compile(r"(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+)\s*)?(?P<extras>\[.*\])?\s*")


class EntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One entry point: what is named by `value`; `module` is "" where it cannot be read."""

    group: str
    name: str
    value: str
    module: str
    attribute: str
    extras: bool


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The top-level modules of a wheel and its entry points, sorted, and its extras."""

    modules: tuple[str, ...]
    entry_points: tuple[EntryPoint, ...]
    extras: Extras


def read(path: Path) -> Content:
    """What a wheel has.

    Raises:
        ValueError: it is no wheel, is damaged, or its entry points cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            listed = [one for one in names if re.fullmatch(r"[^/]+\.dist-info/entry_points\.txt", one)]
            text = archive.read(listed[0]).decode("utf-8") if listed else ""
            said = [one for one in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", one)]
            metadata = archive.read(said[0]) if said else b""
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    return Content(modules=modules(names), entry_points=entry_points(text, path.name), extras=extras.of(metadata))


def modules(names: Iterable[str]) -> tuple[str, ...]:
    """The modules to import, out of the names of a wheel's members.

    Each module and package at the top. Of a namespace package, which always can be imported, it is the packages in it,
    and itself only where it has none.
    """
    files = [one for one in (_installed(name) for name in names) if one is not None]
    packages = {one.parent for one in files if one.name.partition(".")[0] == "__init__"}
    found: set[str] = set()
    spaces: set[PurePosixPath] = set()
    for file in files:
        inside = next((one for one in reversed(file.parents) if one in packages), None)
        if inside is not None and inside.parts:
            found.add(".".join(inside.parts))
            spaces.update(inside.parents)
        elif len(file.parts) == 1:
            found.add(file.name.partition(".")[0])
    bare = {file.parts[0] for file in files if len(file.parts) > 1} - {one.parts[0] for one in spaces if one.parts}
    tops = {name.partition(".")[0] for name in found}
    return tuple(sorted(found | (bare - tops)))


def entry_points(text: str, name: str) -> tuple[EntryPoint, ...]:
    """The entry points that a file `entry_points.txt` names, of the wheel `name`.

    Raises:
        ValueError: it is not in the form of such a file.
    """
    parser = configparser.RawConfigParser(delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(f"the entry points of {name} cannot be read: {str(error).splitlines()[0]}") from error
    rows = sorted((group, key, value) for group in parser.sections() for key, value in parser.items(group))
    return tuple(_entry_point(*row) for row in rows)


def _entry_point(group: str, name: str, value: str) -> EntryPoint:
    found = _VALUE.fullmatch(value.strip())
    return EntryPoint(
        group=group,
        name=name,
        value=value,
        module=found["module"] if found else "",
        attribute=(found["attribute"] or "") if found else "",
        extras=bool(found and found["extras"]),
    )


def _installed(name: str) -> PurePosixPath | None:
    """Where a member will lie below site-packages if it is code that can be imported by its name, else None."""
    path = PurePosixPath(name)
    if len(path.parts) > 2 and path.parts[0].endswith(".data") and path.parts[1] in INSTALLED:
        path = PurePosixPath(*path.parts[2:])
    words = (*path.parts[:-1], path.name.partition(".")[0])
    if path.suffix not in CODE or not all(word.isidentifier() for word in words) or words == ("__main__",):
        return None
    return path
