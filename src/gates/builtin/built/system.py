"""System: the build backend that a project names, and what it requires to be built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.errors import ConfigError, GatesError
from gates.model.evidence import Refusal, refuse

if TYPE_CHECKING:
    from gates.project.facts import Project

PYPROJECT = "pyproject.toml"
TABLE = "build-system"

LEGACY = "setuptools.build_meta:__legacy__"
LEGACY_REQUIRES = ("setuptools>=40.8.0",)
"""What builds a project that names no backend (PEP 517, "Source trees")."""

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_BACKEND = re.compile(rf"{_NAME}(?::{_NAME})?")


class System(msgspec.Struct, frozen=True, kw_only=True):
    """The table `[build-system]` (PEP 518, PEP 517), or what stands for it in a project with a setup.py alone.

    `line` is that of `build-backend` in pyproject.toml (from 1), None where it is not written.
    """

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()
    line: int | None = None


def of(project: Project) -> System | Refusal:
    """How the project is built, or a refusal where nothing says it or what says it cannot be understood."""
    if TABLE not in project.pyproject:
        return _unsaid(project)
    lines = _lines(project)
    try:
        return _read(project.root, project.pyproject[TABLE], lines)
    except ConfigError as error:
        return refuse(
            "tool_config_invalid", str(error), f"mend [{TABLE}] in {PYPROJECT}; python -m build says the same"
        )


def _unsaid(project: Project) -> System | Refusal:
    """What builds a project without the table: setuptools, where there is something that it could build."""
    from gates.project.documents import ini, table

    try:
        configured = (
            table(project.pyproject, "project")
            or (project.root / "setup.py").is_file()
            or "name" in ini(project.root, "setup.cfg").get("metadata", {})
        )
    except (GatesError, OSError) as error:
        return refuse("unreadable", f"how the project is built cannot be read: {error}", "python -m build")
    if configured:
        return System(requires=LEGACY_REQUIRES, backend=LEGACY)
    return refuse(
        "does_not_apply",
        f"there is nothing to build: no [{TABLE}] and no [project] in {PYPROJECT}, and no setup.py",
        f'write [{TABLE}] with requires and build-backend into {PYPROJECT}, such as requires = ["hatchling"] and'
        ' build-backend = "hatchling.build"',
    )


def _lines(project: Project) -> Mapping[tuple[str | int, ...], int]:
    from gates.config.positions import positions
    from gates.project.documents import text_of

    try:
        return positions(text_of(project.root, PYPROJECT) or "")
    except (GatesError, ValueError, OSError):
        return {}


def _read(root: Path, written: Any, lines: Mapping[tuple[str | int, ...], int]) -> System:
    """The table as it is written.

    Raises:
        ConfigError: it is none of PEP 518 and PEP 517.
    """
    if not isinstance(written, Mapping):
        raise _invalid(f"{TABLE} is no table", lines)
    requires = _strings(written, "requires", lines)
    if requires is None:
        raise _invalid(f"[{TABLE}] has no requires, which it must have", lines)
    _check_requirements(requires, lines)
    backend = written.get("build-backend")
    path = _strings(written, "backend-path", lines) or ()
    for index, one in enumerate(path):
        _check_inside(root, one, lines, index)
    if backend is None:
        if path:
            raise _invalid("backend-path is there and build-backend is not", lines, "backend-path")
        return System(requires=requires, backend=LEGACY)
    if not isinstance(backend, str) or not _BACKEND.fullmatch(backend):
        message = f"build-backend is {_shown(backend)}, and not the name of a module such as hatchling.build"
        raise _invalid(message, lines, "build-backend")
    return System(requires=requires, backend=backend, backend_path=path, line=lines.get((TABLE, "build-backend")))


def _strings(
    written: Mapping[str, Any], key: str, lines: Mapping[tuple[str | int, ...], int]
) -> tuple[str, ...] | None:
    value = written.get(key)
    if value is None:
        return None
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise _invalid(f"{key} is {_shown(value)}, and not a list of strings", lines, key)
    return tuple(value)


def _check_requirements(requires: tuple[str, ...], lines: Mapping[tuple[str | int, ...], int]) -> None:
    from packaging.requirements import InvalidRequirement, Requirement

    for index, one in enumerate(requires):
        try:
            Requirement(one)
        except InvalidRequirement as error:
            raise _invalid(
                f"requires names {_shown(one)}, which is no requirement", lines, "requires", index
            ) from error


def _check_inside(root: Path, path: str, lines: Mapping[tuple[str | int, ...], int], index: int) -> None:
    """Refuse a backend outside of the tree (PEP 517, "In-tree build backends"), links followed."""
    try:
        inside = not Path(path).is_absolute() and (root / path).resolve().is_relative_to(root.resolve())
        there = (root / path).is_dir()
    except (OSError, ValueError, RuntimeError):
        inside = there = False
    if not inside:
        raise _invalid(
            f"backend-path names {_shown(path)}, which leads out of the project", lines, "backend-path", index
        )
    if not there:
        raise _invalid(f"backend-path names {_shown(path)}, which is no folder", lines, "backend-path", index)


def _shown(value: Any) -> str:
    """A value as an error shows it: on one line, and not longer than a line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _invalid(message: str, lines: Mapping[tuple[str | int, ...], int], *keys: str | int) -> ConfigError:
    places = ((TABLE, *keys[:depth]) for depth in range(len(keys), -1, -1))
    return ConfigError(message, path=PYPROJECT, line=next((lines[one] for one in places if one in lines), None))
