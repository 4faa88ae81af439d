"""Headings: a heading for each phase, milestone or requirement, with its status in it or below it."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, forms, ids, keys, outline, owners, titles
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 55
ORDINAL = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,3})[.):]?\s+(?=\S)")
WORDS = 6
"""More words than that which begin with no status are prose about one, and a priority has half as many."""


class Headings:
    """A heading for each item."""

    name = "heading"

    def read(self, document: Document) -> Iterator[Found]:
        """The items that are headings: those with an id, and those with a status and nothing finer below them."""
        owned = owners.lines(document)
        phases = _phases(document, owned)
        for section in document.blocks.sections:
            if section.line in owned and section.level:
                yield _found(document, section, own=True)
            elif section.line in phases and section.level:
                yield _found(document, section, own=False)


def _phases(document: Document, owned: frozenset[int]) -> frozenset[int]:
    finer = outline.finer_lines(document)
    held: list[tuple[Section, bool]] = []
    for section in document.blocks.sections:
        if not section.level or section.line in owned or context.is_aside(section):
            continue
        title, said = titles.stated(section)
        phase = titles.PHASE.match(titles.numberless(title)) is not None
        if (said and not _is_meant(document, section, said)) or not (said or _has_fields(section)):
            continue
        if statuses.known(title) or (section.level == 1 and not phase) or context.is_general(section):
            continue
        if any(one.line in owned for one in section.above()[1:]):
            continue
        held.append((section, phase))
    levels = Counter(section.level for section, _ in held)
    chosen = {section.line for section, phase in held if phase or levels[section.level] >= 2}
    firm = chosen | owned
    return frozenset(
        section.line for section, _ in held if section.line in chosen and not outline.has_finer(section, firm, finer)
    )


def _has_fields(section: Section) -> bool:
    """Whether a status or a priority stands below it as a field, and no prose about one."""
    if section.level < 2:
        return False
    single = outline.gather(section)[0].single
    if "status" in single:
        return not _is_prose(single["status"].text)
    said = statuses.plain(single["severity"].text) if "severity" in single else ""
    return bool(said) and len(said.split()) * 2 <= WORDS and not context.is_template(said)


def _is_prose(text: str) -> bool:
    return len(text.split()) > WORDS and not statuses.is_said(text)


def _is_meant(document: Document, section: Section, said: str) -> bool:
    """Whether what a heading says is its status: a word is; a sign is where it is no ornament and no sum of others."""
    if statuses.plain(said) or titles.PHASE.match(titles.numberless(section.title)) or titles.leading(section):
        return True
    if forms.ADVICE.match(titles.numberless(section.title)):
        return False
    marked = [block for block in section.blocks if isinstance(block, Entry) and statuses.signs(block.lines[0][1])]
    return len(marked) < 2 and not forms.is_decorated(document)


def declared(document: Document, section: Section) -> tuple[str, str]:
    """As `stated`, but only what is meant as a status; a sign alone is where other headings of its level have one."""
    title, said = titles.stated(section)
    if not said or context.is_general(section) or not _is_meant(document, section, said):
        return title, ""
    if statuses.plain(said) or titles.PHASE.match(titles.numberless(title)) or titles.leading(section):
        return title, said
    return (title, said) if _stating(document)[section.level] > 1 else (title, "")


def _stating(document: Document) -> Counter[int]:
    """How many headings of each level say a status; counted once."""
    held: Counter[int] | None = document.__dict__.get("_stating")
    if held is None:
        said = (section.level for section in document.blocks.sections if titles.stated(section)[1])
        held = document.__dict__["_stating"] = Counter(said)
    return held


def _found(document: Document, section: Section, *, own: bool) -> Found:
    title, said = titles.stated(section)
    gathered, texts = outline.gather(section)
    bare = titles.numberless(title)
    identity = ""
    if own:
        named = ids.leading(bare)
        identity, bare = (named[0], named[1]) if named and ids.is_strong(named[0]) else ("", bare)
    if not identity:
        bare = owners.TITLED.sub("", bare)
        if own and (named := ids.leading(bare)) and ids.is_strong(named[0]):
            identity, bare = named[0], named[1]
    if not identity:
        match = titles.PHASE.match(bare) or (ORDINAL.match(bare) if own else None)
        if match:
            identity = " ".join(match.group(1).split())
            bare = bare[match.end() :].strip(" :-–—.") or bare
    _criteria(document, section, gathered)
    status = Line(said, section.line) if said else gathered.single.get("status")
    if status is not None and _is_prose(status.text):
        status = None
    blocked = gathered.single.get("blocked") or _blocked(section)
    if blocked is not None and (status is None or statuses.known(status.text) == "open"):
        status = Line(f"blocked by {fields.bare(blocked.text)}", blocked.line)
    parts = gathered.parts()
    parts["text"] = " ".join([*texts, *gathered.body])
    return Found(
        id=identity,
        title=fields.bare(bare),
        line=section.line,
        section=section.parent.path if section.parent else "",
        status=Line(fields.bare(status.text), status.line) if status else _by_boxes(section),
        body=section.title,
        weight=WEIGHT,
        **parts,
    )


def _blocked(section: Section) -> Line | None:
    for child in section.children:
        gathered, _ = outline.gather(child)
        if "blocked" in gathered.single and not ids.leading(child.title):
            return gathered.single["blocked"]
    return None


def _criteria(document: Document, section: Section, gathered: fields.Fields) -> None:
    """Boxes and criteria below a heading are what it asks for; its files and its tests are named in sections too."""
    legend = context.legend(document)
    for one in [section, *section.children]:
        kind = keys.KINDS.get(context.name(one).casefold()) if one is not section else None
        for block in one.blocks:
            if isinstance(block, Entry):
                for entry in boxes.walk(block):
                    if boxes.is_box(entry, legend) and not ids.leading(entry.lines[0][1]):
                        gathered.acceptance.append(Line(fields.bare(entry.text), entry.line))
                    elif kind in {"acceptance", "validation", "files"} and entry is block:
                        gathered.add(kind, entry.text, entry.line)


def _by_boxes(section: Section) -> Line | None:
    """What the boxes of a heading with an id say, where it has no status of its own."""
    held = [
        entry
        for block in section.blocks
        if isinstance(block, Entry)
        for entry in boxes.walk(block)
        if entry.box in statuses.BOXES and entry.box
    ]
    if not held:
        return None
    status = statuses.least([statuses.BOXES[entry.box] for entry in held])
    return Line(status, held[0].line)
