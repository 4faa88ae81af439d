"""Maintenance: what the commands that look after the record print as JSON, one form for each of them.

`gates runs list` and `gates runs show` answer in the forms of `gates.record.asked.documents`; what `gates runs replay`
decides again is a report.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from gates.model.decision import Verdict
from gates.model.reason import Reason
from gates.record.backfill.writing import Taken
from gates.record.integrity.verifying import Verified
from gates.record.stored.ingest import Ingested
from gates.record.stored.reconcile import Reconciled

SCHEMA_VERSION = 1


class Maintenance(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """What every form has; `reason` says why it is undecided."""

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict = "undecided"
    reason: Reason | None = None


class Verification(Maintenance, frozen=True, kw_only=True, tag="verify"):
    """Whether the log in the folder of events is what was written; `failed`: something was tampered with."""

    folder: str
    found: Verified


class Signing(Maintenance, frozen=True, kw_only=True, tag="checkpoint"):
    """How far the log was signed, in a sentence, and the files that say so; `failed`: there is nothing to vouch for."""

    message: str
    written: tuple[str, ...] = ()


class Ingestion(Maintenance, frozen=True, kw_only=True, tag="ingest"):
    """What came into the store; `failed`: lines are in the quarantine, put there now or before.

    `ingested` is None where nothing could be read, `carried` counts events that only the old store had, `damaged` is
    where that was moved to.
    """

    ingested: Ingested | None = None
    carried: int = 0
    damaged: str | None = None


class Reconciliation(Maintenance, frozen=True, kw_only=True, tag="reconcile"):
    """Whether the store holds what follows from the log; `failed`: drift that was not repaired, or bad lines."""

    repaired: bool = False
    found: Reconciled | None = None


class Backfilling(Maintenance, frozen=True, kw_only=True, tag="backfill"):
    """What became of each file of before there was a record; `undecided` where one could not be taken."""

    files: tuple[Taken, ...] = ()


class RetiredRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run that was taken away: when its last event was, and the files that went with it."""

    run: str
    at: str
    events: int
    files: tuple[str, ...]


class Retirement(Maintenance, frozen=True, kw_only=True, tag="retire"):
    """Which runs were taken away, or would be; `failed`: the log was tampered with, and nothing is gone.

    Of those that are `staying`, `waiting` are old enough, and go when runs that go on now have ended.
    """

    message: str
    dry_run: bool
    retired: tuple[RetiredRun, ...] = ()
    staying: int
    waiting: int


class Refusal(Maintenance, frozen=True, kw_only=True, tag="replay"):
    """That a run cannot be decided again at all, so that there is no report of it."""

    run: str


AnyMaintenance: TypeAlias = Verification | Signing | Ingestion | Reconciliation | Backfilling | Retirement | Refusal
