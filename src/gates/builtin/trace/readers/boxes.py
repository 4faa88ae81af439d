"""Boxes: lists of checkboxes, with what is nested below them."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import context, fields, ids, keys, ratings, sections, tables
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 40
LABELS = 8
ENDING = 100
"""Characters at the end of a line among which a word of status stands."""
PARALLEL = re.compile(r"\[(?:P|P\d)\]\s*")
RANGE = re.compile(r"\s*(?:…|\.\.\.|–\s*[A-Z]|to\s+[A-Z]+-?\d)")
ORDINAL = re.compile(r"(\d{1,4})[.)]\s+(?=\S)")
STAMP = re.compile(r"\((?:NEW|UPDATED|ADDED|CHANGED)?\s*(?:\d{4}-\d\d-\d\d)?\)\s*:?\s*", re.IGNORECASE)
NAMED = re.compile(r"\s*[-*+]\s+(?:\*\*|\[|`)[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+(?:\*\*|\]|`)")
LABEL = re.compile(r"\[(P|US\d+|Story\d*|P\d|[A-Z]{1,6}\d{0,3}|[A-Z][a-z]+)\]\s*(?!\()")
TAIL = re.compile(r"\s*(?:[\(\[](?P<in>[^()\[\]]{2,30})[\)\]]|(?:—|–|\s-|:)\s*(?P<after>[\w' -]{2,24}))\s*\.?$")


class Boxes:
    """A checkbox for each item; boxes without an id below an item are what it asks for."""

    name = "checkbox"

    def read(self, document: Document) -> Iterator[Found]:
        """The items of all lists of boxes."""
        from gates.builtin.trace.readers import owners

        boxed = entries(document)
        named = {id(entry): _identified(entry) for entry in boxed}
        repeated = Counter(ids.key(found[0]) for found in named.values() if found and ids.is_slug(found[0]))
        identified = sum(1 for found in named.values() if found) * 2 >= len(boxed)
        owned = owners.lines(document)
        for entry in boxed:
            found = named[id(entry)]
            if found and repeated and repeated[ids.key(found[0])] > 1:
                found = None
            if not found and (_inside(entry, document) or _belongs(entry.section, owned)):
                continue
            if not found and (identified or _is_named(document)) and context.is_criteria(entry.section):
                continue
            if context.is_template(entry.lines[0][1]) or not entry.lines[0][1].strip():
                continue
            yield _found(document, entry, found)


def _is_named(document: Document) -> bool:
    """Whether the document has items with ids that are no boxes, so that its checklists are about something else."""
    held = document.__dict__.get("_named")
    if held is None:
        bullets = sum(1 for line in document.lines if NAMED.match(line))
        held = bullets > 1 or any(columns.id is not None for _, columns in tables.of_items(document))
        document.__dict__["_named"] = held
    return bool(held)


def entries(document: Document) -> list[Entry]:
    """All checkboxes that may be items, nested ones too, in the order of the text."""
    held = document.__dict__.get("_boxes")
    if held is None:
        legend = context.legend(document)
        held = document.__dict__["_boxes"] = []
        for block in context.blocks(document):
            if isinstance(block, Entry):
                held += [
                    entry
                    for entry in walk(block)
                    if entry.box and entry.line not in legend.boxes and is_box(entry, legend)
                ]
    return held


def walk(entry: Entry) -> Iterator[Entry]:
    """An entry and all that are nested in it."""
    stack = [entry]
    while stack:
        at = stack.pop()
        yield at
        if at.children:
            stack.extend(reversed(at.children))


def is_box(entry: Entry, legend: statuses.Legend) -> bool:
    """Whether what stands in brackets is a sign of a checkbox."""
    return bool(entry.box) and (entry.box in statuses.BOXES or f"[{entry.box}]" in legend.meanings)


def _identified(entry: Entry) -> tuple[str, str, str] | None:
    text = entry.lines[0][1]
    match = ORDINAL.match(text)
    if match:
        return match.group(1), text[match.end() :], "sep"
    bare = text if text.isascii() else statuses.SIGN.sub("", text).lstrip("\ufe0f ")
    match = PARALLEL.match(bare)
    found = ids.leading(bare[match.end() :] if match else bare)
    if found is None or context.PATTERN.match(found[0]) or RANGE.match(found[1]):
        return None
    return found


def _inside(entry: Entry, document: Document) -> bool:
    """Whether it is nested below an item."""
    legend = context.legend(document)
    at = entry.parent
    while at is not None:
        field = fields.split(at.lines[0][1])
        if is_box(at, legend) or (field is not None and field[0] not in keys.GROUPING):
            return True
        at = at.parent
    return False


def _belongs(section: Section, owned: frozenset[int]) -> bool:
    return any(one.line in owned for one in section.above())


def _found(document: Document, entry: Entry, named: tuple[str, str, str] | None) -> Found:
    identity, rest = (named[0], named[1]) if named else ("", entry.lines[0][1])
    gathered = fields.Fields()
    dates = fields.dates(entry.lines[0][1], entry.line)
    rest = STAMP.sub("", rest, count=1) if rest.lstrip().startswith("(") else rest
    labels: list[str] = []
    rest = rest.lstrip(" :")
    while len(labels) < LABELS and (match := LABEL.match(rest)):
        labels.append(match.group(1))
        rest = rest[match.end() :].lstrip(" :")
    title = own_lines(entry, rest, gathered)
    legend = context.legend(document)
    others = fields.nested(entry.children, gathered)
    for other in others:
        if is_box(other, legend) and not _identified(other):
            gathered.acceptance.append(Line(fields.bare(other.text), other.line))
    if entry.codes and gathered.validation:
        fields.commands(entry.codes, gathered)
    status = _status(document, entry, gathered)
    if identity and entry.parent is not None and is_box(entry.parent, legend):
        above = _identified(entry.parent)
        if above:
            gathered.links.append(("parent", Line(above[0], entry.line)))
    path = entry.section.path
    if entry.parent is not None and not is_box(entry.parent, legend):
        path = f"{path} > {fields.bare(entry.parent.lines[0][1])}"
    parts = gathered.parts()
    parts["severity"] = parts["severity"] or next((label for label in labels if ratings.taken(f"[{label}]")[0]), "")
    parts["category"] = parts["category"] or next(filter(_is_category, labels), "")
    parts["files"] = parts["files"] or tuple(fields.mentioned(title, entry.line))
    parts["dates"] = (*dates, *parts["dates"])
    return Found(
        id=identity,
        title=fields.bare(title),
        line=entry.line,
        section=path,
        status=status,
        body=entry.lines[0][1],
        weight=WEIGHT,
        **parts,
    )


def _is_category(label: str) -> bool:
    return label != "P" and not ratings.taken(f"[{label}]")[0]


def own_lines(entry: Entry, first: str, gathered: fields.Fields) -> str:
    """The title of an entry: its first line and those that go on with it; its fields go to `gathered`."""
    if len(entry.lines) == 1:
        return fields.inline(first, entry.line, gathered).strip()
    held = [first]
    begun: tuple[str, int] | None = None
    value: list[str] = []
    before = entry.line
    for line, text in entry.lines[1:]:
        found = fields.split(text)
        if found is not None:
            if begun:
                gathered.add(begun[0], " ".join(value), begun[1])
            begun, value = (found[0], line), [found[1]]
        elif begun:
            value.append(text)
        elif line == before + 1:
            held.append(text)
        else:
            gathered.body.append(text)
        before = line
    if begun:
        gathered.add(begun[0], " ".join(value), begun[1])
    return fields.inline(" ".join(held), entry.line, gathered).strip()


def _status(document: Document, entry: Entry, gathered: fields.Fields) -> Line:
    legend = context.legend(document)
    stated = gathered.single.get("status")
    if stated is not None:
        return Line(fields.bare(stated.text), stated.line)
    box = f"[{entry.box}]"
    if entry.box == " ":
        said = refined(entry.lines[0][1])
        if said:
            return Line(said, entry.line)
        above = sections.status_of(entry.section)
        if above is not None and statuses.known(above.text) in {"in-progress", "blocked", "cancelled"}:
            return above
    own = legend.meanings.get(box) or statuses.BOXES.get(entry.box)
    return Line(box if own else entry.box, entry.line)


def tail(text: str) -> re.Match[str] | None:
    """What stands at the end of a line in brackets or behind a dash, which may be a status."""
    text = text.rstrip()
    return TAIL.search(text, max(0, len(text) - ENDING))


def refined(title: str) -> str:
    """What the end or the first sign of a line says of an item that is open: begun, blocked, given up."""
    match = tail(title)
    said = (match.group("in") or match.group("after")) if match else ""
    status = statuses.KNOWN.get(statuses.plain(said)) if said else None
    found = statuses.signs(title)
    if status is None and found:
        said, status = found[0], statuses.BY_SIGN.get(found[0])
        if not title.lstrip(" *").startswith(found[0]) and not title.rstrip(" *\ufe0f").endswith(found[0]):
            return ""
    return said if status in {"in-progress", "blocked", "cancelled", "partial"} else ""
