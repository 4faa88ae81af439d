"""Decisions: decision records, one file for each."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.trace.documents.blocks import Entry, Section, Table, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import LinkKind, Status
from gates.builtin.trace.readers import fields
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 70
FOLDER = re.compile(r"(?:^|/)(?:adrs?|decisions?|architecture[-_]decisions?|decision[-_]records?|architecture[-_]decision[-_]records?|arch/adr)(?:/[^/]*)?$", re.IGNORECASE)  # fmt: skip  # noqa: E501
FILE = re.compile(r"(?:adr[-_]?)?(\d{1,5})(?:[-_. ].*)?\.(?:md|markdown|txt)", re.IGNORECASE)
DATED = re.compile(r"((?:\d{8}|\d{4}-\d\d-\d\d)[-_ ].+)\.(?:md|markdown)", re.IGNORECASE)
"""The name of a file that is told from others by its date and its words, as log4brains has it."""
TITLE = re.compile(r"(?:ADR|MADR|Decision)?[\s#-]*0*(\d{1,5})\s*[.:)—–-]", re.IGNORECASE)
ACCEPTED = re.compile(r"accepted|approved|decided|adopted|implemented|active|final|done|agreed|chosen", re.IGNORECASE)
PROPOSED = re.compile(
    r"proposed|proposal|draft|pending|under (?:discussion|review)|rfc|open|in review|in progress|todo", re.IGNORECASE
)
ENDED = re.compile(
    r"rejected|deprecated|superseded|superceded|withdrawn|obsolete|replaced|retired|cancell?ed",
    re.IGNORECASE,
)
TARGET = re.compile(
    r"(?P<kind>superse?c?ded by|replaced by|supersedes|supercedes|replaces)\s*:?\s*(?P<rest>[^\n;]{1,200})",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?:(?:ADR|MADR)[-\s#]*|\[|/|\(|^|\s)0*(\d{1,5})(?!\w)", re.IGNORECASE)
CHOSEN = re.compile(r"[\s*_>-]*chosen option\b", re.IGNORECASE)
RULED = re.compile(r"(?:\d+[.)]?\s*)?decision(?!\s+(?:drivers|makers?|date|status))", re.IGNORECASE)
INDEX = frozenset({"readme.md", "index.md", "adr.md", "decisions.md", "toc.md", "_index.md"})
LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")


class Decisions:
    """A file for each item."""

    name = "adr"

    def read(self, document: Document) -> Iterator[Found]:
        """The one decision of a file that has a number and lies among decisions, or says a status of decisions."""
        identity = _identity(document)
        if not identity:
            return
        head = next((section for section in document.blocks.sections if section.level == 1), None)
        status = status_of(document)
        if head is None and status is None:
            return
        if not FOLDER.search(document.folder) and (status is None or not _is_ruling(status.text)):
            return
        if not FOLDER.search(document.folder) and any(text.startswith("id:") for _, text in document.blocks.front):
            return
        status = status or _outcome(document)
        title = fields.bare(head.title) if head else document.name
        links = tuple(_links(document))
        yield Found(
            id=identity,
            title=TITLE.sub("", title, count=1).strip() or title,
            line=head.line if head else 1,
            section="",
            status=Line(status.text, status.line) if status else None,
            category="decision",
            links=links,
            dates=tuple(_dates(document)),
            text=_ruled(document),
            weight=WEIGHT,
        )


def _identity(document: Document) -> str:
    """The id by the name of a file, with its number or its date; "" where it has neither."""
    match = FILE.fullmatch(document.name)
    if match and number_of(document) is not None:
        return f"ADR-{match.group(1)}"
    dated = DATED.fullmatch(document.name) if FOLDER.search(document.folder) else None
    return dated.group(1) if dated else ""


def _outcome(document: Document) -> Line | None:
    """What a record without a status says that it has chosen."""
    for number, text in enumerate(document.lines, start=1):
        if CHOSEN.match(text):
            return Line("Chosen option", number)
    return None


def linked(cell: str) -> str:
    """The id of the decision whose file a cell of an index leads to; "" where it leads to none."""
    for _, target in LINK.findall(cell):
        match = FILE.fullmatch(target.partition("#")[0].rpartition("/")[2])
        if match:
            return f"ADR-{match.group(1)}"
    return ""


def is_index(document: Document) -> bool:
    """Whether it is the index of a folder of decisions, in whatever language."""
    stem = document.name.lower().partition(".")[0]
    return FOLDER.search(document.folder) is not None and f"{stem}.md" in INDEX


def _ruled(document: Document) -> str:
    """What the sections say that are the decision itself."""
    ruling = [one for one in document.blocks.sections if RULED.match(one.title)]
    texts = (block for section in ruling for block in section.blocks if isinstance(block, Text | Entry))
    return " ".join(text for block in texts for _, text in block.lines)


def number_of(document: Document) -> int | None:
    """The number in the name of the file; None for a template and for what has no number."""
    match = FILE.fullmatch(document.name)
    if match is None or "template" in document.name.lower() or not document.name.lower().endswith((".md", ".markdown")):
        return None
    return int(match.group(1))


def _is_ruling(text: str) -> bool:
    return any(pattern.match(text) for pattern in (ACCEPTED, PROPOSED, ENDED))


def meaning(text: str) -> Status | None:
    """What a status means of a decision: done, open or cancelled."""
    rulings: tuple[tuple[re.Pattern[str], Status], ...] = ((ENDED, "cancelled"), (ACCEPTED, "done"), (PROPOSED, "open"))
    for pattern, status in rulings:
        if pattern.match(fields.bare(text).lstrip(" ✅❌🟢🟡🔴-–—")):
            return status
    return None


def status_of(document: Document) -> Line | None:
    """The status in one of its spellings: front matter, a section, a line `Status:`, a row of a table."""
    for line, text in document.blocks.front:
        found = re.match(r"\s*status\s*:\s*['\"]?(.+?)['\"]?\s*$", text, re.IGNORECASE)
        if found:
            return Line(found.group(1), line)
    for section in document.blocks.sections[:40]:
        if fields.bare(section.title).strip(" :#").casefold() == "status" and section.level:
            said = _last(section)
            if said is not None:
                return said
        for block in section.blocks:
            said = _in(block)
            if said is not None:
                return said
    return None


def _last(section: Section) -> Line | None:
    """What a section `Status` says: the line that ends the decision where there is one, else its first."""
    every = [
        Line(fields.bare(text), line)
        for block in section.blocks
        if isinstance(block, Entry) or (isinstance(block, Text) and not block.quoted)
        for line, text in block.lines
        if text.strip()
    ]
    return next((one for one in every if ENDED.match(one.text)), every[0] if every else None)


def _in(block: object) -> Line | None:
    if isinstance(block, Text | Entry):
        for line, text in block.lines:
            found = fields.split(text)
            if found is not None and found[0] == "status" and found[1].strip():
                return Line(fields.bare(found[1]), line)
    elif isinstance(block, Table):
        for row in ([block.header] if block.header else []) + block.rows:
            if len(row.cells) >= 2 and fields.bare(row.cells[0]).casefold().strip(":") == "status":
                return Line(fields.bare(row.cells[1]), row.line)
    return None


def _links(document: Document) -> Iterator[tuple[LinkKind, Line]]:
    seen: set[tuple[str, int]] = set()
    for number, text in enumerate(document.lines[:400], start=1):
        said = fields.bare(text) if "*" in text else text
        for match in TARGET.finditer(said):
            if not _is_own(said[: match.start()]):
                continue
            kind: LinkKind = "superseded-by" if match.group("kind").lower().endswith("by") else "supersedes"
            target = NUMBER.search(match.group("rest"))
            if target and (kind, int(target.group(1))) not in seen:
                seen.add((kind, int(target.group(1))))
                yield kind, Line(f"ADR-{int(target.group(1)):04d}", number)


def _is_own(before: str) -> bool:
    """Whether what stands before `superseded by` leaves it a statement of this record, and not one of a sentence."""
    words = re.findall(r"\w+", before)
    return not before.rstrip().endswith("→") and (
        len(words) <= 3 or before.endswith("(") or before.startswith(("#", "|"))
    )


def _dates(document: Document) -> Iterator[Line]:
    for number, text in enumerate(document.lines[:40], start=1):
        if re.match(r"[\s*_-]*date\b", text, re.IGNORECASE):
            yield from fields.dates(text, number)
