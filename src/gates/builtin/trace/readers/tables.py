"""Tables: gap tables, status tables, requirement matrices, in the columns that their header names."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Row, Section, Table
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Remark
from gates.builtin.trace.readers import columns, context, decisions, fields, ids
from gates.builtin.trace.readers.columns import Columns
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 50
GATHERED = ("acceptance", "files", "depends", "parent", "date", "notes")
MENTION = 38
"""A row that says nothing of an item but its status or its tests is no definition where there is another."""


class Tables:
    """A row for each item."""

    name = "table"

    def read(self, document: Document) -> Iterator[Found]:
        """The items of all tables that are tables of items."""
        index = decisions.is_index(document)
        for table, held in of_items(document):
            grouped = _grouped(table)
            for row in table.rows:
                found = _found(document, table.section, row, held, index=index) if row.line not in grouped else None
                if found is not None:
                    yield found


def _grouped(table: Table) -> frozenset[int]:
    """The lines of rows that are a heading among the others: bold in all that they say, or the header once more."""
    header = table.header.cells if table.header else ()
    bold = frozenset(
        row.line for row in table.rows if row.cells[:1] and row.cells[0].startswith("**") and _is_bold(row)
    )
    again = frozenset(row.line for row in table.rows if header and row.cells[1:] == header[1:])
    return (bold if len(bold) * 2 < len(table.rows) else frozenset()) | again


def _is_bold(row: Row) -> bool:
    filled = [cell for cell in row.cells if cell]
    return len(filled) > 1 and all(cell.startswith("**") and cell.endswith("**") for cell in filled)


def of_items(document: Document) -> list[tuple[Table, Columns]]:
    """The tables of items and their columns; rows without a header have those of the table before them."""
    held = document.__dict__.get("_tables")
    if held is None:
        held = document.__dict__["_tables"] = list(_of_items(document))
    return held


def _of_items(document: Document) -> Iterator[tuple[Table, Columns]]:
    before: tuple[Section, Columns | None] | None = None
    for block in context.blocks(document):
        if not isinstance(block, Table):
            continue
        if block.header is None:
            width = max((len(row.cells) for row in block.rows), default=0)
            if before is not None and before[1] is not None and before[0] is block.section and before[1].width == width:
                yield block, before[1]
                continue
            if width < 2:
                continue
            headed = columns.is_header(block.rows[0].cells)
            rows = block.rows[1:] if headed else block.rows
            guessed = columns.of(block.rows[0].cells if headed else None, [row.cells for row in rows])
            if guessed is not None and guessed.id is not None:
                yield Table(block.line, block.section, None, rows), guessed
            continue
        found = columns.of(block.header.cells, [row.cells for row in block.rows])
        before = (block.section, found)
        if found is not None:
            yield block, found


def _is_of_item(cells: tuple[str, ...], held: Columns, identity: str) -> bool:
    """Whether a row is about one item: no list of ids, no total, no heading among the rows, no template."""
    if identity and (columns.LISTED.search(identity) or context.is_pattern(identity)):
        return False
    if held.id is not None and held.id < len(cells) and columns.is_list(cells[held.id]):
        return False
    if not identity or not ids.is_strong(identity):
        lead = next((fields.bare(cell).strip(" :") for cell in cells if cell), "")
        if context.SUMMARY.fullmatch(lead):
            return False
    filled = len(cells) - cells.count("")
    if filled <= 1 and (held.width > 2 or not identity) and not ids.is_counted(identity):
        return False
    title = cells[held.title] if held.title is not None and held.title < len(cells) else ""
    if context.PLACEHOLDER.fullmatch(title.strip(" .*")):
        return False
    return not context.is_template(" ".join(cells)) or any(character.isdigit() for character in identity)


def _found(document: Document, section: Section, row: Row, held: Columns, *, index: bool) -> Found | None:
    cells = row.cells
    identity, title = _names(cells, held)
    if index:
        identity = next((named for cell in cells if (named := decisions.linked(cell))), identity)
    if not (identity or title) or not _is_of_item(cells, held, identity):
        return None
    gathered = fields.Fields()
    others = held.others
    for kind in GATHERED:
        if kind in others and (text := held.cell(kind, cells)):
            gathered.add("log" if kind == "notes" else kind, text, row.line)
    for at in others.get("validation", ()):
        tests = cells[at] if at < len(cells) else ""
        if tests and statuses.known(tests) is None and fields.bare(tests).casefold() not in fields.NOTHING:
            gathered.add("validation", tests, row.line)
    parts = gathered.parts()
    parts["severity"] = fields.bare(held.cell("severity", cells)) if "severity" in others else ""
    parts["category"] = fields.bare(held.cell("category", cells)) if "category" in others else ""
    parts["text"] = held.cell("title", cells)
    return Found(
        id=identity,
        title=title or parts["category"] or identity,
        line=row.line,
        section=section.path,
        status=_status(document, row, held),
        body=next(filter(None, cells), ""),
        weight=WEIGHT if held.named else MENTION,
        **parts,
    )


def _names(cells: tuple[str, ...], held: Columns) -> tuple[str, str]:
    """The id and the title of a row."""
    title = fields.bare(cells[held.title]) if held.title is not None and held.title < len(cells) else ""
    if held.id is None:
        found = ids.leading(title)
        if found is not None and ids.is_strong(found[0]) and found[2] != "word":
            return found[0], found[1]
        return "", title
    if held.id >= len(cells):
        return "", title
    cell = cells[held.id]
    token = ids.plain(cell)
    if columns.is_identity(cell):
        return token.lstrip("#") if ids.is_numeric(token) else token, title
    composed = ids.leading(cell)
    if composed is not None and ids.is_strong(composed[0]) and not columns.LISTED.search(cell[: len(composed[0]) + 3]):
        return composed[0], title or fields.bare(composed[1])
    return "", title or fields.bare(cell) if len(token.split()) > 1 else title


def _status(document: Document, row: Row, held: Columns) -> Line | None:
    cells = [row.cells[at] for at in held.statuses if at < len(row.cells)]
    said = [cell for cell in cells if fields.bare(cell) not in {"", "-", "–", "—"}]
    if not said:
        return None
    if len(said) == 1:
        return Line(fields.bare(said[0]), row.line)
    legend = context.legend(document)
    judged = [statuses.of(cell, legend) for cell in said]
    known = [status for status in judged if status]
    if not known:
        return Line(fields.bare(" / ".join(said)), row.line)
    if held.overall and said[0] == cells[0] and judged[0] != "done":
        return Line(fields.bare(said[0]), row.line)
    least = statuses.least(known)
    if held.explicit and least == "done":
        # One that nobody knows may be open; those that all say done say it in words of their own.
        return Line(fields.bare(said[judged.index(None) if None in judged else 0]), row.line)
    return Line(least, row.line)


def remarks(document: Document) -> Iterator[Remark]:
    """Rows that do not fit their table, and tables without a header."""
    for table, held in of_items(document):
        if table.header is None:
            message = "these rows stand without a header, so that Markdown shows them as text: join them to their table"
            yield Remark(code="TRC016", path=document.path, line=table.line, message=message, subject=document.path)
        for row in table.rows:
            if len(row.cells) != held.width:
                message = f"the row has {len(row.cells)} cells, its table has {held.width} columns: escape pipes as \\|"
                subject = ids.plain(row.cells[0])[:80] or document.path
                yield Remark(code="TRC016", path=document.path, line=row.line, message=message, subject=subject)
