"""Words: how a test ended, what an item lacks, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.trace.facts import Item, Ran
from gates.builtin.trace.judging.joined import TESTS_RUN

_ENDED = {
    "error": "errored",
    "flaky": "passed only when it was run again",
    "skipped": "was skipped",
    "xfailed": "failed as expected",
    "xpassed": "passed though it was expected to fail",
}


def ended(test: Ran) -> str:
    """How a test ended, and where, unless that was in this check."""
    said = _ENDED.get(test.outcome or "", test.outcome or "has no outcome")
    return said if test.source in {"", TESTS_RUN} else f"{said} in {test.source}"


def status(item: Item) -> str:
    """How far an item is."""
    return item.status or (f"{item.status_raw!r}" if item.status_raw else "without a status")


def lack(item: Item, tests: Sequence[Ran]) -> str:
    """Why nothing shows that an item is done, and what would."""
    if tests:
        more = f" and {len(tests) - 1:,} more" if len(tests) > 1 else ""
        return f"{tests[0].id}{more} did not run: have it run, here or where a JUnit file comes from"
    states = {one.state for one in item.validation.items}
    if None in states:
        return "the tests that it names are in files that were skipped or could not be collected: have them collected"
    if "missing" in states:
        return "no test that it names exists: name one that does"
    if "resolved" in states:
        return f"its validation runs all tests or none, which shows nothing of this item: {mark(item)}"
    if states:
        return f"its validation names no test: {mark(item)}"
    return f"no test names it: {mark(item)}"


def mark(item: Item) -> str:
    """How a test comes to belong to an item."""
    return f'mark the one that shows it with @pytest.mark.requirement("{item.id}")'


def annotate(item: Item) -> str:
    """How code comes to belong to an item."""
    return f"write `implements: {item.id}` in a comment where the work is done"
