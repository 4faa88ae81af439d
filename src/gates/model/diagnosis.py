"""Diagnosis: what `gates diagnose` says of the tests of a suite, and what of a reproduction, as documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from gates.model.decision import Verdict
from gates.model.measure import Denominator

SCHEMA_VERSION = 1

Kind = Literal[
    "victim", "brittle", "non-idempotent", "environment", "random", "time", "concurrency", "external", "unattributed"
]


class FactorFlips(msgspec.Struct, frozen=True, kw_only=True):
    """A factor, or a pair as `clock+timezone`: in so many of the runs with it the test ended otherwise."""

    name: str
    flips: int
    runs: int


class Site(msgspec.Struct, frozen=True, order=True):
    """A line of the project that read the factor."""

    path: str
    line: int


class TestDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one test; `stable` and `kind` are null where nothing can be said.

    `settings` are the circumstances in which it flips, after the tests `after`; `ended` is how it ended there and
    `shared` the state that it shares with its culprits. `group` is the same for tests that flip together.
    """

    __test__ = False

    nodeid: str
    stable: bool | None
    reason: str
    factors: tuple[FactorFlips, ...] = ()
    kind: Kind | None = None
    culprits: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    group: str | None = None
    reproduce: str = ""
    by_hand: str = ""
    cure: str = ""
    ended: str | None = None
    message: str = ""
    shared: str = ""
    settings: Mapping[str, str] = {}
    after: tuple[str, ...] = ()


class FactorNotApplied(msgspec.Struct, frozen=True, kw_only=True):
    """A factor that was not varied, and why."""

    name: str
    reason: str


class DiagnosisReport(msgspec.Struct, frozen=True, kw_only=True):
    """Every test of a suite, sorted by node id, and what was done to find out.

    `runs` is the number of times that the suite ran as a whole, `trials` that of all runs of pytest.
    `methods` says by which means a factor was applied.
    """

    schema_version: int
    verdict: Verdict
    tests: tuple[TestDiagnosis, ...]
    denominator: Denominator
    factors_tried: tuple[str, ...]
    factors_not_applied: tuple[FactorNotApplied, ...]
    methods: Mapping[str, str] = {}
    runs: int = 0
    trials: int = 0
    reason: str = ""
    bound: str = ""
    shard: str | None = None


class TriedRun(msgspec.Struct, frozen=True, kw_only=True):
    """How a test ended in one run of a reproduction: in the base, or in the circumstances that were named."""

    where: Literal["base", "tried"]
    ended: str
    message: str = ""


class Reproduction(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a test ends otherwise in the circumstances that were named than it does in the base."""

    schema_version: int
    verdict: Verdict
    nodeid: str
    settings: Mapping[str, str]
    after: tuple[str, ...]
    reason: str
    runs: tuple[TriedRun, ...]
