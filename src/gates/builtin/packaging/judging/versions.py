"""Versions: whether all that name the version say the same, and whether the changelog has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
from packaging.version import InvalidVersion, Version

from gates.builtin.packaging.facts import Logged, PackagingEvidence, Said
from gates.builtin.packaging.rules import CHANGELOG_MISSING, VERSION_DISAGREES
from gates.model.finding import Finding, finding

AHEAD = timedelta(days=1)
"""A day that has begun somewhere on earth is not in the future."""


def findings(evidence: PackagingEvidence, now: datetime) -> Iterator[Finding]:
    """What disagrees with the version of the wheel's metadata (else that of the source distribution)."""
    version = of(evidence)
    if version is None:
        return
    tags = [one for one in evidence.versions.items if one.tag]
    for one in evidence.versions.items:
        if not one.tag and not same(one.version, version):
            yield _disagreement(one, version)
    if tags and not any(same(one.version, version) for one in tags):
        yield _disagreement(tags[0], version)
    yield from _changelog(evidence, version, tagged=bool(tags))
    yield from _early(evidence.changelog, version, now, tagged=bool(tags))


def of(evidence: PackagingEvidence) -> str | None:
    """The version that is to be released."""
    held = {one.kind: one.metadata.version for one in evidence.artifacts.items}
    return held.get("wheel") or held.get("sdist")


def same(one: str, other: str) -> bool:
    """Whether two versions are the same by PEP 440 (1.0 is 1.0.0); others only if they are written alike."""
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _disagreement(one: Said, version: str) -> Finding:
    said = f"says {one.version}" if one.version else "says no version"
    return finding(
        VERSION_DISAGREES,
        f"{one.who} {said}, and the version is {version}",
        path=one.path,
        line=one.line,
        subject=one.who,
    )


def _changelog(evidence: PackagingEvidence, version: str, *, tagged: bool) -> Iterator[Finding]:
    log = evidence.changelog
    if not log.path:
        if log.asked:
            message = "the file that `changelog` of [tool.gates.packaging] names is not there"
            yield finding(CHANGELOG_MISSING, message, subject=version)
        return
    if log.entry or (log.pending and not tagged) or _unfinished(version):
        return
    also = "" if tagged else ", and nothing that is not released yet"
    message = f"there is no entry for {version} in {log.path}{also}"
    yield finding(CHANGELOG_MISSING, message, path=log.path, line=log.line, subject=version)


def _early(log: Logged, version: str, now: datetime, *, tagged: bool) -> Iterator[Finding]:
    """An entry that says of a version with a tag that it is not out; before the tag a day to come is a plan."""
    if log.waits and tagged:
        message = f"the entry for {version} in {log.path} says that it is not released, and HEAD has its tag"
        yield finding(CHANGELOG_MISSING, message, path=log.path, line=log.line, subject=version)
    if log.day and date.fromisoformat(log.day) > (now + AHEAD).date():
        message = f"the entry for {version} in {log.path} is of {log.day}, which is in the future"
        found = finding(CHANGELOG_MISSING, message, path=log.path, line=log.line, subject=version)
        yield found if tagged else msgspec.structs.replace(found, severity="warning")


def _unfinished(version: str) -> bool:
    try:
        parsed = Version(version)
    except InvalidVersion:
        return False
    return parsed.is_devrelease or parsed.local is not None
