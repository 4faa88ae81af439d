"""Causes: what was found out about a test, and what a diagnosis says of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from gates.builtin.diagnosis.factors import Kind
from gates.builtin.diagnosis.trial import Ended, Place, Result


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """The base: every test in the order of collection, and how it ended there."""

    tests: tuple[str, ...]
    base: Mapping[str, Result]

    def before(self, nodeid: str) -> tuple[str, ...]:
        """The tests that run before one."""
        return self.tests[: self.tests.index(nodeid)]


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why a test is unstable: in `settings`, after the tests `before` it, it ends otherwise than without them.

    `flips` of `runs` with the factor at that value ended so; with the factor put back and all else pinned, all passed.
    With `passing`, `settings` names all that differs from it. `ended` and `fingerprint` are those of the flip. Culprits
    are the polluters of a victim, the tests that a brittle one builds on, or those that it met.
    """

    factors: tuple[str, ...]
    kind: Kind
    settings: Mapping[str, str] = {}
    before: tuple[str, ...] = ()
    culprits: tuple[str, ...] = ()
    flips: int
    runs: int
    back: int = 0  # runs with the factor put back, all of which passed
    passing: Mapping[str, str] = {}  # the values that let it pass, where it fails at the base's
    needs: tuple[str, ...] = ()  # of those before it, the ones that it builds on: with the factor put back they run too
    ended: Ended = "failed"
    fingerprint: str = ""
    message: str = ""
    shared: str = ""  # the state that victim and polluter share, where it was seen
    sites: tuple[Place, ...] = ()


class Undecided(msgspec.Struct, frozen=True, kw_only=True):
    """A test of which nothing can be said, and why."""

    reason: str


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A factor of a test: how often it flipped, in how many runs with that factor."""

    name: str
    flips: int
    runs: int


class Diagnosed(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one test; `stable` is None where it is undecided."""

    nodeid: str
    stable: bool | None
    reason: str
    factors: tuple[Flip, ...] = ()
    kind: Kind | None = None
    culprits: tuple[str, ...] = ()
    sites: tuple[Place, ...] = ()
    group: str | None = None
    reproduce: str = ""
    cure: str = ""
    ended: Ended | None = None
    causes: tuple[Cause, ...] = ()


class NotApplied(msgspec.Struct, frozen=True, kw_only=True):
    """A factor that was not varied, and why."""

    name: str
    reason: str


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a suite. `runs` of whole suites were screened; `trials` is the number of all runs."""

    verdict: Literal["passed", "failed", "undecided"]
    tests: tuple[Diagnosed, ...]
    factors_tried: tuple[str, ...]
    factors_not_applied: tuple[NotApplied, ...]
    methods: Mapping[str, str] = {}
    runs: int = 0
    trials: int = 0
    seconds: float = 0.0
    reason: str = ""
