"""Decide: mypy's errors are findings, if its lines, its summary and its exit code agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from gates.builtin.types.facts import Fault, Run, TypesEvidence
from gates.builtin.types.rules import CHECK_BLOCKED, TYPE_ERROR
from gates.model.decision import Decision
from gates.model.finding import Finding, finding, place
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason

ADDED = "tests"
"""What a run is called that checks tests which the configured targets leave out."""

HINT = "(gates adds tests that the configured targets leave out; `tests = false` in [tool.gates.types] stops that)"
CHOOSE = "set `files` under [tool.mypy], or `paths` in [tool.gates.types]"
CODES = {"success": 0, "errors": 1, "blocked": 2}


def decide(evidence: TypesEvidence) -> Decision:
    """Findings over the source files that mypy checked and whose errors it reports."""
    runs = evidence.runs.items
    denominator = Denominator(count=sum(run.judged for run in runs), unit="files")
    for run in runs:
        if not _agrees(run):
            return Decision(denominator=denominator, reason=_contradiction(run))
    findings = _told_once(runs)
    muted = sum(run.muted for run in runs)
    return Decision(
        denominator=denominator,
        findings=tuple(findings),
        measures=(Measure(name="types.muted", value=muted, unit="files"),) if muted else (),
        reason=unusable_setting(evidence.faults.items) or _nothing_examined(runs, evidence),
    )


def _told_once(runs: Sequence[Run]) -> list[Finding]:
    """The findings in order; two runs report an error twice that both come upon.

    The first one that only the added tests have says why: whoever runs mypy alone does not see it.
    """
    own = {place(item): item for run in runs if run.what != ADDED for item in _findings(run)}
    added = {place(item): item for run in runs if run.what == ADDED for item in _findings(run)}
    fresh = sorted(added.keys() - own.keys())
    if fresh:
        first = added[fresh[0]]
        # In the first line, which is all that a terminal shows of a message.
        message, *more = first.message.split("\n")
        added[fresh[0]] = msgspec.structs.replace(first, message="\n".join((f"{message} {HINT}", *more)))
    found = {**added, **own}
    return [found[key] for key in sorted(found)]


def _findings(run: Run) -> Iterator[Finding]:
    rule = CHECK_BLOCKED if run.summary == "blocked" else TYPE_ERROR
    for problem in run.problems.items:
        yield finding(
            rule,
            "\n".join((problem.message, *problem.hints.items)),
            path=problem.path,
            line=problem.line,
            column=problem.column,
            tool_rule=None if problem.code is None or rule is CHECK_BLOCKED else f"mypy:{problem.code}",
            source=problem.source or problem.message,
        )


def _agrees(run: Run) -> bool:
    return (
        run.code == CODES[run.summary]
        and run.errors == run.problems.count
        and (run.errors > 0) == (run.summary != "success")
        and run.checked == run.judged + run.muted
        and (run.checked > 0) == (run.summary != "blocked")
    )


def _contradiction(run: Run) -> Reason:
    return Reason(
        code="unparsable_output",
        message=(
            f"mypy ({run.what}) contradicts itself: exit code {run.code}, its last line says {run.summary} with"
            f" {run.errors:,} errors in {run.checked:,} checked files, and it printed {run.problems.count:,} errors"
        ),
        fix="gates check types -v",
    )


def unusable_setting(faults: Sequence[Fault]) -> Reason | None:
    """The reason that names the first setting which mypy went on without; None if there is none."""
    if not faults:
        return None
    first = faults[0]
    where = first.path if first.line is None else f"{first.path}:{first.line}"
    more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
    return Reason(
        code="tool_config_invalid",
        message=f"mypy cannot use a setting at {where} and went on without it: {first.message}{more}",
        fix=f"edit {where}",
    )


def _nothing_examined(runs: tuple[Run, ...], evidence: TypesEvidence) -> Reason | None:
    checked = sum(run.checked for run in runs)
    if any(run.judged for run in runs) or any(run.summary == "blocked" for run in runs):
        return None
    if checked:
        files = Denominator(count=checked, unit="files")
        message = f"mypy checked {files} and ignores every error in there, by its configuration or by comments"
        place = f"`ignore_errors` out of {evidence.configuration}, " if evidence.configuration else ""
        fix = f"take {place}`# mypy: ignore-errors` and `# type: ignore` out of the tops of files"
        return Reason(code="nothing_examined", message=message, fix=fix)
    return Reason(
        code="nothing_examined",
        message="mypy checked no file",
        fix=CHOOSE,
    )
