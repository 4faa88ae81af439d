"""Commits: conventional commits (https://www.conventionalcommits.org, 1.0.0) as the notes of a release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from gates.project.git import Git

HEADINGS = {
    "breaking": "Breaking changes",
    "feat": "Added",
    "fix": "Fixed",
    "perf": "Performance",
    "revert": "Reverted",
    "docs": "Documentation",
    "other": "Other changes",
}
_SUBJECT = re.compile(r"(?P<type>[A-Za-z]+)(?:\((?P<scope>[^()]+)\))?(?P<mark>!)?: +(?P<text>\S.*)")
_FOOTER = re.compile(r"^BREAKING[ -]CHANGE: +(?P<text>\S.*)", re.MULTILINE)


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that keeps to the convention; `breaking` is what it breaks, "" where nothing."""

    kind: str
    scope: str
    text: str
    breaking: str


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """Commits, newest first, and how many others there are, which do not keep to the convention."""

    commits: tuple[Commit, ...]
    others: int


def read(git: Git, since: str | None, until: str) -> Log:
    """The commits after the tag `since` (None: from the first one) up to `until`, merges left out.

    Raises:
        GitError: git failed.
    """
    reach = until if since is None else f"{since}..{until}"
    said = git.run("log", "--no-merges", "--format=%B%x00", reach, "--")
    messages = [one.strip() for one in said.split("\0") if one.strip()]
    found = [parse(one) for one in messages]
    kept = tuple(one for one in found if one is not None)
    return Log(commits=kept, others=len(found) - len(kept))


def parse(message: str) -> Commit | None:
    """The commit of this message, or None where it does not keep to the convention."""
    subject, _, body = message.partition("\n")
    found = _SUBJECT.fullmatch(subject.strip())
    if found is None:
        return None
    footer = _FOOTER.search(body)
    breaking = footer["text"].strip() if footer else found["text"].strip() if found["mark"] else ""
    return Commit(
        kind=found["type"].lower(), scope=(found["scope"] or "").strip(), text=found["text"].strip(), breaking=breaking
    )


def markdown(commits: Sequence[Commit]) -> str:
    """The commits as lists below headings."""
    groups: dict[str, list[str]] = {name: [] for name in HEADINGS}
    for one in commits:
        if one.breaking:
            groups["breaking"].append(_line(one.scope, one.breaking))
        if not one.breaking or one.breaking != one.text:
            groups[one.kind if one.kind in HEADINGS else "other"].append(_line(one.scope, one.text))
    return "\n\n".join(f"### {HEADINGS[name]}\n\n{_list(lines)}" for name, lines in groups.items() if lines)


def _line(scope: str, text: str) -> str:
    return f"- {f'**{scope}:** ' if scope else ''}{text}"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(lines))
