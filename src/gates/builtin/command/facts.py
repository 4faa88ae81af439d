"""Evidence of a command gate: how the command ended, what it reported, and what it changed."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Facts


class Reported(Facts, frozen=True, kw_only=True):
    """One thing that the command objects to. `source` names it when lines move; `code` is the command's own.

    What the project itself suppresses is kept and is no finding: an exit code may still speak of it.
    """

    code: str | None
    message: str
    path: str | None
    line: int | None
    column: int | None
    subject: str | None
    source: str
    level: Literal["error", "note", "suppressed"]


class Changed(Facts, frozen=True, kw_only=True):
    """A generated file that is not what the command writes: `line` is the first that differs, `diff` a few lines."""

    path: str
    how: Literal["changed", "created", "deleted"]
    line: int | None
    diff: str


class CommandEvidence(Facts, frozen=True, kw_only=True):
    """What a command gate saw over how many files, and with how many generated files it compared.

    `words` is the last line that the command printed where its exit code is not accepted, else empty: what a command
    prints on success may hold a time.
    """

    code: int
    words: str
    examined: int
    compared: int
    reported: Counted[Reported]
    changed: Counted[Changed]
