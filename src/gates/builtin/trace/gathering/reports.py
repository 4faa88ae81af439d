"""Reports: JUnit files of tests that ran elsewhere, with the commit that they can be of and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.trace.judging.joined import moment
from gates.builtin.trace.naming import junit
from gates.builtin.trace.naming.junit import Case, Places
from gates.model.evidence import Refusal, refuse, sha256

if TYPE_CHECKING:
    from gates.project.facts import Project

LIMIT = 512 * 1024 * 1024
"""Bytes of a JUnit file; it is read as a whole."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A JUnit file that was read. `commit` was HEAD when it ran, "" where that cannot be said, and `doubt` says why.

    `changed` are the files of the project that are not what they were in that commit.
    """

    path: str
    sha256: str
    at: str
    commit: str
    doubt: str
    cases: tuple[Case, ...]
    changed: frozenset[str]


def read(project: Project, globs: Sequence[str], files: Iterable[str]) -> list[Report] | Refusal:
    """The JUnit files that the globs name, by path; a refusal where one names none or a file proves nothing."""
    places = Places(files)
    found: list[Report] = []
    for path in _paths(project, globs):
        if isinstance(path, Refusal):
            return path
        report = _report(project, path, places)
        if isinstance(report, Refusal):
            return report
        found.append(report)
    return found


def _paths(project: Project, globs: Sequence[str]) -> list[str | Refusal]:
    """The files that globs name; git may ignore them, so that the folders are looked at and not the tree."""
    found: dict[str, None] = {}
    for glob in globs:
        held = sorted(one for one in project.root.glob(glob) if one.is_file()) if _is_inside(glob) else []
        if not held:
            message = f"`junit` in [tool.gates.trace] names {glob}, and there is no such file in the project"
            return [refuse("evidence_missing", message, "pytest --junitxml=PATH, or take it out of `junit`")]
        found.update((one.relative_to(project.root).as_posix(), None) for one in held)
    return list(found)


def _is_inside(glob: str) -> bool:
    return not Path(glob).is_absolute() and ".." not in Path(glob).parts


def _report(project: Project, path: str, places: Places) -> Report | Refusal:
    again = "make it again where its tests run: pytest --junitxml=PATH"
    try:
        place = project.root / path
        if place.stat().st_size > LIMIT:
            return refuse("unreadable", f"{path} is larger than {LIMIT // 1024 // 1024} MiB", again)
        data = place.read_bytes()
    except OSError as error:
        return refuse("unreadable", f"{path} cannot be read: {error.strerror or error}", again)
    try:
        run = junit.read(data, places)
    except junit.UnreadableJUnitError as error:
        return refuse("unparsable_output", f"{path} is no evidence: {error}", again)
    commit = _commit(project, run.at)
    changed = _changed(project, commit)
    gone = sorted(one for one in changed if one.endswith(".py") and not (project.root / one).exists())
    return Report(
        path=path,
        sha256=sha256(data),
        at=run.at,
        commit=commit,
        doubt="" if commit else _doubt(project, path, run.at),
        cases=tuple(junit.placed(run.cases, Places(gone))) if gone else run.cases,
        changed=changed,
    )


def _commit(project: Project, at: str) -> str:
    """The last commit before a moment, as HEAD has it; "" outside of git and where none is known."""
    when = moment(at) if at else None
    if when is None or project.git is None or project.git.head is None:
        return ""
    return project.git.ask("rev-list", "-1", f"--before={when.isoformat()}", "HEAD") or ""


def _doubt(project: Project, path: str, at: str) -> str:
    """Why nobody can say what of the project was another one then; "" where there is no history to compare with."""
    if project.git is None or project.git.head is None:
        return ""
    if not at or moment(at) is None:
        return f"{path} does not say when it ran, so that nobody knows which code it is of"
    return f"{path} ran at {at}, before every commit of this clone; where it has only the last ones, fetch the others"


def _changed(project: Project, commit: str) -> frozenset[str]:
    if not commit or project.git is None:
        return frozenset()
    said = project.git.run("diff", "--name-only", "-z", "--relative", commit, "--")
    return frozenset(path for path in said.split("\0") if path)
