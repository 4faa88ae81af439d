"""Findings: grouped by rule, those that count first, as many as fit, and how many were cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.model.finding import Finding
from gates.render import summary

if TYPE_CHECKING:
    from gates.model.report import GateReport
    from gates.model.rule import Rule

FIRST = 10
"""Findings of a rule that are seen at once; the others are folded."""

PER_RULE = 100
"""Findings of a rule that are in the page."""

MOST = 2000
"""Findings in the page."""

LONGEST = 1000
"""Characters of one message."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One finding; `excuse` says why it does not count."""

    place: str
    message: str
    excuse: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one rule; `cut` more are not in the page."""

    title: str
    rule: str
    severity: str
    count: int
    summary: str
    fix: str
    first: tuple[Line, ...]
    folded: tuple[Line, ...]
    cut: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of a gate: those that make it fail, and the others."""

    blocking: tuple[Group, ...]
    others: tuple[Group, ...]
    excused: tuple[Group, ...]
    left: int
    cut: int


class Room:
    """How many findings still fit into the page."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        """An empty page; `rules` say what mends a finding."""
        self.rules = rules
        self.left = MOST

    def found(self, gate: GateReport) -> Found:
        """The findings of a gate, as many as there is room for."""
        free = [one for one in gate.findings if not summary.excused(one)]
        parts = (
            [one for one in free if one.blocks],
            [one for one in free if not one.blocks],
            [one for one in gate.findings if summary.excused(one)],
        )
        taken = [self._groups(part) for part in parts]
        left = sum(number for _, number in taken)
        cut = left + sum(group.cut for groups, _ in taken for group in groups)
        return Found(blocking=taken[0][0], others=taken[1][0], excused=taken[2][0], left=left, cut=cut)

    def _groups(self, found: Iterable[Finding]) -> tuple[tuple[Group, ...], int]:
        """Groups, and how many findings are in none since the page is full."""
        groups: list[Group] = []
        lost = 0
        for held in summary.by_rule(found):
            if self.left:
                groups.append(self._group(held))
            else:
                lost += len(held)
        return tuple(groups), lost

    def _group(self, held: Sequence[Finding]) -> Group:
        shown = held[: min(PER_RULE, self.left)]
        self.left -= len(shown)
        first, rule = held[0], self.rules.get(held[0].rule)
        lines = tuple(map(line, shown))
        return Group(
            title=summary.clip(first.tool_rule or first.name, 200),
            rule=summary.clip(first.rule if first.tool_rule is None else f"{first.rule} {first.name}", 200),
            severity=first.severity,
            count=len(held),
            summary="" if rule is None else rule.summary,
            fix="" if rule is None else rule.fix,
            first=lines[:FIRST],
            folded=lines[FIRST:],
            cut=len(held) - len(shown),
        )


def line(item: Finding) -> Line:
    """A finding as it is shown."""
    return Line(
        place=summary.clip(summary.place(item, column=item.end_line is None), 300),
        message=summary.clip(item.message, LONGEST),
        excuse=summary.clip(summary.excused(item), 300),
    )
