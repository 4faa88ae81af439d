"""Facts: the artifacts, what was signed of them and by whom, and the commit they should be of."""

from __future__ import annotations

from typing import Any

from gates.builtin.attested.facts import Dist, Opened
from gates.model.evidence import Counted, Facts, encode, sha256

REHEARSAL = "urn:pytest-vltair:rehearsal"
"""The builder of what gates builds, signs and verifies by itself."""


class ProvenanceEvidence(Facts, frozen=True, kw_only=True):
    """What `decide` judges; `report` is the SHA-256 of the report that a statement must be of, "" without one.

    `version` is that of the artifacts, "" where they have several. `rehearsed` is whether gates built and signed them
    itself. `seal` is the digest of all the rest: a payload that lost its end, or a commit, would be another one.
    """

    dists: Counted[Dist]
    opened: Counted[Opened]
    commit: str
    version: str
    report: str
    rehearsed: bool
    notes: Counted[str]
    seal: str

    def __post_init__(self) -> None:
        """Refuse evidence that is not what was sealed.

        Raises:
            ValueError: something was lost or changed; msgspec reports it as a validation error.
        """
        held = {name: getattr(self, name) for name in self.__struct_fields__ if name != "seal"}
        if self.seal != sha256(encode(held)):
            msg = "its seal does not match its content"
            raise ValueError(msg)


def sealed(**held: Any) -> ProvenanceEvidence:
    """Evidence of these fields, sealed."""
    return ProvenanceEvidence(**held, seal=sha256(encode(held)))
