"""History: what git and the project's files say of a release: tag, version, changelog and notes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from gates.builtin.released.artifacts import same
from gates.errors import GatesError
from gates.model.evidence import Refusal
from gates.model.release import Part, Problem, complete, judged, missing, unknown
from gates.project import changelog
from gates.project.releasing import notes as told
from gates.project.releasing import tags

if TYPE_CHECKING:
    from gates.builtin.released.folder import Folder
    from gates.project.facts import Project
    from gates.project.releasing.declared import Declared
    from gates.project.releasing.tags import Tag

AHEAD = timedelta(days=1)
"""A day that has begun somewhere on earth is not in the future."""


def tagged(project: Project, asked: str | None, declared: str | None) -> Tag | None:
    """The tag that is named; else of those at HEAD the one of the declared version, or the newest.

    Raises:
        GitError: git failed.
    """
    if asked is not None:
        version = tags.version_of(asked)
        known = {one.name for one in tags.every(project.git)}
        return tags.Tag(asked, version) if version is not None and asked in known else None
    here = tags.every(project.git, at="HEAD")
    return next((one for one in here if declared and same(str(one.version), declared)), here[0] if here else None)


def tag(project: Project, found: Tag | None, asked: str | None, version: str) -> Part:
    """Whether HEAD has the tag of the release, and nothing was changed since."""
    if project.git is None:
        message = "the project is in no git repository, so that no tag says what is released"
        return unknown("tag", message, "run it in a clone of the repository")
    if found is None:
        name = asked or tags.named(version or "1.0.0", tags.every(project.git))
        message = f"there is no tag {asked} of a version" if asked else "HEAD has no tag of a version"
        return missing("tag", message, f"git tag {name}, or git fetch --tags where it is tagged already")
    problems = []
    here = {one.name for one in tags.every(project.git, at="HEAD")}
    if found.name not in here:
        problems.append(Problem(message=f"HEAD is not at the tag {found.name}", fix=f"git checkout {found.name}"))
    if project.git.dirty():
        message = "the work tree has changes that are not committed, so that it is not what the tag names"
        problems.append(Problem(message=message, fix="commit or stash them"))
    return judged("tag", problems, found.name)


def version(found: Tag | None, declared: Declared, wanted: str) -> Part:
    """Whether every place that declares the version says that of the tag, and it may be published."""
    if not wanted:
        message = "neither a tag nor a file says which version is released"
        return unknown("version", message, "write `version` under [project], or tag the commit")
    problems = []
    try:
        parsed = Version(wanted)
    except InvalidVersion:
        message = f"{wanted!r} is not a version as PEP 440 has it"
        problems.append(Problem(message=message, fix="gates release bump VERSION"))
    else:
        if parsed.local:
            message = f"{wanted} has a local part, which no package index takes"
            problems.append(Problem(message=message, fix="build from a clean work tree at the tag"))
    for one in (*declared.places, *declared.others):
        if not same(one.version, wanted):
            source = f"the tag {found.name}" if found else "another place"
            message = f"{one.path}:{one.line} says {one.version}, and {source} says {wanted}"
            problems.append(Problem(message=message, fix=f"gates release bump {wanted}", path=one.path))
    where = declared.from_tags or f"{len(declared.places)} place{'' if len(declared.places) == 1 else 's'}"
    return judged("version", problems, f"{wanted} ({where})")


def logged(project: Project, path: str | None, wanted: str, now: datetime) -> Part:
    """Whether the changelog has an entry of the version, with a day that has come."""
    log = changelog.read(project.root, path)
    if log is None:
        name = path or "CHANGELOG.md"
        return missing("changelog", "there is no changelog", f"write {name}: gates release bump writes its headings")
    entry = log.of(wanted) if wanted else None
    if entry is None and log.form == "dated":
        return complete("changelog", f"{log.path}, by dates")
    if entry is None:
        message = f"{log.path} has no entry for {wanted or 'the release'}"
        return missing("changelog", message, f"gates release bump {wanted}".strip(), path=log.path)
    problems = []
    place = f"{log.path}:{entry.line}"
    if entry.pending:
        message = f"{place}: the entry for {wanted} says that it is not released"
        problems.append(Problem(message=message, fix="write the day of the release there", path=log.path))
    elif entry.date is not None and entry.date > (now + AHEAD).date():
        message = f"{place}: the entry for {wanted} is of {entry.date.isoformat()}, which is to come"
        problems.append(Problem(message=message, fix="write the day of the release there", path=log.path))
    if not entry.body.strip():
        message = f"{place}: the entry for {wanted} says nothing"
        problems.append(Problem(message=message, fix="say what changed", path=log.path))
    return judged("changelog", problems, place)


def notes(project: Project, folder: Folder, path: str | None, wanted: str, declared: str | None) -> Part:
    """Whether there are notes of the release, and a file of notes beside the artifacts says the same."""
    try:
        found = told.read(project, wanted or None, declared, path)
    except (GatesError, InvalidVersion) as error:
        return unknown("notes", str(error), "gates release notes")
    if isinstance(found, Refusal):
        return missing("notes", found.reason.message, found.reason.fix)
    problems = []
    for file in folder.of("notes"):
        try:
            text = file.path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            problems.append(Problem(message=f"{file.name} cannot be read", fix=_written(folder, file.name)))
            continue
        if _words(found.body) not in _words(text):
            message = f"{file.name} does not hold the notes of {wanted or 'the release'}"
            problems.append(Problem(message=message, fix=_written(folder, file.name), path=file.name))
    return judged("notes", problems, f"from {found.path or 'the commits'}")


def _written(folder: Folder, name: str) -> str:
    return f"gates release notes > {folder.shown}/{name}"


def _words(text: str) -> str:
    return " ".join(text.split())
