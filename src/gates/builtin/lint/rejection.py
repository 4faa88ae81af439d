"""Rejection: why ruff ended without judging anything, in one sentence that names the place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from gates.config.positions import line_of
from gates.model.evidence import Refusal, refuse
from gates.process import failure
from gates.process.installation import install_command
from gates.project.source_lines import Names

if TYPE_CHECKING:
    from gates.process.child import Completed

PARSE_ERROR = re.compile(r"Failed to parse (?P<path>.+)")
POSITION = re.compile(r"parse error at line (?P<line>\d+)")
UNKNOWN_FIELD = re.compile(r"unknown field `(?P<key>[^`]+)`")
TOO_OLD = re.compile(r"unexpected argument '(?P<option>[^']+)'")


def of(run: Completed, name: str, names: Names, root: Path) -> Refusal:
    """A refusal for the command `name` of ruff: a configuration that it refuses (exit code 2), or a crash."""
    words = run.errors.strip()
    old = TOO_OLD.search(words)
    if old is not None:
        return refuse(
            "tool_missing",
            f"the installed ruff is too old: {name} does not know {old['option']}",
            install_command(root, None, "ruff>=0.16"),
        )
    if run.code != 2 or "ruff failed" not in words or "cache" in words:
        return refuse(
            "tool_crashed",
            f"{name} crashed with exit code {run.code}: {_panic(words) or failure.last_words(run)}",
            "gates check lint -v",
        )
    file = PARSE_ERROR.search(words)
    if file is None:
        causes = [line.strip().removeprefix("Cause: ") for line in words.splitlines()[1:]]
        said = _relative(": ".join(causes) or words, root)
        return refuse("tool_config_invalid", f"ruff refuses its configuration: {said}", "gates check lint -v")
    return _at(names.relative(file["path"].strip()), words, root)


def _at(path: str, words: str, root: Path) -> Refusal:
    unknown = UNKNOWN_FIELD.search(words)
    position = POSITION.search(words)
    line = None if position is None else int(position["line"])
    said = words.splitlines()[-1].strip()
    if unknown is not None:
        # For an unknown key ruff names the line of the table's header, not that of the key.
        said = f"unknown key `{unknown['key']}`"
        line = line_of(Path(root, path), unknown["key"]) or line
    where = path if line is None else f"{path}:{line}"
    return refuse("tool_config_invalid", f"ruff refuses its configuration at {where}: {said}", f"edit {where}")


def _relative(words: str, root: Path) -> str:
    for folder in (root, root.resolve()):
        words = words.replace(f"{folder}/", "").replace(f"{folder}\\", "")
    return words


def _panic(words: str) -> str | None:
    lines = [line.strip() for line in words.splitlines()]
    for number, line in enumerate(lines[:-1]):
        if "panicked at" in line:
            return lines[number + 1]
    return None
