"""Checksums: the lists that `sha256sum` writes and checks, held against the files that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from gates.model.release import Part, Problem, judged, missing
from gates.project.tree import printable

if TYPE_CHECKING:
    from gates.builtin.released.folder import File, Folder

LIMIT = 4 * 1024 * 1024
_PLAIN = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9A-Fa-f]+) [ *](?P<name>.+)")
_BSD = re.compile(r"(?P<escaped>\\?)SHA256 ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9A-Fa-f]+)")
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


class Line(msgspec.Struct, frozen=True):
    """A line of such a list: the name of a file as it is printed, and its SHA-256 in small hexadecimal digits."""

    number: int
    name: str
    sha256: str


class Unreadable(Exception):  # noqa: N818 - a verdict about the text
    """The text is no list of SHA-256 sums; says why in a clause."""


def parse(text: str) -> tuple[Line, ...]:
    """The lines of a list as GNU coreutils' `sha256sum` writes it, in its plain, binary, escaped and BSD forms.

    Raises:
        Unreadable: a line is none of these, or it names no file.
    """
    found = tuple(_line(number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip())
    if not found:
        raise Unreadable("has no line")
    return found


def _line(number: int, row: str) -> Line:
    match = _PLAIN.fullmatch(row) or _BSD.fullmatch(row)
    if match is None or len(match["digest"]) != 64:
        raise Unreadable(f"line {number} is not a SHA-256 sum and a name")
    name = match["name"]
    if match["escaped"]:
        name = re.sub(r"\\[\\nr]", lambda one: _ESCAPES[one.group()], name)
    return Line(number, printable(name.removeprefix("./")), match["digest"].lower())


def check(folder: Folder) -> Part:
    """Whether the lists name every artifact and SBOM, nothing that is not there, and each with the sum that it has."""
    lists = folder.of("checksums")
    wanted = [one for one in folder.files if one.kind in {"sdist", "wheel", "sbom"}]
    if not lists:
        return missing("checksums", f"{folder.shown} has no list of checksums", _listing(folder, wanted, "SHA256SUMS"))
    problems, named = [], set()
    for one in lists:
        try:
            lines = parse(_text(one))
        except Unreadable as error:
            problems.append(Problem(message=f"{one.name} {error}", fix="write it with sha256sum", path=one.name))
            continue
        named |= {line.name for line in lines}
        problems += _of(one, lines, folder)
    for file in wanted:
        if file.name not in named:
            message = f"{file.name} is in no list of checksums"
            fix = _listing(folder, wanted, lists[0].name)
            problems.append(Problem(message=message, fix=fix, path=file.name))
    return judged("checksums", problems, f"{len(named)} files, SHA-256")


def _text(one: File) -> str:
    try:
        data = one.path.read_bytes()[: LIMIT + 1]
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    if len(data) > LIMIT:
        raise Unreadable("is larger than any such list")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8") from None


def _of(listed: File, lines: tuple[Line, ...], folder: Folder) -> Iterator[Problem]:
    there = {one.name: one for one in folder.files}
    seen: dict[str, str] = {}
    for line in lines:
        file, fix = there.get(line.name), _again(folder, listed)
        place = f"{listed.name}:{line.number}"
        if seen.setdefault(line.name, line.sha256) != line.sha256:
            message = f"{place} names {line.name} for the second time, with another sum"
        elif file is None:
            message = f"{place} names {line.name}, which is not in {folder.shown}"
        elif file.sha256 != line.sha256:
            message = f"{place} says {line.sha256[:12]}... for {line.name}, whose bytes have {file.sha256[:12]}..."
        else:
            continue
        yield Problem(message=message, fix=fix, path=listed.name)


def _listing(folder: Folder, files: list[File], name: str) -> str:
    names = " ".join(one.name for one in files) or "*"
    return f"cd {folder.shown} && sha256sum {names} > {name}"


def _again(folder: Folder, listed: File) -> str:
    return f"find out which of the two is not what was built, then write {folder.shown}/{listed.name} with sha256sum"
