"""Disagreements: what the places of one item say that does not agree, and statuses that nobody can read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.trace import statuses
from gates.builtin.trace.facts import Remark
from gates.builtin.trace.statuses import Legend

if TYPE_CHECKING:
    from gates.builtin.trace.items import Seen
    from gates.builtin.trace.readers.found import Found

WORDS = re.compile(r"[^\W_]+")
ALIKE = 0.6
"""The share of the words of two titles that they have in common, from which on they are one text written twice."""


def remarks(identity: str, places: Sequence[Seen], legends: Mapping[str, Legend]) -> Iterator[Remark]:
    """What is to be said of an item; `legends` are those of the documents that name several words."""
    if len(places) > 1:
        yield from _contents(identity, places)
        yield from _statuses(identity, places)
    for seen in places:
        if seen.status is None or seen.path in legends:
            yield from _unknown(identity, seen, legends.get(seen.path))


def _contents(identity: str, places: Sequence[Seen]) -> Iterator[Remark]:
    """Two definitions of one id.

    Two tables of one document may both tell of an item; two definitions alike in weight may not.
    """
    kinds: dict[tuple[str, int], Seen] = {}
    for seen in sorted(places, key=lambda one: (one.path, one.found.line)):
        before = kinds.setdefault((seen.reader, seen.found.weight), seen)
        if before is not seen and not _alike(before.found, seen.found):
            message = (
                f"{identity} is defined with another content at {before.path}:{before.found.line}: give one a new id"
            )
            yield Remark(code="TRC008", path=seen.path, line=seen.found.line, message=message, subject=identity)


def _statuses(identity: str, places: Sequence[Seen]) -> Iterator[Remark]:
    """Two statuses of one item."""
    stated = [(seen, seen.found.status) for seen in places if seen.found.status and seen.status]
    for seen, status in stated[1:]:
        first, written = stated[0]
        if seen.status != first.status:
            said = f"{written.text} at {first.path}:{written.line}"
            message = f"{identity} is {status.text} here and {said}: let both say the same"
            yield Remark(code="TRC010", path=seen.path, line=status.line, message=message, subject=identity)


def _alike(one: Found, other: Found) -> bool:
    first, second = one.title.casefold(), other.title.casefold()
    if {one.title, other.title} & {"", one.id} or first in second or second in first:
        return True
    words, others = set(WORDS.findall(first)), set(WORDS.findall(second))
    return len(words & others) >= ALIKE * min(len(words), len(others))


def _unknown(identity: str, seen: Seen, legend: Legend | None) -> Iterator[Remark]:
    status = seen.found.status
    if status is None:
        return
    if seen.status is None:
        why = "which no legend explains: use a known word or explain it"
    elif legend is not None and not _explained(status.text, legend):
        why = f"which the legend at line {legend.line} does not name"
    else:
        return
    message = f"{identity} has the status {status.text[:60]!r}, {why}"
    yield Remark(code="TRC009", path=seen.path, line=status.line, message=message, subject=identity)


def _explained(raw: str, legend: Legend) -> bool:
    word = statuses.plain(raw)
    if not word or raw.startswith("[") or any(sign in legend.meanings for sign in statuses.signs(raw)):
        return True
    return any(word == one or word.startswith((f"{one} ", f"{one},", f"{one}:", f"{one};")) for one in legend.words)
