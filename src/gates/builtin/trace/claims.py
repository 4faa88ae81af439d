"""Claims: totals, shares and sentences that a document makes about its items, against the items themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section, Table, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Remark, Status
from gates.builtin.trace.readers import boxes, context, fields, headings, outline, titles

NOUN = r"(?:items?|tasks?|requirements?|features?|stories|issues?|gaps?|phases?|milestones?|findings?|todos?|entries|actions?)"  # noqa: E501
WORD = r"(?:done|complete|completed|finished|closed|open|partial|in[- ]progress|blocked|cancelled|canceled|pending|remaining|not started|implemented|verified)"  # noqa: E501
SHARE = re.compile(rf"(?<![\d/.-])(\d{{1,5}})\s*(?:/|of|out of)\s*(\d{{1,5}})\s+{NOUN}(?:\s+(?:are|were|have been))?\s+({WORD})\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
LABELLED = re.compile(rf"^(?:overall |total )?(?P<word>{WORD}|total(?: {NOUN})?|{NOUN})\s*[:=]\s*(?P<count>\d{{1,5}})(?:\s*/\s*(?P<whole>\d{{1,5}}))?(?:\s*\(\d{{1,3}}(?:\.\d+)?\s?%\))?\s*\.?$", re.IGNORECASE)  # fmt: skip  # noqa: E501
COUNTED = re.compile(
    rf"(?<![\d/.-])(\d{{1,5}})\s+(?:{NOUN}\s+)?(?:are\s+)?({WORD})(?:\s+{NOUN})?(?=\s*(?:[,;.·|]|$|and\b))",
    re.IGNORECASE,
)
PERCENT = re.compile(rf"^(?:(?:overall|total)\s+)?(?:progress|completion|status|completed?|overall|done)\s*[:=]\s*(\d{{1,3}}(?:\.\d+)?)\s?%(?:\s*(?:{WORD}))?\s*\.?$|^(\d{{1,3}}(?:\.\d+)?)\s?%\s+(?:complete|completed|done)\s*\.?$", re.IGNORECASE)  # fmt: skip  # noqa: E501
NEVER = re.compile(rf"\b(?:no|none of the)\s+{NOUN}\s+(?:has|have|is|are)\s+(?:yet\s+|been\s+|yet been\s+)?(?:met|{WORD}|sealed|passed|validated|accepted)\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
ALWAYS = re.compile(rf"\ball\s+(?:the\s+)?{NOUN}\s+(?:are|have been|were|is)\s+(?:now\s+)?(done|complete|completed|finished|closed|implemented|verified)\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
HEADED = re.compile(r"\((\d{1,4})\s*/\s*(\d{1,4})(?:\s+\w+)?\)")
PROCESS = re.compile(
    r"\b(?:tests?|files?|coverage|passing|until|when|once|if|unless|before|must|should|will|target|goal|example)\b",
    re.IGNORECASE,
)
GROUPS: Mapping[str, frozenset[Status | None]] = {
    "remaining": frozenset({"open", "partial", "in-progress", "blocked", None}),
    "pending": frozenset({"open", "partial", "in-progress", "blocked", None}),
}
HINTS = ("done", "complet", "finish", "closed", "open", "partial", "progress", "blocked", "cancel", "pending", "total",
         "remaining", "started", "implement", "verified", "overall", "status", "items", "tasks", "have", "is ", "are ",
         "requirements", "features", "stories", "issues", "gaps", "phases", "milestones", "todos")  # fmt: skip
LETTERS = re.compile(r"\D*")
HINT = re.compile(r"\d|\ball\b|\bno\b|\bnone\b")
SLACK = 1.01
"""Points of a percentage that rounding may take."""


class Placed(msgspec.Struct, frozen=True, gc=False):
    """An item as one document has it: its line there, and its status after joining."""

    line: int
    status: Status | None
    id: str


class Claim(msgspec.Struct, frozen=True):
    """What is said of how many items: `group` is None where all are meant; `share` where it is a percentage."""

    line: int
    said: str
    section: Section
    group: frozenset[Status | None] | None
    count: float
    share: bool = False
    near: bool = False


def remarks(document: Document, placed: Sequence[Placed]) -> Iterator[Remark]:
    """What a document says of its items that its items do not say."""
    if not placed:
        return
    claims = list(_claims(document, {one.line for one in placed}))
    counted = _counted(document, placed) if claims else frozenset()
    wholes = (claim for claim in claims if claim.group is None and not claim.near)
    other = {claim.line for claim in wholes if claim.count in counted and claim.count != len(placed)}
    for claim in claims:
        if claim.line in other:
            continue
        named = titles.PHASE.match(claim.said.lstrip("*# "))
        scopes = _part(named.group(1), document, placed) if named else _scopes(claim, placed)
        if scopes and not any(_holds(claim, scope) for scope in scopes):
            truth = _truth(claim, scopes[0])
            message = f"{claim.said.strip()[:80]!r} is said here, and the items say {truth}: count again"
            yield Remark(
                code="TRC010",
                path=document.path,
                line=claim.line,
                message=message,
                subject=f"line of {claim.said.strip()[:60]}",
            )
    yield from _parents(document, placed)


def _counted(document: Document, placed: Sequence[Placed]) -> frozenset[float]:
    """What a total may count instead of all items: the headings of one kind or below one, the items of one prefix."""
    headed: Counter[tuple[int, str]] = Counter()
    held: set[float] = set()
    for section in document.blocks.sections:
        if section.level:
            headed[section.level, context.name(section).partition(" ")[0].casefold()] += 1
            held.add(len(section.children))
    alike = Counter(LETTERS.match(one.id).group() for one in placed if not one.id.islower())  # type: ignore[union-attr]
    return frozenset({count for count in (*headed.values(), *held, *alike.values()) if count > 2})


def _part(name: str, document: Document, placed: Sequence[Placed]) -> list[Sequence[Placed]]:
    """The items of the phase that a claim names; none where no heading has its name."""
    for section in document.blocks.sections:
        match = titles.PHASE.match(titles.numberless(section.title)) if section.level else None
        if match and match.group(1).casefold() == name.casefold():
            last = outline.last_line(section)
            inside = [one for one in placed if section.line <= one.line <= last]
            if inside:
                return [inside]
    return []


def _claims(document: Document, items: set[int]) -> Iterator[Claim]:
    for section in document.blocks.sections:
        if context.is_aside(section):
            continue
        match = HEADED.search(section.title) if section.level else None
        if match and not PROCESS.search(section.title):
            yield Claim(section.line, match.group(), section, frozenset({"done"}), int(match.group(1)), near=True)
            yield Claim(section.line, match.group(), section, None, int(match.group(2)), near=True)
        for block in section.blocks:
            if (isinstance(block, Text) and not block.quoted) or (
                isinstance(block, Entry) and block.line not in items and not block.box
            ):
                for line, text in block.lines:
                    yield from _of_line(line, text, section)
            elif isinstance(block, Table):
                yield from _of_table(block, items)


def _of_line(line: int, raw: str, section: Section) -> Iterator[Claim]:
    lowered = raw.lower()
    if not any(word in lowered for word in HINTS) or not HINT.search(lowered):
        return
    for clause in re.split(r"(?<=[.;])\s+", fields.bare(raw)):
        if not PROCESS.search(clause):
            yield from _of_clause(line, clause, section)


def _of_clause(line: int, text: str, section: Section) -> Iterator[Claim]:
    if NEVER.search(text):
        yield Claim(line, text, section, frozenset({"done"}), 0)
    match = ALWAYS.search(text)
    if match:
        yield Claim(line, text, section, GROUPS["remaining"], 0)
    for part in re.split(r"\s*[|·]\s*", text.rstrip(";")):
        yield from _of_part(line, part.lstrip("-* "), section)


def _of_part(line: int, part: str, section: Section) -> Iterator[Claim]:
    match = PERCENT.match(part)
    if match:
        yield Claim(line, part, section, frozenset({"done"}), float(match.group(1) or match.group(2)), share=True)
        return
    match = LABELLED.match(part)
    if match:
        word = match.group("word")
        group = _group(word) if re.fullmatch(WORD, word, re.IGNORECASE) else None
        yield Claim(line, part, section, group, int(match.group("count")))
        if match.group("whole"):
            yield Claim(line, part, section, None, int(match.group("whole")))
        return
    shares = list(SHARE.finditer(part))
    for match in shares:
        yield Claim(line, part, section, _group(match.group(3)), int(match.group(1)))
        yield Claim(line, part, section, None, int(match.group(2)))
    counts = list(COUNTED.finditer(part))
    if not shares and len(counts) >= 2:
        for match in counts:
            yield Claim(line, match.group(), section, _group(match.group(2)), int(match.group(1)))


def _of_table(table: Table, items: set[int]) -> Iterator[Claim]:
    """A table of two columns, a status and a count."""
    if table.header is None or len(table.header.cells) < 2:
        return
    first, second = (fields.bare(cell).casefold() for cell in table.header.cells[:2])
    if first not in {"status", "state", "metric"} or second not in {
        "count",
        "number",
        "total",
        "items",
        "tasks",
        "#",
        "value",
        "requirements",
    }:
        return
    for row in table.rows:
        if row.line in items or len(row.cells) < 2 or not re.fullmatch(r"\W*\d{1,5}\W*", row.cells[1]):
            continue
        count = int(re.sub(r"\D", "", row.cells[1]))
        word = statuses.plain(row.cells[0])
        if context.SUMMARY.fullmatch(word) or re.fullmatch(rf"total {NOUN}", word):
            yield Claim(row.line, " | ".join(row.cells), table.section, None, count)
        elif (status := statuses.KNOWN.get(word)) or (status := statuses.known(row.cells[0])):
            yield Claim(row.line, " | ".join(row.cells), table.section, frozenset({status}), count)


def _group(word: str) -> frozenset[Status | None]:
    bare = word.casefold()
    return GROUPS.get(bare) or frozenset({statuses.known(bare)})


def _scopes(claim: Claim, placed: Sequence[Placed]) -> list[Sequence[Placed]]:
    """The items that a claim may be about: those of its own section, of the ones around it, and of the document."""
    held: list[Sequence[Placed]] = []
    for section in claim.section.above():
        last = outline.last_line(section)
        inside = [one for one in placed if section.line <= one.line <= last]
        if inside:
            held.append(inside)
            if claim.near:
                break
    if not claim.near:
        held.append(placed)
    return held


def _holds(claim: Claim, scope: Sequence[Placed]) -> bool:
    if not claim.share:
        return _number(claim, scope) == claim.count
    done = sum(1 for one in scope if one.status == "done")
    begun = sum(1 for one in scope if one.status in {"partial", "in-progress"})
    wanted = sum(1 for one in scope if one.status != "cancelled") or 1
    shares = (done / len(scope), done / wanted, (done + begun / 2) / wanted)
    return any(abs(100 * share - claim.count) <= SLACK for share in shares)


def _number(claim: Claim, scope: Sequence[Placed]) -> int:
    return len(scope) if claim.group is None else sum(1 for one in scope if one.status in claim.group)


def _truth(claim: Claim, scope: Sequence[Placed]) -> str:
    if claim.share:
        done = sum(1 for one in scope if one.status == "done")
        return f"{done} of {len(scope)} done ({100 * done / len(scope):.0f} %)"
    group = "in all" if claim.group is None else " or ".join(sorted(status or "unknown" for status in claim.group))
    return f"{_number(claim, scope)} {group}"


def _parents(document: Document, placed: Sequence[Placed]) -> Iterator[Remark]:
    """Boxes that are ticked while one below them is not, and headings that are done while an item below them is not."""
    by_line = {one.line: one for one in placed}
    for entry in boxes.entries(document):
        own = by_line.get(entry.line)
        if own is None or own.status != "done":
            continue
        below = next((one for one in boxes.walk(entry) if one is not entry and one.box == " "), None)
        if below is not None:
            message = f"{own.id} is done here, and {fields.bare(below.lines[0][1])[:60]!r} below it is not"
            yield Remark(code="TRC010", path=document.path, line=entry.line, message=message, subject=own.id)
    for section in document.blocks.sections:
        if not section.level or section.line in by_line or context.is_aside(section):
            continue
        title, said = headings.declared(document, section)
        if not said or statuses.known(said) != "done":
            continue
        last = outline.last_line(section)
        below_it = next(
            (one for one in placed if section.line < one.line <= last and one.status in GROUPS["remaining"]), None
        )
        if below_it is not None:
            message = f"{fields.bare(title)[:60]!r} is {said} here, and {below_it.id} below it is {below_it.status or 'unknown'}"  # noqa: E501
            yield Remark(
                code="TRC010", path=document.path, line=section.line, message=message, subject=fields.bare(title)[:60]
            )
