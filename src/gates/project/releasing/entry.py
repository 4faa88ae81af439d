"""Entry: the changelog with a heading for a new version over what was not released, and its links moved on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import msgspec

from gates.project import changelog_headings, changelog_titles
from gates.project.changelog import Changelog, Entry

_ISO = re.compile(r"\d{4}([-/])\d{2}\1\d{2}")
_ANY_DATE = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}")
_COMPARED = re.compile(r"(?P<page>.*/)(?P<old>[^/]+?)\.\.\.(?P<new>[^/.][^/]*)$")


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The new text of a changelog, and what a reader should know."""

    text: str
    notes: tuple[str, ...]


def moved(text: str, log: Changelog, version: str, day: date, tag: str) -> Moved:
    """The changelog `text`, parsed as `log`, with an entry for `version` of `day`; `tag` is the name of its tag.

    What is under the heading of the unreleased goes under the new one, in the form of the newest release's; the empty
    heading stays above it. Line ends are those of the text.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    rows = changelog_headings.lines(text)
    held = log.of(version)
    if held is not None:
        return _dated(rows, held, day, end)
    if log.form == "dated":
        note = f"{log.path} is a log by dates, without versions: nothing was written there"
        return Moved(text=text, notes=(note,))
    pending = log.unreleased
    if log.fragments and not (pending and pending.body.strip()):
        note = f"news fragments wait for their entry: towncrier build --version {version}"
        return Moved(text=text, notes=(note,))
    linked, notes = _links(rows, log, version, tag)
    newest = next((one for one in log.entries if one.version and not one.pending), None)
    if pending is not None and pending.version is not None:
        new = _heading(rows, pending, version, day)
        changed = _without_pending(rows, pending, day)
        changed[_first(changed, pending) - 1 : pending.body_line - 1] = new
        return Moved(text=end.join(changed), notes=notes)
    drawn = _heading(linked, newest, version, day) if newest else _fresh(rows, pending, version, day, log)
    if pending is not None:
        at = pending.body_line - 1
        linked[at:at] = ["", *drawn] if at and linked[at - 1].strip() else drawn
    else:
        at = _first(rows, newest) - 1 if newest else len(rows)
        linked[at:at] = [*drawn, "", ""]
        notes = (*notes, f"{log.path} says nothing of {version}: write what changed below its heading")
    return Moved(text=end.join(linked), notes=notes)


def _dated(rows: list[str], held: Entry, day: date, end: str) -> Moved:
    """An entry that is there already gets its day, where it waits for one."""
    return Moved(text=end.join(_without_pending(rows, held, day) if held.pending else rows), notes=())


def _without_pending(rows: Sequence[str], entry: Entry, day: date) -> list[str]:
    """The lines with a day where the entry says that it is not released; `Released` is its word below a heading."""
    changed = list(rows)
    for at in range(entry.line - 1, min(entry.end, entry.line + 4)):
        if changelog_titles.PENDING.search(changed[at]):
            below = at + 1 >= entry.body_line
            instead = f"Released {day.isoformat()}" if below else day.isoformat()
            changed[at] = changelog_titles.PENDING.sub(instead, changed[at], count=1)
            if not below:
                _underline(changed, at)
            break
    return changed


def _heading(rows: Sequence[str], like: Entry, version: str, day: date) -> list[str]:
    """The lines of a heading in the form of that of `like`, and the line below it that has its day."""
    drawn = list(rows[_first(rows, like) - 1 : like.body_line - 1])
    at = like.line - _first(rows, like)
    dated = _ANY_DATE if like.date else changelog_titles.PENDING
    parts = drawn[at].split(like.version) if like.version else [drawn[at]]
    title = version.join(dated.sub(day.isoformat(), part) for part in parts)
    title = re.sub(r"\s*[\[(]?YANKED[\])]?", "", title)
    if like.date and not _ISO.search(title) and changelog_titles.dated(title):
        title = f"{title[: title.index(version) + len(version)]} ({day.isoformat()})"
    drawn[at] = title
    _underline(drawn, at)
    told = rows[like.body_line - 1 : like.end]
    first = next((row for row in told if row.strip()), "")
    if like.date and not changelog_titles.dated(changelog_titles.plain(title)) and _ANY_DATE.search(first):
        return [*drawn, "", _ANY_DATE.sub(day.isoformat(), first)]
    return drawn


def _fresh(rows: Sequence[str], pending: Entry | None, version: str, day: date, log: Changelog) -> list[str]:
    """The lines of the first heading of a release."""
    if pending is None:
        title = f"{version} ({day.isoformat()})"
        return [f"## {version} - {day.isoformat()}"] if log.markup == "md" else [title, "=" * len(title)]
    drawn = list(rows[_first(rows, pending) - 1 : pending.body_line - 1])
    at = pending.line - _first(rows, pending)
    bare = re.search(r"[A-Za-z][A-Za-z -]*", drawn[at])
    start, stop = bare.span() if bare else (0, len(drawn[at]))
    tail = drawn[at][stop : stop + 1] if drawn[at][stop : stop + 1] in {"]", "*"} else ""
    dash = " - " if log.markup == "md" else " ("
    drawn[at] = f"{drawn[at][:start]}{version}{tail}{dash}{day.isoformat()}{'' if log.markup == 'md' else ')'}"
    _underline(drawn, at)
    return drawn


def _first(rows: Sequence[str], entry: Entry) -> int:
    """The first line of a heading: the line over its title where it is drawn with one."""
    over = rows[entry.line - 2].strip() if entry.line > 1 else ""
    under = rows[entry.line].strip() if entry.line < len(rows) else ""
    return entry.line - 1 if over and over == under and len(set(over)) == 1 else entry.line


def _underline(rows: list[str], at: int) -> None:
    """Draw the lines over and under a title as long as it is."""
    for near in (at - 1, at + 1):
        if 0 <= near < len(rows) and re.fullmatch(r"([!-/:-@\[-`{-~])\1{2,}\s*", rows[near]):
            rows[near] = rows[near][0] * max(len(rows[at].rstrip()), 3)


def _links(rows: Sequence[str], log: Changelog, version: str, tag: str) -> tuple[list[str], tuple[str, ...]]:
    """The lines with a link for the new version, and that of the unreleased from there on."""
    changed = list(rows)
    label = next((one for one in log.links if one.lower() in {"unreleased", "next", "head", "main"}), None)
    if label is None:
        return changed, ()
    at = log.links[label] - 1
    before, url = changed[at].split("]:", 1)
    found = _COMPARED.fullmatch(url.strip())
    if found is None:
        return changed, (f"{log.path}:{at + 1}: the link of {label} compares no two tags, and was left as it is",)
    blank = url[: len(url) - len(url.lstrip())]
    changed[at] = f"{before}]:{blank}{found['page']}{tag}...{found['new']}"
    changed.insert(at + 1, f"[{version}]:{blank}{found['page']}{found['old']}...{tag}")
    return changed, ()
