"""Changelog: what a project says about its releases: entries with a version or a date, and what is not out yet."""

from __future__ import annotations

import codecs
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec

from gates.errors import ProjectError
from gates.project import changelog_fragments, changelog_headings, changelog_titles
from gates.project.changelog_headings import Heading, Markup
from gates.project.changelog_titles import Title

LIMIT = 16 * 1024 * 1024
"""Bytes; a larger file is no changelog that somebody wrote."""

NAMES = ("changelog", "changes", "history", "news", "releases", "releasenotes", "whatsnew", "changelogs")
"""File names in the order of preference, without case, dashes, underscores, blanks and ending."""

FOLDERS = ("", "docs", "doc")
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
ENDINGS: Mapping[str, Markup] = {".md": "md", ".markdown": "md", ".rst": "rst", ".txt": "txt", "": "txt"}
SHORT = 32
"""Letters; a first line below a heading that is longer says more than when that version was released."""

_REFERENCE = re.compile(r" {0,3}\[[^\]]+\]:\s*\S+.*$")
_INCLUDES = re.compile(r"^\s*(?:\.\. (?:include|mdinclude)::|[`:]*\{include\}|--8<--|\{!|\{%)", re.MULTILINE)
_RELEASED = re.compile(r"[*_(:]*\s*(?:release[ds]?(?:\s+(?:date|on))?|date|published)\b", re.IGNORECASE)

Form = Literal["versions", "dated"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: `line` is that of its heading, `body_line` and `end` its first and last one below it (from 1).

    `title` is the heading without markup; `pending`: it says that it is not released. `version` is as it is written.
    """

    version: str | None
    date: date | None
    pending: bool
    line: int
    body_line: int
    end: int
    title: str
    body: str


class Changelog(msgspec.Struct, frozen=True, kw_only=True):
    """A changelog: its path below the root, entries newest first as written, and `unreleased`: the first pending one.

    `fragments` are the paths of towncrier's news fragments, which no entry has yet. `links` are the lines (from 1) of
    link definitions at the foot by their label.
    """

    path: str
    form: Form
    markup: Markup
    entries: tuple[Entry, ...]
    unreleased: Entry | None
    fragments: tuple[str, ...]
    links: Mapping[str, int]

    def of(self, version: str) -> Entry | None:
        """The entry of a version, compared by PEP 440; None where there is none."""
        return next((one for one in self.entries if one.version and changelog_titles.same(one.version, version)), None)


def read(root: Path, path: str | None) -> Changelog | None:
    """The project's changelog, or None: the file `path` below `root`, else the first that is named like one.

    One with entries goes before one without, which counts only in the root and if it does not include another file.

    Raises:
        ProjectError: a file or folder cannot be read.
    """
    settings = changelog_fragments.settings(root)
    bare: Changelog | None = None
    for name in (path,) if path is not None else _candidates(root, settings):
        text = _text(root, name)
        if text is None:
            continue
        found = parse(text, name)
        if path is not None or found.entries or found.unreleased:
            pending = changelog_fragments.find(root, settings)
            return msgspec.structs.replace(found, fragments=tuple(one.path for one in pending))
        written = bool(text) or not (root / name).stat().st_size
        if bare is None and written and "/" not in name and not _INCLUDES.search(text):
            bare = found
    return bare


def parse(text: str, path: str) -> Changelog:
    """What a text says, of a file called `path`; never raises."""
    rows = changelog_headings.lines(text)
    markup = ENDINGS.get(PurePosixPath(path).suffix.lower(), "txt")
    headings = changelog_headings.find(rows, markup)
    titled = _titled(headings)
    if not titled:
        headings = changelog_headings.plain(rows)
        titled = _titled(headings)
    links = _links(rows) if markup == "md" else {}
    foot = min(links.values(), default=len(rows) + 1)
    ends = _ends(headings, {one.line for one, _ in titled}, len(rows) + 1)
    found = tuple(_entry(rows, one, title, _end(ends[one.line], foot, one)) for one, title in titled)
    return Changelog(
        path=path,
        form="versions" if any(one.version for one in found) or not any(one.date for one in found) else "dated",
        markup=markup,
        entries=tuple(one for one in found if one.version or one.date),
        unreleased=next((one for one in found[:1] if one.pending), None),
        fragments=(),
        links=links,
    )


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 as its byte order mark says, UTF-8, or else Latin-1; "" for a binary one."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data:
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _titled(headings: Sequence[Heading]) -> list[tuple[Heading, Title]]:
    """The headings of entries. One with a name of its own before the version may be about something else."""
    found = [(one, title) for one in headings if (title := changelog_titles.read(one.text)) is not None]
    strict = min((one.level for one, title in found if title.version and not title.prefix), default=99)
    named = [(one, title) for one, title in found if title.version and title.prefix]
    loose = min((one.level for one, _ in named), default=99)
    usual = Counter(title.prefix.casefold() for one, title in named if one.level == loose).most_common(1)
    name = usual[0][0] if usual and loose <= strict else None
    level = min(strict, loose if name is not None else 99)
    versioned = level < 99
    dated = min((one.level for one, title in found if title.date and not title.version), default=99)
    first = min((one.line for one, title in found if title.version or title.date), default=0)

    def counts(one: Heading, title: Title) -> bool:
        if title.version:
            return not title.prefix or (title.prefix.casefold() == name and one.level == loose)
        if one.line < first and title.pending:
            return True
        if versioned:
            return title.date is None and one.level <= level
        return one.level <= dated

    return [(one, title) for one, title in found if counts(one, title)]


def _ends(headings: Sequence[Heading], starts: Collection[int], past: int) -> dict[int, int]:
    """The line after each entry: where the next one starts, or any heading of its level or above; by its own line."""
    found: dict[int, int] = {}
    for at, heading in enumerate(headings):
        if heading.line in starts:
            after = (
                one
                for one in (headings[place] for place in range(at + 1, len(headings)))
                if one.level <= heading.level or one.line in starts
            )
            found[heading.line] = next((one.first for one in after), past)
    return found


def _end(after: int, foot: int, heading: Heading) -> int:
    return (min(after, foot) if foot > heading.line else after) - 1


def _entry(rows: Sequence[str], heading: Heading, title: Title, end: int) -> Entry:
    while end > heading.last and not rows[end - 1].strip():
        end -= 1
    body = "\n".join(rows[heading.last : end]).strip("\n")
    day, late = title.date, title.pending
    if title.version and day is None:
        first = next((row.strip() for row in rows[heading.last : end] if row.strip()), "")
        day = changelog_titles.dated(first) if _RELEASED.match(first) or len(first) < SHORT else None
        late = late or (day is None and len(first) < SHORT and changelog_titles.pending(first))
    return Entry(
        version=title.version,
        date=day,
        pending=late,
        line=heading.line,
        body_line=heading.last + 1,
        end=end,
        title=changelog_titles.plain(heading.text),
        body=body,
    )


def _links(rows: Sequence[str]) -> dict[str, int]:
    """The link definitions at the foot, with the line of each."""
    found: dict[str, int] = {}
    for at in range(len(rows), 0, -1):
        row = rows[at - 1]
        if row.strip() and not _REFERENCE.match(row):
            break
        if row.strip():
            found[row.strip()[1:].partition("]:")[0]] = at
    return dict(reversed(found.items()))


def _candidates(root: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    named = settings.get("filename")
    if isinstance(named, str):
        yield named
    for folder in FOLDERS:
        yield from (name for _, name in sorted(_below(root, folder, depth=2 if folder else 0)))


def _below(root: Path, folder: str, depth: int) -> Iterator[tuple[tuple[int, int, str], str]]:
    """Files below a folder that are named like a changelog, each with its rank."""
    try:
        listed = sorted(os.scandir(root / folder), key=lambda one: one.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ProjectError(
            f"{folder or '.'} cannot be listed: {error.strerror or error}", path=folder or "."
        ) from error
    for one in listed:
        path = f"{folder}/{one.name}" if folder else one.name
        if one.is_dir(follow_symlinks=False):
            if depth and not one.name.startswith((".", "_")):
                yield from _below(root, path, depth - 1)
            continue
        plain = re.sub(r"[-_ ]", "", PurePosixPath(path).stem).lower()
        if PurePosixPath(path).suffix.lower() in ENDINGS and plain in NAMES:
            yield (path.count("/"), NAMES.index(plain), one.name), path


def _text(root: Path, name: str) -> str | None:
    place = root / name
    try:
        if not place.is_file():
            return None
        with place.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise ProjectError(f"{name} cannot be read: {error.strerror or error}", path=name) from error
    return "" if len(data) > LIMIT else decoded(data)
