"""Quotes: lines behind `>`, which are no items, and those among them that look like one."""

from __future__ import annotations

import re

from gates.builtin.trace.documents import rows

ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+\S|ID:[ \t])")
MARKS = re.compile(r"(?:>[ \t]?)+")
ODD = "what is quoted is no item: take the > away where one is meant"


def opened(body: str) -> tuple[int, str]:
    """How deep a line is quoted, and its text without the marks of that."""
    match = MARKS.match(body)
    return (match.group(0).count(">"), body[match.end() :]) if match else (1, body)


def is_item(text: str) -> bool:
    """Whether a text would be an item, or the head of a table of them, if it were not quoted."""
    return ITEM.match(text) is not None or rows.is_delimiter(text)
