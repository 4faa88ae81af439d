"""Tested: what a test run proved, as the evidence of the gate `tests` that other gates read too."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import msgspec

from gates.model.evidence import Counted, Facts, Lane

Outcome = Literal["passed", "failed", "error", "flaky", "skipped", "xfailed", "xpassed"]
"""How a test ended; `flaky`: it failed, and did not when it was run again."""

Where = Literal["tree", "installed", "elsewhere"]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of the parts of the evidence: no defaults, so that a lost field is refused when it is read."""


class Failure(Fact, frozen=True, kw_only=True):
    """One failing phase of one test."""

    when: Literal["setup", "call", "teardown"]
    message: str
    line: int | None


class Covers(Fact, frozen=True, kw_only=True):
    """A module of which `minimum` percent must run in the tests that bear this mark."""

    module: str
    minimum: float


class Result(Fact, frozen=True, kw_only=True):
    """One test and how it ended; `message` is why it was skipped or expected to fail. Lines count from 1.

    `reruns` are the tries that failed and after which it was run again.
    """

    id: str
    outcome: Outcome
    reruns: int
    message: str
    path: str | None
    line: int | None
    failures: Counted[Failure]
    markers: Counted[str]
    requirements: Counted[str]
    covers: Counted[Covers]


class Held(Fact, frozen=True, kw_only=True):
    """One factor that pytest_vltair held: what was demanded, where, and what a process showed at both ends."""

    name: str
    demanded: str
    place: str
    began: str
    ended: str


class Process(Fact, frozen=True, kw_only=True):
    """One process of a run: `name` is `pytest` or that of a worker, `shard` the part that it belongs to.

    `mode` and `leaks` are the modes of pytest_vltair (`off` where it was asked for nothing), `kinds` the kinds of
    leaks that were looked for, `allowed` the lines of pytest's configuration by which some were not named.
    """

    name: str
    shard: int
    mode: str
    leaks: str
    kinds: Counted[str]
    allowed: Counted[str]
    factors: Counted[Held]


class Leak(Fact, frozen=True, kw_only=True):
    """What one test left behind; `by` is `test`, or the fixture that ended with it."""

    test: str
    kind: str
    what: str
    by: str
    restored: bool


class CollectionError(Fact, frozen=True, kw_only=True):
    """A file or package that could not be collected."""

    id: str
    path: str | None
    line: int | None
    message: str


class SkippedModule(Fact, frozen=True, kw_only=True):
    """A module or package that was skipped while it was collected, and why; its tests are not known."""

    id: str
    message: str


class Warned(Fact, frozen=True, kw_only=True):
    """One warning, and how many times pytest recorded it."""

    category: str
    message: str
    path: str | None
    line: int | None
    times: int


class Crash(Fact, frozen=True, kw_only=True):
    """What went down: a worker of pytest-xdist, or pytest itself."""

    what: Literal["worker", "pytest"]
    message: str


class Imported(Fact, frozen=True, kw_only=True):
    """From which file a package of the project was imported."""

    package: str
    file: str
    where: Where


class Restriction(Fact, frozen=True, kw_only=True):
    """An option that takes tests out of a run, and where it is set."""

    option: str
    kind: Literal["deselects", "stops"]
    place: str


class UnknownOption(Fact, frozen=True, kw_only=True):
    """A setting that pytest does not know and went on without, where it stands, and the nearest known name or ""."""

    name: str
    nearest: str
    place: str


class Outcomes(Fact, frozen=True, kw_only=True):
    """How many tests ended how."""

    passed: int
    failed: int
    error: int
    flaky: int
    skipped: int
    xfailed: int
    xpassed: int

    @property
    def executed(self) -> int:
        """Tests of which something ran: all but the skipped ones."""
        return self.passed + self.failed + self.error + self.flaky + self.xfailed + self.xpassed

    @property
    def bad(self) -> int:
        """Tests that failed or errored."""
        return self.failed + self.error


class Coverage(Fact, frozen=True, kw_only=True):
    """The coverage data of a run, kept under its digest in the gate's state; all zero when nobody asked for it.

    `files` are those of the project that the data names, `executed` those of which at least one line ran,
    `unreadable` the data files of processes that could not be combined. `data` is the SHA-256 of the combined file
    `coverage-<data>.sqlite`.
    """

    demanded: bool
    branches: bool
    contexts: bool
    version: str
    data: str
    files: int
    executed: int
    combined: int
    unreadable: int


NOT_MEASURED = Coverage(
    demanded=False, branches=False, contexts=False, version="", data="", files=0, executed=0, combined=0, unreadable=0
)


class Part(Fact, frozen=True, kw_only=True):
    """One pytest process: a whole run, or one of `count` shards. `exit_status` was recorded, `ended_with` observed.

    `interpreter` is the path of the Python as reports show it: relative to the project's root where it is inside,
    `editable` the command by which it would import the project from its tree.
    """

    index: int
    count: int
    exit_status: int
    ended_with: int
    pytest: str
    python: str
    interpreter: str
    editable: str
    platform: str
    tree: str
    tree_after: str
    environment: str
    settings: str
    selected: int
    warnings: int
    collection_errors: int
    crashes: int
    processes: int
    leaks: int
    outcomes: Outcomes
    coverage: Coverage


class TestsEvidence(Facts, frozen=True, kw_only=True):
    """Every test that was selected and what became of it; lists are sorted, paths relative to the project's root.

    Where it was joined out of lanes, each holds its own, and what is beside them is empty but for `imported`.
    """

    __test__: ClassVar[bool] = False  # pytest takes a class of this name for tests

    schema_version: int
    commit: str
    parts: Counted[Part]
    selected: Counted[str]
    other_shards: Counted[str]
    deselected: Counted[str]
    restrictions: Counted[Restriction]
    unknown_options: Counted[UnknownOption]
    results: Counted[Result]
    collection_errors: Counted[CollectionError]
    skipped_modules: Counted[SkippedModule]
    warnings: Counted[Warned]
    crashes: Counted[Crash]
    processes: Counted[Process]
    leaks: Counted[Leak]
    packages: Counted[str]
    imported: Counted[Imported]
    complaints: Counted[str]
    lanes: Counted[Lane[TestsEvidence]]


def headline(message: str) -> str:
    """The line of a failure that says most: the first that pytest marks as the error, or the first; "" without any."""
    lines = [line for line in message.splitlines() if line.strip()]
    marked = [line for line in lines if re.match(r"E\s", line)]
    return (marked or lines or [""])[0].removeprefix("E ").strip()
