"""Pairs: the least set of factors that moves a test, by halving what is left; one, two or three of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gates.builtin.diagnosis.attributing.asking import Answer, Ask, Search

Put = Callable[[tuple[str, ...]], Ask]
Moved = Callable[[Answer], bool]


def minimal(parts: Sequence[str], put: Put, moved: Moved) -> Search[tuple[str, ...]]:
    """The least of the parts that still move the test, if all together do.

    Both halves are asked at a time, and the one that moves it is halved again. If none does, it takes some of each:
    then what is needed of one half is looked for beside the other. There the second question is spared where the
    first says no, so that a set of three may come out short: `careful` asks everything.
    """
    return (yield from _halved(tuple(parts), (), put, moved))


def careful(parts: Sequence[str], put: Put, moved: Moved) -> Search[tuple[str, ...]]:
    """The parts without each of which the test does not move, one taken away at a time."""
    kept = tuple(parts)
    size = max(1, len(kept) // 2)
    while size:
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size :]
            (found,) = yield [put(rest)]
            if rest and moved(found):
                kept = rest
            else:
                at += size
        size //= 2
    return kept


def _halved(parts: tuple[str, ...], beside: tuple[str, ...], put: Put, moved: Moved) -> Search[tuple[str, ...]]:
    if len(parts) <= 1:
        return parts
    left, right = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    if beside:
        (first,) = yield [put((*beside, *left))]
        return (yield from _halved(left if moved(first) else right, beside, put, moved))
    first, second = yield [put(left), put(right)]
    if moved(first):
        return (yield from _halved(left, (), put, moved))
    if moved(second):
        return (yield from _halved(right, (), put, moved))
    one = yield from _halved(left, right, put, moved)
    other = yield from _halved(right, one, put, moved)
    return (*one, *other)


def chosen(settings: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The settings of some factors."""
    return {name: settings[name] for name in names}
