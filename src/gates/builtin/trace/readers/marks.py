"""Marks: bullets led or closed by a sign or a word of status, where a document has nothing firmer."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, forms, headings, ids, outline, sections
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 30


class Marks:
    """A marked bullet for each item."""

    name = "mark"

    def read(self, document: Document) -> Iterator[Found]:
        """The marked bullets, where at least two statuses are among them: ticks alone are praise."""
        if outline.finer_lines(document) or forms.is_changelog(document):
            return
        others = (headings.Headings(), sections.Sections())
        if any(document.found(reader) for reader in others):
            return
        legend = context.legend(document)
        held: list[Found] = []
        for block in context.blocks(document):
            if isinstance(block, Entry):
                held.extend(found for entry in _marked(block) if (found := _found(entry, legend)))
        if len({statuses.of(found.status.text, legend) for found in held if found.status}) >= 2:
            yield from held


def _marked(entry: Entry) -> Iterator[Entry]:
    stack = [entry]
    while stack:
        at = stack.pop()
        if marked(at.lines[0][1]) and not at.box:
            yield at
        elif not at.box:
            stack.extend(reversed(at.children))


def marked(text: str) -> str:
    """The sign or the word of status that leads or closes a line; "" where there is none."""
    found = statuses.signs(text)
    if found:
        body = text.strip(" *_\ufe0f")
        if body.startswith(found[0]):
            return found[0]
        if body.endswith(found[-1]):
            return found[-1]
        lead = statuses.SHORTCODE.match(body)
        return found[0] if lead else ""
    match = boxes.tail(text)
    said = (match.group("in") or match.group("after")) if match else ""
    return said if said and statuses.KNOWN.get(statuses.plain(said)) else ""


def _found(entry: Entry, legend: statuses.Legend) -> Found | None:
    first = entry.lines[0][1]
    said = marked(first)
    gathered = fields.Fields()
    title = boxes.own_lines(entry, first, gathered)
    fields.nested(entry.children, gathered)
    bare = statuses.SHORTCODE.sub("", statuses.SIGN.sub("", title)).replace("\ufe0f", "").strip(" :-–—")
    if not said or not bare or statuses.of(said, legend) is None or context.is_template(first):
        return None
    if statuses.signs(said) and forms.ADVICE.match(bare):
        return None
    if not statuses.signs(said) and (tail := boxes.tail(bare)):
        bare = bare[: tail.start()]
    named = ids.leading(bare)
    identity, rest = (named[0], named[1]) if named is not None and ids.is_strong(named[0]) else ("", bare)
    return Found(
        id=identity,
        title=fields.bare(rest),
        line=entry.line,
        section=entry.section.path,
        status=Line(said, entry.line),
        body=first,
        weight=WEIGHT,
        **gathered.parts(),
    )
