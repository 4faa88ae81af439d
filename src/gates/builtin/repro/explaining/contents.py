"""Contents: what differs within a member, and whether it is metadata, the list of hashes or the backend's name."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from gates.builtin.repro.explaining import texts
from gates.builtin.repro.facts import Attribute

GENERATOR = b"generator:"


class Part(NamedTuple):
    """One attribute of a content."""

    attribute: Attribute
    before: str
    after: str
    excerpt: str


def parts(name: str, first: bytes, second: bytes, differing: AbstractSet[str]) -> Iterator[Part]:
    """The attributes by which two unequal contents of one name differ; `differing` are names of all such members."""
    folder, _, base = name.rpartition("/")
    if base == "PKG-INFO" or (base == "METADATA" and folder.endswith(".dist-info")):
        yield _part("METADATA", first, second)
    elif base == "RECORD" and folder.endswith(".dist-info"):
        yield _record(first, second, differing)
    elif base == "WHEEL" and folder.endswith(".dist-info"):
        yield from _wheel(first, second)
    else:
        yield _part("content", first, second)


def _part(attribute: Attribute, first: bytes, second: bytes, note: str = "") -> Part:
    sides = texts.sides(first, second)
    return Part(attribute, f"{sides.before}{note}", f"{sides.after}{note}", sides.excerpt)


def _wheel(first: bytes, second: bytes) -> Iterator[Part]:
    (one, one_rest), (two, two_rest) = (_generators(content) for content in (first, second))
    if one != two:
        excerpt = f"-{texts.cut(one, texts.WIDTH)}\n+{texts.cut(two, texts.WIDTH)}"
        yield Part("generator", texts.cut(one, texts.SHORT), texts.cut(two, texts.SHORT), excerpt)
    if one_rest != two_rest or one == two:
        yield _part("content", one_rest, two_rest) if one_rest != two_rest else _part("content", first, second)


def _generators(content: bytes) -> tuple[str, bytes]:
    """The lines that name the backend, and all others."""
    lines = content.split(b"\n")
    named = [line for line in lines if line.lower().startswith(GENERATOR)]
    rest = [line for line in lines if not line.lower().startswith(GENERATOR)]
    return b" ".join(named).decode("utf-8", "replace").strip() or "no Generator", b"\n".join(rest)


def _record(first: bytes, second: bytes, differing: AbstractSet[str]) -> Part:
    """RECORD, and whether it differs only because what it lists does."""
    rows = [_rows(content) for content in (first, second)]
    if rows[0] is None or rows[1] is None:
        return _part("RECORD", first, second)
    one, two = rows[0], rows[1]
    note = ""
    if sorted(one) == sorted(two):
        note = " (the same lines in another order)"
    else:
        names = [name for name, *_ in one]
        unlike = {row[0] for pair in zip(one, two, strict=False) for row in pair if pair[0] != pair[1]}
        if names == [name for name, *_ in two] and unlike <= differing:
            note = " (only hashes of members that differ themselves)"
    return _part("RECORD", first, second, note)


def _rows(content: bytes) -> list[tuple[str, ...]] | None:
    text = texts.text(content)
    if text is None:
        return None
    try:
        return [tuple(row) for row in csv.reader(text.splitlines()) if row]
    except csv.Error:
        return None
