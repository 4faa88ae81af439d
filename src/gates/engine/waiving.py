"""Waiving: which findings a waiver excuses, and what is to be said of each waiver."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from gates.model.account import WAIVER_EXPIRED, WAIVER_UNUSED
from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.gate import Gate
from gates.model.rule import Rule
from gates.model.waiver import State, Waiver, WaiverReport


class Waiving(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions with `waived_by` set, and for each waiver how many findings match it."""

    decisions: Mapping[str, Decision]
    matches: tuple[int, ...]


def apply(decisions: Mapping[str, Decision], waivers: Sequence[Waiver], today: date) -> Waiving:
    """Excuse what a waiver names that is not over on `today` (UTC); the first one that matches is named.

    Findings of rules that cannot be waived stay as they are, whatever a waiver says.
    """
    if not waivers:
        return Waiving(decisions=decisions, matches=())
    counts = [0] * len(waivers)
    by_rule: dict[str, list[int]] = {}
    for at, waiver in enumerate(waivers):
        by_rule.setdefault(waiver.rule, []).append(at)

    def judged(item: Finding) -> Finding:
        named = sorted(at for rule in (item.rule, item.name, item.tool_rule) for at in by_rule.get(rule or "", ()))
        found = [at for at in named if matches(item, waivers[at])]
        for at in found:
            counts[at] += 1
        excusing = next((waivers[at] for at in found if not waivers[at].over(today)), None)
        return item if excusing is None else msgspec.structs.replace(item, waived_by=excusing.label)

    settled = {
        name: msgspec.structs.replace(one, findings=tuple(map(judged, one.findings))) for name, one in decisions.items()
    }
    return Waiving(decisions=settled, matches=tuple(counts))


def matches(item: Finding, waiver: Waiver) -> bool:
    """Whether the waiver names this finding's rule (ours, by code or name, or the tool's) and its subject or an alias.

    A glob is one of `gates.project.tree`: `*` stays inside a folder, `**` crosses folders, and brackets are brackets.
    """
    if waiver.rule not in {item.rule, item.name, item.tool_rule} or item.rule.startswith("POL"):
        return False
    wanted = waiver.subject
    aliases = item.aliases or ()
    if wanted in {"**", item.fingerprint, item.subject, item.path, *aliases}:
        return True
    glob = _compiled(wanted)
    return any(text is not None and glob.fullmatch(text) for text in (item.path, item.subject))


@lru_cache(maxsize=512)
def _compiled(glob: str) -> re.Pattern[str]:
    from gates.project.tree import translate

    return re.compile(translate(glob), re.DOTALL)


def concerned(waiver: Waiver, gates: Mapping[str, Gate[Any, Any]]) -> tuple[str, ...]:
    """The gates whose findings the waiver may name: those of its rule, else of its tool, else all."""
    owners = [name for name, gate in gates.items() if any(waiver.rule in {rule.code, rule.name} for rule in gate.rules)]
    tool = waiver.rule.partition(":")[0]
    return tuple(owners or [name for name, gate in gates.items() if tool in gate.tools] or gates)


def reports(
    waivers: Sequence[Waiver],
    matched: Sequence[int],
    today: date,
    whole: Callable[[Waiver], bool],
    where: Callable[[int], tuple[str | None, int | None]],
) -> tuple[WaiverReport, ...]:
    """What has become of each waiver, in the order in which they are written.

    `whole` says whether every gate that a waiver may concern was decided over the whole project, `where` at which
    path and line the waiver of an index is written.
    """
    found = []
    for index, (one, count) in enumerate(zip(waivers, matched, strict=True)):
        path, line = where(index)
        found.append(
            WaiverReport(
                **msgspec.structs.asdict(one),
                state=_state(one, count, today, whole),
                uses=count,
                path=path,
                line=line,
                label=one.label,
            )
        )
    return tuple(found)


def _state(waiver: Waiver, count: int, today: date, whole: Callable[[Waiver], bool]) -> State:
    if waiver.over(today):
        return "expired"
    if not count and whole(waiver):
        return "unused"
    if waiver.ends_soon(today):
        return "expiring"
    return "active" if count else "not_judged"


def faults(waivers: Sequence[WaiverReport]) -> Iterator[Finding]:
    """A finding for each waiver that is over or excuses nothing."""
    for one in waivers:
        shown = f"the waiver of {one.rule} {one.subject} ({one.owner})"
        if one.state == "expired":
            held = "1 finding matches" if one.uses == 1 else f"{one.uses:,} findings match"
            yield _fault(WAIVER_EXPIRED, one, f"{shown} ended on {one.expires.isoformat()}; {held} it")
        elif one.state == "unused":
            yield _fault(WAIVER_UNUSED, one, f"{shown} excuses nothing: no finding matches it")


def _fault(rule: Rule, one: WaiverReport, message: str) -> Finding:
    return finding(
        rule, message, path=one.path, line=one.line, subject=f"{one.rule} {one.subject}", source=one.expires.isoformat()
    )
