"""Words: outcomes, lists and messages as findings say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

ENDED: Mapping[str, str] = {
    "error": "errored",
    "skipped": "was skipped",
    "xfailed": "failed as expected",
    "xpassed": "passed unexpectedly",
    "crashed": "took its process down",
    "unfinished": "has no outcome",
    "missing": "was missing",
    "flaky": "passed only when it was run again",
}


def ended(outcome: str) -> str:
    """How a test ended, as a sentence about it goes on."""
    return ENDED.get(outcome, outcome)


def named(words: Sequence[str], most: int = 5) -> str:
    """Each word once, cut after `most`."""
    found = list(dict.fromkeys(words))
    shown = ", ".join(found[:most])
    return shown if len(found) <= most else f"{shown} and {len(found) - most:,} more"


def nearest(word: str, known: Iterable[str]) -> str:
    """`: did you mean "seed"?`, or nothing where no known word is near."""
    import difflib

    found = difflib.get_close_matches(word, list(known), 1)
    return f': did you mean "{found[0]}"?' if found else ""


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message")
