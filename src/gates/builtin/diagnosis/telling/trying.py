"""Trying: a test in the base and in circumstances that were named, three times each, and whether it flips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gates.builtin.diagnosis.factors import settled
from gates.builtin.diagnosis.telling import selection, words
from gates.builtin.diagnosis.trial import BAD, Laboratory, Ran, Result, Trial, trial
from gates.model.decision import Verdict
from gates.model.diagnosis import SCHEMA_VERSION, Reproduction, TriedRun

TIMES = 3
WHOLE = frozenset({"order", "parallel"})
"""Factors that mean nothing to a test by itself: unless the tests before it are named, the whole suite runs."""


def tried(
    laboratory: Laboratory, nodeid: str, settings: Mapping[str, str], after: Sequence[str], say: Callable[[str], None]
) -> Reproduction:
    """How the test ended in each run, and what follows.

    Raises:
        UsageError: there is no such test, or none of those that are to run before it.
    """
    _known(laboratory, (nodeid, *after))
    whole = not after and not WHOLE.isdisjoint(name for name, _ in settled(settings))
    base: tuple[str, ...] = () if whole else (nodeid,)
    other: tuple[str, ...] = () if whole else (*after, nodeid)
    say(f"{TIMES} runs in the base, {TIMES} {words.circumstances(dict(settled(settings))) or 'after the tests named'}")
    wanted: list[Trial] = [trial(base, number=number) for number in range(TIMES)]
    wanted += [trial(other, settings, number=number) for number in range(TIMES)]
    ran = laboratory.run(wanted)
    before, there = ran[:TIMES], ran[TIMES:]
    verdict, why = _judged(before, there, nodeid)
    return Reproduction(
        schema_version=SCHEMA_VERSION,
        verdict=verdict,
        nodeid=nodeid,
        settings=dict(sorted(settings.items())),
        after=tuple(after),
        reason=why,
        runs=tuple(
            TriedRun(where="base" if at < TIMES else "tried", ended=one.ended, message=one.message)
            for at, one in enumerate(each.of(nodeid) for each in ran if each.status == "done")
        ),
    )


def _known(laboratory: Laboratory, names: Sequence[str]) -> None:
    """Refuse a name that no test has; asked of one run, as a test is often tried that others of its file are not."""
    (ran,) = laboratory.run([trial(names)])
    there = {one.nodeid for one in ran.results if one.ended != "missing"}
    if ran.status == "done" and not set(names) <= there:
        found = selection.collected(laboratory)
        for one in names:
            if not found.reason and one not in found.tests:
                raise selection.unknown(one, found.tests)


def _judged(before: Sequence[Ran], there: Sequence[Ran], nodeid: str) -> tuple[Verdict, str]:
    for one in (*before, *there):
        if one.status != "done":
            return "undecided", one.reason or "a run gave no answer"
        for factor, why in sorted(one.missed.items()):
            return "undecided", f"{factor} was not applied: {why}"
    base, other = [one.of(nodeid) for one in before], [one.of(nodeid) for one in there]
    if any(one.own for one in other):
        return "undecided", f"it fails by the circumstances themselves: {_first(other, own=True)}"
    if any(one.ended == "skipped" for one in (*base, *other)):
        return "undecided", "it is skipped, and a skip is no failure"
    ends = sorted({words.ends(one.ended) for one in other if one.ended in BAD})
    bad = [sum(one.ended in BAD for one in each) for each in (base, other)]
    return _compared(bad, ends, sorted({words.ends(one.ended) for one in base if one.ended in BAD}))


def _compared(bad: Sequence[int], ends: Sequence[str], base_ends: Sequence[str]) -> tuple[Verdict, str]:
    """The verdict on so many failures of three in the base, and of three in the circumstances."""
    base, other = bad
    if 0 < base < TIMES:
        return "failed", f"it {' or '.join(base_ends)} in {base} of {TIMES} runs of the base itself"
    if base == 0 and other == 0:
        return "passed", f"it passes in {TIMES} runs of the base and in {TIMES} with this"
    if base == 0:
        return "failed", f"it passes in the base, and {' or '.join(ends)} in {other} of {TIMES} runs with this"
    if other < TIMES:
        return (
            "failed",
            f"it {' or '.join(base_ends)} in the base, and passes in {TIMES - other} of {TIMES} runs with this",
        )
    return "undecided", "it fails in the base and with this: nothing shows what it depends on"


def _first(results: Sequence[Result], *, own: bool) -> str:
    return next((one.message for one in results if one.own is own), "")
