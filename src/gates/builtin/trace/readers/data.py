"""Data: CSV and YAML, whose columns and keys are the same words as those of a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gates.builtin.trace.documents.blocks import Numbered
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Remark
from gates.builtin.trace.readers import fields, headers, ids, keys
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 50
CUSTOM = re.compile(r"custom fields? \((.+)\)", re.IGNORECASE)
"""What the export of an issue tracker calls the columns that a team added."""
LISTED = re.compile(r"[|,;\s]|\.\.")


class Sheets:
    """A row of a CSV file for each item."""

    name = "csv"

    def read(self, document: Document) -> Iterator[Found]:
        """The items of the rows; the first row names the columns."""
        if not document.path.lower().endswith((".csv", ".tsv")):
            return
        rows = _parsed(document).rows
        if len(rows) < 2:
            return
        names = _identified([_kind(cell.strip()) for cell in rows[0][1]], [cells for _, cells in rows[1:200]])
        if "id" not in names and "title" not in names:
            return
        for line, cells in rows[1:]:
            if any(cell.strip() for cell in cells):
                found = _found([(kind, cell, line) for kind, cell in zip(names, cells, strict=False)], line, "")
                if found is not None:
                    yield found


class Mappings:
    """An entry of a YAML file for each item."""

    name = "yaml"

    def read(self, document: Document) -> Iterator[Found]:
        """The items of all lists and tables of mappings that have an id or a title and something of an item."""
        import yaml

        if not document.path.lower().endswith((".yaml", ".yml", ".json")):
            return
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            nodes = list(yaml.compose_all("\n".join(document.lines), Loader=loader))
        except (yaml.YAMLError, RecursionError, ValueError):
            return
        seen: set[int] = set()
        for node in nodes:
            if node is not None:
                yield from _mapped(node, "", "", seen)


class _Sheet(msgspec.Struct):
    """The rows of a sheet, each with the line that it begins on; `odd` says which were not read."""

    rows: list[tuple[int, list[str]]]
    odd: list[Numbered]


def remarks(document: Document) -> Iterator[Remark]:
    """Rows that could not be read, or that have more cells than the first one names."""
    if not document.path.lower().endswith((".csv", ".tsv")):
        return
    held = _parsed(document)
    width = len(held.rows[0][1]) if held.rows else 0
    wide = "the row has {} cells, its sheet has {} columns: put quotes around a cell that holds what parts them"
    more = [(line, wide.format(len(row), width)) for line, row in held.rows if any(map(str.strip, row[width:]))]
    for line, message in sorted([*held.odd, *more]):
        yield Remark(code="TRC016", path=document.path, line=line, message=message, subject=document.path)


def _parsed(document: Document) -> _Sheet:
    held: _Sheet | None = document.__dict__.get("_sheet")
    if held is None:
        held = document.__dict__["_sheet"] = _read(document)
    return held


def _read(document: Document) -> _Sheet:
    head = document.lines[0] if document.lines else ""
    delimiter = max(",;\t|", key=head.count)
    # The last line is empty, and a row of its own unless a quote is still open there.
    reader = csv.reader((line + "\n" for line in (*document.lines, "")), delimiter=delimiter)
    held = _Sheet([], [])
    row: list[str] = []
    while (begun := reader.line_num + 1) <= len(document.lines) + 1:
        try:
            row = next(reader)
        except csv.Error as error:
            if reader.line_num > begun:
                held.odd.append((begun, f"the row cannot be read ({error}), nor what follows it: close its quotes"))
                return held
            held.odd.append((begun, f"the row cannot be read ({error}): shorten it"))
        else:
            held.rows.append((begun, row))
    begun, row = held.rows.pop() if held.rows else (0, [])
    if row:
        held.odd.append((begun, "a quote that begins in this row is never closed, so that nothing after it is read"))
        held.rows.append((begun, next(csv.reader([document.lines[begun - 1]], delimiter=delimiter))))
    return held


def _identified(names: list[str], rows: list[list[str]]) -> list[str]:
    """The kinds of the columns; where none is named as that of the ids, the first that holds little else is."""
    if "id" in names:
        return names
    for at, kind in enumerate(names):
        cells = [row[at] for row in rows if at < len(row) and row[at].strip()]
        strong = sum(1 for cell in cells if ids.is_strong(ids.plain(LISTED.split(cell.strip(), maxsplit=1)[0])))
        if kind in {"", "title", "category"} and strong * 5 >= len(cells) * 3 and strong:
            return [*names[:at], "id", *names[at + 1 :]]
    return names


def _kind(name: str) -> str:
    custom = CUSTOM.fullmatch(name)
    bare = (custom.group(1) if custom else name).replace("_", " ").replace("-", " ").casefold().strip(" :\ufeff")
    return headers.HEADERS.get(bare) or keys.KINDS.get(bare) or headers.kind(bare)


def _found(cells: list[tuple[str, str, int]], line: int, section: str) -> Found | None:
    gathered = fields.Fields()
    for kind, text, at in cells:
        if not text.strip() or kind in {"", "notes", "log"}:
            continue
        for part in text.split("\n") if kind in {"acceptance", "validation"} else [text]:
            gathered.add(kind, part, at)
    identity = ids.plain(gathered.single["id"].text) if "id" in gathered.single else ""
    title = gathered.text("title")
    if not identity and not title:
        return None
    status = gathered.single.get("status")
    return Found(
        id=identity,
        title=title or identity,
        line=line,
        section=section,
        status=Line(fields.bare(status.text), status.line) if status else None,
        body=next((text for _, text, _ in cells if text), ""),
        weight=WEIGHT,
        **gathered.parts(),
    )


def _mapped(node: Any, name: str, path: str, seen: set[int], depth: int = 0) -> Iterator[Found]:
    import yaml

    if id(node) in seen or depth > 12:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _mapped(child, "", path, seen, depth + 1)
        return
    if not isinstance(node, yaml.MappingNode):
        return
    cells, begun = _cells(node, name)
    kinds = {kind for kind, _, _ in cells}
    if ("id" in kinds and kinds - {"id", "", "notes", "log"}) or {"title", "status"} <= kinds:
        found = _found(cells, begun, path)
        if found is not None:
            yield found
            path = f"{path} > {found.id or found.title}" if path else found.id or found.title
    for key, value in node.value:
        if isinstance(value, (yaml.MappingNode, yaml.SequenceNode)):
            label = str(getattr(key, "value", ""))
            inner = f"{path} > {label}" if path else label
            yield from _mapped(value, label, inner if _kind(label) not in keys.NAMES else path, seen, depth + 1)


def _cells(node: Any, name: str) -> tuple[list[tuple[str, str, int]], int]:
    import yaml

    line = node.start_mark.line + 1
    cells: list[tuple[str, str, int]] = []
    for key, value in node.value:
        kind = _kind(str(getattr(key, "value", "")))
        at = key.start_mark.line + 1
        if isinstance(value, yaml.ScalarNode):
            cells.append((kind, "" if value.tag.endswith(":null") else value.value, at))
        elif isinstance(value, yaml.SequenceNode) and kind not in {"", "title"}:
            cells.extend(
                (kind, one.value, one.start_mark.line + 1) for one in value.value if isinstance(one, yaml.ScalarNode)
            )
    if (
        name
        and ids.is_strong(name)
        and not any(kind == "id" for kind, _, _ in cells)
        and any(kind for kind, _, _ in cells)
    ):
        cells.insert(0, ("id", name, line - 1))
        line -= 1
    return cells, line
