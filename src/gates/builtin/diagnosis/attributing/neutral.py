"""Neutral: the means by which a factor is changed, put in place without changing it, so that they are no factor."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.attributing.asking import Answer, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Step, shown
from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import title

PRESENT = "+0"
"""Of `clock` the present instant, travelled to; of `cpus` the real number, told by a stand-in."""
NEAR = ("+604800", "-604800")
"""A week on and back, to the same day of the week: what ends otherwise in both reads what is not moved, such as another
process's clock."""
SEEDS = ("1", "2", "3", "5")


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """Settings in which it is only by its means that a factor could move a test, and how these are called.

    Those of a factor that stands in for something in the base too have to end `as_changed`, others as in the base.
    In one of the settings of a control that has to be so, to show the factor itself at work.
    """

    settings: tuple[Mapping[str, str], ...]
    means: str
    as_changed: bool = False


def controlled(case: Case, cause: Cause) -> Search[Step]:
    """The cause; a word instead where it is the means that move the test, and not what they change."""
    for name in cause.factors:
        controls = _controls(name, cause)
        asked = [[ask(some, 1, cause.before) for some in one.settings] for one in controls]
        answers: list[Answer] = (yield [one for some in asked for one in some]) if asked else []
        for control, asks in zip(controls, asked, strict=True):
            mine, answers = answers[: len(asks)], answers[len(asks) :]
            step = yield from _refuted(case, cause, name, control, mine)
            if step is not None:
                return step
    return Step(cause=cause)


def _refuted(case: Case, cause: Cause, name: str, control: Control, answers: list[Answer]) -> Search[Step | None]:
    """Why a cause does not hold; None where its control ended as it has to."""
    expected, unlike = (good, "fails") if bool(cause.passing) == control.as_changed else (bad, "passes")
    if any(expected(one) for one in answers):
        return None
    if any(one is None for one in answers):
        return Step(note=f"Nothing is said of its {name}: no run could be made with {shown(control.settings[0])}.")
    again = yield [ask(some, number, cause.before) for some in control.settings for number in (2, 3)]
    if any(expected(one) for one in again):
        return Step(note=f"It does not always end alike with {shown(control.settings[0])}.")
    why = f"{unlike} wherever {control.means}"
    case.ledger.missed.setdefault(name, f"not for {case.nodeid}, which {why}")
    return Step(note=f"It {why}, so that nothing is said of its {title(cause.factors)}.", spoilt=cause)


def _controls(name: str, cause: Cause) -> tuple[Control, ...]:
    """What is asked of one factor; nothing where the change needs no means that could do something else."""
    settings = cause.passing or cause.settings
    value = settings.get(name, "")
    if name == "clock" and value != "now":
        return (
            _control(settings, name, (PRESENT,), "time-machine is at work, at the present instant too"),
            _control(settings, name, NEAR, "this process's clock is moved and no other, a week on or back too"),
        )
    if name == "cpus" and value != "own":
        means = "a stand-in tells the number of processors, the real number too"
        return (_control(settings, name, (PRESENT,), means),)
    if name == "load" and value in ("background", "foreground"):
        means = "a stand-in begins its threads" if value == "background" else "a stand-in sleeps for it"
        return (_control(settings, name, (f"{value}{PRESENT}",), f"{means}, in time too"),)
    if name == "listing" and value == "native":
        means = "a stand-in lists folders, in the order of the file system too"
        return (_control(settings, name, ("wrapped",), means, as_changed=True),)
    if name == "rngseed" and value == "none" and cause.passing:
        return (_control(settings, name, SEEDS, "generators are seeded, with whatever seed", as_changed=True),)
    return ()


def _control(
    settings: Mapping[str, str], name: str, values: tuple[str, ...], means: str, *, as_changed: bool = False
) -> Control:
    asked = tuple({**settings, name: value} for value in values)
    return Control(settings=asked, means=means, as_changed=as_changed)
