"""Pyproject: what validate-pyproject says of the project's pyproject.toml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gates.builtin.packaging.facts import Complaint
from gates.config.positions import Key, positions
from gates.model.reason import Reason
from gates.process import failure
from gates.project.documents import table, text_of

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.tools import Tool

NAME: Final = "validate-pyproject"
FILE = "pyproject.toml"
ERROR = re.compile(r"^\[ERROR\] (?P<text>.*?)(?=^Traceback|\Z)", re.MULTILINE | re.DOTALL)
KEY = re.compile(r"`(?P<key>[^`]+)`")
EXTRA = re.compile(r"must not contain \{(?P<keys>[^}]*)\}")
PART = re.compile(r"[^.\[\]]+|\[(?P<index>\d+)\]")
ENVIRONMENT = {"NO_NETWORK": "1", "VALIDATE_PYPROJECT_NO_NETWORK": "1"}
"""Classifiers are those of the installed trove-classifiers."""


def check(context: Context[Any], tool: Tool) -> list[Complaint] | Reason:
    """What the tool says; nothing where there is no pyproject.toml.

    Of tables of tools only those of setuptools are looked at, where it builds the project.
    """
    text = text_of(context.project.root, FILE)
    if text is None:
        return []
    backend = table(context.project.pyproject, "build-system").get("build-backend", "setuptools")
    plugins = ("distutils", *(("setuptools",) if str(backend).startswith("setuptools") else ()))
    run = context.run([*tool.argv, FILE, "-E", *plugins], cwd=context.project.root, env=ENVIRONMENT)
    stopped = failure.stopped(run, NAME, "packaging")
    if stopped is not None:
        return stopped
    if run.code == 0 and f"Valid file: {FILE}" in run.text:
        return []
    error = ERROR.search(run.errors)
    if run.code != 1 or error is None or f"Invalid file: {FILE}" not in run.text:
        return Reason(
            code="tool_crashed",
            message=f"{NAME} could not check {FILE} (exit code {run.code}): {failure.last_words(run)}",
            fix=f"{NAME} {FILE}",
        )
    return [_complaint(" ".join(error["text"].split()), text)]


def _complaint(said: str, text: str) -> Complaint:
    named = KEY.search(said)
    key = named["key"] if named else ""
    extra = EXTRA.search(said)
    within = re.findall(r"'([^']+)'", extra["keys"])[:1] if extra else []
    shown = ".".join([part for part in (key, *within) if part]) or "pyproject"
    return Complaint(
        tool=NAME, code=shown, message=said, path=FILE, line=_line(text, key, within), subject=shown, mild=False
    )


def _line(text: str, key: str, within: list[str]) -> int | None:
    """The line of the key, or of the nearest one above it that is written."""
    path: Key = (*(int(m["index"]) if m["index"] else m[0] for m in PART.finditer(key)), *within)
    try:
        lines = positions(text)
    except ValueError:
        return None
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), None)
