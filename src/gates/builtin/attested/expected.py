"""Expected: what an attestation must be to be believed; whom to trust is never left open."""

from __future__ import annotations

import re

import msgspec

from gates.builtin.attested.facts import GITHUB, Dist, Kind
from gates.errors import UsageError

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """Trust in a key: what it signs must name this builder."""

    builder: str


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """Trust in one workflow of one repository for one branch or tag, as one issuer vouches for it."""

    issuer: str
    repository: str
    workflow: str
    ref: str

    @property
    def identity(self) -> str:
        """How the certificate names it."""
        slash = "/" if self.issuer == GITHUB else "//"
        return f"{self.repository}{slash}{self.workflow}@{self.ref}"


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """All that is asked of attestations.

    `commit`, `ref`, `repository` and `version` are "" where nothing is expected of them. `kind` is what there must be
    for each artifact. `oldest` is the greatest age in seconds, None for any. `gates` must be among those that passed,
    of which there must be a statement where `judged` is set; `report` is the SHA-256 of its report, "" where that is
    not at hand.
    """

    trust: Key | Workflow
    commit: str = ""
    repository: str = ""
    ref: str = ""
    version: str = ""
    kind: Kind = "provenance"
    oldest: float | None = None
    judged: bool = False
    gates: tuple[str, ...] = ()
    report: str = ""
    byproducts: tuple[Dist, ...] = ()


def workflow(repository: str, name: str, ref: str, issuer: str = GITHUB) -> Workflow:
    """The trust in a workflow: `OWNER/NAME` or an address, a file of `.github/workflows/`, and a whole ref.

    Raises:
        UsageError: one of them is missing, or could mean more than one thing.
    """
    if SLUG.fullmatch(repository):
        repository = f"https://github.com/{repository}"
    if not re.fullmatch(r"https://[^\s@?#*]+[^\s@?#*/]", repository):
        raise UsageError(f"{repository!r} is no repository: write it as OWNER/NAME, or as its address")
    if not re.fullmatch(r"[\w./-]+\.ya?ml", name) or ".." in name:
        raise UsageError(f"{name!r} is no workflow: name its file, such as release.yml")
    path = name if "/" in name or issuer != GITHUB else f".github/workflows/{name}"
    if not re.fullmatch(r"refs/(?:heads|tags)/[^\s*]+", ref):
        raise UsageError(f"{ref!r} is no whole ref: write it as refs/tags/v1.0 or refs/heads/main")
    if not re.fullmatch(r"https://[^\s*]+", issuer):
        raise UsageError(f"{issuer!r} is no issuer: write its address")
    return Workflow(issuer=issuer, repository=repository, workflow=path, ref=ref)


def commit(text: str) -> str:
    """A commit's whole name.

    Raises:
        UsageError: it is shortened, or none.
    """
    if text and COMMIT.fullmatch(text) is None:
        raise UsageError(f"{text!r} is no commit's whole name: git rev-parse {text[:40]}")
    return text
