"""Imports: which folders of a checkout must come first on PYTHONPATH, so that it is what its tests import."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gates.process import child
from gates.process.interpreter import Interpreter
from gates.project.facts import Project
from gates.project.imports import QUESTION


class Imports(msgspec.Struct, frozen=True, kw_only=True):
    """Folders of a checkout that come first; `names` must then be found in it, and `apart` are installed elsewhere."""

    roots: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def path(self, checkout: Path, before: Sequence[str] = (), root: Path | None = None, after: str = "") -> str:
        """PYTHONPATH: folders `before`, the roots in the checkout, and the caller's own, led from `root` into it."""
        own = [str(checkout if one == "." else checkout / one) for one in self.roots]
        kept = [led(one, root, checkout) for one in after.split(os.pathsep) if one]
        return os.pathsep.join(dict.fromkeys([*before, *own, *kept]))


def led(entry: str, root: Path | None, checkout: Path) -> str:
    """The place in the checkout for one that is in the project; any other as it is."""
    if root is None or not Path(entry).is_absolute():
        return entry
    real = Path(os.path.realpath(entry))
    return str(checkout / real.relative_to(root)) if real.is_relative_to(root) else entry


def found(project: Project, interpreter: Interpreter, env: Mapping[str, str], place: Path) -> Imports:
    """Where the judged interpreter takes the project's packages from, asked in the folder `place`."""
    packages = project.layout.packages
    if not packages:
        return Imports()
    places = _places(interpreter.path, packages, env, place)
    root = Path(os.path.realpath(project.root))
    sites = [Path(os.path.realpath(one)) for one in (*interpreter.site, *interpreter.further)]
    roots, names, apart = set(), set(), set()
    for name in packages:
        real = [Path(os.path.realpath(one)) for one in places.get(name, [])]
        if not real:
            # Nobody installed it: its tests find it by way of the folder in which they are run.
            roots |= {one for one in project.layout.import_roots if _holds(project.root / one, name)}
        elif any(one.is_relative_to(site) for one in real for site in sites if site != root) or not all(
            one.is_relative_to(root) for one in real
        ):
            apart.add(name)
        else:
            names.add(name)
            roots |= {_root(one, name, root) for one in real}
    return Imports(roots=tuple(sorted(roots, reverse=True)), names=tuple(sorted(names)), apart=tuple(sorted(apart)))


def astray(imports: Imports, interpreter: Interpreter, env: Mapping[str, str], checkout: Path, place: Path) -> str:
    """Why tests in the checkout would import the project from elsewhere, as a sentence; "" where they do not.

    `env` has the PYTHONPATH that the runs will have.
    """
    if not imports.names:
        return ""
    places = _places(interpreter.path, imports.names, env, place)
    real = Path(os.path.realpath(checkout))
    for name in imports.names:
        if not all(Path(os.path.realpath(one)).is_relative_to(real) for one in places.get(name, [""])):
            return f"{name} is imported from the project itself and not from the copies that are run"
    return ""


def _root(found: Path, name: str, root: Path) -> str:
    """The folder to import from, relative to the root, for a package or module that was found at this place."""
    package = found.parent if found.name.startswith("__init__.") else found
    above = package.parent if package.name.partition(".")[0] == name else root
    return above.relative_to(root).as_posix() if above.is_relative_to(root) else "."


def _holds(folder: Path, name: str) -> bool:
    return any((folder / one).exists() for one in (name, f"{name}.py"))


def _places(python: Path, names: Sequence[str], env: Mapping[str, str], place: Path) -> Mapping[str, list[str]]:
    ended = child.run([str(python), "-P", "-c", QUESTION, *names], cwd=place, env=env, limits=child.Limits(wall=60.0))
    try:
        said = json.loads(ended.text.splitlines()[-1])
    except (ValueError, IndexError):
        return {}
    return said if isinstance(said, dict) else {}
