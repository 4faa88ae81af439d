"""Documents: what `gates runs list` and `gates runs show` print as JSON, one form for each question."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from gates.model.reason import Reason
from gates.record.asked.answers import Execution, Filter, Flaky, Pattern, Run, RunDetail, Slow

SCHEMA_VERSION = 1


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="question"):
    """What every answer has. `passed`: the record answered; `undecided`: it could not, and `reason` says why."""

    schema_version: int = SCHEMA_VERSION
    verdict: Literal["passed", "undecided"] = "undecided"
    reason: Reason | None = None


class Runs(Answer, frozen=True, kw_only=True, tag="runs"):
    """The runs that the filter lets through, newest first; `more` says that the limit cut some off."""

    filter: Filter = Filter()
    runs: tuple[Run, ...] = ()
    more: bool = False


class OneRun(Answer, frozen=True, kw_only=True, tag="run"):
    """One run with all that is known of it."""

    run: RunDetail | None = None


class Traced(Answer, frozen=True, kw_only=True, tag="trace"):
    """Every attempt at one question, the first one first."""

    trace_id: str = ""
    executions: tuple[Execution, ...] = ()


class LastFailed(Answer, frozen=True, kw_only=True, tag="last_failed"):
    """What did not pass in the newest run of it, tests before gates."""

    executions: tuple[Execution, ...] = ()
    more: bool = False


class Patterns(Answer, frozen=True, kw_only=True, tag="patterns"):
    """Failures of the runs that the filter lets through, grouped by stack hash, the most frequent first."""

    filter: Filter = Filter()
    patterns: tuple[Pattern, ...] = ()
    more: bool = False


class FlakyTests(Answer, frozen=True, kw_only=True, tag="flaky"):
    """Tests whose outcome moved in the newest `runs` runs with tests."""

    runs: int = 0
    tests: tuple[Flaky, ...] = ()


class SlowTests(Answer, frozen=True, kw_only=True, tag="slowest"):
    """Tests that took the longest in the newest `runs` runs with tests."""

    runs: int = 0
    tests: tuple[Slow, ...] = ()


AnyAnswer: TypeAlias = Runs | OneRun | Traced | LastFailed | Patterns | FlakyTests | SlowTests
