"""Diff: what `git diff --raw -p` wrote, as files and the added and altered lines of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import msgspec

PREFIX = "new/"
"""What is asked to stand before each new name (`--dst-prefix`)."""

HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)")
LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}

Range = tuple[int, int]


class UnreadableDiffError(Exception):
    """It is not what git writes, or not all of it."""


class Entry(msgspec.Struct, frozen=True):
    """A line of `--raw`: the letter of what happened to a file, its mode now, its name at the base, its name now."""

    status: str
    mode: str
    old: bytes
    new: bytes


class Diff(msgspec.Struct, frozen=True):
    """Every file that differs, and by its name now the added and altered lines, as first and last, ascending.

    Lines are those that git counts: each ends with a line feed. `binary`: it does not show what changed in some file.
    """

    entries: tuple[Entry, ...]
    lines: dict[bytes, list[Range]]
    binary: bool


def read(output: bytes) -> Diff:
    """What git wrote with whatever number of lines of context.

    Raises:
        UnreadableDiffError: it is not that, or was cut off.
    """
    entries: list[Entry] = []
    lines: dict[bytes, list[Range]] = {}
    held: list[Range] = []
    binary = False
    written = iter(BytesIO(output))
    for line in written:
        if line.startswith(b":"):
            entries.append(_entry(line.removesuffix(b"\n")))
        elif line.startswith(b"+++ "):
            # A name with a space in it is followed by a tab, so that patch(1) finds its end.
            name = _unquoted(line[4:].removesuffix(b"\n").removesuffix(b"\t"))
            held = lines.setdefault(name.removeprefix(PREFIX.encode()), [])
        elif line.startswith(b"@@ "):
            held.extend(_added(line, written))
        elif line.startswith(b"Binary files "):
            binary = True
    return Diff(tuple(entries), lines, binary)


def _entry(line: bytes) -> Entry:
    """`:100644 100644 0123456 789abcd R086<tab>old<tab>new`."""
    described, *names = line.split(b"\t")
    fields = described.split(b" ")
    if len(fields) != 5 or len(names) not in {1, 2}:
        raise UnreadableDiffError
    return Entry(fields[4][:1].decode(), fields[1].decode(), _unquoted(names[0]), _unquoted(names[-1]))


def _added(header: bytes, written: Iterator[bytes]) -> Iterator[Range]:
    """Where the added lines of one hunk are now; the header says how long it is."""
    match = HUNK.match(header)
    if match is None:
        raise UnreadableDiffError
    before, number, after = (1 if one is None else int(one) for one in match.groups())
    first = 0
    while before > 0 or after > 0:
        line = next(written, b"")
        if line.startswith(b"+"):
            first = first or number
            number, after = number + 1, after - 1
            continue
        if first:
            yield first, number - 1
            first = 0
        if line.startswith(b"-"):
            before -= 1
        elif line.startswith((b" ", b"\n")):
            number, before, after = number + 1, before - 1, after - 1
        elif not line.startswith(b"\\"):  # "No newline at end of file"
            raise UnreadableDiffError
    if first:
        yield first, number - 1


def _unquoted(name: bytes) -> bytes:
    """A name as it is: git puts one with a quotation mark, a backslash or a control character in quotes."""
    if len(name) < 2 or not (name.startswith(b'"') and name.endswith(b'"')):
        return name
    return ESCAPED.sub(lambda found: _character(found[1]), name[1:-1])


def _character(escaped: bytes) -> bytes:
    return bytes([int(escaped, 8)]) if len(escaped) == 3 else LETTERS.get(escaped, escaped)
