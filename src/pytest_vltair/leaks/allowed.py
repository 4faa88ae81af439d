"""Allowed: the leaks that a project lives with, by its configuration and by the markers of its tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

import pytest

from pytest_vltair import options
from pytest_vltair.leaks.judging import MARKER, marked
from pytest_vltair.settings import Given, nearest


class Line:
    """One line of `vltair_leaks_allow`; without a pattern every leak of the kind is allowed."""

    def __init__(self, kind: str, pattern: str | None) -> None:
        self.kind = kind
        self.pattern = pattern

    def covers(self, kind: str, key: str, what: str) -> bool:
        """Whether this line allows a leak: its pattern matches the whole key or the whole description."""
        if kind != self.kind:
            return False
        return self.pattern is None or fnmatchcase(key, self.pattern) or fnmatchcase(what, self.pattern)


def lines(given: Given, kinds: Collection[str]) -> list[Line]:
    """The lines of `vltair_leaks_allow`.

    Raises:
        pytest.UsageError: one is not to be understood, or names no kind.
    """
    found: list[Line] = []
    for text in given.lines or given.text.splitlines():
        kind, colon, pattern = (part.strip() for part in text.partition(":"))
        one = Given(given.name, text, given.place)
        if kind not in kinds:
            one.wrong(f"names no kind of leak: write KIND or KIND: PATTERN{nearest(kind, kinds)}")
        if colon and not pattern:
            one.wrong("has no pattern after the colon: write KIND or KIND: PATTERN")
        found.append(Line(kind, pattern or None))
    return found


def check(items: Iterable[pytest.Item], kinds: Collection[str]) -> None:
    """Refuse markers that name no kind.

    Raises:
        pytest.UsageError: a marker does.
    """
    for item in items:
        if not options.bears(item, (MARKER,)):
            continue
        for kind in marked(item) or ():
            if kind not in kinds:
                raise pytest.UsageError(f"{item.nodeid}: {MARKER}({kind!r}) is no kind of leak{nearest(kind, kinds)}")
