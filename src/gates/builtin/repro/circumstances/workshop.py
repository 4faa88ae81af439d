"""Workshop: builds one artifact under given circumstances, with proof that they took effect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.repro.facts import Factor, FactorName
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context

Circumstances = Mapping[FactorName, int]
"""The value of each factor: 0 (or absent) is the reference, 1 and 2 are others. `rebuild` has 0 and 1."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One build: what it made, or why there is nothing; `seen` is what its process saw, by factor.

    `tree` is where the source lies that it was built from, for a second build there. `outside` are places that it
    tried to write to and may not.
    """

    outcome: Artifact | Reason
    seen: Mapping[FactorName, str]
    tree: Path
    outside: tuple[str, ...]


class Workshop:
    """Makes copies of the source under one folder and builds there; what it made lies there until it is removed."""

    def __init__(
        self, context: Context[ReproSettings], environment: Environment, system: System, epoch: int, place: Path
    ) -> None:
        """`place` is an empty folder; what this machine can do is found out once."""
        raise NotImplementedError

    def build(self, kind: Kind, circumstances: Circumstances, *, again: Made | None = None) -> Made:
        """Build `kind` in a new copy of the source, or a second time in the tree of `again`."""
        raise NotImplementedError

    def factors(self, rounds: Mapping[str, tuple[Made, ...]]) -> tuple[Factor, ...]:
        """Which factors were varied between the builds of all rounds, by which means, as their processes saw it."""
        raise NotImplementedError
