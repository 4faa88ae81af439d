"""Cadence: how often a gate's evidence and proofs are due, how old those are that there are, and what to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gates.engine import freshness, proofs, state
from gates.engine.cache import Cache

if TYPE_CHECKING:
    from gates.config.settings import Config
    from gates.engine.plan import Planned
    from gates.project.facts import Project


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in seconds (None: there is none), and when the newest evidence and the oldest proof were taken, in UTC.

    `owing` is why proofs do not count, `run` the commands that make good what is due. Evidence that is too old is
    collected anew by the next check, so that a check is all that it takes.
    """

    max_age: float | None
    evidence_at: str | None
    is_evidence_fresh: bool | None
    proof_max_age: float | None
    proof_at: str | None
    owing: str | None
    run: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What there is to say of it; nothing of a gate without limits."""
        if self.max_age is not None:
            of = "there is none" if self.evidence_at is None else f"it is of {self.evidence_at}"
            stale = ", too old" if self.is_evidence_fresh is False else ""
            yield f"evidence may be {freshness.told(self.max_age)} old: {of}{stale}"
        if self.proof_max_age is not None:
            of = self.owing or (f"the oldest is of {self.proof_at}" if self.proof_at else "none is asked for")
            yield f"proofs may be {freshness.told(self.proof_max_age)} old: {of}"
        if self.run:
            yield f"due: {', '.join(self.run)}"


def of(project: Project, one: Planned, config: Config, revisions: Mapping[str, str], now: datetime) -> Cadence:
    """The cadence of a gate in a project."""
    name, root = one.gate.name, project.root
    limit = freshness.policy(one.gate.cache, one.settings).max_age
    # What came with the change counts for nothing, as in a check.
    committed = (root / state.FOLDER).is_dir() and project.git is not None and project.git.tracks(state.FOLDER)
    receipt = None if committed else Cache(root).last(name)
    taken = None if receipt is None else receipt.taken_at
    fresh = None if limit is None or taken is None else freshness.is_fresh(taken, now, limit)
    owing, oldest, days = None, None, config.prove.max_age
    if days is not None and one.judged:
        rules = [*(rule.code for rule in proofs.judged_rules(one.gate, config)), proofs.STARVED]
        standing = proofs.standing(one.gate, config, revisions, {})
        owing = proofs.untrusted(name) if committed else proofs.lacking(root, standing, rules, now, days)
        oldest = None if committed else proofs.oldest(root, name, rules)
    due = [f"gates check {name}"] if fresh is False else []
    return Cadence(
        max_age=limit,
        evidence_at=taken,
        is_evidence_fresh=fresh,
        proof_max_age=None if days is None or not one.judged else days * proofs.DAY,
        proof_at=oldest,
        owing=None if owing is None else owing.message,
        run=(*due, *([] if owing is None or owing.fix is None else [owing.fix])),
    )
