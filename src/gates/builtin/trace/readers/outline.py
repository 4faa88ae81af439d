"""Outline: what stands below a heading: its fields, its last line, and the items that are finer than it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Set as AbstractSet

from gates.builtin.trace.documents.blocks import Entry, Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, fields


def gather(section: Section) -> tuple[fields.Fields, list[str]]:
    """The fields that stand directly below a heading, and the text of its paragraphs."""
    gathered = fields.Fields()
    texts: list[str] = []
    for block in section.blocks:
        if isinstance(block, Text) and not block.quoted:
            entry = Entry(block.line, 0, 0, section, "", "", block.lines, None)
            if fields.split(block.lines[0][1]) is not None:
                fields.nested([entry], gathered)
            else:
                texts.append(boxes.own_lines(entry, block.lines[0][1], gathered))
        elif isinstance(block, Entry):
            fields.nested([block], gathered)
    return gathered, texts


def finer_lines(document: Document) -> list[int]:
    """The lines of items in tables, boxes and records, in their order."""
    from gates.builtin.trace.readers.boxes import Boxes
    from gates.builtin.trace.readers.records import Records
    from gates.builtin.trace.readers.tables import Tables

    held = document.__dict__.get("_finer")
    if held is None:
        readers = (Tables(), Boxes(), Records())
        held = sorted(found.line for reader in readers for found in document.found(reader))
        document.__dict__["_finer"] = held
    return held


def last_line(section: Section) -> int:
    """The last line of a section and of all that stand in it."""
    at = section
    while at.children:
        at = at.children[-1]
    return at.end


def has_finer(section: Section, chosen: AbstractSet[int], finer: list[int]) -> bool:
    """Whether an item of `finer` or a heading of `chosen` stands below a heading, both given by their lines."""
    last = last_line(section)
    at = bisect_left(finer, section.line)
    if at < len(finer) and finer[at] <= last:
        return True
    stack = list(section.children)
    while stack:
        child = stack.pop()
        if child.line in chosen:
            return True
        stack.extend(child.children)
    return False
