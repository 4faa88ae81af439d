"""Questions: each with what the record answers, as a document and as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from gates.errors import UsageError
from gates.record.asked import naming, questions
from gates.record.asked.answers import Filter
from gates.record.asked.documents import (
    AnyAnswer,
    FlakyTests,
    LastFailed,
    OneRun,
    Patterns,
    Runs,
    SlowTests,
    Traced,
)
from gates.record.stored.store import Store
from gates.render.runs import attempts, listed, one, patterns, tests

T = TypeVar("T")

MOST = 1_000_000
"""Tests that are looked at."""

EMPTY = "no run is recorded here; `gates check` records one, unless [tool.gates.record] says `enabled = false`"


class Wished(NamedTuple):
    """What is asked for: runs that a filter lets through, a name, so many answers, over so many runs, so wide."""

    filter: Filter = Filter()
    name: str = ""
    limit: int = 20
    over: int = 20
    width: int = 100
    said: str = ""


class Reply(NamedTuple):
    """An answer, and the same as text; or that there is `nothing` to answer from, and why."""

    answer: AnyAnswer
    text: str = ""
    nothing: str = ""


def runs(store: Store, wished: Wished) -> Reply:
    """The runs that the filter lets through."""
    found, more = _cut(questions.runs(store, _up_to(wished.filter, wished.limit + 1)), wished.limit)
    answer = Runs(filter=_up_to(wished.filter, wished.limit), runs=found, more=more)
    if not found:
        return Reply(answer, nothing=_nothing(store, wished))
    return Reply(answer, listed.render(found, wished.width, more=more))


def run(store: Store, wished: Wished) -> Reply:
    """The one run that is meant.

    Raises:
        UsageError: the name is that of no run, or of several.
    """
    if is_empty(store):
        return Reply(OneRun(), nothing=EMPTY)
    detail = questions.run(store, _known(store, wished.name))
    if detail is None:
        raise UsageError(f"the run {wished.name!r} is gone from the record")
    return Reply(OneRun(run=detail), one.render(detail))


def trace(store: Store, wished: Wished) -> Reply:
    """Every attempt at one question.

    Raises:
        UsageError: that is the name of no trace in the record.
    """
    found = questions.trace(store, wished.name)
    answer = Traced(trace_id=wished.name, executions=found)
    if found:
        return Reply(answer, attempts.traced(found, wished.width))
    if is_empty(store):
        return Reply(answer, nothing=EMPTY)
    raise UsageError(f"no execution in the record has the trace {wished.name}")


def last_failed(store: Store, wished: Wished) -> Reply:
    """What failed when it ran last."""
    found, more = _cut(questions.last_failed(store, wished.limit + 1), wished.limit)
    answer = LastFailed(executions=found, more=more)
    if found:
        return Reply(answer, attempts.failures(found, more=more))
    return Reply(answer, nothing=EMPTY) if is_empty(store) else Reply(answer, "nothing failed when it ran last\n")


def alike(store: Store, wished: Wished) -> Reply:
    """Failures that look alike, in the runs that the filter lets through."""
    wanted = _up_to(wished.filter, wished.limit)
    found, more = _cut(questions.patterns(store, wanted, wished.limit + 1), wished.limit)
    answer = Patterns(filter=wanted, patterns=found, more=more)
    if found:
        return Reply(answer, patterns.render(found, more=more))
    if not questions.runs(store, _up_to(wished.filter, 1)):
        return Reply(answer, nothing=_nothing(store, wished))
    return Reply(answer, "nothing failed in these runs\n")


def flaky(store: Store, wished: Wished) -> Reply:
    """Tests whose outcome moves."""
    found = questions.flaky(store, wished.limit, wished.over)
    answer = FlakyTests(runs=wished.over, tests=found)
    if found:
        return Reply(answer, tests.flaky(found, wished.width))
    # What ran once, or never, cannot have moved: that no flip was found says nothing then.
    compared = max((one.runs for one in questions.slowest(store, MOST, wished.over)), default=0)
    if not compared:
        return Reply(answer, nothing=_without_tests(store))
    if compared == 1:
        return Reply(answer, nothing="no test ran in two of the recorded runs, so nobody knows whether one is flaky")
    return Reply(answer, f"no test's outcome moved in {compared:,} runs\n")


def slowest(store: Store, wished: Wished) -> Reply:
    """Tests that take the longest."""
    found = questions.slowest(store, wished.limit, wished.over)
    answer = SlowTests(runs=wished.over, tests=found)
    if not found:
        return Reply(answer, nothing=_without_tests(store))
    return Reply(answer, tests.slowest(found, wished.width))


Question = Callable[[Store, Wished], Reply]

QUESTIONS: Mapping[str, tuple[Question, type[AnyAnswer]]] = {
    "runs": (runs, Runs),
    "run": (run, OneRun),
    "trace": (trace, Traced),
    "last_failed": (last_failed, LastFailed),
    "patterns": (alike, Patterns),
    "flaky": (flaky, FlakyTests),
    "slowest": (slowest, SlowTests),
}
"""Each question with the form of its answer."""


def is_empty(store: Store) -> bool:
    """Whether no run at all is recorded."""
    return not questions.runs(store, Filter(limit=1))


def _up_to(wanted: Filter, limit: int) -> Filter:
    return msgspec.structs.replace(wanted, limit=limit)


def _cut(found: tuple[T, ...], limit: int) -> tuple[tuple[T, ...], bool]:
    """As many as were asked for, and whether there are more."""
    return found[:limit], len(found) > limit


def _nothing(store: Store, wished: Wished) -> str:
    """Why there is no run that the filter lets through."""
    if is_empty(store):
        return EMPTY
    more = f"; {unseen}" if wished.filter.test and (unseen := _unseen(store)) else ""
    return f"no recorded run matches {wished.said}; `gates runs list` shows them all{more}"


def _without_tests(store: Store) -> str:
    return EMPTY if is_empty(store) else _unseen(store) or "no recorded run has tests; `gates check tests` records one"


def _unseen(store: Store) -> str:
    """That the tests of runs are not here, where that is so."""
    number = questions.unseen(store)
    if not number:
        return ""
    runs = "1 run" if number == 1 else f"{number:,} runs"
    return f"the recordings with the tests of {runs} are not here: ingest .gates/recordings beside the events"


def _known(store: Store, part: str) -> str:
    """The name of the one run that is meant.

    Raises:
        UsageError: it is that of no run, or of several.
    """
    found = naming.named(store, part)
    if not found:
        raise UsageError(f"there is no run {part!r} in the record; `gates runs list` shows them")
    if len(found) > 1:
        more = ", …" if len(found) == naming.CANDIDATES else ""
        raise UsageError(f"{part!r} may be {', '.join(found[: naming.CANDIDATES - 1])}{more}: write more of the name")
    return found[0]
