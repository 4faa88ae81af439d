"""Markup: tables that are written in HTML, as the rows that a table of Markdown has."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

from gates.builtin.trace.documents.blocks import Row

OPEN, CLOSE = "<table", "</table"


def end(lines: Sequence[str], at: int) -> int | None:
    """The index of the line on which the table ends that begins on line `at`, those in it counted; None for never."""
    depth = 0
    for index in range(at, len(lines)):
        if "<" not in lines[index]:
            continue
        text = lines[index].lower()
        depth += text.count(OPEN) - text.count(CLOSE)
        if depth <= 0 and CLOSE in text:
            return index
    return None


def table(lines: Sequence[str], at: int, last: int) -> tuple[Row | None, list[Row]]:
    """Header and rows of the table between two lines; the header is None where no cell says that it is one."""
    parser = _Table(at)
    try:
        parser.feed("\n".join(lines[at : last + 1]))
        parser.close()
    except AssertionError:
        # What HTMLParser raises for `<![` and its like.
        pass
    parser.end_row()
    rows = parser.rows
    if rows and parser.headed:
        return rows[0], rows[1:]
    return None, rows


class _Table(HTMLParser):
    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.rows: list[Row] = []
        self.headed = False
        self.line = 0
        self.cells: list[str] = []
        self.cell: list[str] | None = None
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag == "table"
        if self.depth > 1:
            return
        if tag == "tr":
            self.end_row()
            self.line = self.at + self.getpos()[0]
        elif tag in {"td", "th"}:
            self._end_cell()
            self.line = self.line or self.at + self.getpos()[0]
            self.headed |= tag == "th" and not self.rows
            self.cell = []
        elif self.cell is not None:
            self.cell.append(_shown(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self.depth <= 1:
            if tag == "tr":
                self.end_row()
            elif tag in {"td", "th"}:
                self._end_cell()
            elif tag == "code" and self.cell is not None:
                self.cell.append("`")
        self.depth -= tag == "table"

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def end_row(self) -> None:
        """Keep the row that was begun, if any."""
        self._end_cell()
        if self.cells:
            self.rows.append(Row(self.line, tuple(self.cells)))
        self.cells, self.line = [], 0

    def _end_cell(self) -> None:
        if self.cell is not None:
            self.cells.append(" ".join("".join(self.cell).split()))
        self.cell = None


def _shown(tag: str, attributes: dict[str, str | None]) -> str:
    """What a tag in a cell is in Markdown."""
    if tag == "code":
        return "`"
    if tag == "input" and attributes.get("type") == "checkbox":
        return "[x] " if "checked" in attributes else "[ ] "
    return " " if tag in {"br", "p", "li", "div"} else ""
