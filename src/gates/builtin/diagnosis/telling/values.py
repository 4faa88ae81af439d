"""Values: which values a factor can have, as somebody may write one that is not in the list of those tried."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime

from gates.builtin.diagnosis.factors import FACTORS
from gates.errors import nearest


def problem(factor: str, value: str) -> str:
    """What is wrong with a value; nothing where it can be had somewhere."""
    one = FACTORS[factor]
    if value == one.base or value in one.values:
        return ""
    if factor in OPEN:
        right, form = OPEN[factor]
        return "" if right(value) else f"{value!r} is not {form}"
    known = (one.base, *one.values)
    close = nearest(value, known)
    hint = f"did you mean {close!r}? " if close else ""
    return f"{factor} has no value {value!r}; {hint}Its values: {', '.join(known)}"


def _zone(value: str) -> bool:
    """A name of the database, or of a form that POSIX knows."""
    import zoneinfo

    return value in zoneinfo.available_timezones() or re.fullmatch(r"[A-Za-z<>+-]{3,}[+-]?\d+.*", value) is not None


def _moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _words(value: str) -> bool:
    try:
        words = shlex.split(value)
    except ValueError:
        return False
    return all(re.fullmatch(r"-[A-Za-z_]\w*|[A-Za-z_]\w*=.*", one, re.DOTALL) for one in words)


def _matching(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


OPEN: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "repeat": (_matching("[1-9][0-9]?"), "a number of turns, 1 to 99"),
    "order": (_matching("shuffled:[0-9]+"), "collected, reversed or shuffled:SEED"),
    "parallel": (_matching("[0-9]{1,2}"), "a number of workers"),
    "hashseed": (
        lambda value: value.isascii() and value.isdigit() and int(value) < 2**32,
        "a number from 0 to 4294967295",
    ),
    "rngseed": (_matching("(each:)?[0-9]+"), "none, a number, or each:NUMBER"),
    "timezone": (_zone, "a time zone: write it as Asia/Kolkata"),
    "locale": (_matching(r"[A-Za-z]\w*(\.[\w-]+)?(@\w+)?"), "a locale: write it as de_DE.UTF-8"),
    "clock": (_moment, "now or a moment: write it as 2028-02-29T12:00:00Z"),
    "umask": (_matching("0?[0-7]{3}"), "a umask in octal: write it as 077"),
    "environment": (_words, "words such as NAME=VALUE, or -NAME for a variable that is taken away"),
    "cpus": (_matching("[1-9][0-9]{0,3}"), "own or a number of processors"),
}
"""Factors that can have more values than are tried: what is one, and how to write it."""
