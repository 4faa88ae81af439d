"""Words: moments, durations, names of runs and commits, as every answer of the record writes them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from gates.model.tested import headline
from gates.render import escape, summary

MESSAGE = 300
"""Characters of one message that are shown."""

NAME = 400
"""Characters of a node id or another name that are shown; more than any real one has."""

_RUN = re.compile(r"\d{8}T\d{6}Z-([0-9a-f]{8})")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)[\d.]*Z")


def text(value: str, most: int = NAME) -> str:
    """A text of others as part of a line: nothing in it acts, and no more than `most` characters of it."""
    return escape.line(summary.clip(value, most))


def message(value: str | None) -> str:
    """The first line of a message that says something, as much of it as is shown."""
    first = next((line for line in (value or "").splitlines() if line.strip()), "")
    return text(first.strip(), MESSAGE)


def document(lines: Iterable[str]) -> str:
    """The lines as one text, none of which a CI takes for a command."""
    return "".join(f"{escape.commands(line.rstrip())}\n" for line in lines)


def sentence(said: str) -> str:
    """One sentence as the whole text."""
    return document([text(said, 4 * NAME)])


def when(moment: str | None, *, seconds: bool = False) -> str:
    """`2026-11-22 17:13` in UTC, with `seconds` to the second; what is no moment as it is."""
    found = _MOMENT.fullmatch(moment or "")
    if found is None:
        return text(moment or "", 30)
    return f"{found[1]} {found[2]}{found[3] if seconds else ''}"


def took(milliseconds: float) -> str:
    """`850 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`."""
    if milliseconds < 1000:
        return f"{milliseconds:.3g} ms" if milliseconds < 999.5 else "1.0 s"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = int(seconds + 0.5)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02} min"


def short(run: str) -> str:
    """The part of a run's name that tells it from others: what `gates runs show` takes, too."""
    found = _RUN.fullmatch(run)
    return found[1] if found else text(run)


def place(commit: str | None, branch: str | None) -> str:
    """`3f2c1ab main`, as far as it is known."""
    return " ".join(text(part, 60) for part in ((commit or "")[:7], branch or "") if part)


def command(argv: Sequence[str]) -> str:
    """Words as a line that can be pasted into a shell."""
    return text(shlex.join(argv), 2 * NAME)


def error(kind: str | None, said: str | None) -> str:
    """`AssertionError: assert 1 == 2`, as far as it is known: the line of a message that says most, with its type."""
    told = message(headline(said or ""))
    named = text(kind or "", 100)
    is_named = told == named or told.startswith(f"{named}:") or (told.startswith("subtest ") and f": {named}:" in told)
    return told if is_named else ": ".join(filter(None, (named, told)))
