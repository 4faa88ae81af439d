"""Wire: one line that calls a tool, and what keeps its failure from reaching the exit code."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Wire(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One line that calls a tool.

    `line` counts from 1; `text` is the line with its continuations, its white space evened out; `tool` is the tool's
    name, or the path of a script of the project; `defused` is the clause that says why a failure cannot reach the exit
    code, or ""; `within` is the target, session, environment, job or hook that has the line, or ""; `runner` is the
    tool that reads it there (make, tox, nox, pre-commit, hatch, ...), "" for a shell or a CI.
    """

    path: str
    line: int
    tool: str
    text: str
    defused: str = ""
    within: str = ""
    runner: str = ""


class Unreadable(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A file that should say what calls what, and cannot be read; `why` is a clause."""

    path: str
    line: int | None
    why: str


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """What calls tools in some files, both sorted; a caller that must know all is undecided if any is unreadable."""

    wires: tuple[Wire, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def joined(parts: Sequence[Wiring]) -> Wiring:
    """All wires and unreadable files of some parts, sorted, each once."""
    return Wiring(
        wires=tuple(sorted({wire for part in parts for wire in part.wires})),
        unreadable=tuple(
            sorted(
                {one for part in parts for one in part.unreadable}, key=lambda one: (one.path, one.line or 0, one.why)
            )
        ),
    )
