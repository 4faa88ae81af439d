"""Pattern: findings by a regular expression with named groups."""

from __future__ import annotations

import re

from gates.builtin.command.facts import Reported
from gates.builtin.command.report import Places


def read(text: str, pattern: str, places: Places) -> list[Reported]:
    """A finding for each match; `^` and `$` are the ends of a line."""
    return [_reported(match.groupdict(), places) for match in re.finditer(pattern, text, re.MULTILINE)]


def _reported(found: dict[str, str | None], places: Places) -> Reported:
    return places.reported(
        found["message"] or "",
        path=(found.get("path") or "").strip() or None,
        line=_number(found.get("line")),
        column=_number(found.get("column")),
        code=found.get("code"),
    )


def _number(text: str | None) -> int | None:
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
