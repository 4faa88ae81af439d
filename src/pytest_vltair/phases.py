"""Phases: set-up, call and teardown of a test, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from pytest_vltair import failures
from pytest_vltair.lines import escape, string, text
from pytest_vltair.reports import Places, message_of
from pytest_vltair.requirements import Named, Requirements, named_each

WHEN = frozenset({"setup", "call", "teardown"})
OUTCOMES = frozenset({"passed", "failed", "skipped"})
AGAIN = frozenset({"rerun", "retried"})
"""What pytest-rerunfailures and pytest-retry say of a phase that failed and after which they run the test again."""

ENDLESS = 1e12
"""Seconds from which on a duration is no plain one."""

PLAIN = {"message": "", "wasxfail": False, "error": "", "stack": ""}
"""What a phase says in which nothing happened."""

NAMED = "_vltair_named"
"""The attribute of reports by which a worker sends the markers and requirements of a test."""


def fields_of(report: pytest.TestReport, places: Places) -> dict[str, object]:
    """The fields of a `phase` line, all but those that the recorder adds.

    A subtest is one more `call` of its test, named in the message. A phase after which the test is run again is a
    `rerun`; any other outcome that pytest itself does not know was not a pass, and is `failed` with that word.
    """
    path, line = places.of(report.location)
    message = message_of(report)
    outcome: str = report.outcome
    if outcome in AGAIN:
        outcome = "rerun"
    elif outcome not in OUTCOMES:
        message = f"outcome {outcome!r}: {message}"
        outcome = "failed"
    context = getattr(report, "context", None)
    if context is not None:
        message = f"{_subtest(context)}: {message}"
    found = failures.NOTHING
    if outcome in {"failed", "rerun"}:
        line = places.line_in(report, report.location[0]) or line
        found = failures.of(report, message)
    return {
        "when": report.when,
        "outcome": outcome,
        "duration": report.duration,
        "path": path,
        "line": line,
        "message": message,
        "wasxfail": hasattr(report, "wasxfail"),
        "error": escape(found.error),
        "stack": found.stack,
    }


def _subtest(context: Any) -> str:
    title = f" [{context.msg}]" if context.msg else ""
    values = ", ".join(f"{name}={value}" for name, value in context.kwargs.items())
    return f"subtest{title} ({values})" if values else f"subtest{title}"


class PhaseLines:
    """Lines of phases.

    A phase is plain when there is nothing to say but that it passed, and how long it took. What the plain phases of a
    test have in common, the tail of their lines, is encoded once, and for all tests in one go where they are known
    beforehand: between two tests, with cold caches, it would take four times as long.
    """

    def __init__(self, places: Places, known: Requirements) -> None:
        self._places = places
        self._requirements = known
        self._renamed: Mapping[str, str] = {}
        self._prepared: dict[str, tuple[pytest.Item, int, str]] = {}
        self._ends: dict[object, str] = {}

    def prepare(self, items: Iterable[pytest.Item]) -> None:
        """Encode the tails of tests beforehand; of one that gets another marker it is encoded anew."""
        for item, found in named_each(items):
            tail = self._tail(item.nodeid, item.location, found, None)
            self._prepared[item.nodeid] = (item, len(item.own_markers), tail)

    def rename(self, renamed: Mapping[str, str]) -> None:
        """Give tests the names that they had before xdist renamed them."""
        self._renamed = renamed

    def name(self, nodeid: str) -> str:
        """The name that a test had when it was collected."""
        return self._renamed.get(escape(nodeid), nodeid) if self._renamed else nodeid

    def encode(self, reports: Iterable[pytest.TestReport]) -> bytes:
        """The `phase` lines of reports."""
        lines: list[str] = []
        tails: dict[object, str] = {}
        for report in reports:
            held = report.__dict__
            if (
                report.outcome != "passed"
                or report.longrepr is not None
                or "wasxfail" in held
                or "context" in held
                or not 0 <= report.duration < ENDLESS
            ):
                lines.append(self._whole(report))
                continue
            worker, sent = held.get("worker_id"), held.get(NAMED)
            key = (report.nodeid, worker, sent)
            tail = tails.get(key)
            if tail is None:
                tail = tails[key] = self._tail_of(report, worker, sent)
            start = f'{{"event":"phase","when":"{report.when}","outcome":"passed","duration":{report.duration:.9f},'
            lines.append(start + tail)
        return "".join(lines).encode()

    def _whole(self, report: pytest.TestReport) -> str:
        held = report.__dict__
        found = self._named(report, held.get(NAMED))
        fields = fields_of(report, self._places)
        begin = {"event": "phase", "nodeid": self.name(report.nodeid)}
        return text({**begin, **fields, **found.fields(), "worker": held.get("worker_id")})

    def _tail_of(self, report: pytest.TestReport, worker: str | None, sent: Named | None) -> str:
        item, count, tail = self._prepared.get(report.nodeid, (None, 0, ""))
        if item is not None and len(item.own_markers) == count:
            return tail
        return self._tail(self.name(report.nodeid), report.location, self._named(report, sent), worker)

    def _tail(self, nodeid: str, location: tuple[str, int | None, str], found: Named, worker: str | None) -> str:
        path, line = self._places.of(location)
        end = self._ends.get((path, found, worker))
        if end is None:
            fields = {"path": path, **PLAIN, **found.fields(), "worker": worker}
            end = self._ends[path, found, worker] = text(fields)[1:]
        return f'"nodeid":{string(nodeid)},"line":{"null" if line is None else line},{end}'

    def _named(self, report: pytest.TestReport, sent: Named | None) -> Named:
        # What a worker sent is a plain tuple by the time that it is here.
        return self._requirements.of(report.nodeid) if sent is None else Named(*sent)
