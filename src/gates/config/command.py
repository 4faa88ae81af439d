"""Command: one table `[[tool.gates.command]]`, a gate without Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath, PurePosixPath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter

GROUPS = frozenset({"path", "line", "column", "code", "message"})
"""Names of the groups that a `pattern` may have."""

NAME = r"^[a-z][a-z0-9-]*$"


class CommandTable(GateSettings, frozen=True, kw_only=True):
    """A command as a gate: what it is called, what it looks at, and how what it says is read."""

    name: Annotated[str, Meta(pattern=NAME, description="The gate's name: small letters, digits and dashes.")]
    argv: Annotated[
        tuple[str, ...],
        Meta(min_length=1, description="The command and its arguments, word by word; no shell reads them."),
    ]
    files: Annotated[
        tuple[str, ...],
        Meta(
            min_length=1,
            description="Globs of the files that the command examines: the gate's denominator.",
            extra=stricter("grow", "exclusion"),
        ),
    ]
    exit_codes: Annotated[
        tuple[int, ...],
        Meta(
            description="Exit codes with which the command did its work; any other is CMD001.",
            extra=stricter("shrink", "limit"),
        ),
    ] = (0,)
    parser: Annotated[
        Literal["none", "sarif", "junit", "regex"],
        Meta(description="How findings are read out of what the command writes; `none` reads none."),
    ] = "none"
    pattern: Annotated[
        str | None,
        Meta(
            description='With `parser = "regex"`: what one finding looks like, with the named groups `message`, and'
            " `path`, `line`, `column` and `code` as far as there are any."
        ),
    ] = None
    output: Annotated[
        str | None,
        Meta(description="The file, from the root, that the command writes its findings to; else standard output."),
    ] = None
    unchanged: Annotated[
        tuple[str, ...],
        Meta(
            description="Globs of generated files that the command, run in a copy, must write as they are committed.",
            extra=stricter("grow"),
        ),
    ] = ()
    canary: Annotated[
        str | None,
        Meta(
            description="A patch of this project after which the gate must fail: `gates prove` applies it to a copy.",
            extra=stricter("free"),
        ),
    ] = None
    inputs: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="Globs of all that the command reads; without them its evidence is never used again.",
            extra=stricter("free"),
        ),
    ] = None
    env: Annotated[Mapping[str, str], Meta(description="Environment variables of the command.")] = {}

    def __post_init__(self) -> None:
        """Refuse keys that contradict each other.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        problem = self._problem()
        if problem:
            raise ValueError(problem)

    def _problem(self) -> str:
        if not self.argv[0].strip():
            return "the first word of `argv` is empty"
        if (self.parser == "regex") != (self.pattern is not None):
            return '`pattern` and `parser = "regex"` need each other'
        if self.output is not None and self.parser == "none":
            return "`output` needs a `parser` that reads it"
        for key, path in (("output", self.output), ("canary", self.canary)):
            if path is not None and not _inside(path):
                return f"`{key}` must be a path below the project's root, with forward slashes"
        return _fault_of(self.pattern)


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A table, and the file and line where it stands."""

    table: CommandTable
    path: str
    line: int | None

    @property
    def place(self) -> str:
        """`pyproject.toml:12`."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


def _inside(path: str) -> bool:
    absolute = PurePosixPath(path).is_absolute() or PurePath(path).is_absolute()
    return bool(path) and not absolute and "\\" not in path and ".." not in path.split("/")


def _fault_of(pattern: str | None) -> str:
    """Why a pattern can find nothing that a report could show; empty where it can."""
    if pattern is None:
        return ""
    try:
        named = set(re.compile(pattern, re.MULTILINE).groupindex)
    except re.error as error:
        return f"`pattern` is not a regular expression: {error}"
    if "message" not in named:
        return "`pattern` needs a named group `(?P<message>...)`"
    unknown = sorted(named - GROUPS)
    return f"`pattern` has a group {unknown[0]!r}; known are {', '.join(sorted(GROUPS))}" if unknown else ""
