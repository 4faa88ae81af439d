"""Facts: an attestation once it was opened, and the identity of who signed it; nothing heavy is imported for these."""

from __future__ import annotations

from typing import Literal

from gates.builtin.attested.refusal import Objection
from gates.model.evidence import Counted
from gates.model.tested import Fact

Kind = Literal["provenance", "publish", "signature"]
"""What there must be of an artifact: provenance, that somebody published it (PEP 740), or a signature without more."""

Signer = Literal["key", "workflow", "nobody"]
GITHUB = "https://token.actions.githubusercontent.com"
"""Who vouches for workflows of GitHub."""


class Dist(Fact, frozen=True, kw_only=True):
    """One file of a release, or one subject of a statement: its name and its SHA-256 in hex."""

    name: str
    sha256: str


class Identity(Fact, frozen=True, kw_only=True):
    """Who signed: the claims of its certificate, and when that was given (ISO 8601), which is when it signed."""

    issuer: str
    signer: str
    repository: str
    commit: str
    ref: str
    config: str
    at: str


class Opened(Fact, frozen=True, kw_only=True):
    """One attestation: `payload` is the JSON of its statement, or `sha256` the file that was signed without one.

    Where it is refused, `objections` has the one reason, and the rest is empty; `identity` is that of a workflow.
    """

    place: str
    signer: Signer
    payload: str
    sha256: str
    identity: Counted[Identity]
    objections: Counted[Objection]
