"""Keeping: what `gates baseline` writes for a gate whose baseline has a form of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from gates.model.reason import Reason
from gates.model.report import GateReport

if TYPE_CHECKING:
    from gates.project.facts import Project

S = TypeVar("S")


class Wish(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """What `gates baseline` was asked for: the gate's report of now, judged without its baseline's ratchet.

    `prune` only takes out what is gone; `force` writes what is worse too.
    """

    project: Project
    settings: S
    report: GateReport
    now: datetime
    prune: bool = False
    force: bool = False


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """Files to write, whole, by their path below the project's root, and sentences to say.

    Nothing is written where something is `worse` than before (a clause each), or with a `reason`: the gate is
    undecided in a way that leaves nothing to keep.
    """

    files: Mapping[str, bytes] = {}
    notes: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    reason: Reason | None = None
