"""Flaky: tests of which it is known that they are unstable, and until which day that excuses their failures."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pytest_vltair.options import FLAKY

KEYWORDS = ("until", "reason")
WRITTEN = f'write {FLAKY}("timezone", until="2027-01-31", reason="...")'
IN_TRIAL = "VLTAIR_TRIAL"
"""The variable by which a diagnosis speaks to its runs, in which nothing is excused."""


class Excusing:
    """Turns a failure of a marked test into an expected one until the last day of its mark; later it says so."""

    def __init__(self, marks: dict[pytest.Item, pytest.Mark], today: date) -> None:
        self._marks = marks
        self._today = today

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The report, of a failure as the mark has it."""
        report = yield
        mark = self._marks.get(item)
        if mark is None or not report.failed:
            return report
        factor, until = mark.args[0], mark.kwargs["until"]
        if self._today > day(until):
            _add(report, f"this test is marked as flaky ({factor}), and the mark expired on {until}: mend it")
        else:
            why = mark.kwargs.get("reason", "")
            report.outcome = "skipped"
            report.wasxfail = f"flaky: {factor}, until {until}{f': {why}' if why else ''}"
        return report


def attend(items: Sequence[pytest.Item]) -> None:
    """Have the marks of these tests act; in a diagnosis, and with `--runxfail`, a failure stays one."""
    config = items[0].config
    if IN_TRIAL in os.environ or config.getoption("runxfail", False):
        return
    found = ((item, item.get_closest_marker(FLAKY)) for item in items)
    marks = {item: mark for item, mark in found if mark is not None}
    # Asked once: tests may have the clock at another time.
    config.pluginmanager.register(Excusing(marks, datetime.now(UTC).date()), "vltair-flaky")


def check(report: pytest.CollectReport, nodes: Iterable[pytest.Item | pytest.Collector]) -> None:
    """Make a report a failed one where a mark of these nodes has no factor, no day, or says what cannot be."""
    for node in nodes:
        for mark in node.own_markers:
            fault = _fault(mark) if mark.name == FLAKY else None
            if fault is not None:
                report.outcome, report.result = "failed", []
                report.longrepr = f"{_place(node)}: {fault}"
                return


def day(text: str) -> date:
    """The day that is written as 2027-01-31.

    Raises:
        ValueError: it is written otherwise, or there is no such day.
    """
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()


def _fault(mark: pytest.Mark) -> str | None:
    written = ", ".join([*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())])
    said = f"the marker {FLAKY}({written})"
    unknown = [name for name in mark.kwargs if name not in KEYWORDS]
    if unknown:
        return f"{said} has a keyword {unknown[0]!r}, and until and reason are the only ones that it knows"
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or not mark.args[0]:
        return f"{said} does not name the factor: {WRITTEN}"
    if "until" not in mark.kwargs:
        return f"{said} has no last day, and nothing is excused for ever: {WRITTEN}"
    if not isinstance(mark.kwargs.get("reason", ""), str):
        return f"{said} needs a reason that is text: {WRITTEN}"
    return _fault_of_day(said, mark.kwargs["until"])


def _fault_of_day(said: str, until: Any) -> str | None:
    try:
        day(until)
    except (TypeError, ValueError):
        return f"{said} needs an until that is a day, as text: {WRITTEN}"
    return None


def _place(node: pytest.Item | pytest.Collector) -> str:
    line = node.location[1] if isinstance(node, pytest.Item) else None
    return node.nodeid if line is None else f"{node.nodeid.partition('::')[0]}:{line + 1}"


def _add(report: pytest.TestReport, text: str) -> None:
    """Add a line to what is shown of a failure."""
    shown: Any = report.longrepr
    if hasattr(shown, "addsection"):
        shown.addsection(FLAKY, text)
    else:
        report.longrepr = f"{shown}\n{text}"
