"""Limits: what a child may use, how it ended, and which limits really held."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["OK", "FAILED", "TIMEOUT", "MEM_LIMIT", "KILLED", "SANDBOX_DENIED", "NOT_INSTALLED", "INTERNAL_ERROR"]

NAMES = ("wall", "memory", "output", "network", "group", "cgroup_v2", "job_object")
"""Every limit that `Completed.enforced` reports on, in its order."""

TIMEOUT_CODE = 124
"""The code of a child that ran out of time, as `timeout` of GNU coreutils returns it."""

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a child and all that it starts may use.

    `wall` is in seconds, `memory` in bytes over the whole process tree, `output` in bytes per stream; `network` False
    denies every network but the loopback. A limit named in `required` that cannot be applied stops the child.

    Raises:
        ValueError: a figure is not positive, or `required` names no limit.
    """

    wall: float = 600.0
    memory: int | None = None
    output: int = 32 * MEBIBYTE
    network: bool = True
    required: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if math.isnan(self.wall) or self.wall <= 0:
            raise ValueError(f"a wall limit of {self.wall} s is no limit")
        if self.output < 0 or (self.memory is not None and self.memory <= 0):
            raise ValueError("a limit in bytes is never negative")
        unknown = sorted(self.required - set(NAMES))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no limit; limits are {', '.join(NAMES)}")


@dataclass(frozen=True, kw_only=True)
class Enforced:
    """Whether this machine can apply a limit, whether it held over this child, and why not."""

    limit: str
    detected: bool
    applied: bool
    reason: str


def held(limit: str, reason: str = "") -> Enforced:
    """A limit that was in force."""
    return Enforced(limit=limit, detected=True, applied=True, reason=reason)


def unused(limit: str) -> Enforced:
    """A limit that this machine has and that nobody asked for."""
    return Enforced(limit=limit, detected=True, applied=False, reason="not asked for")


def missing(limit: str, reason: str) -> Enforced:
    """A limit that this machine does not have."""
    return Enforced(limit=limit, detected=False, applied=False, reason=reason)


def unmet(limits: Limits, enforced: tuple[Enforced, ...]) -> str:
    """Why the first required limit that is not in force is not, as one clause; empty when all are."""
    for one in enforced:
        if one.limit in limits.required and not one.applied:
            return f"limit_not_applied: {one.limit} is required: {one.reason}"
    return ""
