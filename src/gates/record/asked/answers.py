"""Answers: what the store says to a question, as plain values; times are UTC, durations in milliseconds."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["run", "gate", "test"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer has, whoever asked: `notes` are sentences about what else is to be known."""

    notes: tuple[str, ...] = ()


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs are asked for; what is None or "" does not matter. `since` is a moment in ISO 8601 with `Z`.

    `gate` and `test` may be globs (`*` and `?`), `status` is one of a run, `commit` the beginning of one.
    """

    gate: str = ""
    status: str = ""
    since: str = ""
    branch: str = ""
    commit: str = ""
    test: str = ""
    requirement: str = ""
    command: str = ""
    limit: int = 20
    offset: int = 0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a command, newest first in lists; `red` are the gates that did not pass, with their verdicts."""

    run: str
    trace_id: str
    span_id: str
    attempt: int
    retry_of: str | None
    command: str
    project: str
    commit: str | None
    branch: str | None
    status: str
    verdict: str
    exit_code: int | None
    started: str
    ended: str | None
    duration_ms: int
    runner: str
    gates_version: str
    backfilled: bool
    red: tuple[str, ...] = ()
    tests: int = 0
    failed_tests: int = 0


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a run, a gate or a test; `subject` is the command, the gate (`packages/a:lint`) or the node id."""

    kind: Kind
    subject: str
    run: str
    trace_id: str
    span_id: str
    attempt: int
    retry_of: str | None
    status: str
    error_type: str | None
    error_message: str | None
    stack_hash: str | None
    started: str | None
    ended: str | None
    duration_ms: int
    inputs: str | None
    outputs: str | None
    configuration: str | None
    runner: str
    backfilled: bool
    reproduce: tuple[str, ...] = ()


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Failures that look the same: what they have in common, how many they are, and what fails so."""

    stack_hash: str | None
    error_type: str | None
    error_message: str | None
    count: int
    subjects: tuple[str, ...]


class Pattern(Alike, frozen=True, kw_only=True):
    """Failures of many runs that look the same: in how many and when, and the newest of them as an example."""

    stack_hash: str
    runs: int
    first: str
    last: str
    example: Execution


class Flaky(msgspec.Struct, frozen=True, kw_only=True):
    """A test whose outcome moved: `flips` of `pairs` of neighbouring runs, `same_tree` of them over the same files.

    `reruns` counts the attempts within a run that failed before one passed. `rate` is flips / pairs.
    """

    test: str
    runs: int
    failures: int
    pairs: int
    flips: int
    same_tree: int
    reruns: int
    rate: float
    last: str


class Slow(msgspec.Struct, frozen=True, kw_only=True):
    """A test, how long it takes (median and most of its runs), and how that moved against the runs before."""

    test: str
    runs: int
    median_ms: float
    most_ms: float
    last_ms: float


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One number over runs, the oldest first: `points` are (run, started, value)."""

    name: str
    unit: str
    limit: float | None
    direction: str | None
    points: tuple[tuple[str, str, float], ...]


class RunDetail(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one run."""

    run: Run
    executions: tuple[Execution, ...]
    findings: tuple[Found, ...]
    measures: tuple[Measured, ...]
    requirements: tuple[Required, ...]
    tests: int
    failed_tests: tuple[Execution, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of a run."""

    gate: str
    project: str
    rule: str
    name: str
    tool_rule: str | None
    message: str
    path: str | None
    line: int | None
    blocks: bool


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A measure of a run."""

    gate: str
    project: str
    name: str
    value: float
    unit: str
    limit: float | None
    direction: str | None


class Required(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement in a run: `passed` where every test that names it passed, and how many there were."""

    requirement: str
    status: str
    tests: int
    failed: int
