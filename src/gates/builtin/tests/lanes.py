"""Lanes: several kinds of runs of one suite, each judged by itself, and whether every test ran in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from gates.builtin.suite import lanes
from gates.builtin.tests import consistency
from gates.builtin.tests.rules import MODULE_SKIPPED, RAN_NOWHERE, TEST_UNACCOUNTED, TESTS_DESELECTED
from gates.model.decision import Decision
from gates.model.evidence import Lane, Refusal, counted, refuse
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.tested import TestsEvidence

COLLECT = "gates collect tests --lane NAME --output DIR"
WORST_FIRST = ("failed", "error", "flaky", "xpassed", "passed", "xfailed", "skipped")
Judge = Callable[[TestsEvidence], Decision]


def join(found: Mapping[str, TestsEvidence]) -> TestsEvidence | Refusal:
    """One evidence that holds each lane's own whole, or why they are no lanes of one suite."""
    if not found:
        return refuse("evidence_missing", "there is no lane of tests to join", COLLECT)
    (first_name, first), *others = found.items()
    for name, one in found.items():
        shards = one.parts.items
        if not shards or len(shards) != shards[0].count:
            return refuse("evidence_incomplete", f"the lane {name} is no whole run of the suite", COLLECT)
    checks: tuple[tuple[str, Callable[[TestsEvidence], Any]], ...] = (
        ("commits", lambda one: one.commit),
        ("states of the project's files", lambda one: {part.tree for part in one.parts.items}),
        ("versions of the recording", lambda one: one.schema_version),
    )
    for what, value in checks:
        for name, one in others:
            if value(one) != value(first):
                return refuse("evidence_foreign", f"the lanes {first_name} and {name} are of different {what}", COLLECT)
    nothing: Any = counted(())
    return TestsEvidence(
        schema_version=first.schema_version,
        commit=first.commit,
        parts=nothing,
        selected=nothing,
        other_shards=nothing,
        deselected=nothing,
        restrictions=nothing,
        unknown_options=nothing,
        results=nothing,
        collection_errors=nothing,
        skipped_modules=nothing,
        warnings=nothing,
        crashes=nothing,
        processes=nothing,
        leaks=nothing,
        packages=nothing,
        imported=counted(dict.fromkeys(chain.from_iterable(one.imported.items for one in found.values()))),
        complaints=nothing,
        lanes=counted(Lane(name=name, run=one) for name, one in found.items()),
    )


def decide(evidence: TestsEvidence, judge: Judge, packages: Iterable[str]) -> Decision:
    """The decision over the tests that ran in any lane; `judge` decides on one lane as on a run by itself."""
    runs = {one.name: one.run for one in evidence.lanes.items}
    decisions = {name: judge(run) for name, run in runs.items()}
    ran = frozenset(chain.from_iterable(map(_ran, runs.values())))
    faults = [one for one in lanes.findings(decisions) if one.rule not in {TESTS_DESELECTED.code, MODULE_SKIPPED.code}]
    left_out = lanes.findings({name: _left_out(runs[name], one, ran) for name, one in decisions.items()})
    reason = lanes.reason(decisions) or next(consistency.never_imported(evidence, tuple(packages)), None)
    return Decision(
        denominator=Denominator(count=len(ran), unit="tests"),
        findings=(*faults, *left_out, *_nowhere(runs, ran, faults)),
        measures=(*_measures(runs, len(ran)), *lanes.measures("tests", decisions)),
        reason=reason,
        notes=tuple(note for name, run in runs.items() for note in notes(run, name)),
    )


def notes(run: TestsEvidence, lane: str = "") -> Iterator[str]:
    """What a lane came to, and each of its shards; of a run that is neither cut nor a lane, nothing."""
    parts = run.parts.items
    if lane and parts:
        ran = sum(part.outcomes.executed for part in parts)
        said = f"{ran:,} of {run.selected.count:,} tests ran, {run.deselected.count:,} deselected"
        yield f"lane {lane} ({parts[0].platform}, Python {parts[0].python}): {said}"
    if len(parts) > 1:
        for part in parts:
            shard = f"{part.index}/{part.count}: {part.outcomes.executed:,} of {part.selected:,} tests ran"
            yield f"lane {lane}, shard {shard}" if lane else f"shard {shard}"


def _ran(run: TestsEvidence) -> Iterator[str]:
    return (one.id for one in run.results.items if one.outcome != "skipped")


def _left_out(run: TestsEvidence, decision: Decision, ran: frozenset[str]) -> Decision:
    """The decision with only those findings that say what was left out here and did not run elsewhere."""
    modules = frozenset(test.partition("::")[0] for test in ran)
    whole = ran.issuperset(run.deselected.items) and not any(
        one.option == "--lf" or one.kind == "stops" for one in run.restrictions.items
    )
    kept = tuple(
        one
        for one in decision.findings
        if (one.rule == TESTS_DESELECTED.code and not whole)
        or (one.rule == MODULE_SKIPPED.code and one.subject not in modules)
    )
    return Decision(denominator=decision.denominator, findings=kept)


def _nowhere(runs: Mapping[str, TestsEvidence], ran: frozenset[str], faults: Sequence[Finding]) -> Iterator[Finding]:
    """A finding for each test, and each module, that was collected somewhere and ran in no lane."""
    reported = {one.subject for one in faults if one.rule == TEST_UNACCOUNTED.code}
    left_out = {name: idle(run) for name, run in runs.items()}
    collected = _collected(runs)
    alive = {test.partition("::")[0] for test in collected}
    for test in sorted(set(chain.from_iterable(left_out.values())) - ran - reported - alive):
        words = [f"{held[test]} in {name}" for name, held in left_out.items() if test in held]
        yield nowhere(test, f"{test} ran in no lane: {', '.join(words)}")


def _collected(runs: Mapping[str, TestsEvidence]) -> set[str]:
    return {test for run in runs.values() for test in (*run.selected.items, *run.deselected.items)}


def idle(run: TestsEvidence) -> dict[str, str]:
    """What did not run, and why: modules that were skipped while they were collected, and tests."""
    ended = {one.id: one for one in run.results.items}
    found = {one.id: _skipped(one.message) for one in run.skipped_modules.items}
    found |= dict.fromkeys(run.deselected.items, "deselected")
    for test in run.selected.items:
        result = ended.get(test)
        if result is None:
            found[test] = "without an outcome"
        elif result.outcome == "skipped":
            found[test] = _skipped(result.message)
    return found


def nowhere(test: str, message: str) -> Finding:
    """The finding about one test or module that did not run."""
    return finding(RAN_NOWHERE, message, path=test.partition("::")[0], subject=test, source=test)


def _skipped(message: str) -> str:
    said = message.strip().partition("\n")[0]
    return f"skipped ({said})" if said else "skipped"


def _measures(runs: Mapping[str, TestsEvidence], ran: int) -> Iterator[Measure]:
    """How the tests ended, each by the worst that a lane saw of it."""
    worst: dict[str, str] = {}
    for run in runs.values():
        for one in run.results.items:
            worst[one.id] = min(worst.get(one.id, one.outcome), one.outcome, key=WORST_FIRST.index)
    ended = list(worst.values())
    for outcome in ("passed", "failed", "error", "flaky", "skipped", "xfailed", "xpassed"):
        yield Measure(name=f"tests.{outcome}", value=ended.count(outcome), unit="tests")
    collected = _collected(runs)
    yield Measure(name="tests.nowhere", value=len(collected) - ran, unit="tests")
