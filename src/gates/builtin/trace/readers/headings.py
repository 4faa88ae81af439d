"""Headings: a heading for each phase, milestone or requirement, with its status in it or below it."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, ids
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 55
PHASE = re.compile(
    r"((?:Phase|Milestone|Step|Stage|Sprint|Epic|Task|Story|User Story|Batch|Iteration|Feature|Part|Wave|Requirement|Item|Issue|"  # noqa: E501
    r"Work ?package|WP|M|Gap|Objective)\s?#?\d+[A-Za-z]?(?:\.\d+)*[A-Za-z]?)(?=$|\W)",
    re.IGNORECASE,
)
TASK = re.compile(r"(Task|Story|User Story|Feature|Requirement|Item|Issue|Gap|Ticket|Bug)\s?#?\d+(?:\.\d+)*[A-Za-z]?(?=$|\W)", re.IGNORECASE)  # fmt: skip  # noqa: E501
ORDINAL = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,3})[.):]?\s+(?=\S)")
TITLED = re.compile(r"Requirement:\s+(?=\S)", re.IGNORECASE)
BRACKET = re.compile(r"\s*[\[(]([^\[\]()]{2,40})[\])]\s*$")
PARTED = re.compile(r"\s[-–—|]+\s+|—|–|:\s+")
MUST = re.compile(r"\b(?:MUST|SHALL|SHOULD|MAY|must|shall|should)\b")
WORDS = 6
"""More words than that which begin with no status are prose about one, and a priority has half as many."""


class Headings:
    """A heading for each item."""

    name = "heading"

    def read(self, document: Document) -> Iterator[Found]:
        """The items that are headings: those with an id, and those with a status and nothing finer below them."""
        owned = identified(document)
        phases = _phases(document, owned)
        for section in document.blocks.sections:
            if section.line in owned and section.level:
                yield _found(document, section, own=True)
            elif section.line in phases and section.level:
                yield _found(document, section, own=False)


def identified(document: Document) -> frozenset[int]:
    """The lines of headings that begin with an id and have what an item has below them."""
    held = document.__dict__.get("_identified")
    if held is None:
        held = document.__dict__["_identified"] = frozenset(_identified(document))
    return held


def _identified(document: Document) -> Iterator[int]:
    yield from (section.line for section in document.blocks.sections if _is_task(section) or _is_titled(section))
    proven = [section for section in document.blocks.sections if section.level > 1 and _is_proven(section)]
    if len(proven) > 1:
        yield from (section.line for section in proven)
    named = [(section, found) for section in document.blocks.sections if section.level and (found := _leading(section))]
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
    kind = TASK.match(_numberless(section.title)) if section.level else None
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
    asked = [child for child in section.children if fields.KEYS.get(context.name(child).casefold()) == "acceptance"]
    return any(not context.is_form(child) for child in asked)


def _is_proven(section: Section) -> bool:
    """Whether it has what it asks for and how that is shown, both below the heading itself."""
    if context.is_aside(section) or context.is_template(section.title):
        return False
    gathered, _ = gather(section)
    return bool(gathered.acceptance and gathered.validation)


def _leading(section: Section) -> tuple[str, str, str] | None:
    title = statuses.SIGN.sub("", section.title).replace("\ufe0f", "").strip()
    found = ids.leading(title)
    if found is None or not ids.is_strong(found[0]) or re.fullmatch(r"[A-Za-z]\d", found[0]):
        return None
    return found


def _described(section: Section) -> bool:
    gathered, _ = gather(section)
    if gathered.single.keys() & {"status", "severity"} or gathered.acceptance or gathered.validation:
        return True
    return any(isinstance(block, Text) and MUST.search(block.lines[0][1]) for block in section.blocks)


def stated(section: Section) -> tuple[str, str]:
    """The title of a heading without its status, and the status that it says, "" where it says none."""
    title = section.title
    match = BRACKET.search(title)
    if match and statuses.known(match.group(1)):
        return title[: match.start()].strip(" :-–—"), match.group(1).strip()
    found = statuses.signs(title)
    said = _tail(statuses.SIGN.sub("", title).replace("\ufe0f", ""))
    if found and len(set(found)) == 1 and found[0] in statuses.BY_SIGN:
        plain = statuses.SIGN.sub("", title).replace("\ufe0f", "").strip(" :-–—")
        behind = title.rpartition(found[-1])[2].strip(" \ufe0f*:-–—")
        if behind and statuses.KNOWN.get(statuses.plain(behind)) and title.partition(found[0])[0].strip(" *#"):
            return title.partition(found[0])[0].strip(" :-–—"), f"{found[0]} {behind}"
        sign_only = not title.lstrip().startswith(found[0]) and not title.rstrip(" \ufe0f*)").endswith(found[0])
        if sign_only or found[0] in "🚀📋📝🔧🛠⚙💡🔒🧪🎉📌🔨🏗":
            found = []
        elif said:
            return plain[: plain.rfind(said)].strip(" :-–—"), f"{said} {found[0]}"
        else:
            return _without_words(plain, found[0])
    if said:
        rest = title[: title.rfind(said)].strip(" :-–—|") if said in title else title
        if rest.count("(") > rest.count(")"):
            rest = rest.rpartition("(")[0].strip()
        if not re.fullmatch(r"\W*", rest):
            return rest, said
    return title, ""


def _tail(title: str) -> str:
    """The words behind the last mark of a heading that begin with a status; "" where there are none."""
    for match in reversed(list(PARTED.finditer(title))):
        said = title[match.end() :].strip(" *")
        if 2 <= len(said) <= 60 and statuses.is_said(said):
            number = PHASE.fullmatch(_numberless(title[: match.start()]).strip(" :"))
            return "" if number and statuses.plain(said) in statuses.TOPICS else said
    return ""


def _without_words(plain: str, sign: str) -> tuple[str, str]:
    words = plain.split()
    if len(words) > 1 and statuses.KNOWN.get(words[-1].casefold().strip("*")):
        return " ".join(words[:-1]), f"{words[-1]} {sign}"
    return plain, sign


def _phases(document: Document, owned: frozenset[int]) -> frozenset[int]:
    finer = finer_lines(document)
    held: list[tuple[Section, bool]] = []
    for section in document.blocks.sections:
        if not section.level or section.line in owned or context.is_aside(section):
            continue
        title, said = stated(section)
        phase = PHASE.match(_numberless(title)) is not None
        if (said and not _is_meant(document, section, said)) or not (said or _has_fields(section)):
            continue
        if statuses.known(title) or (section.level == 1 and not phase) or context.is_general(section):
            continue
        if any(one.line in owned for one in section.above()[1:]):
            continue
        held.append((section, phase))
    levels = Counter(section.level for section, _ in held)
    chosen = {section.line for section, phase in held if phase or levels[section.level] >= 2}
    kept = set()
    for section, _ in held:
        if section.line in chosen and not _has_finer(section, chosen | owned, finer):
            kept.add(section.line)
    return frozenset(kept)


def _has_fields(section: Section) -> bool:
    """Whether a status or a priority stands below it as a field, and no prose about one."""
    if section.level < 2:
        return False
    single = gather(section)[0].single
    if "status" in single:
        return not _is_prose(single["status"].text)
    said = statuses.plain(single["severity"].text) if "severity" in single else ""
    return bool(said) and len(said.split()) * 2 <= WORDS and not context.is_template(said)


def _is_prose(text: str) -> bool:
    return len(text.split()) > WORDS and not statuses.is_said(text)


def _is_meant(document: Document, section: Section, said: str) -> bool:
    """Whether what a heading says is its status: a word is; a sign is where it is no ornament and no sum of others."""
    if statuses.plain(said) or PHASE.match(_numberless(section.title)) or _leading(section):
        return True
    marked = [block for block in section.blocks if isinstance(block, Entry) and statuses.signs(block.lines[0][1])]
    return len(marked) < 2 and not context.is_decorated(document)


def declared(document: Document, section: Section) -> tuple[str, str]:
    """As `stated`, but only what is meant as a status; a sign alone is where other headings of its level have one."""
    title, said = stated(section)
    if not said or context.is_general(section) or not _is_meant(document, section, said):
        return title, ""
    if statuses.plain(said) or PHASE.match(_numberless(title)) or _leading(section):
        return title, said
    alike = (one for one in document.blocks.sections if one.level == section.level and one is not section)
    return (title, said) if any(stated(one)[1] for one in alike) else (title, "")


def _numberless(title: str) -> str:
    return statuses.SIGN.sub("", title).replace("\ufe0f", "").strip(" *")


def _has_finer(section: Section, chosen: set[int] | frozenset[int], finer: list[int]) -> bool:
    from bisect import bisect_left

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


def last_line(section: Section) -> int:
    """The last line of a section and of all that stand in it."""
    at = section
    while at.children:
        at = at.children[-1]
    return at.end


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


def _found(document: Document, section: Section, *, own: bool) -> Found:
    title, said = stated(section)
    gathered, texts = gather(section)
    bare = _numberless(title)
    identity = ""
    if own:
        named = ids.leading(bare)
        identity, bare = (named[0], named[1]) if named and ids.is_strong(named[0]) else ("", bare)
    if not identity:
        bare = TITLED.sub("", bare)
        if own and (named := ids.leading(bare)) and ids.is_strong(named[0]):
            identity, bare = named[0], named[1]
    if not identity:
        match = PHASE.match(bare) or (ORDINAL.match(bare) if own else None)
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
    return Found(
        id=identity,
        title=fields.bare(bare),
        line=section.line,
        section=section.parent.path if section.parent else "",
        status=Line(fields.bare(status.text), status.line) if status else _by_boxes(section),
        severity=gathered.text("severity"),
        category=gathered.text("category"),
        acceptance=tuple(gathered.acceptance),
        validation=tuple(gathered.validation),
        files=tuple(gathered.files),
        links=tuple(gathered.links),
        dates=tuple(gathered.dates),
        text=" ".join([*texts, *gathered.body]),
        body=" ".join([section.title, *texts]),
        weight=WEIGHT,
    )


def _blocked(section: Section) -> Line | None:
    for child in section.children:
        gathered, _ = gather(child)
        if "blocked" in gathered.single and not ids.leading(child.title):
            return gathered.single["blocked"]
    return None


def _criteria(document: Document, section: Section, gathered: fields.Fields) -> None:
    """Boxes and criteria below a heading are what it asks for; its files and its tests are named in sections too."""
    legend = context.legend(document)
    for one in [section, *section.children]:
        kind = fields.KEYS.get(context.name(one).casefold()) if one is not section else None
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
