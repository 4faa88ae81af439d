"""Told: what there is to say of a run that was decided again, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gates.model.finding import Finding
from gates.record.replay import differences
from gates.record.replay.differences import Other

if TYPE_CHECKING:
    from gates.model.reason import Reason
    from gates.record.replay.replaying import Replay, Supposition

WORDS = {"passed": "passed", "failed": "FAILED", "undecided": "UNDECIDED"}
UNTOLD = "cannot be told"
MOST = 10
"""Findings of a kind that are shown unless all are wished for."""


def compared(found: Replay) -> Iterator[str]:
    """What is to be said of a replay."""
    yield _heading(found)
    yield from _aside(found.lost, found.notes)
    if found.lost:
        return
    count = len(found.report.gates)
    gates = "1 gate was" if count == 1 else f"{count} gates were"
    if found.same:
        yield f"the same: {gates} decided again, byte for byte as recorded"
        return
    yield f"differs: {gates} decided again, and not as recorded"
    for one in found.different:
        yield f"  {one.path or '(the whole)'}  recorded {one.recorded}, replayed {one.replayed}"


def answered(found: Supposition, asked: Sequence[str], *, whole: bool) -> Iterator[str]:
    """What would have been with what was `asked` for; with every finding where the `whole` is wished for."""
    yield _heading(found)
    yield from _aside(found.lost, found.notes)
    yield f"with {', '.join(asked)}:"
    yield from _verdicts(found)
    moved = differences.findings(found.before, found.report)
    lists = {
        "new": [_line(one.gate, one.finding, _excuse(one.finding)) for one in moved.new],
        "gone": [_line(one.gate, one.finding, _excuse(one.finding)) for one in moved.gone],
        "other": [_line(one.gate, one.after, ", ".join(_changes(one))) for one in moved.other],
    }
    for title, lines in lists.items():
        yield from _listed(title, lines, len(lines) if whole else MOST)
    was = found.run.end.verdict
    if found.lost:
        yield f"it {UNTOLD} what it would have been (exit 3); it was {was}"
    else:
        yield f"it would have been {found.report.verdict} (exit {found.report.exit_code}), and was {was}"


def _verdicts(found: Supposition) -> Iterator[str]:
    reasons = {one.key: one.reason for one in found.before.gates}
    width = max((len(one.key) for one in found.report.gates), default=0)
    for one in found.report.gates:
        lost = one.reason in found.lost
        now = UNTOLD if lost else WORDS[one.verdict]
        recorded = found.run.verdicts.get(one.key)
        then = now if recorded is None else WORDS[recorded]
        yield f"  {one.key:<{width}}  {now if now == then else f'{then} -> {now}'}"
        if one.reason is not None and not lost and one.reason != reasons[one.key]:
            yield f"  {'':<{width}}  {one.reason.code}: {one.reason.message}"


def _listed(title: str, lines: Sequence[str], most: int) -> Iterator[str]:
    if not lines:
        return
    count = len(lines)
    yield f"{title}: 1 finding" if count == 1 else f"{title}: {count:,} findings"
    yield from lines[:most]
    if count > most:
        yield f"  + {count - most:,} more; -vv shows all"


def _line(gate: str, item: Finding, aside: str) -> str:
    place = "" if item.path is None else f"{item.path}{'' if item.line is None else f':{item.line}'}  "
    return f"  {gate}  {place}{item.rule} {item.name}: {item.message}{f' ({aside})' if aside else ''}"


def _excuse(item: Finding) -> str:
    return item.waived_by or ("in the baseline" if item.baselined else "")


def _changes(one: Other) -> Iterator[str]:
    """How a finding is other than it was, a clause each."""
    before, after = one.before, one.after
    if before.severity != after.severity:
        yield f"{before.severity} -> {after.severity}"
    if before.waived_by != after.waived_by:
        yield f"waived: {after.waived_by}" if after.waived_by else "waived no more"
    if before.baselined != after.baselined:
        yield "in the baseline" if after.baselined else "in the baseline no more"
    if before.message != after.message:
        yield f"was: {before.message}"


def _heading(found: Replay | Supposition) -> str:
    run = found.run
    at = run.start.at.partition(".")[0].replace("T", " ")
    return f"{run.run}  gates {run.start.command} of {at} UTC, {run.end.verdict} (exit {run.end.exit_code})"


def _aside(lost: tuple[Reason, ...], notes: tuple[str, ...]) -> Iterator[str]:
    for one in lost:
        yield f"cannot tell: {one.code}: {one.message}; to collect it anew: {one.fix}"
    for note in notes:
        yield f"note: {note}"
