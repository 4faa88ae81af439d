"""Ratchet: the baseline that today's findings and figures make, and what of it is worse than the committed one."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gates.config.baseline import Baseline
from gates.engine import known
from gates.model.decision import Decision
from gates.model.finding import Finding
from gates.model.measure import Denominator
from gates.model.report import GateReport
from gates.project.moves import Moves


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline to write, and a sentence for everything in it that is worse than in the one that is there."""

    baseline: Baseline
    worse: tuple[str, ...] = ()
    new_findings: tuple[Finding, ...] = ()


def today(report: GateReport) -> Baseline:
    """The baseline of a decided gate as it stands: what would block, its figures, and its denominator."""
    return Baseline(
        gate=report.name,
        denominator=report.denominator or Denominator(count=0, unit="files"),
        figures=known.figures(report.measures),
        known=known.listed([item for item in report.findings if item.blocks and known.excusable(item)]),
    )


def proposed(report: GateReport, old: Baseline, moves: Callable[[], Moves]) -> Proposal:
    """Today's baseline of a decided gate, compared with `old`; the report is one without a baseline applied."""
    new = today(report)
    recognised = known.recognise(_decision(report), old, moves)
    fresh = tuple(item for item in recognised.decision.findings if item.blocks and known.excusable(item))
    faults = [
        *known.regressed(report.measures, old),
        *known.shrunk(new.denominator, old, lambda: known.deleted_sources(moves())),
    ]
    return Proposal(baseline=new, worse=tuple(item.message for item in faults), new_findings=fresh)


def pruned(report: GateReport, old: Baseline, moves: Callable[[], Moves]) -> Baseline:
    """`old` without what is gone and at the paths where its files are now; nothing is added to it.

    A denominator that shrank by deleted files is written as it is now: they are counted from the commit that last
    changed the baseline, which is the one that this goes into.
    """
    findings = known.recognise(_decision(report), old, moves).decision.findings
    over, now = old.denominator, today(report).denominator
    if now.count < over.count and not list(known.shrunk(now, old, lambda: known.deleted_sources(moves()))):
        over = now
    listed = known.listed([item for item in findings if item.baselined])
    return msgspec.structs.replace(old, denominator=over, known=listed)


def _decision(report: GateReport) -> Decision:
    return Decision(denominator=Denominator(count=0, unit="files"), findings=report.findings)
