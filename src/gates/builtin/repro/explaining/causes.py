"""Causes: for a difference and the factor behind it, one sentence that says why, and what mends it."""

from __future__ import annotations

import msgspec

from gates.builtin.built.artifact import Kind
from gates.builtin.repro.facts import Difference


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """Why it differs, in one sentence, and the setting, version or snippet that mends it with this backend."""

    cause: str
    cure: str


def explained(difference: Difference, backend: str, version: str) -> Explained:
    """The cause and the cure; `backend` is the entry of `build-backend`, `version` that of its distribution."""
    raise NotImplementedError


def suspects(kind: Kind, attribute: str) -> tuple[str, ...]:
    """The factors that most often change such an attribute, the likeliest first."""
    raise NotImplementedError
