"""Baselines: in what the committed baselines of the head allow more than those of the base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gates.builtin.policy.facts import Worse
from gates.config import baseline as committed
from gates.config.baseline import Baseline
from gates.model.finding import CONTENT


def worse(head: Path, base: Path, before: Iterable[str], now: Iterable[str]) -> Iterator[Worse]:
    """What got worse in the baselines of all gates; `before` and `now` are the gates that are judged on each side.

    A gate that was judged without a baseline had no finding that is known; one that was not judged may begin with any.

    Raises:
        BaselineError: one of the base cannot be read; of the head nothing is said, since the engine refuses it.
    """
    judged, still = set(before), set(now)
    for gate in sorted(judged):
        earlier = committed.read(base, gate)
        later = _readable(head, gate)
        if earlier is not None and later is None and gate in still:
            yield Worse(
                subject=f"baseline: {gate}",
                what=f"the baseline of {gate} is gone, and its figures with it",
                before="there",
                now="gone",
                place="",
            )
        elif later is not None:
            yield from _compared(earlier or Baseline(gate=gate, denominator=later.denominator), later)


def _readable(root: Path, gate: str) -> Baseline | None:
    try:
        return committed.read(root, gate)
    except committed.BaselineError:
        return None


def _compared(base: Baseline, head: Baseline) -> Iterator[Worse]:
    gate, place = head.gate, committed.name(head.gate)
    now = {one.measure: one for one in head.figures}
    for one in base.figures:
        later = now.get(one.measure)
        shown = "gone" if later is None else f"{later.value:g}"
        if later is None or (later.value < one.value if one.direction == "min" else later.value > one.value):
            yield Worse(
                subject=f"baseline: {gate} {one.measure}",
                what=f"the figure {one.measure} in the baseline of {gate} is worse",
                before=f"{one.value:g}",
                now=shown,
                place=place,
            )
    if head.denominator.count < base.denominator.count:
        yield Worse(
            subject=f"baseline: {gate} denominator",
            what=f"the denominator in the baseline of {gate} is smaller",
            before=str(base.denominator),
            now=str(head.denominator),
            place=place,
        )
    more = _counts(head) - _counts(base)
    added = sorted((rule, tool_rule or "", count) for (rule, tool_rule, _), count in more.items())
    totals: Counter[tuple[str, str]] = Counter()
    for rule, tool_rule, count in added:
        totals[rule, tool_rule] += count
    for (rule, tool_rule), count in sorted(totals.items()):
        named = tool_rule or rule
        yield Worse(
            subject=f"baseline: {gate} {named}",
            what=f"the baseline of {gate} knows more findings of {named}",
            before="none of them",
            now=f"{count} more",
            place=place,
        )


def _counts(held: Baseline) -> Counter[tuple[str, str | None, str]]:
    """How often each finding is known, whatever file it is in: so a rename changes nothing."""
    found: Counter[tuple[str, str | None, str]] = Counter()
    for one in held.known:
        found[one.rule, one.tool_rule, one.fingerprint[:CONTENT]] += one.count
    return found
