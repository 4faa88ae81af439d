"""Fences: the lines between two marks, which are front matter or code."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.trace.documents.blocks import Numbered

FRONT = 400
"""Lines of which one has to end the front matter."""


def front(lines: Sequence[str]) -> list[Numbered]:
    """The lines of the front matter that a document begins with, without its marks."""
    if not lines or lines[0].rstrip() != "---":
        return []
    for index, line in enumerate(lines[1:FRONT], start=1):
        if line.rstrip() in {"---", "..."}:
            held = [(number, text) for number, text in enumerate(lines[1:index], start=2)]
            return held if any(":" in text for _, text in held) else []
    return []


def fenced(lines: Sequence[str], at: int, mark: str) -> tuple[list[Numbered], int | None]:
    """The lines of the code whose fence is at index `at`, and the index of the fence that ends it, None for none."""
    held: list[Numbered] = []
    for index in range(at + 1, len(lines)):
        body = lines[index].strip()
        if body.startswith(mark) and not body.strip(mark[0]):
            return held, index
        held.append((index + 1, lines[index]))
    return held, None


def indented(lines: Sequence[str], at: int, limit: int) -> tuple[list[Numbered], int]:
    """The lines of the code that begins at index `at`, and the index of the last line that is not left of `limit`."""
    held: list[Numbered] = [(at + 1, lines[at].strip())]
    for index in range(at + 1, len(lines)):
        line = lines[index]
        body = line.strip()
        if body:
            wide = line.expandtabs(4)
            if len(wide) - len(wide.lstrip()) < limit:
                return held, index - 1
            held.append((index + 1, body))
    return held, len(lines) - 1
