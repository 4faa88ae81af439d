"""Refusal: why a step of the action is red, in one sentence, with what to do."""

from __future__ import annotations

USAGE, UNDECIDED, INTERNAL = 2, 3, 4


class Refused(Exception):  # noqa: N818 - it is a refusal, not a bug
    """What ends a step; it becomes an annotation, a paragraph of the summary, and the exit code."""

    def __init__(self, message: str, fix: str = "", code: int = UNDECIDED) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.code = code
