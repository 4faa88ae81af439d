"""Shadow: what PYTHONPATH puts before an installed tool, `-P` or not, and whether it is something else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter

SUFFIXES = frozenset({".py", ".pyc", ".pyw", ".so", ".pyd"})
SITE = frozenset({"site-packages", "dist-packages"})
"""A PYTHONPATH that names an environment's own folder harms nobody."""


def usurper(module: str, root: Path, environ: Mapping[str, str], interpreter: Interpreter | None) -> str | None:
    """A path, as a report shows it, of what PYTHONPATH puts before the installed `module`; None if nothing else.

    A copy that is the same byte for byte is nothing else: a project that is itself the tool, judged in a copy.
    """
    named = environ.get("PYTHONPATH", "")
    name = module.partition(".")[0]
    for place in named.split(os.pathsep) if named else ():
        path = _module_in(root / place, name)
        if path is None or path.parent.name in SITE:
            continue
        if _is_installed(path, name, root, named, interpreter):
            return None
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    return None


def _is_installed(path: Path, name: str, root: Path, named: str, interpreter: Interpreter | None) -> bool:
    given = {os.path.realpath(root / place) for place in named.split(os.pathsep)}
    for place in _installed(interpreter):
        found = None if os.path.realpath(place) in given else _module_in(place, name)
        if found is not None:
            held = _content(found)
            return held is not None and held == _content(path)
    return False


def _installed(interpreter: Interpreter | None) -> Iterator[Path]:
    """Where installed modules are: an environment's folders, and those that editable installs add by a path."""
    if interpreter is None:
        yield from (Path(place) for place in sys.path if place)
        return
    for place in (*interpreter.site, *interpreter.further):
        yield place
        yield from _paths(place)


def _paths(place: Path) -> Iterator[Path]:
    for file in sorted(place.glob("*.pth")):
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        yield from (place / line.strip() for line in lines if line.strip() and not line.startswith(("#", "import")))


def _content(path: Path) -> Mapping[str, bytes] | None:
    """Every file of a module or package but for byte code, by its place in there; None where one cannot be read."""
    files: Iterable[Path] = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    try:
        return {
            one.relative_to(path.parent).as_posix(): one.read_bytes()
            for one in files
            if "__pycache__" not in one.parts[len(path.parts) :]
        }
    except OSError:
        return None


def _module_in(folder: Path, name: str) -> Path | None:
    """A module or regular package of this name; a folder without `__init__` gives way to any other."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return None
    for entry in entries:
        if entry.name == name and any(entry.glob("__init__.*")):
            return entry
        if entry.name.startswith(f"{name}.") and entry.suffix in SUFFIXES:
            return entry
    return None
