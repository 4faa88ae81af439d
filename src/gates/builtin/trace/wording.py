"""Wording: what items ask for, apart from how far they are and from how they are set."""

# ruff: noqa: RUF001 - the dashes are those that documents hold

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from gates.builtin.trace import items, statuses
from gates.builtin.trace.naming import titles
from gates.builtin.trace.readers.fields import DATE, bare
from gates.builtin.trace.readers.found import Found
from gates.builtin.trace.readers.registry import Reading

STRUCK = re.compile(r"~~(.*?)~~")
NOTE = re.compile(r"\s*(?:[(\[]([^()\[\]]{0,40})[)\]]|(?:\s[-–—|]+|[—–:])\s*([^()\[\]]{1,40}))[\s.]*$")
BEFORE = re.compile(r"(?:on|at|since|as of|new|added|updated|changed)\b", re.IGNORECASE)


class Wording(msgspec.Struct, frozen=True):
    """What an item asks for: the criteria of all its places, and by document and reader what each place says."""

    criteria: frozenset[str]
    places: Mapping[tuple[str, str], frozenset[str]]

    def differs(self, other: Wording) -> bool:
        """Whether the two ask for different things; a place that only one of them has is a mention more or less."""
        if self.criteria != other.criteria:
            return True
        both = self.places.keys() & other.places.keys()
        if both:
            return any(self.places[one] != other.places[one] for one in both)
        return self._said().isdisjoint(other._said())

    def _said(self) -> frozenset[str]:
        return frozenset(text for held in self.places.values() for text in held)


def of(readings: Sequence[Reading]) -> Mapping[str, Wording]:
    """The wording of each item by its id, as `items.join` has them."""
    groups, _ = items.grouped(readings)
    return {identity: _wording(places) for identity, places in groups.items()}


def _wording(places: Sequence[items.Seen]) -> Wording:
    said: dict[tuple[str, str], set[str]] = {}
    for seen in places:
        said.setdefault((seen.path, seen.reader), set()).add(_said(seen.found))
    return Wording(
        criteria=frozenset(plain(line.text) for seen in places for line in seen.found.acceptance),
        places={place: frozenset(texts) for place, texts in said.items()},
    )


def _said(found: Found) -> str:
    return f"{plain(titles.without(found.title))}\x00{plain(found.text)}"


def plain(text: str) -> str:
    """A text without markup, signs, line breaks and what its end says of its state: `(done 2026-01-05)`."""
    text = bare(STRUCK.sub(r"\1", statuses.SIGN.sub(" ", text).replace("\ufe0f", "")))
    while match := NOTE.search(text):
        said = BEFORE.sub("", DATE.sub("", match.group(1) or match.group(2) or ""))
        if statuses.plain(said) and statuses.plain(said) not in statuses.KNOWN:
            break
        text = text[: match.start()]
    return " ".join(text.split()).rstrip(" .;")
