"""Sets: what a rewritten line finds when it walks a set or hashes a value."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from .hashes import Hashes
from .places import Project

Read = Callable[[str, str, FrameType | None], None]


class Shown:
    """A set as it is written in another order."""

    def __init__(self, values: Any, order: list[Any]) -> None:
        inner = f"{{{', '.join(map(repr, order))}}}"
        self._text = inner if type(values) is set else f"frozenset({inner})"

    def __repr__(self) -> str:
        return self._text

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(self._text, spec) if spec else self._text


class Sets:
    """Notes who walks a set; those at the lines asked for find the order of another hash seed."""

    def __init__(self, project: Project, at: frozenset[tuple[str, int]], seed: int | None, read: Read | None) -> None:
        self._project, self._at, self._read = project, at, read
        self._hashes = None if seed is None else Hashes(seed)

    def walk(self, values: Any) -> Any:
        """What is walked instead of the values."""
        if type(values) not in (set, frozenset) or not _varies(values):
            return values
        order = self._other(values, "set")
        return values if order is None else order

    def text(self, values: Any) -> Any:
        """What is written instead of the values."""
        if type(values) not in (set, frozenset) or not _varies(values):
            return values
        order = self._other(values, "set")
        return values if order is None else Shown(values, order)

    def pop(self, values: Any) -> Any:
        """What is taken out of a set."""
        if type(values) is not set or not _varies(values):
            return values.pop()
        order = self._other(values, "set.pop")
        if order is None:
            return values.pop()
        values.remove(order[0])
        return order[0]

    def code(self, value: Any) -> int:
        """What a value hashes to."""
        if not _seeded(value):
            return hash(value)
        if self._asked("hash"):
            return self._hashes.of(value) if self._hashes else hash(value)
        return hash(value)

    def _other(self, values: Any, what: str) -> list[Any] | None:
        return self._hashes.order(values) if self._asked(what) and self._hashes else None

    def _asked(self, what: str) -> bool:
        frame = sys._getframe(1)  # noqa: SLF001 - the only way to it that costs little
        while frame.f_code.co_filename == __file__ and frame.f_back is not None:
            frame = frame.f_back
        if self._read:
            self._read("hashseed", what, frame)
        return bool(self._at) and self._project.reader(frame) in self._at


def _varies(values: Any) -> bool:
    return len(values) > 1 and any(map(_seeded, values))


def _seeded(value: Any) -> bool:
    """Whether its hash depends on the seed."""
    kind = type(value)
    if kind in (str, bytes):
        return bool(value)
    if kind in (tuple, frozenset):
        return any(map(_seeded, value))
    return kind not in (int, float, complex, bool, type(None))
