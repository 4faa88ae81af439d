"""Items: what the readers found, with the same id from several places joined, and what does not agree said."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gates.builtin.trace import claims, statuses
from gates.builtin.trace.facts import Command, FileRef, Item, Link, Place, Remark, Status
from gates.builtin.trace.readers import context, decisions, fields, ids
from gates.builtin.trace.readers.found import Found, Line
from gates.builtin.trace.readers.registry import Reading
from gates.model.evidence import counted

FEATURE = re.compile(r"(?:^|/)((?:\d{3,}|[a-z]+-?\d{1,4})-[\w.-]+)/")
COUNTING = re.compile(r"T\d{3,4}[a-z]?|(?:FR|SC|US|NFR|CHK|AC)-?\d{1,4}[a-z]?", re.IGNORECASE)
DECISION = re.compile(r"^adr[-_]?0*(?=\d)")
SPACES = re.compile(r"\s+")
WORDS = re.compile(r"[^\W_]+")
ALIKE = 0.6
"""The share of the words of two titles that they have in common, from which on they are one text written twice."""


class Seen(msgspec.Struct, frozen=True, gc=False):
    """One place of an item: its document, the reader, what that found, and the status that it means."""

    path: str
    reader: str
    found: Found
    status: Status | None


class Joined(msgspec.Struct, frozen=True):
    """All items in the order of their documents and lines, and what is to be said of their documents."""

    items: tuple[Item, ...]
    remarks: tuple[Remark, ...]


def join(readings: Sequence[Reading], levels: Mapping[str, str] | None = None) -> Joined:
    """The items of all documents; `levels` are those that the configuration gives to documents, by path."""
    groups, derived = grouped(readings)
    remarks = [remark for reading in readings for remark in reading.remarks]
    remarks.extend(decisions.remarks([reading.document for reading in readings]))
    held: list[Item] = []
    legends = {reading.document.path: context.legend(reading.document) for reading in readings}
    for identity, places in groups.items():
        ordered = sorted(places, key=lambda seen: -seen.found.weight)
        held.append(_item(identity, ordered, derived=identity in derived, levels=levels or {}))
        if len(ordered) > 1:
            remarks.extend(_disagreements(identity, ordered))
        remarks.extend(_unknown(identity, ordered, legends))
    remarks.extend(_claimed(readings, held))
    rank = {reading.document.path: at for at, reading in enumerate(readings)}
    held.sort(key=lambda item: (rank[item.place.path], item.place.line, item.id))
    remarks.sort(
        key=lambda remark: (rank.get(remark.path, -1), remark.line, remark.code, remark.subject, remark.message)
    )
    return Joined(tuple(held), tuple(remarks))


def _claimed(readings: Sequence[Reading], held: Sequence[Item]) -> Iterable[Remark]:
    """What the documents say of their items in numbers and sentences."""
    placed: dict[str, list[claims.Placed]] = {}
    for item in held:
        paths = set()
        for place in (item.place, *item.others.items):
            if place.path not in paths:
                paths.add(place.path)
                placed.setdefault(place.path, []).append(claims.Placed(place.line, item.status, item.id))
    for reading in readings:
        yield from claims.remarks(reading.document, placed.get(reading.document.path, ()))


def grouped(readings: Sequence[Reading]) -> tuple[dict[str, list[Seen]], set[str]]:
    """The places of each item by its id, and the ids that no document writes."""
    by_key: dict[tuple[str, str], list[Seen]] = {}
    shown: dict[tuple[str, str], str] = {}
    unnamed: list[Seen] = []
    for reading in readings:
        path = reading.document.path
        legend = context.legend(reading.document)
        feature = FEATURE.search(path)
        for reader, found in reading.found:
            status = _status(reader, found, legend)
            seen = Seen(path, reader, found, status)
            if not found.id:
                unnamed.append(seen)
                continue
            scope = ""
            if ids.is_numeric(found.id) or " " in found.id:
                scope = path
            elif feature and COUNTING.fullmatch(found.id):
                scope = feature.group(1)
            mark = (scope, DECISION.sub("adr-", ids.key(found.id)))
            by_key.setdefault(mark, []).append(seen)
            shown.setdefault(mark, found.id.translate(ids.HYPHENS))
    groups: dict[str, list[Seen]] = {}
    derived: set[str] = set()
    uses = Counter(shown.values())
    for (scope, key), places in by_key.items():
        name = shown[scope, key]
        if ids.is_numeric(name) and len({seen.found.section for seen in places}) > 1:
            unnamed.extend(places)
            continue
        if scope and uses[name] > 1:
            name = f"{scope}/{name}"
        groups[name] = places
    for seen in unnamed:
        name = _derived(seen, groups)
        derived.add(name)
        groups[name] = [seen]
    return groups, derived


def _status(reader: str, found: Found, legend: statuses.Legend) -> Status | None:
    if found.status is None:
        return "open"
    return (decisions.meaning(found.status.text) if reader == "adr" else None) or statuses.of(found.status.text, legend)


def _derived(seen: Seen, taken: Mapping[str, object]) -> str:
    """An id from the path of headings and the title; the title of the document is no part of it."""
    parts = [ids.slug(fields.bare(part)) for part in seen.found.section.split(" > ")[-3:]]
    title = ids.slug(seen.found.title)[:60].strip("-") or f"line-{seen.found.line}"
    if seen.found.id:
        title = f"{seen.found.id}-{title}"
    name = "/".join(part for part in [*(parts[1:] if len(parts) > 1 else parts), title] if part)
    if name in taken:
        name = f"{ids.slug(seen.path)}/{name}"
    number, first = 2, name
    while name in taken:
        name = f"{first}-{number}"
        number += 1
    return name


def _item(identity: str, places: Sequence[Seen], *, derived: bool, levels: Mapping[str, str]) -> Item:
    first = places[0]
    every = [seen.found for seen in places]
    said = [seen for seen in places if seen.found.status and seen.status]
    alike = [seen for seen in said if seen.found.weight == said[0].found.weight]
    stated = max(alike, key=lambda seen: statuses.ORDER.index(seen.status or "open")) if alike else None
    stated = stated or next((seen for seen in places if seen.found.status), None)
    status = stated.found.status if stated else None
    return Item(
        id=identity,
        derived=derived,
        title=next((found.title for found in every if found.title), identity),
        status=stated.status if stated else "open",
        status_raw=status.text if status else "",
        status_line=status.line if status else first.found.line,
        place=Place(path=first.path, line=first.found.line),
        others=counted(Place(path=seen.path, line=seen.found.line) for seen in places[1:]),
        reader=first.reader,
        section=first.found.section,
        severity=next((found.severity for found in every if found.severity), ""),
        category=next((found.category for found in every if found.category), ""),
        level=levels.get(first.path, ""),
        acceptance=counted(dict.fromkeys(line.text for found in every for line in found.acceptance)),
        validation=counted(_commands(every)),
        files=counted(_files(every)),
        links=counted(_links(identity, every)),
        dates=counted(dict.fromkeys((line.text, line.line) for found in every for line in found.dates)),
        digest=digest(every),
    )


def _commands(every: Iterable[Found]) -> Iterable[Command]:
    """The Validation lines as written, each text once; what they come to is found out with the tests."""
    held: dict[str, Command] = {}
    for found in every:
        for line in found.validation:
            command = Command(command=line.text, line=line.line, state=None, tests=counted(()), missing=counted(()))
            held.setdefault(line.text, command)
    return held.values()


def _files(every: Iterable[Found]) -> Iterable[FileRef]:
    held: dict[str, FileRef] = {}
    for found in every:
        for line in found.files:
            token = line.text.removesuffix(" (new)")
            planned = token != line.text
            file = FileRef(token=token, line=line.line, exists=None, paths=counted(()), planned=planned)
            held.setdefault(token, file)
    return held.values()


def _links(identity: str, every: Iterable[Found]) -> Iterable[Link]:
    held: dict[tuple[str, str], Link] = {}
    for found in every:
        for kind, line in found.links:
            target = line.text.translate(ids.HYPHENS)
            if target and ids.key(target) != ids.key(identity):
                held.setdefault((kind, target), Link(kind=kind, target=target, line=line.line))
    return held.values()


def digest(every: Sequence[Found]) -> str:
    """The SHA-256 of all that an item says, over white space and the place of it; its status is no part of it."""
    held = hashlib.sha256()
    for text in sorted({SPACES.sub(" ", _content(found)) for found in every}):
        held.update(text.encode("utf-8", "replace") + b"\x00")
    return held.hexdigest()


def _content(found: Found) -> str:
    lines: tuple[Line, ...] = (*found.acceptance, *found.validation, *found.files)
    return "\x01".join([found.title.strip(), found.text, found.severity, *(line.text.strip() for line in lines)])


def _disagreements(identity: str, places: Sequence[Seen]) -> Iterable[Remark]:
    """Two definitions of one id, and two statuses of one item."""
    kinds: dict[tuple[str, str], Seen] = {}
    for seen in sorted(places, key=lambda one: (one.path, one.found.line)):
        before = kinds.setdefault((seen.reader, _folder(seen)), seen)
        if before is not seen and not _alike(before.found, seen.found):
            message = (
                f"{identity} is defined with another content at {before.path}:{before.found.line}: give one a new id"
            )
            yield Remark(code="TRC008", path=seen.path, line=seen.found.line, message=message, subject=identity)
    stated = [seen for seen in places if seen.found.status and seen.status]
    for seen in stated[1:]:
        first = stated[0]
        if seen.status != first.status and first.found.status and seen.found.status:
            said = f"{first.found.status.text} at {first.path}:{first.found.status.line}"
            message = f"{identity} is {seen.found.status.text} here and {said}: let both say the same"
            yield Remark(code="TRC010", path=seen.path, line=seen.found.status.line, message=message, subject=identity)


def _folder(seen: Seen) -> str:
    """Two tables of one document may both tell of an item; two definitions alike in weight may not."""
    return str(seen.found.weight)


def _alike(one: Found, other: Found) -> bool:
    first, second = one.title.casefold(), other.title.casefold()
    if {one.title, other.title} & {"", one.id} or first in second or second in first:
        return True
    words, others = set(WORDS.findall(first)), set(WORDS.findall(second))
    return len(words & others) >= ALIKE * min(len(words), len(others))


def _unknown(identity: str, places: Sequence[Seen], legends: Mapping[str, statuses.Legend]) -> Iterable[Remark]:
    for seen in places:
        status = seen.found.status
        if status is None:
            continue
        known = legends[seen.path]
        if seen.status is None:
            message = f"{identity} has the status {status.text[:60]!r}, which no legend explains: use a known word or explain it"  # noqa: E501
            yield Remark(code="TRC009", path=seen.path, line=status.line, message=message, subject=identity)
        elif len(known.words) > 1 and statuses.plain(status.text) and not _explained(status.text, known):
            message = (
                f"{identity} has the status {status.text[:60]!r}, which the legend at line {known.line} does not name"
            )
            yield Remark(code="TRC009", path=seen.path, line=status.line, message=message, subject=identity)


def _explained(raw: str, legend: statuses.Legend) -> bool:
    word = statuses.plain(raw)
    if not word or raw.startswith("[") or any(sign in legend.meanings for sign in statuses.signs(raw)):
        return True
    return any(word == one or word.startswith((f"{one} ", f"{one},", f"{one}:", f"{one};")) for one in legend.words)
