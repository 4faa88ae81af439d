"""Documents of any shape are read in one pass: twice the text takes twice the steps, which are counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from gates.builtin.trace import items
from gates.builtin.trace.documents import document
from gates.builtin.trace.readers import registry

Shape = Callable[[int], str]


def read(text: str) -> tuple[str, ...]:
    """The ids of all items of a document."""
    held = document.parse("a.md", text.encode())
    return tuple(item.id for item in items.join([registry.read(held, registry.builtin())]).items)


def steps(text: str) -> int:
    """How many functions are called while a document is read."""
    count = 0

    def called(_frame: object, event: str, _what: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


def lines(line: str, before: str = "") -> Shape:
    return lambda count: before + "".join(f"{line.replace('%', str(at))}\n" for at in range(count))


def nested(mark: str) -> Shape:
    return lambda count: "".join("  " * at + f"{mark} a part\n" for at in range(count))


LINES: dict[str, Shape] = {
    "boxes of one title": lines("- [ ] one and the same"),
    "boxes of one id": lines("- [x] REQ-1: a"),
    "boxes below a box": lines("  - [ ] a part", "- [ ] REQ-1: a\n"),
    "lines of one box": lines("  more of it", "- [ ] REQ-1: a\n"),
    "fields of one box": lines("  Files: src/a%.py", "- [ ] REQ-1: a\n"),
    "lists in lists": lambda count: "- a\n  - b\n    - c\n" * count,
    "phases": lines("## Phase %: do it ✅\n\nText."),
    "headings with a sign at the end": lambda count: "## a\n" * count + "## ✅ a\n" * count,
    "headings that are a status": lines("## TODO\n- a"),
    "cards of a board": lines("### Card %\n\ntext\n", "## Backlog\n"),
    "headings at all depths": lambda count: "# a\n## b\n### c\n#### d\n- [ ] x\n" * count,
    "contents": lambda count: lines("- [H %](#h-%)", "# Contents\n")(count) + lines("## H %\n")(count),
    "marks of contents": lines("<!-- toc -->\n- a\n"),
    "rows without cells": lines("| | |"),
    "rows that are short": lines("| a |", "| ID | Status |\n|---|---|\n"),
    "tables": lines("| a | b |\n|---|---|\n| c | d |\n"),
    "columns": lambda count: f"| ID {'| notes ' * count}|\n|---{'|---' * count}|\n| REQ-1 {'| done ' * count}|\n",
    "columns of one word": lambda count: f"{'| status ' * count}|\n{'|---' * count}|\n{'| done ' * count}|\n",
    "quotes": lines("> a"),
    "records": lines("- ID: REQ-%\n  Status: open\n  Task: do it\n"),
    "statements": lines("- **FR-%**: The system MUST do it."),
    "comments that never end": lines("<!-- a"),
    "tags that never end": lines("<pre>\n<script>\n<style>"),
    "code that ends and begins": lines("```\nx\n````"),
    "code in lists": lines("\n      x\ny", "- a\n  - b\n"),
    "underlines": lines("a\n==="),
    "legend": lines("- ✅ = done", "Legend:\n"),
    "totals": lines("Total: 5 of 7 done (71%)\n"),
}


@pytest.mark.parametrize("shape", LINES.values(), ids=LINES)
def test_twice_the_text_takes_twice_the_steps(shape: Shape) -> None:
    read(shape(10))
    assert steps(shape(400)) < 2.6 * steps(shape(200))


LONG = 100_000
"""Characters of one line; a pattern that looks at each of them from each other one would not come to an end."""


def much(unit: str) -> str:
    return unit * (LONG // len(unit))


LONG_LINES = {
    "blanks": f"- [ ] REQ-1: a{' ' * LONG}b",
    "blanks in a heading": f"# REQ-1: a{' ' * LONG}b",
    "blanks behind a fence": f"```{' ' * LONG}`",
    "blanks in a delimiter": f"a|b\n|-{' ' * LONG}:x|",
    "no delimiter": f"a|b\n{much('-|')}:",
    "capitals": f"- [ ] {'A' * LONG}",
    "capitals with hyphens": f"- [ ] {much('A-')}",
    "digits": f"- [ ] A{'1' * LONG}é <a b>",
    "an open angle": f"- [ ] <{'a' * LONG}",
    "open angles": f"- [ ] {much('<a ')}",
    "open tags": much("<a"),
    "open comments": much("<!--"),
    "comments": much("<!-- a --> b"),
    "open brackets": f"- [ ] {'[' * LONG}",
    "open links": f"- [ ] {much('[a](')}",
    "labels": f"- [ ] {much('[US1] ')}",
    "ratings": f"- [ ] {much('(High) ')}",
    "files": f"- [ ] REQ-1: {much('src/a.py (new) ')}",
    "dashes in a heading": f"# {much('a - ')}",
    "brackets in a heading": f"# a{much(' (')}x",
    "ticks": "`" * LONG + "x",
    "ticks in a cell": f"| a | b |\n|---|---|\n| x | y | {'`' * LONG}\n",
    "ticks of several lengths in a cell": f"| a | b |\n|---|---|\n| {much('`a``b```c|')}\n",
    "pipes": f"{much('| |')}\n{much('|-|')}\n",
    "angles of quotes": ">" * LONG,
    "a legend of ticks": f"Legend: {'`' * LONG} x",
}


@pytest.mark.parametrize("text", LONG_LINES.values(), ids=LONG_LINES)
def test_a_line_of_any_length_is_read(text: str) -> None:
    assert len(read(text)) <= 1


@pytest.mark.parametrize("mark", ["-", "1.", "- [ ]", "- [ ] REQ-1:", "- Acceptance:", "- ✅"])
def test_a_list_of_any_depth_is_read(mark: str) -> None:
    depth = sys.getrecursionlimit() + 200
    assert len(read(f"- ID: REQ-1\n{nested(mark)(depth)}")) <= 2
    assert len(read(f"- [ ] REQ-1: a\n  - Acceptance: b\n{nested(mark)(depth)}")) <= 2
