"""Since: a moment as people and programs write it, as the record has it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pytest_vltair.eventlog import stamp

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
FORMS = "2h, 3d, 2026-12-31 or 2026-12-31T12:00:00Z"
_AGO = re.compile(r"([0-9]{1,6})([mhdw])")


def moment(text: str, now: datetime | None = None) -> str:
    """The moment that `text` names, in UTC to the microsecond; one without an offset is in UTC.

    Raises:
        ValueError: it names none.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            return stamp((now or datetime.now(UTC)) - timedelta(**{UNITS[ago[2]]: int(ago[1])}))
        named = datetime.fromisoformat(text)
        return stamp((named if named.tzinfo else named.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment: write it as {FORMS}") from None
