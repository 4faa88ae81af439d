"""Items: what each item claims, and what there is behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from gates.builtin.trace import rules
from gates.builtin.trace.facts import Item, Ran
from gates.builtin.trace.judging import words
from gates.builtin.trace.judging.joined import Joined, Worth, moment
from gates.model.finding import Finding, finding
from gates.model.rule import Rule, Severity

PLANS: Final = frozenset({"open", "blocked"})
"""Statuses of what nobody began: what such an item lacks is a plan."""
AHEAD = timedelta(hours=14)
"""How far the day of a place may be ahead of UTC's (Kiribati)."""

Worths = Mapping[str, Worth]
"""What the outcome of each test of an item proves, by its id."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?")


def findings(item: Item, joined: Joined, now: datetime) -> Iterator[Finding]:
    """What is wrong with one item."""
    if item.dates.count:
        yield from _dates(item, now)
    if item.status == "cancelled":
        return
    tests = joined.tests_of(item)
    if item.validation.count:
        yield from _missing(item)
    worths = {test.id: joined.worth(item, test) for test in tests}
    if "failed" in worths.values():
        yield from _outcomes(item, tests, worths)
    if item.files.count:
        yield from _files(item)
    if item.status == "done":
        yield from _claimed(item, tests, worths, joined)
    yield from _needed(item, tests, joined)


def _missing(item: Item) -> Iterator[Finding]:
    """Tests that a command names and that pytest does not collect."""
    severity: Severity = "error" if item.status == "done" else "warning"
    for command in item.validation.items:
        if command.state != "missing":
            continue
        for name, nearest in command.missing.items:
            offer = f"; the nearest is {nearest}" if nearest else ""
            message = f"{item.id} names {name}, which pytest does not collect: write it, or correct the name{offer}"
            yield _finding(rules.MISSING_TEST, item, message, severity, line=command.line, source=name)


def _outcomes(item: Item, tests: tuple[Ran, ...], worths: Worths) -> Iterator[Finding]:
    for test in tests:
        if worths[test.id] == "failed":
            severity: Severity = "error" if item.status == "done" else "warning"
            message = f"{test.id} {words.ended(test)}, and {item.id} is {words.status(item)}: mend what it shows"
            yield _finding(rules.FAILING, item, message, severity, line=item.status_line, source=test.id)


def _claimed(item: Item, tests: tuple[Ran, ...], worths: Worths, joined: Joined) -> Iterator[Finding]:
    """An item that is done has a test that passed, here and now."""
    if "code" in joined.settings.done and item.id not in joined.code:
        message = f"{item.id} is {words.status(item)}, and no code names it or ran in its tests: {words.annotate(item)}"
        yield _finding(rules.NO_EVIDENCE, item, message, "error", line=item.status_line, source="code")
    if "test" not in joined.settings.done:
        return
    passed = "passed" in worths.values()
    severity: Severity = "warning" if passed else "error"
    for test in tests:
        if worths[test.id] == "not-passed":
            message = f"{test.id} {words.ended(test)}, which does not show that {item.id} is {words.status(item)}: have it pass, or set the item back"  # noqa: E501
            yield _finding(rules.NOT_PASSING, item, message, severity, line=item.status_line, source=test.id)
        elif worths[test.id] == "stale":
            message = f"{item.id} is {words.status(item)} by {test.id}: {joined.why_stale(item, test)}; run it again"
            yield _finding(rules.STALE, item, message, severity, line=item.status_line, source=test.id)
    if passed or not set(worths.values()) <= {"not-run"} or not (joined.evidence.collected or tests):
        return
    message = f"{item.id} is {words.status(item)}, and {words.lack(item, tests)}, or set the item back"
    yield _finding(rules.NO_EVIDENCE, item, message, "error", line=item.status_line, source="test")


def _needed(item: Item, tests: tuple[Ran, ...], joined: Joined) -> Iterator[Finding]:
    """What the level of an item asks for."""
    # An item without any status is a requirement, and no plan.
    severity: Severity = "note" if item.status in PLANS and item.status_raw else "error"
    title = f" ({item.title})" if item.title else ""
    for need in joined.needs[item.level]:
        if need == "test":
            proven = item.status == "done" and "test" in joined.settings.done
            lacks = joined.evidence.collected and not (tests or proven or _plans_test(item))
            what, action = "test", words.mark(item)
        elif need == "code":
            lacks = item.id not in joined.code and not (item.status == "done" and "code" in joined.settings.done)
            what, action = "code", words.annotate(item)
        else:
            lacks = need not in joined.linked.get(item.id, frozenset())
            what, action = f"item of the level {need}", f"name it in one: `Implements: {item.id}`"
        if lacks:
            message = f"{item.id} has no {what}{title}: {action}"
            yield _finding(rules.UNTESTED, item, message, severity, source=need)


def _plans_test(item: Item) -> bool:
    """Whether it names a test that is not there, or of which nobody can say whether it is."""
    return any(one.state in {"missing", None} for one in item.validation.items)


def _files(item: Item) -> Iterator[Finding]:
    for one in item.files.items:
        if one.exists is False:
            done = item.status == "done"
            severity: Severity = "error" if done else "note"
            also = ", though it is done: correct the path" if done else "; it is a plan as long as the item is not done"
            message = f"{item.id} names {one.token}, which is not there{also}"
            yield _finding(rules.DANGLING, item, message, severity, line=one.line, source=one.token)


def _dates(item: Item, now: datetime) -> Iterator[Finding]:
    for text, line in item.dates.items:
        match = _DATE.search(text)
        if match is not None and _is_future(match.group(), now):
            message = (
                f"{item.id} has the date {match.group()}, which lies in the future: write the day on which it happened"
            )
            yield _finding(rules.FUTURE, item, message, rules.FUTURE.severity, line=line, source=match.group())


def _is_future(text: str, now: datetime) -> bool:
    """Whether a day has begun nowhere on earth, or a moment has not come."""
    if len(text) == 10:
        try:
            return date.fromisoformat(text) > (now.astimezone(UTC) + AHEAD).date()
        except ValueError:
            return False
    at = moment(re.sub(r"\s+(?=[Z+-])", "", text))
    zoned = re.search(r"(?:Z|[+-]\d{2}:?\d{2})$", text) is not None
    return at is not None and at > now + (timedelta() if zoned else AHEAD)


def _finding(
    rule: Rule, item: Item, message: str, severity: Severity, *, line: int | None = None, source: str
) -> Finding:
    found = finding(
        rule, message, path=item.place.path, line=line or item.place.line, subject=item.id, source=f"{item.id} {source}"
    )
    return msgspec.structs.replace(found, severity=severity)
