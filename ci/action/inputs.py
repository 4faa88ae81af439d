"""Inputs: what the workflow asked the action for, typed, or refused."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from refusal import USAGE, Refused

COMMANDS = ("check", "prove", "provenance", "collect", "merge")
PREFIX = "ACTION_"
"""Of the variables that carry inputs into a step."""

DOWNLOADS = "gates-downloads"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The inputs of the action, and where it runs."""

    command: str
    args: tuple[str, ...]
    workspace: Path
    project: str
    version: str
    base: str
    install: str
    sarif: bool
    summary: bool
    cache: bool
    export_env: bool
    action: Path
    temporary: Path

    @property
    def root(self) -> Path:
        """The folder of the project."""
        return self.workspace / self.project

    @property
    def downloads(self) -> Path:
        """The folder that pip and uv keep downloads in; the only thing that is cached."""
        return self.temporary / DOWNLOADS


def read(environ: Mapping[str, str]) -> Inputs:
    """The inputs.

    Raises:
        Refused: one is not what it may be.
    """
    given = _given(environ)
    command = given.get("command", "")
    if command not in COMMANDS:
        close = difflib.get_close_matches(command, COMMANDS, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(COMMANDS)}"
        raise Refused(f"the input command is {command!r}; {hint}", code=USAGE)
    workspace = Path(_needed(environ, "GITHUB_WORKSPACE")).resolve()
    return Inputs(
        command=command,
        args=_words(given.get("args", "")),
        workspace=workspace,
        project=_project(given.get("project", ""), workspace),
        version=_version(given.get("version", "").strip()),
        base=given.get("base", "").strip(),
        install=given.get("install", "").strip(),
        sarif=_switch(given, "sarif"),
        summary=_switch(given, "summary"),
        cache=_switch(given, "cache"),
        export_env=_switch(given, "export-env"),
        action=Path(_needed(environ, "GITHUB_ACTION_PATH")),
        temporary=Path(_needed(environ, "RUNNER_TEMP")),
    )


def _given(environ: Mapping[str, str]) -> Mapping[str, str]:
    try:
        given = json.loads(_needed(environ, f"{PREFIX}INPUTS"))
    except ValueError as error:
        raise Refused(f"the inputs of the action cannot be read: {error}", code=USAGE) from error
    if not isinstance(given, Mapping):
        raise Refused("the inputs of the action are no JSON object", code=USAGE)
    return {str(name): "" if value is None else str(value) for name, value in given.items()}


def _needed(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise Refused(f"the runner did not set {name}", code=USAGE)
    return environ[name]


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "").strip().lower()
    if value not in {"true", "false"}:
        raise Refused(f"the input {name} is {value!r}; it is true or false", code=USAGE)
    return value == "true"


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise Refused(f"the input args cannot be split into words: {error}", code=USAGE) from error


def _project(text: str, workspace: Path) -> str:
    place = (workspace / text).resolve()
    if not text or not place.is_relative_to(workspace):
        raise Refused(f"the input project is {text!r}; it is a folder of the checkout", code=USAGE)
    if not place.is_dir():
        raise Refused(f"there is no folder {text!r} in the checkout", "run actions/checkout before this action")
    return place.relative_to(workspace).as_posix()


def _version(text: str) -> str:
    if text and not all(part.isalnum() for part in text.replace("+", ".").split(".")):
        raise Refused(f"the input version is {text!r}; it is one version, such as 0.2.0", code=USAGE)
    return text
