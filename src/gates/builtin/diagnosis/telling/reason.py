"""Reason: one sentence on why a test is called unstable, with what was seen in how many runs."""

from __future__ import annotations

from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import title
from gates.builtin.diagnosis.telling import words


def of(causes: tuple[Cause, ...]) -> str:
    """The sentence on the first cause, and the names of further ones."""
    first, *others = causes
    text = _one(first)
    if first.shared:
        text += f"; they share {first.shared}"
    if others:
        text += f"; also: {', '.join(sorted({title(one.factors) for one in others}))}"
    return text


def stable(runs: int) -> str:
    """The sentence on a test of which no instability was seen: what was seen, and no promise."""
    return f"ended the same in {words.times(runs, 'run')} of the suite" if runs else "ended the same in every run"


def bound(runs: int) -> str:
    """What a screening in so many runs can miss, for a test that fails by chance."""
    if runs < 1:
        return ""
    once = 10
    missed = (1 - 1 / once) ** runs
    return f"a test that fails once in {once} runs would be missed with a probability of {missed:.0%}"


def _one(cause: Cause) -> str:
    counted = f"({cause.flips} of {words.times(cause.runs, 'run')})"
    if cause.kind == "unattributed":
        where = words.circumstances(cause.settings) or "in the base"
        return f"ends both ways in the same circumstances: {words.ends(cause.ended)} {where} {counted}"
    if cause.kind == "brittle":
        return _brittle(cause, counted)
    if cause.kind == "non-idempotent":
        return f"passes once and {words.ends(cause.ended)} when it runs again in the same process {counted}"
    told = f"{words.ends(cause.ended)} {_where(cause)} {counted}"
    if cause.back or cause.ended == "passed":
        told += f", and {_otherwise(cause)}"
    return told


def _brittle(cause: Cause, counted: str) -> str:
    setters = cause.culprits or cause.before
    ended = "fails" if cause.ended == "passed" else words.ends(cause.ended)
    needs = f"; it passes after {words.several(setters)}" if setters else "; it passes after others"
    where = words.circumstances(cause.settings)
    return f"{ended} alone{f' {where}' if where else ''} {counted}{needs}"


def _where(cause: Cause) -> str:
    parts = [words.circumstances({name: value for name, value in cause.settings.items() if name != "order"})]
    if cause.before or cause.kind == "victim":
        parts.append(f"after {words.several(cause.culprits or cause.before)}" if cause.before else "in another order")
        parts += [f"in spite of {words.several(cause.needs)}"] if cause.needs and cause.kind == "victim" else []
    elif cause.culprits and cause.kind == "concurrency":
        parts.append(f"beside {words.several(cause.culprits)}")
    return " ".join(filter(None, parts)) or "in the same circumstances"


def _otherwise(cause: Cause) -> str:
    """How it ends with the factor put back."""
    settings = {name: value for name, value in cause.settings.items() if name != "order"}
    ended = "passes" if cause.ended != "passed" else "does not"
    where = "alone" if cause.before and not settings else words.back(settings) or "without"
    if cause.needs and not settings:
        where = f"after {words.several(cause.needs)} alone"
    elif cause.passing:
        where = words.circumstances(cause.passing)
    elif len(cause.factors) > 1:
        where = "with either of them put back" if len(cause.factors) == 2 else "with any of them put back"
    return f"{ended} {where}" + (f" ({cause.back} of {cause.back})" if cause.back else "")
