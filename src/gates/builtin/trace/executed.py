"""Executed: which files of the product the tests of an item ran, by the contexts of a coverage run."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from gates.builtin.trace.facts import Executed

SCHEMA = 7
"""The schema of coverage.py's data file since its version 5: https://coverage.readthedocs.io/en/latest/dbschema.html"""

PHASES = ("|setup", "|run", "|call", "|teardown")
"""What pytest-cov and pytest_vltair put behind the id of a test."""


class UnreadableContextsError(Exception):
    """A data file that cannot be used: one sentence that says why, without its name."""


def read(path: Path, place: Callable[[str], str | None]) -> Mapping[str, Mapping[str, int]]:
    """The lines that each test ran, as a bit set by file; only files that `place` knows a path of the project for.

    Raises:
        UnreadableContextsError: it is damaged, or of another schema.
    """
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            versions = [one for (one,) in database.execute("select version from coverage_schema")]
            if versions != [SCHEMA]:
                raise UnreadableContextsError(f"its schema is {versions}, and {SCHEMA} is the one that is known")
            return _read(database, place)
    except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
        raise UnreadableContextsError(f"it is damaged: {error}") from error


def of_items(ran: Mapping[str, Mapping[str, int]], tests: Mapping[str, Iterable[str]]) -> Iterator[Executed]:
    """What the tests of each item ran, sorted; `tests` are their ids by item."""
    for item in sorted(tests):
        lines: defaultdict[str, int] = defaultdict(int)
        for test in tests[item]:
            for path, bits in ran.get(test, {}).items():
                lines[path] |= bits
        for path in sorted(lines):
            yield Executed(item=item, path=path, lines=lines[path].bit_count())


def _read(database: sqlite3.Connection, place: Callable[[str], str | None]) -> Mapping[str, Mapping[str, int]]:
    files = {number: place(str(path)) for number, path in database.execute("select id, path from file")}
    contexts = {number: _test(str(name)) for number, name in database.execute("select id, context from context")}
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for file, context, bits in _rows(database):
        path, test = files.get(file), contexts.get(context)
        if path is not None and test:
            found[test][path] |= bits
    return found


def _rows(database: sqlite3.Connection) -> Iterator[tuple[int, int, int]]:
    for file, context, bits in database.execute("select file_id, context_id, numbits from line_bits"):
        yield file, context, int.from_bytes(bits, "little") & ~1
    for file, context, start, end in database.execute("select file_id, context_id, fromno, tono from arc"):
        yield file, context, (1 << start if start > 0 else 0) | (1 << end if end > 0 else 0)


def _test(context: str) -> str:
    """The id of the test that a context is of, "" for what ran outside of any."""
    for phase in PHASES:
        if context.endswith(phase):
            return context.removesuffix(phase)
    return context
