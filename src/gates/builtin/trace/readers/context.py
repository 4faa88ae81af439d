"""Context: what the place of a text says of it before it is read: a log, a template, a legend, criteria."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from functools import lru_cache

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Block, Entry, Section, Table, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Status
from gates.builtin.trace.readers import ratings
from gates.builtin.trace.readers.fields import bare
from gates.builtin.trace.statuses import Legend

NUMBERED = re.compile(r"^(?:\W+|\d+(?:\.\d+)*[.)]?\s+)+")
ASIDE = re.compile(
    r"(?:(?:revision|version|change|document|update|edit|release|progress|work|activity|decision|session|dev|audit)\s*"
    r"(?:history|log|notes)|history|revisions?|changelog|change ?log|devlog|log|logs|"
    r"(?:(?:tasks?|items?|issues?|bugs?|stor(?:y|ies)|entry|entries|requirements?|adr|decisions?|records?|pr|commit|status|"
    r"ticket|document|file|log|code|naming|row|line|usage|this)\s)?"
    r"(?:template|templates|example|examples|sample|format|legend|glossary|syntax|notation|conventions|key)|"
    r"status (?:legend|key|values|definitions|codes|icons|indicators)|legend\b.*|"
    r"templates?\s*[(:–—-].*|template (?:for|of)\b.*|examples?\b.*|format\b.*|"
    r"how to\b.*|cross[- ]?references?|references|see also|related\b.*|table of contents|contents|toc|"
    r"update procedure|usage|definitions|abbreviations|acronyms|id (?:scheme|format|conventions?)|"
    r"naming(?: conventions?)?|prefix(?:es)?|severity (?:levels?|definitions?)|priority (?:levels?|definitions?))",
    re.IGNORECASE,
)
CRITERIA = re.compile(
    r".*\b(?:acceptance|definition of (?:done|ready)|success criteria|exit criteria|checklist|check list|criteria|"
    r"verification|validation|sign-?off|quality gates?|dod|pre-?merge|pre-?requisites|prerequisites|dependencies|"
    r"before (?:you|each|every|merging)|review gates?|checkpoint)\b.*",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"<(?=[^<>]*[a-z ])[^<>]*+>|\{\{[^{}]*\}\}|\[(?:[A-Z][a-z]+[^\]\d]{0,60}|[a-z][^\]\d]{2,80}|[A-Z_ ]{4,40})\](?!\()|\.{3}|…|\bx{3,}\b|"  # noqa: E501
    r"\b(?:lorem ipsum|your (?:task|requirement|text) here|task (?:description|name|title) ?(?:here)?|description here)\b",  # noqa: E501
    re.IGNORECASE,
)
COUNTED = re.compile(r"\b[A-Z][A-Z0-9]{0,30}(?:-[A-Z0-9]{1,30}){0,8}[-_]?\d{1,12}\b")
HINT = re.compile(r"<|\{|\[|…|\.\.\.|xxx|XXX|Lorem|lorem|here")
COUNTER = r"(?:[Xx]{2,4}|#{1,4}|N{2,4}|nnn?|\*|\d*[xX]{2,}|<\w+>|\{\w+\})(?![A-Za-z])"
PATTERN = re.compile(rf"(?:[A-Z][A-Z0-9]*[-_])+{COUNTER}|\bTX{{2,}}\b")
PATTERNED = re.compile(rf"-(?={COUNTER})|_(?={COUNTER})|T(?<=\bT)X{{2,}}\b")
"""Where an id could end in a place to fill in; the letters before it are looked at from here."""
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LONGEST = 40
"""Characters that are looked at before a place to fill in."""
SUMMARY = re.compile(
    r"(?:grand |sub-?)?totals?|overall(?: progress| total)?|sum|summary|average|all|count|Σ", re.IGNORECASE
)
LEGENDS = re.compile(
    r"\blegend\b|^(?:key|symbols?|statuses)\s*:|\bstatus(?:es)? (?:key|values|definitions|codes|icons)|\bmeaning of\b",
    re.IGNORECASE,
)
GENERAL = re.compile(
    r"overview|summary|executive summary|introduction|about|background|context|(?:project |current |overall )?status|"
    r"project (?:overview|summary|information|info|details)|metadata|document (?:control|information)|"
    r"(?:critical|high|medium|low|top|normal)[ -]priority\b.*|(?:critical|high|medium|low)(?:\s+\(.*\))?|"
    r"p[0-4](?:\s*\(.*\)|\s*[-–—:]\s+.*)?",
    re.IGNORECASE,
)
INTRODUCTION = re.compile(r"^[^:]{0,40}\blegend\b[^:]{0,20}:|^[^:]{0,30}\bkey\b[^:]{0,10}:", re.IGNORECASE)
TITLED = re.compile(
    r".*\blegend\b.*|(?:status|symbols?|icons?) (?:key|values|icons|indicators|definitions|codes)|key|status",
    re.IGNORECASE,
)
PAIR = re.compile(r"^[`*_\"'|\s]*(?P<word>[^=:|]{1,40}?)[`*_\"'\s]*(?:=|:|→|->|–|—|\s-\s)\s*(?P<meaning>\S.*)$")


def name(section: Section) -> str:
    """The title of a section without its number, its signs and its markup."""
    return _name(section.title)


@lru_cache(maxsize=4096)
def _name(title: str) -> str:
    title = bare(title)
    if not title.isascii():
        title = statuses.SIGN.sub("", title).replace("\ufe0f", "").strip()
    return NUMBERED.sub("", title).strip(" .:#")


def is_aside(section: Section) -> bool:
    """Whether it, or one that it stands in, is a log, a template, a legend or a list of references."""
    return any(_is_aside(one.title) for one in section.above())


@lru_cache(maxsize=4096)
def _is_aside(title: str) -> bool:
    return ASIDE.fullmatch(_name(title)) is not None


def blocks(document: Document) -> list[Block]:
    """All blocks that are in no aside, in the order of the text; found once."""
    held: list[Block] | None = document.__dict__.get("_told")
    if held is None:
        told = (section for section in document.blocks.sections if section.blocks and not is_aside(section))
        held = document.__dict__["_told"] = [block for section in told for block in section.blocks]
    return held


def is_general(section: Section) -> bool:
    """Whether a heading is about the document or a priority, so that a status below it is not one of an item."""
    return GENERAL.fullmatch(name(section)) is not None


def is_criteria(section: Section) -> bool:
    """Whether its boxes say when something is done, and are no tasks of their own."""
    return any(CRITERIA.fullmatch(name(one)) for one in section.above()[:1])


def is_pattern(text: str) -> bool:
    """Whether an id with a place for its number stands in a text, such as `REQ-XXX`."""
    for match in PATTERNED.finditer(text):
        at = match.start()
        if text[at] == "T":
            return True
        before = text[max(0, at - LONGEST) : at]
        if before[len(before.rstrip(CAPITALS)) :].strip("0123456789"):
            return True
    return False


def is_template(text: str) -> bool:
    """Whether a line only shows how one is written: it is little else than what is to be filled in."""
    if is_pattern(text):
        return True
    if not HINT.search(text):
        return False
    held = [match.group() for match in PLACEHOLDER.finditer(text) if "CLARIFICATION" not in match.group()]
    if all(statuses.plain(one) in statuses.KNOWN or ratings.taken(one)[0] for one in held):
        return False
    rest = COUNTED.sub(" ", PLACEHOLDER.sub(" ", text))
    return len(re.findall(r"[A-Za-z]{2,}", rest)) <= 2


def legend(document: Document) -> Legend:
    """What the document itself says of its words and signs; found once."""
    held = document.__dict__.get("_legend")
    if held is None:
        held = document.__dict__["_legend"] = _legend(document)
    return held


def _legend(document: Document) -> Legend:
    meanings: dict[str, Status | None] = {}
    explained: list[int] = []
    first = 0
    expecting = False
    for section in document.blocks.sections:
        titled = bool(section.level) and TITLED.fullmatch(name(section)) is not None
        for block in section.blocks:
            if isinstance(block, Text):
                introduced = bool(LEGENDS.search(bare(block.lines[0][1])[:40]))
                if introduced or titled:
                    first = _of_lines(block, meanings) or first
                expecting = introduced and block.lines[-1][1].rstrip(" *_").endswith(":")
            elif isinstance(block, Entry):
                if (expecting or titled) and not block.box:
                    first = _pairs(bare(block.text), meanings, block.line) or first
                elif expecting and statuses.known(block.text):
                    first = _pairs(f"[{block.box}] = {bare(block.text)}", meanings, block.line) or first
                    explained.append(block.line)
            else:
                if isinstance(block, Table) and _is_legend(block, titled):
                    first = _of_rows(block, meanings) or first
                expecting = False
    return Legend(meanings, first, frozenset(explained)) if meanings else statuses.NONE


def _of_lines(text: Text, meanings: dict[str, Status | None]) -> int:
    first = 0
    for line, written in text.lines:
        first = _pairs(INTRODUCTION.sub("", bare(written)), meanings, line) or first
    return first


def _of_rows(table: Table, meanings: dict[str, Status | None]) -> int:
    first = 0
    for row in table.rows:
        if len(row.cells) > 1:
            first = _pairs(f"{bare(row.cells[0])} = {bare(row.cells[1])}", meanings, row.line) or first
    return first


def _is_legend(table: Table, titled: bool) -> bool:
    if table.header is None or not 2 <= len(table.header.cells) <= 3:
        return False
    one, two = (bare(cell).casefold() for cell in table.header.cells[:2])
    return one in {"symbol", "icon", "emoji", "mark", "sign", "status", "state", "value", "box", "marker", "key"} and (
        two in {"meaning", "description", "definition", "status", "means", "explanation"} or titled
    )


def _meant(word: str, explained: str) -> Status | None:
    """The status of a word that a document explains: its own, unless what it explains is less than done."""
    own, told = statuses.known(word), statuses.known(explained)
    return told if own is None or (own == "done" and told is not None) else own


def _pairs(text: str, meanings: dict[str, Status | None], line: int) -> int:
    """Keep `word = meaning` pairs of a line; its number where one was kept."""
    parts = re.split(r"\s*[|,;·•/]\s*(?=[^\w\s(]|\[|\w+\s*=|[A-Z]\w+\s*[:=])", text)
    kept = 0
    for part in parts if len(parts) > 1 else [text]:
        part = re.sub(r"^\w[\w ]{0,20}:\s*(?=[^\w\s(\[])", "", part)  # noqa: PLW2901
        found = statuses.signs(part)
        if found and statuses.plain(part.split(found[0], 1)[0]) == "":
            said = statuses.plain(part.split(found[0], 1)[1])
            meaning = statuses.known(said) if said else None
            for sign in found[:1]:
                if said:
                    meanings[sign] = meaning or statuses.BY_SIGN.get(sign)
                    kept = line
            continue
        match = PAIR.match(part)
        if match is None:
            continue
        box = re.fullmatch(r"\[?(.)\]?", match.group("word").strip())
        if (box and not box.group(1).isalnum()) or (box and box.group(1) in "xX"):
            meaning = statuses.known(statuses.plain(match.group("meaning")))
            if meaning:
                meanings[f"[{box.group(1)}]"] = meaning
                meanings.setdefault(box.group(1).casefold(), meaning)
                kept = line
            continue
        word = statuses.plain(match.group("word"))
        if word and len(word.split()) <= 3:
            meaning = _meant(word, match.group("meaning"))
            if meaning:
                meanings[word] = meaning
                kept = line
    return kept
