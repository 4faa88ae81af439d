"""Decide: every selected test has an outcome and none of them is bad."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from gates.builtin.tests import consistency, lanes, selection
from gates.builtin.tests.consistency import CUT_SHORT, MAX_WARNINGS
from gates.builtin.tests.rules import (
    COLLECTION_ERROR,
    MODULE_SKIPPED,
    TEST_ERRORED,
    TEST_FAILED,
    TEST_UNACCOUNTED,
    TESTS_DESELECTED,
    TOO_MANY_WARNINGS,
    WORKER_CRASHED,
)
from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.tested import Result, TestsEvidence, headline

RUNNING = r"while running '([^']+)'"
UNPARSABLE = ("SyntaxError", "IndentationError", "TabError")
UNPARSED = re.compile(r'^E?\s*File "(?P<path>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def decide(
    evidence: TestsEvidence,
    *,
    max_warnings: int | None,
    packages: tuple[str, ...] | None,
    allow_installed: bool,
    run_all: bool = False,
) -> Decision:
    """The decision over tests that ran, in one run or in several lanes; skipped ones are not of the denominator."""
    if evidence.lanes.count:
        judge = partial(decide, max_warnings=max_warnings, packages=None, allow_installed=allow_installed)
        return lanes.decide(evidence, judge, packages or ())
    return Decision(
        denominator=Denominator(count=consistency.executed(evidence), unit="tests"),
        findings=(*_findings(evidence, max_warnings), *(_idle(evidence) if run_all else ())),
        measures=tuple(_measures(evidence, max_warnings)),
        reason=consistency.problem(evidence, named=packages, allow_installed=allow_installed),
        notes=tuple(lanes.notes(evidence)),
    )


def _idle(evidence: TestsEvidence) -> Iterator[Finding]:
    for test, why in sorted(lanes.idle(evidence).items()):
        yield lanes.nowhere(test, f"{test} did not run: {why}")


def _findings(evidence: TestsEvidence, max_warnings: int | None) -> Iterator[Finding]:
    for result in evidence.results.items:
        yield from _bad(result)
    for error in evidence.collection_errors.items:
        yield finding(
            COLLECTION_ERROR,
            _collection(error.id, error.message, evidence),
            path=error.path,
            line=error.line,
            subject=error.id,
            source=error.id,
        )
    for module in evidence.skipped_modules.items:
        message = f"{module.id} was skipped while it was collected, with all of its tests: {_said(module.message)}"
        yield finding(MODULE_SKIPPED, message, path=module.id.partition("::")[0], subject=module.id, source=module.id)
    crashed = tuple(_crashed(evidence))
    yield from crashed
    unaccounted = sorted(set(evidence.selected.items) - {one.id for one in evidence.results.items})
    yield from _deselected(evidence, len(unaccounted))
    if not _explained(evidence):
        for test in sorted(set(unaccounted) - {one.subject for one in crashed}):
            message = f"{test} was selected and has no outcome"
            yield finding(TEST_UNACCOUNTED, message, path=test.partition("::")[0], subject=test, source=test)
    yield from _warned(evidence, max_warnings)


def _bad(result: Result) -> Iterator[Finding]:
    if result.outcome == "flaky":
        yield finding(
            TEST_FAILED,
            f"{result.id} failed, and passed only when it was run again: {_first(result)}",
            path=result.path,
            line=result.line,
            subject=result.id,
            source="flaky",
        )
        return
    for failure in result.failures.items:
        rule = TEST_FAILED if failure.when == "call" else TEST_ERRORED
        verb = "failed" if failure.when == "call" else f"errored in {failure.when}"
        yield finding(
            rule,
            f"{result.id} {verb}: {_said(failure.message)}",
            path=result.path,
            line=failure.line,
            subject=result.id,
            source=failure.when,
        )
    if not result.failures.count and result.outcome in {"failed", "error"}:
        rule = TEST_FAILED if result.outcome == "failed" else TEST_ERRORED
        yield finding(rule, f"{result.id} {result.outcome}", path=result.path, line=result.line, subject=result.id)


def _first(result: Result) -> str:
    found = [one.message for one in result.failures.items]
    return _said(found[0]) if found else "no message"


def _crashed(evidence: TestsEvidence) -> Iterator[Finding]:
    """Crashes at the tests that the workers were running, which xdist names in a second message on each crash."""
    messages = [one.message for one in evidence.crashes.items if one.what == "worker"]
    running = {message: found[1] for message in messages if (found := re.search(RUNNING, message)) is not None}
    for message in running or messages:
        test = running.get(message)
        path = None if test is None else test.partition("::")[0]
        said = f"a worker went down: {_said(message)}"
        yield finding(WORKER_CRASHED, said, path=path, subject=test, source=message)


def _said(message: str) -> str:
    return headline(message) or "no message"


def _collection(subject: str, message: str, evidence: TestsEvidence) -> str:
    said = f"{subject} cannot be collected: {_raised(subject, message)}"
    for name in evidence.packages.items:
        if f"No module named '{name}'" in message or f"No module named '{name}." in message:
            said += f"; the project's {name} is not installed in the judged environment, nor on pytest's `pythonpath`"
    return said


def _raised(subject: str, message: str) -> str:
    """The last exception that an import's report names, with the file that it is about where that is another one."""
    lines = [line for line in message.splitlines() if re.match(r"E?\s*[\w.]+(?:Error|Exception|Exit)\b", line)]
    said = lines[-1].removeprefix("E ").strip() if lines else _said(message)
    places = list(UNPARSED.finditer(message)) if said.startswith(UNPARSABLE) else []
    if not places or places[-1]["path"].replace("\\", "/").endswith(f"/{subject}"):
        return said
    # As much as Python itself says of it: the folder that the project lies in differs from machine to machine.
    *_, folder, name = ("", *re.split(r"[\\/]", places[-1]["path"]))
    shown = f"{folder}/{name}" if name == "__init__.py" else name
    return f"{said} ({shown}, line {places[-1]['line']})"


def _explained(evidence: TestsEvidence) -> bool:
    """Whether tests without an outcome are already accounted for: the run was cut short, or an option stopped it."""
    stopped = any(one.kind == "stops" for one in evidence.restrictions.items)
    failed = any(one.outcomes.bad + one.collection_errors for one in evidence.parts.items)
    return (stopped and failed) or any(one.exit_status in CUT_SHORT for one in evidence.parts.items)


def _deselected(evidence: TestsEvidence, unaccounted: int) -> Iterator[Finding]:
    deselecting = [one for one in evidence.restrictions.items if one.kind == "deselects"]
    stopping = [one for one in evidence.restrictions.items if one.kind == "stops"]
    taken, held = evidence.deselected.count, evidence.selected.count
    if taken or any(one.option == "--lf" for one in deselecting):
        options = selection.named(deselecting)
        more = ", and the files that it passed over" if any(one.option == "--lf" for one in deselecting) else ""
        message = f"{options} took out {taken:,} of {taken + held:,} tests{more}"
        yield finding(TESTS_DESELECTED, message, subject=options)
    if stopping and unaccounted and _explained(evidence):
        options = selection.named(stopping)
        yield finding(
            TESTS_DESELECTED, f"{options} ended the run before {unaccounted:,} of {held:,} tests", subject=options
        )


def _warned(evidence: TestsEvidence, limit: int | None) -> Iterator[Finding]:
    found = evidence.warnings.items
    total = sum(one.times for one in found)
    if limit == 0:
        for one in found:
            times = f" ({one.times:,} times)" if one.times > 1 else ""
            yield finding(
                TOO_MANY_WARNINGS,
                f"{one.category}: {_said(one.message)}{times}",
                path=one.path,
                line=one.line,
                subject=one.category,
                source=one.message,
            )
    elif limit is not None and total > limit:
        yield finding(TOO_MANY_WARNINGS, f"{total:,} warnings, and {limit:,} are allowed", subject="max-warnings")
    elif total and any(one.exit_status == MAX_WARNINGS for one in evidence.parts.items):
        message = f"{total:,} warnings, more than pytest's own max_warnings allows"
        yield finding(TOO_MANY_WARNINGS, message, subject="max_warnings")


def _measures(evidence: TestsEvidence, max_warnings: int | None) -> Iterator[Measure]:
    outcomes = [one.outcomes for one in evidence.parts.items]
    for name in ("passed", "failed", "error", "flaky", "skipped", "xfailed", "xpassed"):
        yield Measure(name=f"tests.{name}", value=sum(getattr(one, name) for one in outcomes), unit="tests")
    yield Measure(name="tests.deselected", value=evidence.deselected.count, unit="tests")
    yield Measure(
        name="tests.warnings",
        value=sum(one.times for one in evidence.warnings.items),
        unit="warnings",
        limit=max_warnings,
        limit_from=None if max_warnings is None else "setting:max-warnings",
        direction=None if max_warnings is None else "max",
    )
