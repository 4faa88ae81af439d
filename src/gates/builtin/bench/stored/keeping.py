"""Keeping: what `gates baseline bench` puts into the history, and what keeps it from doing so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

import msgspec

from gates.builtin.bench import rules
from gates.builtin.bench.facts import BenchEvidence, Benchmark, Machine
from gates.builtin.bench.settings import BenchSettings
from gates.builtin.bench.stored import history
from gates.builtin.bench.stored.history import Process, Run
from gates.model.evidence import Refusal
from gates.model.keeping import Keeping, Wish
from gates.model.reason import Reason
from gates.project.git import STATE

WORSE = frozenset(rule.code for rule in (rules.REGRESSED, rules.GONE, rules.DISABLED, rules.ERRORED))
"""What would be forgotten if today's figures were written over it. A budget is not: it is no figure of the history."""

DIGITS = 6
"""Digits that are kept of a time; processes differ in the third."""


def keeps(evidence: BenchEvidence, wish: Wish[BenchSettings]) -> Keeping:
    """The history with a run more for each machine that today's figures are of; with `prune`, without what is gone.

    A benchmark that is new, inconclusive, over its budget, or that the history knows of another machine only, does not
    keep its figures out: they are what is missing. Figures that the history has already are not written twice.
    """
    name = wish.settings.history
    runs = history.read(wish.project.root, name)
    if isinstance(runs, Refusal):
        return Keeping(reason=runs.reason)
    if wish.prune:
        return _pruned(evidence, runs, name)
    worse = () if wish.force else tuple(_worse(wish))
    alarmed = [item for item in wish.report.findings if item.rule == rules.CONTROL.code]
    if worse or (alarmed and not wish.force):
        reason = (
            None if worse else Reason(code="evidence_incomplete", message=alarmed[0].message, fix=rules.CONTROL.fix)
        )
        return Keeping(worse=worse, reason=reason)
    today = tuple(_today(evidence, wish))
    if not today:
        message = "no benchmark has figures of head"
        return Keeping(reason=Reason(code="nothing_examined", message=message, fix="gates check bench"))
    fresh = [run for run in today if not any(_same(run, old) for old in runs)]
    if not fresh:
        return Keeping(notes=("the history has these figures already; gates check bench --no-cache measures anew",))
    return Keeping(files={name: history.encode(history.capped((*runs, *fresh)))}, notes=tuple(_said(runs, fresh)))


def _worse(wish: Wish[BenchSettings]) -> Iterator[str]:
    for item in wish.report.findings:
        if item.blocks and item.rule in WORSE:
            yield f"{item.rule} {item.message}"


def _today(evidence: BenchEvidence, wish: Wish[BenchSettings]) -> Iterator[Run]:
    """A run for each machine that there are figures of."""
    of = {name: file.machine for file in evidence.files.items for name in file.benchmarks.items}
    found: dict[Machine, dict[str, tuple[Process, ...]]] = {}
    for one in evidence.benchmarks.items:
        if processes := tuple(_processes(one)):
            found.setdefault(of.get(one.id, evidence.machine), {})[one.id] = processes
    commit = _commit(wish)
    date = wish.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    slower = {item.subject for item in wish.report.findings if item.rule == rules.REGRESSED.code}
    for machine, benchmarks in found.items():
        anew = tuple(sorted(name for name in benchmarks if name in slower))
        yield Run(commit=commit, date=date, machine=machine, benchmarks=benchmarks, anew=anew)


def _commit(wish: Wish[BenchSettings]) -> str | None:
    """The commit that was measured, with `+` where something differs from it beside the figures themselves."""
    git = wish.project.git
    if git is None or git.head is None:
        return None
    own = [name for name in (wish.settings.history, *wish.settings.data) if history.is_inside(name)]
    left_out = (f":(top,exclude,glob)**/{STATE}/**", *(f":(exclude,glob){name}" for name in own))
    status = git.run("status", "--porcelain", "--no-renames", "--untracked-files=all", "--", ":/", *left_out)
    return git.head + ("+" if status else "")


def _processes(one: Benchmark) -> Iterator[Process]:
    if any(problem.side == "head" for problem in one.problems.items):
        return
    for pair in one.pairs.items:
        if pair.head.items:
            least = min(*pair.head.items, pair.median)
            yield Process(_short(least), _short(max(pair.median, least)), _short(max(pair.p95, pair.median)))


def _short(time: float) -> float:
    return float(f"{time:.{DIGITS}g}")


def _same(run: Run, old: Run) -> bool:
    return run.machine == old.machine and run.benchmarks == old.benchmarks


def _said(runs: Sequence[Run], fresh: Sequence[Run]) -> Iterator[str]:
    for run in fresh:
        before = sum(old.machine == run.machine for old in runs)
        others = sum(old.machine != run.machine for old in runs)
        also = f"; those of other machines stay as they are ({others})" if others else ""
        number = min(before + 1, history.KEPT)
        yield f"run {number} of this machine, with {_many(len(run.benchmarks))}{also}"


def _many(count: int) -> str:
    return f"{count} benchmark{'' if count == 1 else 's'}"


def _pruned(evidence: BenchEvidence, runs: Sequence[Run], name: str) -> Keeping:
    """The runs of all machines without benchmarks that are not there any more."""
    there = {*evidence.head_ids.items, *(one.id for one in evidence.benchmarks.items if _is_hidden(one))}
    if not runs:
        return Keeping(notes=("bench has no history to prune",))
    gone = {each for run in runs for each in run.benchmarks} - there
    if not there or not gone:
        return Keeping(notes=("the history has no benchmark that is gone",))
    left = (
        msgspec.structs.replace(run, benchmarks={each: one for each, one in run.benchmarks.items() if each in there})
        for run in runs
    )
    after = [run for run in left if run.benchmarks]
    return Keeping(files={name: history.encode(after)}, notes=(f"took out {', '.join(sorted(gone))}",))


def _is_hidden(one: Benchmark) -> bool:
    """Whether nobody knows if head has it, as something kept it from being found."""
    return any(problem.side == "head" and problem.kind != "left" for problem in one.problems.items)
