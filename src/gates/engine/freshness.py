"""Freshness: how long evidence and proofs are good, and whether what was taken at a moment still is."""

from __future__ import annotations

from datetime import datetime

from gates.model.age import is_good
from gates.model.gate import CachePolicy, GateSettings

DAY = 86_400.0


def is_fresh(taken_at: str | None, now: datetime, limit: float) -> bool:
    """Whether what was taken then is at most `limit` seconds old.

    What does not say when, or is from the future (a clock that was set back), is as old as can be.
    """
    try:
        return taken_at is not None and is_good(datetime.fromisoformat(taken_at), now, limit)
    except (ValueError, TypeError):
        return False


def policy(own: CachePolicy, settings: GateSettings) -> CachePolicy:
    """When evidence of a gate may be used again: its own policy, made stricter by the user's `max-age`."""
    wished = settings.max_age
    if wished is None:
        return own
    if wished <= 0:
        return CachePolicy(kind="never")
    return CachePolicy(kind=own.kind, max_age=min(wished, own.max_age or wished))


def limit(own: CachePolicy, settings: GateSettings) -> float | None:
    """How many seconds old evidence may be where nothing can collect it anew; None where that does not matter.

    When a gate wants to ask again, as its cache policy has it, is no reason to refuse what a pipeline of hours made: a
    day is the least of such limits. The user's `max-age` makes it less; 0, which is about the cache, does not.
    """
    least = None if own.max_age is None else max(own.max_age, DAY)
    wished = settings.max_age
    if wished is None or wished <= 0:
        return least
    return wished if least is None else min(wished, least)


def told(seconds: float) -> str:
    """A length of time as it is said: `90 days`, `2.5 hours`, `60 seconds`."""
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds >= size:
            return f"{seconds / size:,.4g} {unit}{'' if seconds == size else 's'}"
    return f"{seconds:,.4g} second{'' if seconds == 1 else 's'}"
