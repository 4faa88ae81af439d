"""Known: which findings the committed baseline lists already, and which of its figures got worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from gates.config.baseline import Baseline, Figure, Known, name
from gates.model.account import BASELINE_OUTDATED, DENOMINATOR_SHRUNK, FIGURE_REGRESSED
from gates.model.decision import Decision
from gates.model.finding import CONTENT, Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.rule import UNLISTED, Rule
from gates.project.moves import Moves

Key: TypeAlias = tuple[str, str, str, str]
"""Path, rule, tool's rule and the first digits of the fingerprint: what a known finding is recognised by."""

PYTHON = (".py", ".pyi", ".ipynb")
ALIKE = 1e-9
"""Figures that differ by less than this part of the larger one are the same: decimals are not exact."""


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in which known findings are marked; `gone` are those of the baseline that were not found again.

    `moved` is how many were found again in a file that was renamed since.
    """

    decision: Decision
    gone: tuple[Known, ...] = ()
    moved: int = 0


def recognise(decision: Decision, baseline: Baseline, moves: Callable[[], Moves]) -> Recognised:
    """Mark as many findings as the baseline lists of each kind; one more than that is a new one.

    Waived findings are excused already and use up nothing. Renames are looked up only where something known is
    missing and something new is there.
    """
    left = {_key(one): one.count for one in baseline.known}
    held = [(at, item) for at, item in enumerate(decision.findings) if excusable(item)]
    known = set(_taken(left, [(at, _of(item, item.path)) for at, item in held]))
    moved: list[int] = []
    if len(known) < len(held) and any(left.values()):
        came_from = {new: old for old, new in moves().renamed.items()}
        fresh = [(at, item) for at, item in held if at not in known and item.path in came_from]
        moved = _taken(left, [(at, _of(item, came_from[item.path or ""])) for at, item in fresh])
        known.update(moved)
    findings = tuple(
        msgspec.structs.replace(item, baselined=True) if at in known else item
        for at, item in enumerate(decision.findings)
    )
    return Recognised(
        decision=msgspec.structs.replace(decision, findings=findings),
        gone=tuple(msgspec.structs.replace(one, count=left[_key(one)]) for one in baseline.known if left[_key(one)]),
        moved=len(moved),
    )


def excusable(item: Finding) -> bool:
    """Whether a baseline may list this finding: no waiver excuses it, and its rule is none that is never listed."""
    return item.waived_by is None and not item.rule.startswith(UNLISTED)


def listed(findings: Sequence[Finding]) -> tuple[Known, ...]:
    """Findings as a baseline lists them."""
    counts: dict[tuple[str | None, str, str | None, str], int] = {}
    for item in findings:
        kind = (item.path, item.rule, item.tool_rule, item.fingerprint)
        counts[kind] = counts.get(kind, 0) + 1
    return tuple(
        Known(path=path, rule=rule, tool_rule=tool_rule, fingerprint=digits, count=count)
        for (path, rule, tool_rule, digits), count in counts.items()
    )


def outdated(recognised: Recognised, baseline: Baseline) -> Iterator[Finding]:
    """One warning where the baseline lists what is gone, or what has moved."""
    gone = sum(one.count for one in recognised.gone)
    if gone:
        first = recognised.gone[0]
        example = f"{first.tool_rule or first.rule} in {first.path}" if first.path else first.tool_rule or first.rule
        message = f"{gone:,} of the {baseline.size:,} known findings of {baseline.gate} are gone, such as {example}"
        yield _about(BASELINE_OUTDATED, baseline, f"{message}: gates baseline {baseline.gate} --prune")
    elif recognised.moved:
        message = f"{recognised.moved:,} known findings of {baseline.gate} are in files that were renamed since"
        yield _about(BASELINE_OUTDATED, baseline, f"{message}: gates baseline {baseline.gate} --prune")


def regressed(measures: Sequence[Measure], baseline: Baseline) -> Iterator[Finding]:
    """A finding for each figure of the baseline that is worse now, or no longer measured."""
    now = {one.name: one.value for one in measures}
    for figure in baseline.figures:
        before = f"the baseline has {figure.value:g}"
        if figure.measure not in now:
            message = f"{figure.measure} is no longer measured; {before}"
        elif worse(now[figure.measure], figure):
            message = f"{figure.measure} is {now[figure.measure]:g}; {before}, and it may only get better"
        else:
            continue
        yield _about(FIGURE_REGRESSED, baseline, message, figure.measure)


def worse(value: float, figure: Figure) -> bool:
    """Whether a value is worse than the figure, in the direction in which the figure may not go."""
    difference = value - figure.value if figure.direction == "max" else figure.value - value
    return not difference <= ALIKE * max(abs(value), abs(figure.value))


def shrunk(now: Denominator, baseline: Baseline, deleted: Callable[[], int]) -> Iterator[Finding]:
    """A finding where less is judged than the baseline says, beyond what `deleted` files account for."""
    before = baseline.denominator
    if now.unit != before.unit:
        yield _about(
            DENOMINATOR_SHRUNK, baseline, f"{baseline.gate} counts {now.unit} now, and {before.unit} in its baseline"
        )
        return
    if now.count >= before.count:
        return
    allowed = deleted() if before.unit == "files" else 0
    if now.count < before.count - allowed:
        but = f", and {allowed:,} were deleted since" if allowed else ""
        yield _about(DENOMINATOR_SHRUNK, baseline, f"{baseline.gate} judged {now}; its baseline has {before}{but}")


def deleted_sources(moves: Moves) -> int:
    """How many Python files were deleted: only those may be missing from a count of files."""
    return sum(path.endswith(PYTHON) for path in moves.deleted)


def figures(measures: Sequence[Measure]) -> tuple[Figure, ...]:
    """The measures that have a better and a worse, as a baseline holds them."""
    return tuple(
        Figure(measure=one.name, value=float(one.value), direction=one.direction)
        for one in measures
        if one.direction is not None
    )


def _about(rule: Rule, baseline: Baseline, message: str, subject: str | None = None) -> Finding:
    about = f"{baseline.gate} {subject}" if subject else baseline.gate
    return finding(rule, message, path=name(baseline.gate), subject=about, source=rule.code)


def _key(one: Known) -> Key:
    return (one.path or "", one.rule, one.tool_rule or "", one.fingerprint[:CONTENT])


def _of(item: Finding, path: str | None) -> Key:
    return (path or "", item.rule, item.tool_rule or "", item.fingerprint[:CONTENT])


def _taken(left: dict[Key, int], keys: Sequence[tuple[int, Key]]) -> list[int]:
    """Those of the numbered keys that are left, each counted down as often as it occurs."""
    taken = []
    for at, key in keys:
        if left.get(key):
            left[key] -= 1
            taken.append(at)
    return taken
