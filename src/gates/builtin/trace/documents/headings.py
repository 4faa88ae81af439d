"""Headings: the sections of a document, each below the nearest one before it that is of a higher level."""

from __future__ import annotations

import re

from gates.builtin.trace.documents.blocks import Section

HEADING = re.compile(r"#{1,6}(?=[ \t]|$)")
UNDER = re.compile(r"=+[ \t]*|-+[ \t]*")
RULE = 3
"""Marks of one kind, and nothing else, that are a line across the page."""


def titled(body: str) -> tuple[int, str] | None:
    """The level and the title of a line that begins with hashes; None where it is no heading."""
    match = HEADING.match(body)
    if match is None:
        return None
    title = body[match.end() :].strip(" \t")
    opened = title.rstrip("#")
    if opened != title and opened.endswith((" ", "\t")):
        title = opened.rstrip(" \t")
    return match.end(), title


class Headings:
    """The sections of one document in their order; the first is what stands before all headings."""

    def __init__(self) -> None:
        self.sections = [Section(level=0, title="", line=1)]

    def open(self, level: int, title: str, line: int) -> Section:
        """The section that a heading begins."""
        parent = self.sections[-1]
        while parent.level >= level and parent.parent is not None:
            parent = parent.parent
        path = f"{parent.path} > {title}" if parent.path else title
        section = Section(level=level, title=title, line=line, parent=parent, path=path)
        parent.children.append(section)
        self.sections.append(section)
        return section

    def ended(self, count: int) -> list[Section]:
        """All sections, each with its last line, in a document of so many lines."""
        for this, following in zip(self.sections, self.sections[1:], strict=False):
            this.end = following.line - 1
        self.sections[-1].end = count
        return self.sections
