"""Places: where in a file a version is written, and the file with another one there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from gates.project import documents
from gates.project.changelog_titles import valid


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place: a version between two offsets (bytes) of a file below the root, and its line (from 1)."""

    path: str
    line: int
    start: int
    end: int
    version: str


def assigned(data: bytes, path: str, names: Iterable[str]) -> Iterator[Place]:
    """The plain texts that a module assigns to one of the names, at its top level."""
    try:
        body = ast.parse(data).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    wanted = set(names)
    for node in body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(one, ast.Name) and one.id in wanted for one in targets):
            yield from _constant(data, path, getattr(node, "value", None))


def of_setup(data: bytes) -> Iterator[Place]:
    """The plain texts that setup.py gives to `setup` as its version."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "setup":
            for keyword in node.keywords:
                if keyword.arg == "version":
                    yield from _constant(data, "setup.py", keyword.value)


def _constant(data: bytes, path: str, node: ast.expr | None) -> Iterator[Place]:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not valid(node.value):
        return
    rows = data.splitlines(keepends=True)
    # Offsets of ast are without the mark of UTF-8.
    mark = len(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") and node.lineno == 1 else 0
    begin = sum(map(len, rows[: node.lineno - 1])) + node.col_offset + mark
    at = data.find(node.value.encode(), begin)
    if at >= 0 and node.end_lineno == node.lineno:
        yield Place(path=path, line=node.lineno, start=at, end=at + len(node.value.encode()), version=node.value)


def matches(data: bytes, path: str, pattern: re.Pattern[bytes]) -> Iterator[Place]:
    """Every place in a file where the group `version` of a pattern is."""
    for found in pattern.finditer(data):
        start, end = found.span("version")
        text = data[start:end].decode("utf-8", "replace")
        yield Place(path=path, line=data.count(b"\n", 0, start) + 1, start=start, end=end, version=text)


def data_of(root: Path, name: str) -> bytes:
    """A file below the root; nothing where there is none."""
    return documents.data_of(root, name) or b""


def replaced(data: bytes, places: Iterable[tuple[Place, str]]) -> bytes:
    """The bytes of a file with another text at each of its places."""
    for place, text in sorted(places, key=lambda one: one[0].start, reverse=True):
        data = data[: place.start] + text.encode() + data[place.end :]
    return data


def by_path(places: Iterable[Place]) -> Mapping[str, list[Place]]:
    """The places of each file."""
    found: dict[str, list[Place]] = {}
    for one in places:
        found.setdefault(one.path, []).append(one)
    return found
