"""Positions: on which line each key of a TOML document stands, which `tomllib` does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

Key = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}#\r\n'\"]+")
# Longest first: the three-quote forms would otherwise read as an empty string and a rest.
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"""{1,3}', re.DOTALL),
    re.compile(r"'''.*?'''{1,3}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


@lru_cache(maxsize=8)
def positions(text: str) -> Mapping[Key, int]:
    """The line, counted from 1, of every table, key and array element of a valid TOML document.

    Tables and keys are named by their path; elements of arrays, arrays of tables included, by their index. A table
    has the line of its header, or without one (`[a.b]` alone, dotted keys) the line where it is first named.

    Raises:
        ValueError: the text is not TOML; what `tomllib` accepts never raises.
    """
    return _Reader(text).document()


def line_of(path: Path, key: str, section: str = "") -> int | None:
    """The line (from 1) of the file that gives `key` a value, valid TOML or INI or not; None where none does.

    It is the first after a line that holds `section`, or else the first of all.
    """
    try:
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    starts = [number for number, text in enumerate(lines, start=1) if section and section in text]
    places = [number for number, text in enumerate(lines, start=1) if _sets(text, key)]
    after = [number for number in places if starts and number > starts[0]]
    return next(iter([*after, *places]), None)


def _sets(line: str, key: str) -> bool:
    left = re.split(r"[=:]", line, maxsplit=1)[0].strip()
    return key in (part.strip("\"'") for part in (left, left.rpartition(".")[2]))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Key, int] = {}
        self.lengths: dict[Key, int] = {}
        self.counted_to = 0
        self.line = 1

    def document(self) -> Mapping[Key, int]:
        table: Key = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.peek() == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.lines

    def header(self) -> Key:
        array = self.text.startswith("[[", self.at)
        self.expect("[[" if array else "[")
        line = self.here()
        *parents, last = self.keys()
        self.expect("]]" if array else "]")
        path: Key = ()
        for name in parents:
            path = self.latest(self.note((*path, name), line))
        if not array:
            self.lines[*path, last] = line
            return (*path, last)
        path = self.note((*path, last), line)
        index = self.lengths.get(path, 0)
        self.lengths[path] = index + 1
        return self.note((*path, index), line)

    def latest(self, path: Key) -> Key:
        """The element of an array of tables that a later header speaks of, or the path itself."""
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def pair(self, table: Key) -> None:
        self.value(self.assigned(table))

    def assigned(self, table: Key) -> Key:
        line = self.here()
        path = table
        for name in self.keys():
            path = self.note((*path, name), line)
        self.expect("=")
        return path

    def keys(self) -> list[str]:
        names = [self.key()]
        while self.peek() == ".":
            self.at += 1
            names.append(self.key())
        return names

    def key(self) -> str:
        self.skip(_SPACE)
        if self.peek() in ("'", '"'):
            name = _unquoted(self.take(_STRINGS[2] if self.peek() == '"' else _STRINGS[3]))
        else:
            name = self.take(_BARE)
        self.skip(_SPACE)
        return name

    def value(self, path: Key) -> None:
        # Arrays may nest deeper than Python's stack; the containers that are open are kept in a list.
        open_containers: list[tuple[Key, int | None]] = []
        current: Key = path
        while True:
            self.skip(_BLANK)
            if self.peek() == "[":
                self.at += 1
                open_containers.append((current, 0))
            elif self.peek() == "{":
                self.at += 1
                open_containers.append((current, None))
            else:
                self.scalar()
            following = self.following(open_containers)
            if following is None:
                return
            current = following

    def following(self, open_containers: list[tuple[Key, int | None]]) -> Key | None:
        """The path of the next value to read inside the containers that are open, or None when all are closed."""
        while open_containers:
            path, index = open_containers[-1]
            self.skip(_BLANK)
            if self.peek() == ",":
                self.at += 1
                self.skip(_BLANK)
            if self.peek() in ("]", "}"):
                self.at += 1
                open_containers.pop()
                continue
            if index is None:
                return self.assigned(path)
            open_containers[-1] = (path, index + 1)
            return self.note((*path, index), self.here())
        return None

    def scalar(self) -> None:
        for form in _STRINGS:
            if form.match(self.text, self.at):
                self.take(form)
                return
        self.take(_SCALAR)

    def note(self, path: Key, line: int) -> Key:
        self.lines.setdefault(path, line)
        return path

    def here(self) -> int:
        self.line += self.text.count("\n", self.counted_to, self.at)
        self.counted_to = self.at
        return self.line

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip(self, form: re.Pattern[str]) -> bool:
        found = form.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return bool(found and found.group())

    def take(self, form: re.Pattern[str]) -> str:
        found = form.match(self.text, self.at)
        if found is None:
            msg = f"not TOML at line {self.here()}"
            raise ValueError(msg)
        self.at = found.end()
        return found.group()

    def expect(self, sign: str) -> None:
        if not self.text.startswith(sign, self.at):
            msg = f"not TOML at line {self.here()}"
            raise ValueError(msg)
        self.at += len(sign)


def _unquoted(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    import tomllib

    return next(iter(tomllib.loads(f"{quoted} = 0")))
