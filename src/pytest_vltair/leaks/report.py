"""Report: leaks as plain data on the report of a test, and as lines at the end of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_vltair.leaks.leak import Leak

ATTRIBUTE = "_vltair_leaks"
"""The attribute of a teardown's report that holds the leaks found at the end of its test."""

OUTPUT = "vltair_leaks"
"""Where a worker puts what it found after its last test, for the process that started it."""

TEST = "test"


class LateLeak:
    """A leak that no report of a test bears: `test` is the last one that ran in `worker`, None without workers."""

    def __init__(self, test: str, leak: Leak, worker: str | None) -> None:
        self.test = test
        self.leak = leak
        self.worker = worker


def line(nodeid: str, leak: Leak) -> str:
    """One leak in words."""
    who = nodeid if leak["by"] == TEST else f"{leak['by']}, ended after {nodeid},"
    return f"{who} left behind: {leak['kind']}: {leak['what']} ({put_back(leak)})"


def put_back(leak: Leak) -> str:
    """Whether things are as they were, in words."""
    return "put back" if leak["restored"] else "could not be put back"


def failure(leaks: Iterable[Leak]) -> str:
    """What the teardown of a test says that fails for its leaks."""
    return "\n".join(
        f"{'this test' if leak['by'] == TEST else leak['by']} left behind: {leak['kind']}: {leak['what']}"
        f" ({put_back(leak)})"
        for leak in leaks
    )


class Summary:
    """Says what is looked for; collects what was found here, or by workers, and says it at the end."""

    def __init__(self, names: Iterable[str], mode: str) -> None:
        self.strict = mode == "error"
        self._header = f"vltair: leaks: {mode}: {', '.join(names)}"
        self.found: list[tuple[str, Leak]] = []
        self.notes: dict[str, None] = {}

    def pytest_report_header(self) -> str:
        """What is looked for."""
        return self._header

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One section, with a line for each leak."""
        if self.found or self.notes:
            terminalreporter.section("leaks")
            for text in self.lines():
                terminalreporter.write_line(text)

    def lines(self) -> Iterator[str]:
        """The lines of the section."""
        for nodeid, leak in self.found:
            yield line(nodeid, leak)
        yield from self.notes
        if self.found:
            tests = len({nodeid for nodeid, leak in self.found if leak["by"] == TEST})
            fixtures = len({leak["by"] for _, leak in self.found if leak["by"] != TEST})
            stuck = sum(not leak["restored"] for _, leak in self.found)
            who = [_count(tests, "test"), _count(fixtures, "fixture")]
            rest = f"; {stuck} could not be put back" if stuck else ""
            yield f"{_count(len(self.found), 'leak')} of {' and '.join(filter(None, who))}{rest}"


class Bearer:
    """Puts on the report of a teardown what was found after it; only where anything ever was."""

    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self.leaks: list[Leak] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hand over, and keep for the summary."""
        if self.leaks and report.when == "teardown":
            report.__dict__[ATTRIBUTE], self.leaks = self.leaks, []
            self._summary.found += [(report.nodeid, leak) for leak in report.__dict__[ATTRIBUTE]]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
