"""Rule: one thing that a gate can object to."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "note"]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A code and a name, both accepted wherever a rule is named; a code is never reused."""

    code: str
    name: str
    summary: str
    explanation: str
    fix: str
    severity: Severity = "error"
    preview: bool = False

    @property
    def waivable(self) -> bool:
        """Whether a waiver or a baseline may excuse its findings; those of `policy` are about such excuses."""
        return not self.code.startswith("POL")
