"""Canary: a way to break a project so that one rule must fire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.project.facts import Project


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """Where a canary was planted: the path (and line) that the finding must name."""

    path: str | None
    line: int | None = None


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """How to make `rule` fire: `plant` edits a throwaway copy of the project, or says why it does not fit."""

    rule: str
    title: str
    plant: Callable[[Path, Project], Planted | Reason]
