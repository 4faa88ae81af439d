"""Bullets: `- [ID] … MUST …` and `**FR-1**: The system shall …`, the statements of a specification."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Block, Entry, Numbered, Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, headings, ids, outline, owners
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 60
MENTION = 20
COUNTED = re.compile(r"([A-Z][A-Z-]{0,11}[-_]?)(\d{1,4}(?:\.\d{1,3}){0,3})[.:)]?\s+(?=\S)")
AND = re.compile(r"(?:and|or|,|&|/)\s*[`*(\[]")
MUST = re.compile(r"\b(?:MUST|SHALL|SHOULD|REQUIRED|MAY|WILL|must|shall|should)\b")
ENDS = re.compile(rf"^(?:(?:{statuses.SIGN.pattern})\ufe0f?\s*)+|(?:\s*(?:{statuses.SIGN.pattern})\ufe0f?)+$")
MENTIONS = re.compile(
    r".*\b(?:issues?|summary|prioriti[sz]ation|priorities|next|focus|covered|mapping|traceability|depends|dependencies|overview|"
    r"highlights|out of scope|non-?goals|rationale|release notes|cross)\b.*",
    re.IGNORECASE,
)


class Bullets:
    """A bullet or a paragraph for each statement."""

    name = "bullet"

    def read(self, document: Document) -> Iterator[Found]:
        """The statements with an id in front."""
        owned = owners.lines(document)
        held = list(self._found(document, owned))
        firm = [found for found, is_firm in held if is_firm]
        if firm:
            yield from firm
        elif len(held) > 1 and not outline.finer_lines(document) and not document.found(headings.Headings()):
            yield from (found for found, _ in held)

    def _found(self, document: Document, owned: frozenset[int]) -> Iterator[tuple[Found, bool]]:
        for section in document.blocks.sections:
            if not section.blocks or context.is_aside(section):
                continue
            inside = any(one.line in owned for one in section.above())
            for block in section.blocks:
                for found, firm in _of_block(section, block):
                    if firm or not inside:
                        yield found, firm


def _of_block(section: Section, block: Block) -> Iterator[tuple[Found, bool]]:
    """What a list or a paragraph states, and whether it does so firmly."""
    parts: list[tuple[list[Numbered], Entry | None]] = []
    counted: list[list[Numbered]] = []
    if isinstance(block, Entry):
        parts = [(entry.lines, entry) for entry in boxes.walk(block) if not _boxed(entry)]
    elif isinstance(block, Text) and not block.quoted:
        counted = _counted(block.lines)
        parts = [(lines, None) for lines in counted or _statements(block.lines)]
    for lines, entry in parts:
        found = _made(section, lines, entry, counted=bool(counted))
        if found is not None:
            yield found


def _boxed(entry: Entry) -> bool:
    """Whether it is a box or stands below one, so that it is that one's part."""
    at: Entry | None = entry
    while at is not None:
        if at.box:
            return True
        at = at.parent
    return False


def _counted(lines: list[Numbered]) -> list[list[Numbered]]:
    """The lines of a paragraph that counts its statements, `R1 …` and `R2 …`; none where it does not."""
    held: list[list[Numbered]] = []
    numbers: list[tuple[str, str]] = []
    for number, text in lines:
        match = COUNTED.match(text)
        if match:
            numbers.append((match.group(1), match.group(2)))
            held.append([(number, f"**{match.group(1)}{match.group(2)}** {text[match.end() :]}")])
        elif held:
            held[-1].append((number, text))
        else:
            return []
    musts = sum(1 for one in held if any(MUST.search(text) for _, text in one))
    alike = len({letters for letters, _ in numbers}) == 1 and len(set(numbers)) == len(numbers)
    return held if len(held) > 2 and alike and musts * 2 >= len(held) else []


def _statements(lines: list[Numbered]) -> list[list[Numbered]]:
    """The lines of a paragraph, parted before each that begins with an id set apart."""
    held: list[list[Numbered]] = []
    for number, text in lines:
        named = ids.leading(text) if text[:1] in "*[`(_" or not held else None
        if not held or (named is not None and named[2] != "word" and ids.is_strong(named[0])):
            held.append([])
        held[-1].append((number, text))
    return held


def _made(section: Section, lines: list[Numbered], entry: Entry | None, *, counted: bool) -> tuple[Found, bool] | None:
    number, first = lines[0]
    named = ids.leading(first)
    if named is None or not ids.is_strong(named[0]) or context.is_template(first):
        return None
    identity, rest, how = named
    if AND.match(rest) or (first.startswith("`") and "_" in identity and not any(map(str.isdigit, identity))):
        return None
    if "](" in first[: len(first) - len(rest)] and not any(map(str.isdigit, identity)):
        return None
    told = not (rest[:1].islower() and first[: len(first) - len(rest)].rstrip().endswith("`"))
    text = " ".join([rest, *(line for _, line in lines[1:])])
    must = MUST.search(text) is not None
    bracketed = first.lstrip("*_").startswith(("[", "`", "(")) or first.startswith("**")
    said = boxes.tail(fields.bare(rest))
    status = ""
    if said:
        word = said.group("in") or said.group("after")
        status = word if statuses.known(word) and len(word.split()) <= 3 else ""
    found = statuses.signs(rest)
    status = status or (found[0] if found and statuses.BY_SIGN.get(found[0]) else "")
    about = any(MENTIONS.fullmatch(context.name(one)) for one in section.above()[:1])
    firm = (must and how != "word") or (how != "word" and bool(status) and not about)
    firm = firm or (
        entry is not None
        and bracketed
        and how == "mark"
        and not about
        and len(rest.split()) >= 2
        and rest[:1].isalnum()
        and told
    )
    if entry is None:
        firm = how != "word" and (must or counted)
    if not firm and (entry is None or entry.parent is not None or how == "word" or about or not (rest and told)):
        return None
    gathered = fields.Fields()
    own = entry or Entry(number, 0, 0, section, "", "", lines, None)
    title = boxes.own_lines(own, rest, gathered)
    fields.nested(own.children, gathered)
    stated = gathered.single.get("status")
    line = Line(fields.bare(stated.text), stated.line) if stated else Line(status, number) if status else None
    made = Found(
        id=identity,
        title=_unsigned(fields.bare(title)),
        line=number,
        section=section.path,
        status=line,
        body=first,
        weight=WEIGHT if must and told else MENTION,
        **gathered.parts(),
    )
    return made, firm


def _unsigned(title: str) -> str:
    """A title without the sign of status that it begins or ends with, where words are left."""
    return ENDS.sub("", title) or title
