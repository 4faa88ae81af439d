"""Documents: what `gates runs list` and `gates runs show` print as JSON, one form for each question.

A program that asks over the Model Context Protocol gets the same runs and executions by `gates.record.mcp.tools`, in
answers of limited size and without the verdict of a command.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from gates.model.reason import Reason
from gates.record.asked.answers import Answer, Execution, Filter, Flaky, Pattern, Run, RunDetail, Slow

SCHEMA_VERSION = 1


class Document(Answer, frozen=True, kw_only=True, tag_field="question"):
    """What every document has. `passed`: the record answered; `undecided`: it could not, and `reason` says why."""

    schema_version: int = SCHEMA_VERSION
    verdict: Literal["passed", "undecided"] = "undecided"
    reason: Reason | None = None


class Runs(Document, frozen=True, kw_only=True, tag="runs"):
    """The runs that the filter lets through, newest first; `more` says that the limit cut some off."""

    filter: Filter = Filter()
    runs: tuple[Run, ...] = ()
    more: bool = False


class OneRun(Document, frozen=True, kw_only=True, tag="run"):
    """One run with all that is known of it."""

    run: RunDetail | None = None


class Traced(Document, frozen=True, kw_only=True, tag="trace"):
    """Every attempt at one question, the first one first."""

    trace_id: str = ""
    executions: tuple[Execution, ...] = ()


class LastFailed(Document, frozen=True, kw_only=True, tag="last_failed"):
    """What did not pass in the newest run of it, tests before gates."""

    executions: tuple[Execution, ...] = ()
    more: bool = False


class Patterns(Document, frozen=True, kw_only=True, tag="patterns"):
    """Failures of the runs that the filter lets through, grouped by stack hash, the most frequent first."""

    filter: Filter = Filter()
    patterns: tuple[Pattern, ...] = ()
    more: bool = False


class FlakyTests(Document, frozen=True, kw_only=True, tag="flaky"):
    """Tests whose outcome moved in the newest `runs` runs with tests."""

    runs: int = 0
    tests: tuple[Flaky, ...] = ()


class SlowTests(Document, frozen=True, kw_only=True, tag="slowest"):
    """Tests that took the longest in the newest `runs` runs with tests."""

    runs: int = 0
    tests: tuple[Slow, ...] = ()


AnyAnswer: TypeAlias = Runs | OneRun | Traced | LastFailed | Patterns | FlakyTests | SlowTests
