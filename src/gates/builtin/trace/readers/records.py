"""Records: `- ID:` with `Status:`, `Task:` and `Log:` below it, in lists or as paragraphs."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.trace.documents.blocks import Entry, Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, columns, context, fields, headers, ids
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 50
LONGEST = 60
"""Characters of an id; what is longer is a sentence."""


class Records:
    """One record for each item."""

    name = "record"

    def read(self, document: Document) -> Iterator[Found]:
        """The items of all records."""
        for block in context.blocks(document):
            if isinstance(block, Entry):
                for entry in _candidates(block):
                    found = _entry(entry)
                    if found is not None:
                        yield found
            elif isinstance(block, Text) and not block.quoted:
                found = _paragraph(block)
                if found is not None:
                    yield found


def _candidates(entry: Entry) -> Iterator[Entry]:
    stack = [entry]
    while stack:
        at = stack.pop()
        if not at.box:
            yield at
            if at.children and fields.split(at.lines[0][1]) is None:
                stack.extend(reversed(at.children))


def _entry(entry: Entry) -> Found | None:
    gathered = fields.Fields()
    first = fields.split(entry.lines[0][1])
    if first is not None and first[0] in {"id", "title"}:
        own = Entry(entry.line, entry.indent, entry.content, entry.section, "", "", entry.lines, None)
        fields.nested([own], gathered)
        if first[0] != "id" and "status" not in gathered.single:
            return None
        _log(fields.nested(entry.children, gathered), gathered)
        return made(entry.section, entry.line, first[0], gathered, entry.lines[0][1])
    if first is not None:
        return None
    has_status = any(
        (found := fields.split(text)) is not None and found[0] == "status" for _, text in entry.lines[1:]
    ) or any(
        (found := fields.split(child.lines[0][1])) is not None and found[0] == "status" for child in entry.children
    )
    if not has_status:
        return None
    title = boxes.own_lines(entry, entry.lines[0][1], gathered)
    _log(fields.nested(entry.children, gathered), gathered)
    if _is_about(entry.lines[0][1]):
        kind = "id" if "id" in gathered.single else "title"
        return made(entry.section, entry.line, kind, gathered, entry.lines[0][1]) if kind in gathered.single else None
    named = ids.leading(title)
    identity, rest = (named[0], named[1]) if named else ("", title)
    gathered.single.setdefault("title", Line(rest, entry.line))
    if identity:
        gathered.single["id"] = Line(identity, entry.line)
    return made(entry.section, entry.line, "id" if identity else "title", gathered, entry.lines[0][1])


def _is_about(text: str) -> bool:
    """Whether a line is a field such as `Owner: me`, which is no name of an item."""
    match = fields.FIELD.match(text)
    return match is not None and headers.kind(match.group(1).casefold()) == "notes"


def _log(entries: list[Entry], gathered: fields.Fields) -> None:
    for entry in entries:
        for line, text in entry.lines:
            gathered.dates.extend(fields.dates(text, line))


def _paragraph(text: Text) -> Found | None:
    first = fields.split(text.lines[0][1])
    if first is None or first[0] != "id":
        return None
    gathered = fields.Fields()
    entry = Entry(text.line, 0, 0, text.section, "", "", text.lines, None)
    fields.nested([entry], gathered)
    if len(gathered.single) < 2:
        return None
    return made(text.section, text.line, "id", gathered, text.lines[0][1])


def _identity(written: str) -> tuple[str, str]:
    """The id that is written as one, and the words beside it; words alone are no id, and name the item."""
    identity = ids.plain(written)
    if " " not in identity and len(identity) <= LONGEST:
        return identity, ""
    found = ids.leading(written)
    if found is None or not ids.is_strong(found[0]) or columns.LISTED.search(written[: len(found[0]) + 3]):
        return "", written
    return found[0], fields.bare(found[1])


def made(section: Section, line: int, kind: str, gathered: fields.Fields, body: str) -> Found | None:
    """The item that the fields of a record make; None where they only show how one is written, or say nothing of it."""
    identity, title = "", gathered.text("title")
    if kind == "id":
        written = gathered.text("id")
        if not written or context.is_template(gathered.single["id"].text):
            return None
        identity, named = _identity(written)
        if not identity and not gathered.single.keys() & {"status", "title"}:
            return None
        title = title or named
    if not identity and (not title or context.is_template(title)):
        return None
    status = gathered.single.get("status")
    return Found(
        id=identity,
        title=title or identity,
        line=line,
        section=section.path,
        status=Line(fields.bare(status.text), status.line) if status else None,
        body=body,
        weight=WEIGHT,
        **gathered.parts(),
    )
