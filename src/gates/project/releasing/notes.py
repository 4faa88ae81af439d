"""Notes: what a release says: out of the changelog, news fragments, or conventional commits, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from gates.model.evidence import Refusal, refuse
from gates.project import changelog, changelog_fragments
from gates.project.changelog import Changelog
from gates.project.facts import Project
from gates.project.git import Git
from gates.project.releasing import commits, forge, tags
from gates.project.releasing.tags import Tag

Source = Literal["changelog", "unreleased", "dated", "fragments", "commits"]


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """Notes of `version` (None: not released yet), where they are from, their text in Markdown (or as it is written).

    `path` and `line` are the place in the changelog; `left_out` how many commits are not conventional.
    """

    version: str | None
    date: date | None
    source: Source
    path: str | None
    line: int | None
    body: str
    since: str | None
    compare: str | None
    left_out: int


def read(project: Project, version: str | None, declared: str | None, path: str | None) -> Notes | Refusal:
    """The notes of `version`; without one, of the version whose tag HEAD has, or else of what is not released.

    `declared` is the version that the project says it has, `path` the changelog where a setting names it.

    Raises:
        GatesError: the changelog or the repository cannot be read.
    """
    git = project.git
    known = tags.every(git)
    if version is None:
        here = tags.every(git, at="HEAD")
        version = str(here[0].version) if here else None
    log = changelog.read(project.root, path)
    tag = tags.of(version, known) if version else None
    before = tags.before(version, known)
    for found in (
        _entry(log, version),
        None if tag else _unreleased(log, version),
        None if tag else _fragments(project.root, log, version),
        _declared(log, version, declared, known),
        _dated(git, log, version, tag, before),
        _commits(git, version, tag, before),
    ):
        if found is not None:
            return _cut(git, found, before) or _compared(found, git, known)
    wanted = f"of {version}" if version else "of what is not released"
    where = "there is no changelog" if log is None else f"{log.path} has no entry with text"
    since = f"since {before.name}" if before else "in the history"
    message = (
        f"there is nothing to make notes {wanted} from: {where}, and no commit {since} is conventional (feat: ...)"
    )
    return refuse("evidence_missing", message, "write an entry into the changelog, or name a version that has one")


def _entry(log: Changelog | None, version: str | None) -> Notes | None:
    one = log.of(version) if log and version else None
    if log is None or one is None or not one.body.strip():
        return None
    return _notes("changelog", version, one.body, path=log.path, line=one.line, day=one.date)


def _unreleased(log: Changelog | None, version: str | None) -> Notes | None:
    one = log.unreleased if log else None
    if log is None or one is None or not one.body.strip():
        return None
    return _notes("unreleased", version or one.version, one.body, path=log.path, line=one.line)


def _fragments(root: Path, log: Changelog | None, version: str | None) -> Notes | None:
    found = changelog_fragments.find(root, changelog_fragments.settings(root))
    lists: dict[tuple[str, str], list[str]] = {}
    for one in found:
        text = " ".join(changelog_fragments.text(root, one).split()) if one.shown else ""
        issue = f"#{one.issue}" if one.issue.isdecimal() else one.issue
        row = f"{text} ({issue})" if text and issue else text or issue
        if row:
            lists.setdefault((one.section, one.heading), []).append(f"- {row}")
    if not lists:
        return None
    several = len({section for section, _ in lists}) > 1
    parts = [
        f"### {f'{section}: ' if several and section else ''}{heading}\n\n" + "\n".join(rows)
        for (section, heading), rows in lists.items()
    ]
    return _notes("fragments", version, "\n\n".join(parts), path=log.path if log else None)


def _declared(log: Changelog | None, version: str | None, declared: str | None, known: Sequence[Tag]) -> Notes | None:
    """The entry of the version that the project has, where that is not released yet and nobody asked for another."""
    if version is not None or declared is None or tags.of(declared, known) is not None:
        return None
    return _entry(log, declared)


def _dated(
    git: Git | None, log: Changelog | None, version: str | None, tag: Tag | None, before: Tag | None
) -> Notes | None:
    """The entries of a dated log after the day of the release before, up to that of this one."""
    if git is None or log is None or log.form != "dated" or (version is not None and tag is None and before is None):
        return None
    after = _day(git, before) if before else date.min
    until = _day(git, tag) if tag else date.max
    found = [one for one in log.entries if one.date and after < one.date <= until and one.body.strip()]
    if not found:
        return None
    body = "\n\n".join(f"### {one.title}\n\n{one.body}" for one in found)
    return _notes("dated", version, body, path=log.path, line=found[0].line)


def _day(git: Git, tag: Tag) -> date:
    return date.fromisoformat(git.run("log", "-1", "--format=%cs", tag.name, "--").strip())


def _commits(git: Git | None, version: str | None, tag: Tag | None, before: Tag | None) -> Notes | None:
    """Of a version that has no tag and is older than the newest one, nobody knows which commits are its own."""
    if git is None or git.head is None:
        return None
    if version is not None and tag is None and tags.before(None, tags.every(git)) != before:
        return None
    found = commits.read(git, before.name if before else None, tag.name if tag else "HEAD")
    body = commits.markdown(found.commits)
    return _notes("commits", version, body, left_out=found.others) if body else None


def _cut(git: Git | None, found: Notes, before: Tag | None) -> Refusal | None:
    """Why the notes may not be all of them: in a shallow clone commits and tags are missing."""
    if git is None or not git.shallow:
        return None
    if found.source == "commits" or (found.source == "dated" and before is None):
        message = "the clone is shallow, so that nobody can say what has happened since the release before"
        return refuse("evidence_incomplete", message, "git fetch --unshallow --tags")
    return None


def _notes(
    source: Source,
    version: str | None,
    body: str,
    *,
    path: str | None = None,
    line: int | None = None,
    day: date | None = None,
    left_out: int = 0,
) -> Notes:
    return Notes(
        version=version,
        date=day,
        source=source,
        path=path,
        line=line,
        body=body.strip("\n"),
        since=None,
        compare=None,
        left_out=left_out,
    )


def _compared(found: Notes, git: Git | None, known: Sequence[Tag]) -> Notes:
    """The notes with the link from the release before to this one."""
    before = tags.before(found.version, known)
    page = forge.page_of(git)
    if before is None or page is None:
        return found if before is None else msgspec.structs.replace(found, since=before.name)
    tag = tags.of(found.version, known) if found.version else None
    new = tag.name if tag else tags.named(found.version, known) if found.version else forge.HEAD
    return msgspec.structs.replace(found, since=before.name, compare=forge.compare(page, before.name, new))
