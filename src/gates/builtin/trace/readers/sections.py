"""Sections: lists without ids below a heading that is a status, such as `### TODO — Config`."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, forms, headings, ids
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 35
NOUNS = r"(?:\s+(?:tasks?|items?|work|features?|issues?|stories|bugs?|requirements?|milestones?|components?|deliverables?|modules?|list|goals?|actions?|things))?"  # noqa: E501
HEAD = re.compile(
    r"(?P<status>(?:recently |already |currently )?(?:to-?\s?do|done|doing|in[- ]progress|completed?|finished|open|closed|planned|"  # noqa: E501
    r"backlog|blocked|on hold|cancell?ed|wip|work in progress|not started|pending|upcoming|next(?: up)?|later|future|shipped|"  # noqa: E501
    r"released|icebox|won'?t do|deferred|partial(?:ly done)?|now|under review|in review|review|testing|ready|someday|current|"  # noqa: E501
    r"remaining|what works|what(?:'|’)?s left(?: to (?:build|do))?|outstanding|ideas|fixed|resolved|implemented|abandoned|rejected|dropped|not going to (?:do|add|fix|happen)(?: any ?more)?))"  # noqa: E501
    + NOUNS
    + r"\s*(?:$|[—–:(|]|\s-\s|,\s)",
    re.IGNORECASE,
)
NOTES = re.compile(r"notes?|overview|summary|background|introduction|about|rules|guidelines|instructions|links|resources|context|principles|vision|goals?|questions|.*\b(?:ideas|questions)", re.IGNORECASE)  # fmt: skip  # noqa: E501
TOPICS = frozenset(
    [
        "testing",
        "review",
        "fixed",
        "released",
        "current",
        "now",
        "implemented",
        "resolved",
        "ready",
        "ideas",
        "finished",
    ]
)
"""Words that are as often what a section is about; they are a status beside other sections that are one."""
WORD = {
    "what works": "done",
    "what's left": "open",
    "what's left to build": "open",
    "what's left to do": "open",
    "icebox": "open",
    "now": "in progress",
    "someday": "open",
    "remaining": "open",
    "outstanding": "open",
    "ideas": "open",
}


class Sections:
    """A bullet for each item, with the status of the heading that it stands below."""

    name = "section"

    def read(self, document: Document) -> Iterator[Found]:
        """The items below headings that are a status."""
        from gates.builtin.trace.readers import cards

        if forms.is_changelog(document):
            return
        owned = {found.line for found in document.found(headings.Headings())}
        held = cards.of(document)
        for section in document.blocks.sections:
            above = section.above()
            if (owned and any(one.line in owned for one in above)) or context.is_aside(section):
                continue
            if section.line in held:
                yield cards.found(document, *held[section.line])
            elif not any(one.line in held for one in above):
                yield from _listed(section)


def _listed(section: Section) -> Iterator[Found]:
    """The bullets of a section whose heading, or a bold line in place of one, is a status."""
    if not any(isinstance(block, Entry) for block in section.blocks):
        return
    status = status_of(section)
    for block in section.blocks:
        if isinstance(block, Text):
            status = _bold(block) or status
        elif isinstance(block, Entry) and status is not None and not block.box:
            found = _found(block, status)
            if found is not None:
                yield found


def status_of(section: Section) -> Line | None:
    """The status that the headings above a list say; the title of the document counts for the lists right below it."""
    above = section.above()
    for one in above:
        said = said_by(one)
        if not said:
            continue
        if one.level == 1 and one is not section and statuses.plain(said) != statuses.plain(one.title):
            continue
        if one.level == 1 and one is not section and any(NOTES.fullmatch(context.name(other)) for other in above):
            continue
        return Line(said, one.line)
    return None


def _bold(text: Text) -> Line | None:
    """The status that a paragraph says that is nothing but bold words, in place of a heading."""
    line, first = text.lines[0]
    match = re.fullmatch(r"(?:\*\*|__)([^*_]{2,40})(?:\*\*|__):?", first.strip())
    said = HEAD.match(match.group(1).strip(" :")) if match and len(text.lines) == 1 else None
    return Line(said.group("status"), line) if said and said.group("status").casefold() not in TOPICS else None


def said_by(section: Section) -> str:
    """The words of a heading that are a status; "" where it is about something else."""
    said = _said(section)
    if said.casefold() in TOPICS:
        beside = section.parent.children if section.parent else []
        return said if any(one is not section and _said(one) for one in beside) else ""
    return said


def worded(status: Line) -> Line:
    """A status as a word that is known, where that of the heading is one only of headings."""
    word = status.text.casefold()
    if word.startswith("not going to"):
        return Line("won't do", status.line)
    first, _, rest = status.text.partition(" ")
    text = rest if rest and first.casefold() in {"recently", "already", "currently"} else status.text
    return Line(WORD.get(word, text), status.line)


def _said(section: Section) -> str:
    match = HEAD.match(context.name(section))
    return match.group("status") if match else ""


def _found(entry: Entry, status: Line) -> Found | None:
    first = entry.lines[0][1]
    split = fields.split(first)
    if not first.strip() or context.is_template(first) or (split is not None and split[0] in {"id", "title", "status"}):
        return None
    gathered = fields.Fields()
    title = boxes.own_lines(entry, first, gathered)
    others = fields.nested(entry.children, gathered)
    if any(child.box for other in others for child in boxes.walk(other)) or "status" in gathered.single:
        return None
    led = statuses.signs(title)
    if led and title.lstrip(" *").startswith(led[0]) and statuses.BY_SIGN.get(led[0]):
        status = Line(led[0], entry.line)
        title = statuses.SIGN.sub("", title, count=1).replace("\ufe0f", "", 1).strip()
    named = ids.leading(title)
    strong = named is not None and ids.is_strong(named[0])
    identity, rest = (named[0], named[1]) if named is not None and strong else ("", title)
    parts = gathered.parts()
    parts["files"] = parts["files"] or tuple(fields.mentioned(title, entry.line))
    return Found(
        id=identity,
        title=fields.bare(rest),
        line=entry.line,
        section=entry.section.path,
        status=worded(status),
        body=first,
        weight=WEIGHT,
        **parts,
    )
