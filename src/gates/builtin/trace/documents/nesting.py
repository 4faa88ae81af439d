"""Nesting: the entries of a list that are open at a line, and which of them the line belongs to."""

from __future__ import annotations

import re

from gates.builtin.trace.documents.blocks import Entry, Section

BULLET = re.compile(r"([-*+•])(?:([ \t]+)|$)(?:\[(.)\](?:\*(?=[ \t]))?(?=\s|$)[ \t]*)?")
NUMBER = re.compile(r"(\d{1,9})[.)](?:([ \t]+)|$)(?:\[(.)\](?:\*(?=[ \t]))?(?=\s|$)[ \t]*)?")
BOX = re.compile(r"\[([ xX~/-])\][ \t]+(?=\S)")


class Nesting:
    """The open entries, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[Entry] = []

    def close(self) -> None:
        """Close all entries."""
        self.stack.clear()

    def entry(self, match: re.Match[str], body: str, place: tuple[int, int], section: Section) -> None:
        """Open the entry of a bullet or a number at this line and indent, nested in the one that it stands in."""
        line, indent = place
        mark, _, box = match.groups()
        stack = self.stack
        while stack and indent < stack[-1].indent + 2:
            stack.pop()
        parent = stack[-1] if stack else None
        number = mark if mark[0].isdigit() else ""
        content = indent + len(mark) + (2 if number else 1)
        entry = Entry(line, indent, content, section, number, box or "", [(line, body[match.end() :])], parent)
        (section.blocks if parent is None else parent.children).append(entry)
        stack.append(entry)

    def bare_box(self, match: re.Match[str], body: str, place: tuple[int, int], section: Section) -> None:
        """Open the entry of a box without a bullet, which is nested in none."""
        line, indent = place
        self.inside(indent)
        entry = Entry(line, indent, indent, section, "", match.group(1), [(line, body[match.end() :])])
        section.blocks.append(entry)
        self.stack.append(entry)

    def inside(self, indent: int) -> Entry | None:
        """The innermost entry that something of this indent stands in; those that it does not stand in are closed."""
        stack = self.stack
        while stack and indent <= stack[-1].indent:
            stack.pop()
        return stack[-1] if stack else None

    def lazy(self, indent: int) -> Entry | None:
        """The entry that a line goes on with; one that is not indented at all belongs to the innermost."""
        stack = self.stack
        if stack and indent > stack[0].indent:
            while indent <= stack[-1].indent:
                stack.pop()
        return stack[-1] if stack else None

    def around(self, indent: int) -> Entry | None:
        """The innermost entry that stands left of this indent; none is closed."""
        return next((entry for entry in reversed(self.stack) if entry.indent < indent), None)
