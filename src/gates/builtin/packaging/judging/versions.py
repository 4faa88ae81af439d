"""Versions: whether all that name the version say the same, and whether the changelog has it."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from gates.builtin.packaging.facts import PackagingEvidence, Said
from gates.builtin.packaging.rules import CHANGELOG_MISSING, VERSION_DISAGREES
from gates.model.finding import Finding, finding


def findings(evidence: PackagingEvidence) -> Iterator[Finding]:
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


def _unfinished(version: str) -> bool:
    try:
        parsed = Version(version)
    except InvalidVersion:
        return False
    return parsed.is_devrelease or parsed.local is not None
