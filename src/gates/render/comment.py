"""Comment: how much of a report fits into a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 60_000
"""Bytes; GitHub refuses a comment above 65,536 characters."""

BETWEEN = 2
"""Bytes between two blocks; lines are set apart by one."""


def size(text: str) -> int:
    """The bytes that a line or block takes, with what sets it apart from the next one."""
    return len(text.encode("utf-8", "replace")) + BETWEEN


def fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """The lines that fit into so many bytes, from the first one on, and how many do not."""
    taken: list[str] = []
    for line in lines:
        room -= size(line)
        if room < 0:
            break
        taken.append(line)
    return taken, len(lines) - len(taken)
