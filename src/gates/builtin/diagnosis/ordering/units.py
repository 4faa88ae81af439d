"""Units: tests that stand or fall together: a test, a class, a file; a document is never taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

DOCUMENTS = frozenset({".rst", ".txt", ".md"})
EXAMPLE = re.compile(r"::line:\d+,column:\d+$")


def file_of(nodeid: str) -> str:
    """The file that a test is in."""
    return nodeid.partition("::")[0]


def class_of(nodeid: str) -> str:
    """The class that a test is in; its file where it is in none."""
    bare = nodeid.partition("[")[0]
    return bare.rpartition("::")[0] or bare


def is_example(nodeid: str) -> bool:
    """Whether a test is part of a document, whose later examples build on its earlier ones by design."""
    return PurePosixPath(file_of(nodeid)).suffix.lower() in DOCUMENTS or EXAMPLE.search(nodeid) is not None


def test_of(nodeid: str) -> str:
    """The smallest unit of a test: itself, or its document."""
    return file_of(nodeid) if is_example(nodeid) else nodeid


LEVELS = (test_of, class_of, file_of)
"""Units by size, each with how many of them may be culprits together."""


def companions(tests: Sequence[str], nodeid: str) -> tuple[str, ...]:
    """The examples of its own document that come before one."""
    if not is_example(nodeid) or nodeid not in tests:
        return ()
    place = tests.index(nodeid)
    return tuple(one for one in tests[:place] if is_example(one) and file_of(one) == file_of(nodeid))


def together(tests: Sequence[str], collected: Sequence[str]) -> tuple[str, ...]:
    """The tests with the examples of each document side by side and in the order of collection."""
    examples = [one for one in tests if is_example(one)]
    if not examples:
        return tuple(tests)
    rank = {one: number for number, one in enumerate(collected)}
    done: dict[str, None] = {}
    for one in tests:
        if is_example(one):
            whole = [other for other in examples if file_of(other) == file_of(one)]
            done.update(dict.fromkeys(sorted(whole, key=lambda other: rank.get(other, 0))))
        else:
            done[one] = None
    return tuple(done)


def files(tests: Iterable[str]) -> tuple[str, ...]:
    """The files of tests, each once."""
    return tuple(dict.fromkeys(map(file_of, tests)))
