"""Contents: the table of contents of a document against its headings, and the dates of its log."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from gates.builtin.trace.documents.blocks import Entry, Section
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Remark
from gates.builtin.trace.readers import boxes, context, fields
from gates.builtin.trace.readers.found import Line

TITLE = re.compile(r"(?:table of )?contents|toc|index", re.IGNORECASE)
ANCHOR = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(#([^()\s]+)\)")
MARK = re.compile(r"<!--\s*(?:toc|table of contents|begin toc|start doctoc)", re.IGNORECASE)
MARK_LINES = 6
"""Lines behind a mark among which the table of contents begins."""
UNSAID = re.compile(r"[^\w\- ]")


def slug(title: str) -> str:
    """The anchor that GitHub gives to a heading: small letters, no punctuation, hyphens for blanks."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", title)
    text = re.sub(r"[`*]|(?<!\w)_|_(?!\w)|<[^<>]*>", "", text)
    return UNSAID.sub("", text.strip().lower()).replace(" ", "-")


def anchors(document: Document) -> dict[str, Section]:
    """The anchors of all headings; one that comes again has a number behind it."""
    seen: Counter[str] = Counter()
    held: dict[str, Section] = {}
    for section in document.blocks.sections:
        if section.level:
            base = slug(section.title)
            held[f"{base}-{seen[base]}" if seen[base] else base] = section
            seen[base] += 1
    return held


def entries(document: Document) -> list[tuple[Line, str, Section]]:
    """The entries of the table of contents: the words and their line, the anchor, and the section they stand in."""
    marked = [number for number, text in enumerate(document.lines, start=1) if "<!--" in text and MARK.search(text)]
    held: list[tuple[Line, str, Section]] = []
    for section in document.blocks.sections:
        titled = section.level and TITLE.fullmatch(context.name(section))
        for block in section.blocks:
            at = bisect_left(marked, block.line)
            after = at > 0 and block.line - marked[at - 1] <= MARK_LINES
            if isinstance(block, Entry) and (titled or after or held):
                found = [
                    (Line(match.group(1), entry.line), match.group(2), section)
                    for entry in boxes.walk(block)
                    if (match := ANCHOR.match(entry.lines[0][1].strip("* ")))
                ]
                if found and (not held or held[-1][2] is section):
                    held.extend(found)
    return held


def remarks(document: Document) -> Iterator[Remark]:
    """Entries that lead nowhere, and headings that the table of contents leaves out."""
    listed = entries(document)
    if len(listed) < 2:
        return
    held = anchors(document)
    explicit = {
        name for line in document.lines if "=" in line for name in re.findall(r"(?:id|name)=[\"']([^\"']+)", line)
    }
    levels = set()
    for words, anchor, _ in listed:
        target = held.get(anchor.lower())
        if target is not None:
            levels.add(target.level)
        elif anchor not in explicit:
            message = f"the table of contents leads to #{anchor}, and no heading has it: write the table anew"
            yield Remark(code="TRC013", path=document.path, line=words.line, message=message, subject=anchor)
    named = {anchor.lower() for _, anchor, _ in listed}
    own = {id(one) for _, _, section in listed for one in section.above()}
    for anchor, section in held.items():
        if (
            section.line > listed[0][0].line
            and section.level in levels
            and anchor not in named
            and id(section) not in own
            and section.level > 1
        ):
            message = (
                f"the heading {fields.bare(section.title)[:60]!r} is not in the table of contents: write the table anew"
            )
            yield Remark(code="TRC013", path=document.path, line=section.line, message=message, subject=anchor)


def dates(document: Document) -> list[Line]:
    """The dates that head the entries of a log: headings and bullets that begin with one."""
    held: list[Line] = []
    for section in document.blocks.sections:
        if section.level:
            held.extend(fields.dates(section.title, section.line))
        for block in section.blocks:
            if isinstance(block, Entry):
                for entry in boxes.walk(block):
                    text = entry.lines[0][1].lstrip("*_`[( ")
                    match = fields.DATE.match(text)
                    if match:
                        held.append(Line(match.group(), entry.line))
    return held
