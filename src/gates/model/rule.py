"""Rule: one thing that a gate can object to."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "note"]


class Former(msgspec.Struct, frozen=True):
    """A name or code that a rule had, and the first version of gates that does not know it any more: `0.4`."""

    name: str
    until: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A code and a name, both accepted wherever a rule is named; a code is never reused.

    A rule in `preview` is off unless the configuration asks for it, so that an upgrade makes no project red.
    """

    code: str
    name: str
    summary: str
    explanation: str
    fix: str
    severity: Severity = "error"
    preview: bool = False
    formerly: tuple[Former, ...] = ()

    @property
    def waivable(self) -> bool:
        """Whether a waiver or a baseline may excuse its findings; those of `policy` are about such excuses."""
        return not self.code.startswith("POL")
