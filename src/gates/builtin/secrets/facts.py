"""Facts: where something looks like a secret, by its digest; the text itself is never in them."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Sealed
from gates.model.reason import Reason
from gates.model.tested import Fact

Why = Literal["binary", "huge", "lfs", "link", "lock", "submodule", "unreadable"]


class Secret(Fact, frozen=True, kw_only=True):
    """One text that looks like a secret: what kind, where, and detect-secrets' own digest of it (SHA-1 in hex).

    `commit` is the full name of the commit that holds it, "" for a file as it is now.
    """

    path: str
    line: int
    kind: str
    digest: str
    commit: str


class Skipped(Fact, frozen=True, kw_only=True):
    """A file that was not looked into, and why; `commit` as above."""

    path: str
    why: Why
    commit: str


class Entry(Fact, frozen=True, kw_only=True):
    """One entry of the baseline; `verdict` is what the audit says: `false` is no secret, `true` is one."""

    path: str
    line: int
    kind: str
    digest: str
    verdict: Literal["true", "false", "none"]


class Baseline(Fact, frozen=True, kw_only=True):
    """The baseline `path`, and the detectors with which it was made; without `there` it does not exist."""

    path: str
    there: bool
    detectors: Counted[str]
    entries: Counted[Entry]


class SecretsEvidence(Sealed, frozen=True, kw_only=True):
    """All of it: how many files and which commits were looked at, and with which detectors.

    `files` are without the configuration of the project, which is looked at as well.

    `no_base` is why there is no change to look at, "" where there is one. `seal` is the digest of all the rest.
    """

    files: int
    commits: Counted[str]
    blobs: int
    detectors: Counted[str]
    found: Counted[Secret]
    skipped: Counted[Skipped]
    baseline: Baseline
    no_base: str
    undecided: Counted[Reason]
