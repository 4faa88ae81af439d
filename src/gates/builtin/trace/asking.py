"""Asking: one item with all that is known of it, what is open, and what a change touches; over plain values."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.errors import nearest

Value = Mapping[str, Any]
Lines = Sequence[tuple[int, int]]
"""First and last of each run of lines."""

SEVERITIES = (
    frozenset({"critical", "blocker", "blocking", "p0", "s0", "must", "urgent", "highest"}),
    frozenset({"high", "important", "major", "p1", "s1", "should"}),
    frozenset({"medium", "moderate", "normal", "p2", "s2", "could"}),
    frozenset({"low", "minor", "small", "nice", "optional", "trivial", "p3", "s3", "p4", "lowest"}),
)
"""Words for how much an item matters, from the most to the least, without regard to case."""

UNRATED = len(SEVERITIES)
CLOSED = frozenset({"done", "cancelled"})


def shown(value: Value, wanted: str) -> tuple[list[Value], str | None]:
    """The items of an id, each with its findings; where there is none, the nearest id.

    Case counts only where two ids differ by it.
    """
    found = [one for one in value["items"] if one["id"] == wanted]
    if not found:
        found = [one for one in value["items"] if one["id"].casefold() == wanted.casefold()]
    if not found:
        ids = {one["id"].casefold(): one["id"] for one in value["items"]}
        return [], ids.get(nearest(wanted.casefold(), ids) or "")
    return [{**one, "findings": [*_about(one, value["findings"])]} for one in found], None


def _about(item: Value, findings: Sequence[Value]) -> Iterator[Value]:
    """The findings that name the item, or stand at one of its places."""
    places = {(one["path"], one["line"]) for one in (item["source"], *item["others"])}
    places |= {(item["source"]["path"], one["line"]) for one in item["validation"]}
    for one in findings:
        if one["subject"] == item["id"] or (one["path"], one["line"]) in places:
            yield one


def todo(value: Value) -> list[Value]:
    """The items that are neither done nor cancelled, the most severe first, then by id."""
    return sorted((one for one in value["items"] if one["status"] not in CLOSED), key=_rank)


def _rank(item: Value) -> tuple[int, list[tuple[int, str]]]:
    return severity(item["severity"]), natural(item["id"])


def severity(written: str) -> int:
    """How much an item matters, 0 the most; by the first known word."""
    for word in re.findall(r"\w+", written.casefold()):
        for rank, words in enumerate(SEVERITIES):
            if word in words:
                return rank
    return UNRATED


def natural(text: str) -> list[tuple[int, str]]:
    """A key by which `AB-9` is before `AB-10`."""
    parts = re.split(r"(\d+)", text)
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in parts]


def touched(value: Value, changed: Mapping[str, Lines | None]) -> list[Value]:
    """The items that a change touches, each with `touched`: what of it, and where.

    `changed` are the lines of each changed file, None for all of them. A line of a document belongs to the item whose
    definition is the nearest above it, and a line before the first item to none.
    """
    owners = _owners(value, changed)
    found: list[Value] = []
    for number, one in enumerate(value["items"]):
        reasons = [*owners.get(number, ()), *_reasons(one, changed)]
        if "item" in one["changed"] and number not in owners:
            # Lines that are gone are no lines of the document any more.
            reasons.insert(0, {"what": "item", **one["source"]})
        if reasons:
            found.append({**one, "touched": reasons})
    return found


def _owners(value: Value, changed: Mapping[str, Lines | None]) -> Mapping[int, list[Value]]:
    """By the number of an item the first line of it that changed in each document."""
    starts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, one in enumerate(value["items"]):
        for place in (one["source"], *one["others"]):
            if place["path"] in changed:
                starts[place["path"]].append((place["line"], number))
    found: defaultdict[int, list[Value]] = defaultdict(list)
    for path, places in starts.items():
        places.sort()
        for number, line in _owned(places, changed[path]):
            found[number].append({"what": "document", "path": path, "line": line})
    return found


def _owned(places: Sequence[tuple[int, int]], lines: Lines | None) -> Iterator[tuple[int, int]]:
    """Each item of a document of which a line changed, with the first of its lines that did."""
    if lines is None:
        for line, number in places:
            yield number, line
        return
    seen: set[int] = set()
    begins = [line for line, _ in places]
    for first, last in lines:
        for at in range(max(bisect_right(begins, first) - 1, 0), bisect_right(begins, last)):
            line, number = places[at]
            if number not in seen:
                seen.add(number)
                yield number, max(first, line)


def _reasons(item: Value, changed: Mapping[str, Lines | None]) -> Iterator[Value]:
    for one in item["files"]:
        for path in one["paths"]:
            yield from _below("file", path, changed)
    for path in dict.fromkeys(one["path"] or one["nodeid"].partition("::")[0] for one in item["tests"]):
        if path in changed:
            yield {"what": "test", "path": path, "line": None}
    for one in item["code"]:
        if one["path"] in changed:
            yield {"what": "code", "path": one["path"], "line": one["line"]}
    for one in item["executed"]:
        if one["path"] in changed:
            yield {"what": "executed", "path": one["path"], "line": None}


def _below(what: str, path: str, changed: Mapping[str, Lines | None]) -> Iterator[Value]:
    """A file that changed, or the first one of a folder."""
    if path in changed:
        yield {"what": what, "path": path, "line": None}
        return
    folder = f"{path.rstrip('/')}/"
    inside = next((one for one in changed if one.startswith(folder)), None)
    if inside is not None:
        yield {"what": what, "path": inside, "line": None}
