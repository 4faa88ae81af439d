"""Words: the verdict as heading and sentence, and how the page calls a gate."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gates.errors import INTERNAL
from gates.render import summary

if TYPE_CHECKING:
    from gates.model.report import GateReport, Report
    from gates.model.section import Standing

NOTHING = "Nothing was judged"
WORDS = {"passed": "Passed", "failed": "Failed", "undecided": "Undecided"}
LONGEST = 1000
"""Characters of one text that are shown."""


def clip(text: str) -> str:
    """The text, as much of it as is shown."""
    return summary.clip(text, LONGEST)


def named(gate: GateReport) -> str:
    """The name of a gate, with its project in a workspace."""
    return summary.clip(summary.label(gate), 200)


def again(gate: GateReport) -> str:
    """The command that judges one gate by itself."""
    return f"gates check {gate.name}" + ("" if gate.project in {"", "."} else f" --package {shlex.quote(gate.project)}")


def headline(report: Report) -> tuple[str, Standing]:
    """The verdict in a word or two, and how it is meant."""
    if report.error is not None:
        return ("Internal error" if report.exit_code == INTERNAL else "Error"), "failed"
    if report.nothing_judged:
        return NOTHING, "undecided"
    verdict = "undecided" if report.verdict == "passed" and report.exit_code != 0 else report.verdict
    return WORDS[verdict], verdict


def sentence(report: Report) -> str:
    """The verdict in one sentence that counts."""
    if report.error is not None:
        return clip(summary.error_line(report.error, report.exit_code).partition(": ")[2])
    if report.nothing_judged:
        empty = summary.unjudged(report)
        where = f"in {', '.join(empty)}" if empty else "to this project"
        return clip(f"No gate applied {where}, so nobody knows whether it is well.")
    count = {verdict: sum(one.verdict == verdict for one in report.gates) for verdict in WORDS}
    allowed = sum(one.allowed_undecided and one.verdict == "undecided" for one in report.gates)
    of = f"of {summary.plural(len(report.gates), 'gate')}"
    said = [f"{count['failed']:,} {of} failed"] if count["failed"] else []
    if count["undecided"]:
        said.append(f"{count['undecided']:,} {'' if said else of + ' '}could not decide")
    if not said:
        several = len(report.gates) > 1
        said = [f"All {len(report.gates):,} judged gates passed" if several else "The one judged gate passed"]
    excuse = f" ({allowed:,} of them allowed to)" if allowed else ""
    empty = summary.unjudged(report)
    missing = f"; nothing was judged in {', '.join(empty)}" if empty else ""
    code = f"; the exit code is {report.exit_code}" if not _is_plain(report) else ""
    return clip(f"{', '.join(said)}{excuse}{missing}{code}.")


def _is_plain(report: Report) -> bool:
    return {0: "passed", 1: "failed", 3: "undecided"}.get(report.exit_code) == report.verdict
