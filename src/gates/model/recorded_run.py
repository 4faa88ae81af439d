"""Recorded run: what `pytest_vltair` writes down while pytest runs, line by line.

The file is JSON Lines. The first line is `begin`, the last is `end`; a file without `end` is a run that was cut off.
`pytest_vltair.recording` writes it with the standard library alone; these types are how gates reads it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

SCHEMA_VERSION = 5
"""Goes up with every field or event that this module gains or loses; 5 tells failures apart by type and stack."""


class Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """One line of a recorded run."""


class Begin(Line, frozen=True, kw_only=True, tag="begin"):
    """How the run was started, and when. Digests are those of `pytest_vltair.provenance`, taken before collection.

    `invocation` is the folder that pytest was started in, relative to `rootdir`; `unknown_options` are names in its
    configuration that nothing registered, each with the nearest one that is known, or "".
    """

    schema_version: int
    pytest: str
    python: str
    platform: str
    args: list[str]
    addopts: list[str]
    rootdir: str
    invocation: str
    started: Annotated[datetime, msgspec.Meta(tz=True)]
    inipath: str | None
    plugins: list[str]
    unknown_options: dict[str, str]
    tree: str
    environment: str
    settings: str
    commit: str | None
    shard: str | None
    workers: int
    keyword: str
    markexpr: str
    last_failed: bool
    maxfail: int


class SkippedModule(msgspec.Struct, frozen=True, kw_only=True):
    """A module or package that was skipped when it was collected (`importorskip`), so that no test of it is known."""

    nodeid: str
    message: str


class Collected(Line, frozen=True, kw_only=True, tag="collected"):
    """Every test that this run selected, and what was taken out before (`other_shards` are full node ids)."""

    selected: list[str]
    deselected: list[str]
    other_shards: list[str]
    skipped_modules: list[SkippedModule]


class CollectError(Line, frozen=True, kw_only=True, tag="collect_error"):
    """A module or package that could not be collected; `error` and `stack` are as those of a phase."""

    nodeid: str
    path: str | None
    line: int | None
    message: str
    error: str
    stack: str


class Covers(msgspec.Struct, frozen=True, kw_only=True):
    """A module of which `minimum` percent must run in the tests that say so."""

    module: str
    minimum: float


class Phase(Line, frozen=True, kw_only=True, tag="phase"):
    """One phase of one test. `outcome` is pytest's; `wasxfail` tells expected failures apart.

    `rerun` is a phase that failed and after which a plugin ran the test again. Of a phase that failed `error` is the
    qualified type of what was raised, "" where nothing was, and `stack` the hash of `pytest_vltair.failures`, by which
    the same failure is known in other runs; of all others both are "".
    """

    nodeid: str
    when: Literal["setup", "call", "teardown"]
    outcome: Literal["passed", "failed", "skipped", "rerun"]
    duration: float
    path: str | None
    line: int | None
    message: str
    wasxfail: bool
    error: str
    stack: str
    markers: list[str]
    requirements: list[str]
    covers: list[Covers]
    worker: str | None


class Warned(Line, frozen=True, kw_only=True, tag="warning"):
    """One warning as pytest recorded it."""

    nodeid: str
    when: str
    category: str
    message: str
    path: str | None
    line: int | None


class Crash(Line, frozen=True, kw_only=True, tag="crash"):
    """A worker or pytest itself went down."""

    worker: str | None
    message: str


class Modules(Line, frozen=True, kw_only=True, tag="modules"):
    """From which file each top-level module outside the standard library was imported (relative inside rootdir)."""

    worker: str | None
    files: dict[str, str]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One factor: what was demanded and where, and what the process showed."""

    demanded: str
    place: str
    shown: str


class Fixed(Line, frozen=True, kw_only=True, tag="fixed"):
    """What one process held, once before it collected (`start`) and once at its `end`.

    `mode` and `leaks` are `off` and `factors` are empty where nothing was asked for; `kinds` are the kinds of leaks
    that were looked for, `allowed` the lines of the configuration that keep some of them from being named.
    """

    worker: str | None
    when: Literal["start", "end"]
    mode: str
    leaks: str
    kinds: list[str]
    allowed: list[str]
    factors: dict[str, Held]


class Leaked(Line, frozen=True, kw_only=True, tag="leak"):
    """What one test left behind, and whether it was put back; `by` is `test`, or the fixture that ended with it."""

    nodeid: str
    kind: str
    what: str
    by: str
    restored: bool
    worker: str | None


class End(Line, frozen=True, kw_only=True, tag="end"):
    """pytest's exit status, and counts that must agree with the lines above.

    `tree` is the digest of the files that were there at the beginning; what tests left behind is not among them.
    """

    exitstatus: int
    selected: int
    phases: int
    warnings: int
    fixed: int
    leaks: int
    tree: str


RecordLine = Begin | Collected | CollectError | Phase | Warned | Crash | Modules | Fixed | Leaked | End
