"""Compare: what a setting lost between the base and the head, by the way in which it is stricter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from gates.builtin.policy import selectors
from gates.builtin.policy.facts import Changed, Element, Written
from gates.model.approval import shown
from gates.model.evidence import Counted
from gates.model.strictness import RANKS, SETS

SHOWN = 6
"""Elements of a set that a sentence lists."""


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What got looser: about which element (or the setting as a whole), a sentence, the value of now, and where."""

    element: str | None
    said: str
    now: str
    place: str


def losses(one: Changed) -> Iterator[Loss]:
    """Everything in which the head is looser than the base."""
    if one.way in {"higher", "lower"}:
        yield from _limit(one)
    elif one.way in {"on", "off", *RANKS}:
        yield from _rank(one)
    elif one.way == "selectors":
        yield from _selectors(one)
    elif one.way in {"grow", "shrink", "scope"}:
        yield from _set(one)
    elif one.way == "unknown":
        yield _whole(one)


def _limit(one: Changed) -> Iterator[Loss]:
    before, now = _number(one.base.value), _number(one.head.value)
    if one.base.value is None:
        return
    if before is None or now is None or (now < before if one.way == "higher" else now > before):
        yield _whole(one)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _rank(one: Changed) -> Iterator[Loss]:
    order: tuple[Any, ...] = RANKS.get(one.way, (False, None, True) if one.way == "on" else (True, None, False))
    before, now = one.base.value, one.head.value
    if before not in order or now not in order or order.index(now) < order.index(before):
        yield _whole(one)


def _selectors(one: Changed) -> Iterator[Loss]:
    before, now = _elements(one.base), _elements(one.head)
    places = {each.text: each.place for each in now}
    for lost in selectors.losses([each.text for each in before], [each.text for each in now]):
        name = "ruff's own selection" if lost.selector == selectors.DEFAULT else lost.selector
        where = f" in {lost.glob}" if lost.glob else ""
        how = f"is ignored{where}" if lost.line else f"is no longer selected{where}"
        said = f"{name} {how}; it was in force on the base ({_at(one.base.place)})"
        place = places.get(lost.line or "", one.head.place)
        yield Loss(element=f"{lost.selector}{where}", said=said, now=how, place=place)


def _set(one: Changed) -> Iterator[Loss]:
    before, now = _elements(one.base), _elements(one.head)
    if one.way == "scope":
        # No element is everything: of an empty base all is lost that the head does not name.
        lost = [] if not now else [each for each in before if not _held(each, now)] if before else now
    elif one.way == "grow":
        # Among globs, an exclusion takes away.
        lost = [each for each in before if not each.text.startswith("!") and not _held(each, now)]
        lost += [each for each in now if each.text.startswith("!") and not _held(each, before)]
    else:
        lost = [each for each in now if not _held(each, before)]
    if lost and (one.about == "limit" or (one.way == "scope" and not before)):
        yield _whole(one)
        return
    for each in lost:
        gone = each in before
        said = f"`{each.text}` is gone" if gone else f"`{each.text}` is new"
        values = f"now {_listed(now, one.way)}, on the base {_listed(before, one.way)} ({_at(one.base.place)})"
        place = one.head.place if gone else each.place
        yield Loss(element=each.text, said=f"{said}: {values}", now=_listed(now, one.way), place=place)


def _held(one: Element, others: Iterable[Element]) -> bool:
    """Whether an element is there, or the folder that it is in."""
    return any(one.text == each.text or one.text.startswith(f"{each.text.rstrip('/')}/") for each in others)


def _whole(one: Changed) -> Loss:
    now = _text(one.head, one.way)
    said = f"it is {now}, and was {_text(one.base, one.way)} on the base ({_at(one.base.place)})"
    return Loss(element=None, said=said, now=now, place=one.head.place)


def _text(written: Written, way: str) -> str:
    value = written.value
    if value is None and way in {"higher", "lower"}:
        return "no limit"
    if value is None and way in SETS:
        return _listed((), way)
    return _listed(value.items, way) if isinstance(value, Counted) else shown(value)


def _listed(elements: Iterable[Element], way: str) -> str:
    words = [each.text for each in elements]
    if not words:
        return "everything" if way == "scope" else "nothing"
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def _elements(written: Written) -> tuple[Element, ...]:
    return written.value.items if isinstance(written.value, Counted) else ()


def _at(place: str) -> str:
    return place or "by default"
