"""Blocks: what a document is made of, each with the line that it begins on."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Numbered: TypeAlias = tuple[int, str]
"""A line number, from 1, and the text of that line."""


class Section(msgspec.Struct):
    """A heading and what stands below it, up to the next heading; level 0 is what stands before the first one."""

    level: int
    title: str
    line: int
    parent: Section | None = None
    blocks: list[Block] = msgspec.field(default_factory=list)
    children: list[Section] = msgspec.field(default_factory=list)
    path: str = ""
    end: int = 0

    def above(self) -> list[Section]:
        """This section and those that it stands in, the innermost first."""
        held: list[Section] = []
        at: Section | None = self
        while at is not None and at.level:
            held.append(at)
            at = at.parent
        return held


class Row(msgspec.Struct, gc=False):
    """A row of a table: its cells as written, without the pipes."""

    line: int
    cells: tuple[str, ...]


class Table(msgspec.Struct):
    """A table; `header` is None where rows stand without one."""

    line: int
    section: Section
    header: Row | None
    rows: list[Row]


class Code(msgspec.Struct):
    """Fenced or indented code, without its fences."""

    line: int
    section: Section
    language: str
    lines: list[Numbered]


class Entry(msgspec.Struct):
    """An entry of a list, with its own lines and the entries nested in it.

    `box` is the character of a checkbox, "" where there is none. `number` is that of a numbered list, as written.
    """

    line: int
    indent: int
    content: int
    section: Section
    number: str
    box: str
    lines: list[Numbered]
    parent: Entry | None = None
    children: list[Entry] = msgspec.field(default_factory=list)
    codes: list[Code] = msgspec.field(default_factory=list)

    @property
    def text(self) -> str:
        """All its own lines as one."""
        return self.lines[0][1] if len(self.lines) == 1 else " ".join(text for _, text in self.lines)


class Text(msgspec.Struct):
    """A paragraph; `quoted` is the depth of the quote that it stands in, 0 for none."""

    line: int
    section: Section
    lines: list[Numbered]
    quoted: int = 0


Block: TypeAlias = Table | Code | Entry | Text


class Blocks(msgspec.Struct):
    """A document as sections in the order of the text; `front` are the lines of its front matter.

    `odd` are lines that hide what follows, or that are no part of what they seem to be, with a sentence each.
    """

    sections: list[Section]
    front: list[Numbered]
    odd: list[Numbered]

    def each(self) -> list[Block]:
        """All blocks in the order of the text, nested entries not among them."""
        return [block for section in self.sections for block in section.blocks]
