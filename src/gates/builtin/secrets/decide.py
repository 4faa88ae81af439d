"""Decide: what looks like a secret and was not audited, and whether enough was seen to say that there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gates.builtin.secrets.rules import FEWER, FOUND, LEAKED, REAL, STALE, UNAUDITED, UNREAD
from gates.model.decision import Decision
from gates.model.finding import Finding, finding, place
from gates.model.measure import Denominator
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.secrets.facts import Entry, Secret, SecretsEvidence
    from gates.model.rule import Rule

SHOWN = 8
"""Digits of a digest that are shown; with them the entry in the baseline is found."""

NOTHING = Reason(
    code="nothing_examined",
    message="there is no text beside the project's configuration to look at",
    fix="git add the files of the project",
)
NOUNS = {
    "binary": "binary files",
    "huge": "files over the limit",
    "lfs": "pointers of Git LFS",
    "link": "links",
    "lock": "lock files",
    "submodule": "submodules",
    "unreadable": "unreadable files",
}


def decide(evidence: SecretsEvidence) -> Decision:
    """Findings over the files as they are and their versions in commits."""
    found = (*_secrets(evidence), *_entries(evidence), *_detectors(evidence), *_unread(evidence))
    texts = evidence.files + evidence.blobs
    return Decision(
        denominator=Denominator(count=texts, unit="texts"),
        findings=tuple(sorted(found, key=place)),
        notes=tuple(_notes(evidence)),
        reason=evidence.undecided.items[0] if evidence.undecided.items else None if texts else NOTHING,
    )


def _secrets(evidence: SecretsEvidence) -> Iterator[Finding]:
    known = {(one.path, one.kind, one.digest) for one in evidence.baseline.entries.items}
    audited = {(one.kind, one.digest) for one in evidence.baseline.entries.items if one.verdict == "false"}
    for one in evidence.found.items:
        told = f"{one.kind} (digest {one.digest[:SHOWN]}…)"
        if not one.commit:
            if (one.path, one.kind, one.digest) not in known:
                message = f"{told} is not in the audited baseline"
                yield _finding(FOUND, message, one)
        elif (one.kind, one.digest) not in audited:
            message = f"{told} in {one.path}, line {one.line}, as of commit {one.commit[:12]}, which is in the change"
            yield finding(LEAKED, message, subject=f"{one.commit[:12]}:{one.path}", source=one.digest)


def _finding(rule: Rule, message: str, one: Secret | Entry) -> Finding:
    return finding(
        rule, message, path=one.path, line=one.line, subject=f"{one.path}:{one.digest[:12]}", source=one.digest
    )


def _entries(evidence: SecretsEvidence) -> Iterator[Finding]:
    here = {(one.path, one.kind, one.digest) for one in evidence.found.items if not one.commit}
    hidden = {one.path for one in evidence.skipped.items if not one.commit}
    for one in evidence.baseline.entries.items:
        told = f"{one.kind} (digest {one.digest[:SHOWN]}…)"
        if (one.path, one.kind, one.digest) not in here:
            if one.path not in hidden:
                message = f"{told} in line {one.line} of {one.path} is in the baseline and not in the file"
                yield _about(STALE, message, evidence, one)
        elif one.verdict == "none":
            yield _finding(UNAUDITED, f"{told} is in the baseline, and nobody audited it", one)
        elif one.verdict == "true":
            yield _finding(REAL, f"{told} is a real secret by the audit in {evidence.baseline.path}", one)


def _about(rule: Rule, message: str, evidence: SecretsEvidence, one: Entry) -> Finding:
    return finding(
        rule,
        message,
        path=evidence.baseline.path,
        subject=f"{one.path}:{one.digest[:12]}",
        source=one.digest + one.kind,
    )


def _detectors(evidence: SecretsEvidence) -> Iterator[Finding]:
    held = evidence.baseline
    lacking = sorted(set(evidence.detectors.items) - set(held.detectors.items)) if held.there else []
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        message = f"{held.path} was made without {', '.join(lacking[:3])}{more}"
        yield finding(FEWER, message, path=held.path, subject=held.path)


def _unread(evidence: SecretsEvidence) -> Iterator[Finding]:
    for one in evidence.skipped.items:
        if one.why in {"huge", "unreadable"}:
            where = f" as of commit {one.commit[:12]}" if one.commit else ""
            message = "it is larger than `largest`, or not there" if one.commit else _SAID[one.why]
            yield finding(UNREAD, f"{one.path}{where} was not looked into: {message}", path=one.path, subject=one.path)


_SAID = {"huge": "it is larger than `largest`", "unreadable": "it cannot be read"}


def _notes(evidence: SecretsEvidence) -> Iterator[str]:
    if evidence.no_base:
        yield f"no history was looked at: {evidence.no_base}"
    elif evidence.commits.count:
        commits, versions = _of(evidence.commits.count, "commit"), _of(evidence.blobs, "version")
        yield f"of the change {commits} and {versions} of files were looked at"
    if not evidence.baseline.there and any(not one.commit for one in evidence.found.items):
        yield (
            f"there is no {evidence.baseline.path}: what only looks like a secret is excused by one that was audited"
            f" (detect-secrets scan > {evidence.baseline.path}; detect-secrets audit {evidence.baseline.path}), files"
            " that are full of it by `exclude`"
        )
    numbers = Counter(one.why for one in evidence.skipped.items)
    if numbers:
        said = ", ".join(f"{count} {NOUNS[why]}" for why, count in sorted(numbers.items()))
        first = min(one.path for one in evidence.skipped.items)
        yield f"not looked into: {said} ({first}{', …' if evidence.skipped.count > 1 else ''})"


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
