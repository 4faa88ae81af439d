"""Facts: the artifacts, what was signed of them and by whom, and the commit they should be of."""

from __future__ import annotations

from gates.builtin.attested.facts import Dist, Opened
from gates.model.evidence import Counted, Sealed

REHEARSAL = "urn:pytest-vltair:rehearsal"
"""The builder of what gates builds, signs and verifies by itself."""


class ProvenanceEvidence(Sealed, frozen=True, kw_only=True):
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
