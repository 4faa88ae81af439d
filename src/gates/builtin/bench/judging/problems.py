"""Problems: what a benchmark that has no figures of a side means, side by side."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from gates.builtin.bench.facts import BenchEvidence, Benchmark, Kind, Problem, Side
from gates.builtin.bench.judging import words
from gates.builtin.bench.rules import DISABLED, ERRORED, GONE, INCONCLUSIVE, NEW
from gates.model.finding import Finding, finding
from gates.model.rule import Rule

HAPPENED: Mapping[Kind, str] = {
    "crashed": "took its process down",
    "disabled": "ran and was not timed",
    "errored": "raised",
    "forked": "let a copy of its process go on",
    "hung": "was not done in time",
    "idle": "asked for `benchmark` and never called it",
    "left": "was a benchmark and is not there any more",
    "missing": "was collected and never reported",
    "moved": "left the current directory changed",
    "new": "can run only with what head has",
    "skipped": "was skipped",
    "unlisted": "could not be collected",
}

OF_HEAD: Mapping[Kind, Rule] = {
    "disabled": DISABLED,
    "idle": DISABLED,
    "left": GONE,
    "new": NEW,
    "skipped": DISABLED,
}
"""The rule that a problem of head is one of; every other problem is an error."""

APART = "what only head can import belongs into a file of its own"

HARMLESS = ("moved", "new")
"""Kinds that take nothing from the figures of head."""


def standing(one: Benchmark) -> Rule | None:
    """The rule that a benchmark is a finding of instead of being compared, or None where it can be.

    What is wrong at head counts first; what only base cannot run has nothing to be compared with, unless base did run
    it for a while, which is no verdict; what went wrong with the control alone takes nothing from the other two.
    """
    head, base = _of(one, "head"), _of(one, "base")
    if head:
        return next((rule for problem in head if (rule := _rule(problem)) is not NEW), NEW)
    if base:
        ran = any(pair.base.count for pair in one.pairs.items)
        return INCONCLUSIVE if ran and not any(problem.kind == "new" for problem in base) else NEW
    return None


def _rule(problem: Problem) -> Rule:
    return OF_HEAD.get(problem.kind, ERRORED)


def _of(one: Benchmark, side: Side) -> list[Problem]:
    return [problem for problem in one.problems.items if problem.side == side and problem.kind != "moved"]


def findings(evidence: BenchEvidence, called: Mapping[str, str]) -> Iterator[Finding]:
    """A finding for each benchmark that cannot be compared, and in stored mode for each that only the history has."""
    known = frozenset(evidence.base_ids.items)
    fresh = sorted(set(evidence.head_ids.items) - known)
    left = [one.id for one in evidence.benchmarks.items if standing(one) is GONE]
    for one in evidence.benchmarks.items:
        rule = standing(one)
        if rule is not None:
            message = f"{called[one.id]} {_said(one, rule)}"
            if rule is GONE:
                message += renamed(one.id, fresh, left)
            lost = rule is NEW and one.id in known
            message += f", though base has it: {APART}" if lost else ""
            found = finding(rule, message, path=one.path, line=one.line, subject=one.id, source=rule.code)
            yield msgspec.structs.replace(found, severity="error") if lost else found
    yield from _forgotten(evidence)


def _forgotten(evidence: BenchEvidence) -> Iterator[Finding]:
    if evidence.mode != "stored":
        return
    known, there = {one.id for one in evidence.history.items}, set(evidence.head_ids.items)
    gone = sorted(known - there - {one.id for one in evidence.benchmarks.items})
    fresh = sorted(there - known)
    for one in gone:
        message = f"{words.bare(one)} is in the history and is not there any more{renamed(one, fresh, gone)}"
        yield finding(GONE, message, path=one.partition("::")[0] or None, subject=one, source=GONE.code)


def _said(one: Benchmark, rule: Rule) -> str:
    head, base = _of(one, "head"), _of(one, "base")
    if head:
        worst = next((problem for problem in head if _rule(problem) is rule), head[0])
        both = any(problem.kind == worst.kind for problem in base)
        where = "" if worst.kind == "left" else " at base and at head" if both else " at head"
        return f"{_clause(worst, where)}{_alone(one) if rule is ERRORED else ''}"
    if rule is NEW:
        return f"has nothing to be compared with: it {_clause(base[0], ' at base')}"
    ran = sum(bool(pair.base.count) for pair in one.pairs.items)
    return f"{_clause(base[0], ' at base')}, after {words.count(ran, 'process pair')}, so that nothing is known of it"


def _clause(problem: Problem, where: str) -> str:
    message = words.first_line(problem.message)
    return f"{HAPPENED[problem.kind]}{where}{f': {message}' if message else ''}"


def _alone(one: Benchmark) -> str:
    return f" (pytest {shlex.quote(one.id)})" if one.kind == "test" else ""


def renamed(one: str, fresh: Sequence[str], gone: Sequence[str]) -> str:
    """`; test_b appeared, which may be it under a new name`, or nothing where nothing appeared that is like it."""
    import difflib

    near = difflib.get_close_matches(words.bare(one), [words.bare(new) for new in fresh], 1)
    if not near and len(fresh) == len(gone) == 1:
        near = [words.bare(fresh[0])]
    if not near:
        return ""
    found = next(new for new in fresh if words.bare(new) == near[0])
    new = near[0] if near[0] != words.bare(one) else found
    return f"; {new} appeared, which may be it under a new name"


def notes(evidence: BenchEvidence, called: Mapping[str, str]) -> Iterator[str]:
    """What changes no verdict: benchmarks that leave another current directory, and controls that could not run."""
    for one in evidence.benchmarks.items:
        moved = [problem for problem in one.problems.items if problem.kind == "moved"]
        if moved:
            message = words.first_line(moved[0].message)
            yield f"{called[one.id]} {HAPPENED['moved']}{f': {message}' if message else ''}"
        control = _of(one, "control")
        if control and standing(one) is None:
            yield f"{called[one.id]} has no control: base, run once more, {_clause(control[0], '')}"
