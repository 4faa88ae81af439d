"""Words: how settings, tests and endings are called in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.trial import Ended

ENDS: Mapping[Ended, str] = {
    "passed": "passes",
    "failed": "fails",
    "error": "fails in its set-up or teardown",
    "skipped": "is skipped",
    "hang": "does not end",
    "crashed": "ends the process",
    "uncollected": "cannot be collected",
    "missing": "is not there under its id",
}
NAMED = 3
"""So many tests are named in a sentence; the others are counted."""


def ends(ended: Ended) -> str:
    """`fails`, `does not end`: an ending as a verb."""
    return ENDS.get(ended, ended)


def circumstances(settings: Mapping[str, str]) -> str:
    """`with locale=ASCII and timezone=Asia/Kolkata`; nothing for the base."""
    return f"with {' and '.join(_setting(*one) for one in sorted(settings.items()))}" if settings else ""


def back(settings: Mapping[str, str]) -> str:
    """The same settings at the values of the base."""
    return circumstances({name: FACTORS[name].base for name in settings})


def several(tests: Sequence[str]) -> str:
    """`a, b, c and 4 more`."""
    if len(tests) <= NAMED:
        return " and ".join(filter(None, [", ".join(tests[:-1]), *tests[-1:]]))
    return f"{', '.join(tests[:NAMED])} and {len(tests) - NAMED:,} more"


def times(number: int, noun: str) -> str:
    """`1 run`, `3 runs`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _setting(name: str, value: str) -> str:
    return f"{name}={value}" if value else f"{name} as it is"
