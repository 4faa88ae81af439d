"""Owners: headings that are items themselves by their id, their name or their fields, and own what is below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gates.builtin.trace.documents.blocks import Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import context, forms, keys
from gates.builtin.trace.readers.outline import gather
from gates.builtin.trace.readers.titles import leading, numberless, stated

TASK = re.compile(r"(Task|Story|User Story|Feature|Requirement|Item|Issue|Gap|Ticket|Bug)\s?#?\d+(?:\.\d+)*[A-Za-z]?(?=$|\W)", re.IGNORECASE)  # fmt: skip  # noqa: E501
TITLED = re.compile(r"Requirement:\s+(?=\S)", re.IGNORECASE)
MUST = re.compile(r"\b(?:MUST|SHALL|SHOULD|MAY|must|shall|should)\b")


def lines(document: Document) -> frozenset[int]:
    """The lines of the headings that own what stands below them; found once."""
    held = document.__dict__.get("_identified")
    if held is None:
        held = document.__dict__["_identified"] = frozenset(_identified(document))
    return held


def _identified(document: Document) -> Iterator[int]:
    yield from (section.line for section in document.blocks.sections if _is_task(section) or _is_titled(section))
    proven = [section for section in document.blocks.sections if section.level > 1 and _is_proven(section)]
    if len(proven) > 1:
        yield from (section.line for section in proven)
    named = [(section, found) for section in document.blocks.sections if section.level and (found := leading(section))]
    named = [(section, found) for section, found in named if not context.is_aside(section)]
    levels = Counter((section.level, re.split(r"[-_\d]", found[0])[0]) for section, found in named)
    for section, found in named:
        if context.is_template(section.title):
            continue
        alike = levels[section.level, re.split(r"[-_\d]", found[0])[0]] >= 2
        if (found[2] != "word" and alike) or _described(section):
            yield section.line


def _is_task(section: Section) -> bool:
    """Whether it is called `Task 3` or the like and says its status, or `Requirement 3` and what it asks for."""
    kind = TASK.match(numberless(section.title)) if section.level else None
    if kind is None or context.is_aside(section):
        return False
    asks = kind.group(1).casefold() == "requirement" and _asks(section)
    return asks or bool(stated(section)[1]) or "status" in gather(section)[0].single


def _is_titled(section: Section) -> bool:
    """Whether it is called `Requirement: …` and says what must be."""
    if section.level < 2 or not TITLED.match(section.title) or context.is_aside(section):
        return False
    if context.is_template(section.title):
        return False
    texts = (block for block in section.blocks if isinstance(block, Text))
    return any(MUST.search(text) for block in texts for _, text in block.lines)


def _asks(section: Section) -> bool:
    """Whether it says when it is met, in a field or in a section of that name."""
    if gather(section)[0].acceptance:
        return True
    asked = [child for child in section.children if keys.KINDS.get(context.name(child).casefold()) == "acceptance"]
    return any(not forms.is_form(child) for child in asked)


def _is_proven(section: Section) -> bool:
    """Whether it has what it asks for and how that is shown, both below the heading itself."""
    if context.is_aside(section) or context.is_template(section.title):
        return False
    gathered, _ = gather(section)
    return bool(gathered.acceptance and gathered.validation)


def _described(section: Section) -> bool:
    gathered, _ = gather(section)
    if gathered.single.keys() & {"status", "severity"} or gathered.acceptance or gathered.validation:
        return True
    return any(isinstance(block, Text) and MUST.search(block.lines[0][1]) for block in section.blocks)
