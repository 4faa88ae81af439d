"""Facts: which lines and branches of which files ran, what of it the change touched, and by which tests it ran."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Facts
from gates.model.tested import Fact

MODULE = "module level"
"""Stands for the name of a function where lines are in none."""


class Branch(Fact, frozen=True, kw_only=True, array_like=True):
    """A line from which there are `total` ways on, 2 or more, and those of them that were never taken.

    A way is named by the line that it leads to, `exit` where it leaves the function, or by its number where the data
    says no more.
    """

    line: int
    total: int
    missing: Counted[str]


class Function(Fact, frozen=True, kw_only=True, array_like=True):
    """A function or method by its qualified name, from its first line to its last."""

    name: str
    first: int
    last: int


class File(Fact, frozen=True, kw_only=True):
    """One measured file. Sets of lines are hex digits (see `lines`), with how many lines there are in them.

    `lines` are those that can run, each statement by its first; `ran` those of them that did; `excluded` what the
    project takes out by pragmas and patterns, `pragmas` how many lines bear one. `functions` are those in which
    anything is missing or changed. `sha256` is over the source as it was measured, with newlines made one.
    """

    path: str
    sha256: str
    statements: int
    lines: str
    executed: int
    ran: str
    excluded: str
    pragmas: int
    ways: int
    branches: Counted[Branch]
    functions: Counted[Function]


class Near(Fact, frozen=True, kw_only=True):
    """The tests that come nearest to a changed function: they run it, or else something else of its file."""

    function: str
    tests: Counted[str]


class Changed(Fact, frozen=True, kw_only=True):
    """A file of the change. `old` is its path at the base where that is another.

    `lines` are the added and altered lines, `touched` the statements that they belong to, by first lines: all that a
    new file can run. `measured`: the data names it. `omitted` names the setting by which nobody measures it.
    """

    path: str
    old: str | None
    status: Literal["added", "modified", "renamed", "untracked"]
    measured: bool
    omitted: str | None
    count: int
    lines: str
    statements: int
    touched: str
    near: Counted[Near]


class Patch(Fact, frozen=True, kw_only=True):
    """What changed since the base commit: files that can be measured; deletions are no part of it."""

    base: str
    files: Counted[Changed]


class Subject(Fact, frozen=True, kw_only=True):
    """What tests say they cover: lines of a module that ran in tests with that mark; `path` is None if unmeasured."""

    module: str
    minimum: float
    path: str | None
    tests: Counted[str]
    executed: int
    ran: str


class Limit(Fact, frozen=True, kw_only=True):
    """The project's own limit of its total in percent, and where it stands (`pyproject.toml:12`)."""

    percent: float
    place: str


class Lane(Fact, frozen=True, kw_only=True):
    """One of the runs that were put together: its name, and what it ran and left out by itself."""

    name: str
    platform: str
    statements: int
    executed: int
    ways: int
    taken: int


class CoverageEvidence(Facts, frozen=True, kw_only=True):
    """The files, the change, and how they were measured.

    `source` says whence the data is: `tests`, or the names of the files that the settings name. `arcs`: branches were
    measured; `counted`: the project's own figure counts them. `patch` has no item where there is no base, and `no_base`
    says why. `baselined`: a committed baseline holds figures of this gate. `failed` tests of the run did not end well.
    `mapped` says which roots of other machines are which folders here.
    """

    schema_version: int
    source: str
    version: str
    arcs: bool
    counted: bool
    contexts: bool
    limits: Counted[Limit]
    baselined: bool
    failed: int
    mapped: Counted[str]
    files: Counted[File]
    patch: Counted[Patch]
    no_base: str
    subjects: Counted[Subject]
    lanes: Counted[Lane]
