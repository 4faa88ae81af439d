"""Cards: headings below a heading that is a status, such as `### Login` in the column `## Backlog` of a board."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, outline, sections, titles
from gates.builtin.trace.readers.found import Found, Line

NUMBERED = re.compile(r"\d{1,3}[.)]\s+\S")
KEYED = re.compile(r"[a-z][A-Za-z]{1,20}:(?:\s|$)")


def of(document: Document) -> dict[int, tuple[Section, Line]]:
    """The headings that are items by the status above them, by their line; found once."""
    held: dict[int, tuple[Section, Line]] | None = document.__dict__.get("_cards")
    if held is None:
        held = document.__dict__["_cards"] = {
            card.line: (card, Line(said, section.line))
            for section in document.blocks.sections
            if section.children and section.level and (said := sections.said_by(section))
            for card in _of(section)
        }
    return held


def _of(section: Section) -> Iterator[Section]:
    """The cards of one column: all headings below it, where they are counted, or hold nothing that is a list."""
    below = [one for one in section.children if not (sections.said_by(one) or context.is_aside(one))]
    below = [one for one in below if not context.is_general(one)]
    counted = [one for one in below if _is_counted(one)]
    if len(counted) > 1 and len(counted) * 2 > len(below):
        yield from below
    elif below and not any(_is_list(one) for one in [section, *section.children]):
        yield from (one for one in below if not one.children)


def _is_counted(section: Section) -> bool:
    return bool(titles.PHASE.match(section.title.strip("* ")) or NUMBERED.match(section.title.strip("* ")))


def _is_list(section: Section) -> bool:
    """Whether something stands in it that could be an item itself, and no field of one."""
    return any(isinstance(block, Entry) and not is_keyed(block) for block in section.blocks)


def is_keyed(entry: Entry) -> bool:
    """Whether an entry is a field of a card, such as `- workload: Hard`."""
    first = entry.lines[0][1]
    return not entry.box and (KEYED.match(first) is not None or fields.split(first) is not None)


def found(document: Document, card: Section, status: Line) -> Found:
    """The item that a card is."""
    title, said = titles.stated(card)
    gathered, _ = outline.gather(card)
    for block in card.blocks:
        if isinstance(block, Entry):
            gathered.acceptance.extend(
                Line(fields.bare(entry.text), entry.line) for entry in boxes.walk(block) if entry.box
            )
    match = titles.PHASE.match(title)
    named = match is not None and _shared(document)[card.title.partition(":")[0]] == 1
    return Found(
        id=" ".join(match.group(1).split()) if match and named else "",
        title=fields.bare(title[match.end() :].strip(" :-–—.") or title if match and named else title),  # noqa: RUF001
        line=card.line,
        section=card.parent.path if card.parent else "",
        status=Line(said, card.line) if statuses.plain(said) else sections.worded(status),
        body=card.title,
        weight=sections.WEIGHT,
        **gathered.parts(),
    )


def _shared(document: Document) -> Counter[str]:
    """How many cards are called by each name before a colon, such as `Phase 2`; counted once."""
    held: Counter[str] | None = document.__dict__.get("_shared")
    if held is None:
        held = Counter(one.title.partition(":")[0] for one, _ in of(document).values())
        document.__dict__["_shared"] = held
    return held
