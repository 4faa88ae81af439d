"""Items: what the readers found, with the same id from several places joined, and what does not agree said."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gates.builtin.trace import claims, disagreements, sheet, statuses
from gates.builtin.trace.facts import Command, FileRef, Item, Link, Place, Remark, Status
from gates.builtin.trace.naming import titles
from gates.builtin.trace.readers import context, decisions, fields, folders, ids
from gates.builtin.trace.readers.found import Found, Line
from gates.builtin.trace.readers.registry import Reading
from gates.model.evidence import counted

FEATURE = re.compile(r"(?:^|/)((?:\d{3,}|[a-z]+-?\d{1,4})-[\w.-]+)/")
COUNTING = re.compile(r"T\d{3,4}[a-z]?|(?:FR|SC|US|NFR|CHK|AC)-?\d{1,4}[a-z]?", re.IGNORECASE)
DECISION = re.compile(r"^adr[-_]?0*(?=\d)")


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
    remarks.extend(folders.remarks([reading.document for reading in readings]))
    held: list[Item] = []
    legends = {reading.document.path: context.legend(reading.document) for reading in readings}
    naming = {path: legend for path, legend in legends.items() if len(legend.words) > 1}
    given = levels or {}
    for identity, places in groups.items():
        if len(places) > 1:
            places.sort(key=lambda seen: -seen.found.weight)
        held.append(_item(identity, places, derived=identity in derived, level=given.get(places[0].path, "")))
        remarks.extend(disagreements.remarks(identity, places, naming))
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
        first = {item.place.path: item.place.line}
        for place in item.others.items:
            first.setdefault(place.path, place.line)
        for path, line in first.items():
            placed.setdefault(path, []).append(claims.Placed(line, item.status, item.id))
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
        for reader, one in reading.found:
            found = titles.named(sheet.read(one, reading.document) if reader == "csv" else one)
            status = _status(reader, found, legend)
            seen = Seen(path, reader, found, status)
            if not found.id:
                unnamed.append(seen)
                continue
            mark = _mark(found.id, path, feature.group(1) if feature else "")
            if mark in by_key:
                by_key[mark].append(seen)
            else:
                by_key[mark] = [seen]
                shown[mark] = found.id.translate(ids.HYPHENS)
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
    numbers: dict[str, int] = {}
    for seen in unnamed:
        name = _derived(seen, groups, numbers)
        derived.add(name)
        groups[name] = [seen]
    return groups, derived


def _mark(identity: str, path: str, feature: str) -> tuple[str, str]:
    """What two places of one item have in common: how far its id reaches, and the id in one spelling."""
    key = ids.key(identity)
    key = DECISION.sub("adr-", key) if key.startswith("adr") else key
    if ids.is_numeric(identity) or " " in identity:
        return path, key
    return (feature, key) if feature and COUNTING.fullmatch(identity) else ("", key)


def _status(reader: str, found: Found, legend: statuses.Legend) -> Status | None:
    if found.status is None:
        return "open"
    return (decisions.meaning(found.status.text) if reader == "adr" else None) or statuses.of(found.status.text, legend)


def _derived(seen: Seen, taken: Mapping[str, object], numbers: dict[str, int]) -> str:
    """An id from the path of headings and the title; the title of the document is no part of it.

    `numbers` are those that come next behind a name that comes again.
    """
    parts = [ids.slug(fields.bare(part)) for part in seen.found.section.split(" > ")[-3:]]
    title = ids.slug(titles.without(seen.found.title))[:60].strip("-") or f"line-{seen.found.line}"
    if seen.found.id:
        title = f"{seen.found.id}-{title}"
    name = "/".join(part for part in [*(parts[1:] if len(parts) > 1 else parts), title] if part)
    if name in taken:
        name = f"{ids.slug(seen.path)}/{name}"
    first, number = name, numbers.get(name, 2)
    while name in taken:
        name = f"{first}-{number}"
        number += 1
    numbers[first] = number
    return name


def _item(identity: str, places: Sequence[Seen], *, derived: bool, level: str) -> Item:
    first = places[0]
    every = [seen.found if seen.path == first.path else _told(seen.found, first.found.line) for seen in places]
    stated = _stated(places)
    status = stated.found.status if stated else None
    return Item(
        id=identity,
        derived=derived,
        title=_first([found.title for found in every]) or identity,
        status=stated.status if stated else "open",
        status_raw=status.text if status else "",
        status_line=status.line if stated and status and stated.path == first.path else first.found.line,
        place=Place(path=first.path, line=first.found.line),
        others=counted([Place(path=seen.path, line=seen.found.line) for seen in places[1:]]),
        reader=first.reader,
        section=first.found.section,
        severity=_first([found.severity for found in every]),
        category=_first([found.category for found in every]),
        level=level,
        acceptance=counted(dict.fromkeys([line.text for found in every for line in found.acceptance])),
        validation=counted(_commands(every)),
        files=counted(_files(every)),
        links=counted(_links(identity, every)),
        dates=counted(dict.fromkeys([(line.text, line.line) for found in every for line in found.dates])),
        digest=digest(every),
    )


def _told(found: Found, line: int) -> Found:
    """What another document says, at the line of the definition: an item has one path, and lines are of that."""

    def here(lines: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(Line(one.text, line) for one in lines)

    return msgspec.structs.replace(
        found,
        acceptance=here(found.acceptance),
        validation=here(found.validation),
        files=here(found.files),
        links=tuple((kind, Line(one.text, line)) for kind, one in found.links),
        dates=here(found.dates),
    )


def _stated(places: Sequence[Seen]) -> Seen | None:
    """The place that tells the status: of those of the first one's weight the one that asks for the most."""
    stated = [seen for seen in places if seen.found.status]
    if len(stated) < 2:
        return stated[0] if stated else None
    known = [seen for seen in stated if seen.status]
    alike = [seen for seen in known if seen.found.weight == known[0].found.weight]
    return max(alike, key=lambda seen: statuses.ORDER.index(seen.status or "open")) if alike else stated[0]


def _first(texts: Sequence[str]) -> str:
    """The first text that says something, or ""."""
    return texts[0] if texts[0] or len(texts) == 1 else next(filter(None, texts), "")


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
    texts = {_content(found) for found in every}
    return hashlib.sha256("".join(sorted(texts)).encode("utf-8", "replace")).hexdigest()


def _content(found: Found) -> str:
    lines: tuple[Line, ...] = (*found.acceptance, *found.validation, *found.files)
    held = "\x01".join([found.title.strip(), found.text, found.severity, *[line.text.strip() for line in lines]])
    return " ".join(held.split()) + "\x00"
