"""Waivers: the words that several formats share for what is excused, by whom and until when."""

from __future__ import annotations

from gates.model.report import Report
from gates.model.waiver import WaiverReport
from gates.render import escape, summary


def line(report: Report) -> str:
    """`waivers: 3 excuse 12 findings, 1 ends soon (gates list --expiring)`, or nothing where there are none."""
    if not report.waivers:
        return ""
    excused_now = sum(item.waived_by is not None for gate in report.gates for item in gate.findings)
    verb = "excuses" if len(report.waivers) == 1 else "excuse"
    text = f"waivers: {len(report.waivers):,} {verb} {summary.plural(excused_now, 'finding')}"
    soon = len(expiring(report))
    return text if not soon else f"{text}, {soon:,} {'ends' if soon == 1 else 'end'} soon (gates list --expiring)"


def expiring(report: Report) -> list[WaiverReport]:
    """The waivers that still apply and are about to end."""
    return [one for one in report.waivers if one.state == "expiring"]


def ending(one: WaiverReport) -> str:
    """`the waiver of LNT001 src/** (platform) ends on 2026-12-31`."""
    return escape.line(f"the waiver of {one.rule} {one.subject} ({one.owner}) ends on {one.expires.isoformat()}")


def shown(one: WaiverReport) -> str:
    """`LNT001 src/** until 2026-12-31 (platform), active, 3 findings: reason`."""
    state = one.state.replace("_", " ")
    text = f"{one.rule} {one.subject} until {one.expires.isoformat()} ({one.owner}), {state}, "
    return escape.line(f"{text}{summary.plural(one.uses, 'finding')}: {one.reason}")


def written(one: WaiverReport) -> str:
    """Where a waiver is written: `pyproject.toml:31`, or nothing where that is not known."""
    if not one.path:
        return ""
    return escape.line(one.path if one.line is None else f"{one.path}:{one.line}")
