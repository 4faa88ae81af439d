"""Configuration: what ruff's own configuration files say about what is left out."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

Table = Mapping[str, Any]
NAMES = ("pyproject.toml", "ruff.toml", ".ruff.toml")
INSTALLED = ".eggs,.gates,.nox,.tox,.venv,node_modules,venv"
"""Folders of ruff's own `exclude`, and gates' own, in which nothing is the project's source."""


def tables(root: Path, files: Collection[str], extra: str | None) -> dict[Path, Table]:
    """Every ruff table that may count, by its file.

    These are the project's files, those of ruff's names in the directories above it, `extra`, and what they extend.
    Files that cannot be read or parsed are left out: ruff itself refuses them.
    """
    waiting = [root / file for file in files if PurePosixPath(file).name in NAMES]
    waiting += [folder / name for folder in root.parents for name in NAMES]
    waiting += [root / name for name in NAMES]
    if extra is not None:
        waiting.append(root / extra)
    found: dict[Path, Table] = {}
    while waiting:
        path = waiting.pop()
        table = None if path in found else _table(path)
        if table is not None:
            found[path] = table
            waiting += _extended(path, table)
    return found


def options(root: Path, files: Collection[str], extra: str | None) -> tuple[str, ...]:
    """The options of every command: the file `extra`, and what is left out although the project's `exclude` does not.

    `exclude` takes the place of ruff's own list. Whoever sets it lints the environment beside the sources as well,
    wherever no git leaves it out.
    """
    named = () if extra is None else ("--config", extra)
    replaced = any("exclude" in table for table in tables(root, files, extra).values())
    return (*named, "--extend-exclude", INSTALLED) if replaced else named


def elsewhere(root: Path, files: Collection[str], extra: str | None) -> list[Path]:
    """The configuration files that `tables` reads, or would if they were there, and that are no files of the project.

    Those in the directories above it are not meant: ruff's own names are looked up there.
    """
    named = [] if extra is None else [Path(os.path.normpath(root / extra))]
    named += [one for path, table in tables(root, files, extra).items() for one in _extended(path, table)]
    held = {root / file for file in files}
    return sorted({path for path in named if path not in held})


def _table(path: Path) -> Table | None:
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except (OSError, ValueError):
        return None
    tool = data.get("tool")
    table = (tool.get("ruff") if isinstance(tool, dict) else None) if path.name == "pyproject.toml" else data
    return table if isinstance(table, dict) else None


def _extended(path: Path, table: Table) -> list[Path]:
    """The file that `extend` names, relative to the table's own file; `~` and variables name no file of a project."""
    base = table.get("extend")
    if not isinstance(base, str):
        return []
    return [Path(os.path.normpath(path.parent / base))]


def narrows(table: Table) -> bool:
    """Whether `ruff check` may examine fewer files than `--show-files` lists: by `lint.exclude`, or an unseen base."""
    return bool(_lint(table).get("exclude")) or "extend" in table


def _lint(table: Table) -> Table:
    lint = table.get("lint")
    return lint if isinstance(lint, dict) else {}
