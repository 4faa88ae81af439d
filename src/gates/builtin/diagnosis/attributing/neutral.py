"""Neutral: the means by which a factor is changed, put in place without changing it, so that they are no factor."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Step, shown
from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import title

PRESENT = "+0"
"""Of `clock` the present instant, travelled to; of `cpus` the real number, told by a stand-in."""
SEEDS = ("1", "2", "3", "5")


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """Settings in which nothing differs but the means, and how these are called.

    A factor whose means are at work in the base too has to end `as_changed` in them; others end there as in the base.
    """

    settings: tuple[Mapping[str, str], ...]
    means: str
    as_changed: bool = False


def controlled(case: Case, cause: Cause) -> Search[Step]:
    """The cause; a word instead where it is the means that move the test, and not what they change."""
    for name in cause.factors:
        control = _control(name, cause)
        if control is None:
            continue
        expected, unlike = (good, "fails") if bool(cause.passing) == control.as_changed else (bad, "passes")
        answers = yield [ask(some, 1, cause.before) for some in control.settings]
        if any(expected(one) for one in answers):
            continue
        if any(one is None for one in answers):
            return Step(note=f"Nothing is said of its {name}: no run could be made with {shown(control.settings[0])}.")
        again = yield [ask(some, number, cause.before) for some in control.settings for number in (2, 3)]
        if any(expected(one) for one in again):
            return Step(note=f"It does not always end alike with {shown(control.settings[0])}.")
        why = f"{unlike} wherever {control.means}"
        case.ledger.missed.setdefault(name, f"not for {case.nodeid}, which {why}")
        return Step(note=f"It {why}, so that nothing is said of its {title(cause.factors)}.", spoilt=cause)
    return Step(cause=cause)


def _control(name: str, cause: Cause) -> Control | None:
    """What is asked of one factor; None where the change needs no means that could do something else."""
    settings = cause.passing or cause.settings
    value = settings.get(name, "")
    if name == "clock" and value != "now":
        return _one(settings, name, PRESENT, "time-machine is at work, at the present instant too")
    if name == "cpus" and value != "own":
        return _one(settings, name, PRESENT, "a stand-in tells the number of processors, the real number too")
    if name == "load" and value in ("background", "foreground"):
        means = "a stand-in begins its threads" if value == "background" else "a stand-in sleeps for it"
        return _one(settings, name, f"{value}{PRESENT}", f"{means}, in time too")
    if name == "listing" and value == "native":
        means = "a stand-in lists folders, in the order of the file system too"
        return Control(settings=({**settings, name: "wrapped"},), means=means, as_changed=True)
    if name == "rngseed" and value == "none" and cause.passing:
        seeded = tuple({**settings, name: seed} for seed in SEEDS)
        return Control(settings=seeded, means="generators are seeded, with whatever seed", as_changed=True)
    return None


def _one(settings: Mapping[str, str], name: str, value: str, means: str) -> Control:
    return Control(settings=({**settings, name: value},), means=means)
