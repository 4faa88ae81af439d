"""Release: what `gates release check` says of a release: each part of it, and whether it is complete and agrees."""

from __future__ import annotations

from typing import Literal

import msgspec

from gates.model.decision import Verdict
from gates.model.measure import Denominator

SCHEMA_VERSION = 1

State = Literal["complete", "missing", "wrong", "unknown", "left_out"]
PARTS = (
    "tag",
    "version",
    "changelog",
    "notes",
    "artifacts",
    "checksums",
    "sbom",
    "provenance",
    "signatures",
)
"""What a release consists of, in the order in which it is told."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence about what is not there, wrong or not known, the file that it is about, and what mends it."""

    message: str
    fix: str
    path: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a release; `message` says what was found where it is complete, and why it was left out."""

    name: str
    state: State
    message: str = ""
    problems: tuple[Problem, ...] = ()


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a release: `version` and `tag` are "" where nobody says them."""

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    version: str
    tag: str
    folder: str
    denominator: Denominator
    parts: tuple[Part, ...]


def complete(name: str, message: str) -> Part:
    """A part that is there and agrees."""
    return Part(name=name, state="complete", message=message)


def missing(name: str, message: str, fix: str, path: str = "") -> Part:
    """A part that is not there."""
    return Part(name=name, state="missing", problems=(Problem(message=message, fix=fix, path=path),))


def unknown(name: str, message: str, fix: str, path: str = "") -> Part:
    """A part of which nobody can say whether it is right."""
    return Part(name=name, state="unknown", problems=(Problem(message=message, fix=fix, path=path),))


def judged(name: str, problems: list[Problem], message: str) -> Part:
    """A part that is wrong where it has problems."""
    if problems:
        return Part(name=name, state="wrong", problems=tuple(problems))
    return complete(name, message)


def verdict(parts: tuple[Part, ...]) -> Verdict:
    """Failed where a part is missing or wrong; undecided where one is not known, or all were left out."""
    states = {one.state for one in parts}
    if states & {"missing", "wrong"}:
        return "failed"
    if "unknown" in states or "complete" not in states:
        return "undecided"
    return "passed"
