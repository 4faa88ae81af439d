"""CSV: the matrix for a spreadsheet, a row for each item; no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from gates.render import escape
from gates.render.trace import words
from gates.render.trace.words import Value

HEADINGS = (
    *("id", "title", "status", "status_raw", "path", "line", "section", "severity", "category", "level"),
    *("acceptance", "validation", "passed", "failed", "missing", "other", "tests", "evidence", "files", "code"),
    *("links", "findings"),
)
FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet would compute; an apostrophe before it makes it text."""

BETWEEN = "; "


def render(value: Value) -> str:
    """The matrix, as UTF-8 and RFC 4180 have it but for line feeds alone."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(HEADINGS)
    about = _findings(value)
    for one in value["items"]:
        writer.writerow([_cell(cell) for cell in _row(one, about)])
    return written.getvalue()


def _findings(value: Value) -> dict[str, dict[str, None]]:
    """The rules that have something against an item, each once, by its id."""
    found: dict[str, dict[str, None]] = {}
    for one in value["findings"]:
        if one["subject"] is not None:
            found.setdefault(one["subject"], {}).setdefault(one["rule"])
    return found


def _row(one: Value, about: Mapping[str, Iterable[str]]) -> tuple[Any, ...]:
    groups = [words.group(test) for test in one["tests"]]
    counted = [groups.count(name) for name in ("passed", "failed", "missing")]
    return (
        *(one["id"], one["title"], one["status"] or "", one["status_raw"]),
        *(one["source"]["path"], one["source"]["line"]),
        *(one["section"], one["severity"], one["category"], one["level"]),
        BETWEEN.join(one["acceptance"]),
        BETWEEN.join(f"{row['command']} ({row['state'] or 'not known'})" for row in one["validation"]),
        *counted,
        len(groups) - sum(counted),
        BETWEEN.join(test["nodeid"] for test in one["tests"]),
        words.evidence(one),
        BETWEEN.join(words.file(row) for row in one["files"]),
        BETWEEN.join(words.place(row) for row in one["code"]),
        BETWEEN.join(f"{row['kind']} {row['target']}" for row in one["links"]),
        BETWEEN.join(about.get(one["id"], ())),
    )


def _cell(value: Any) -> Any:
    """A cell as text that nothing executes."""
    if not isinstance(value, str):
        return value
    shown = escape.line(value)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) else shown
