"""Facts: what the workflows of a project do, and what tools said of them."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Sealed
from gates.model.reason import Reason
from gates.model.tested import Fact

About = Literal["cache", "python", "system"]


class Complaint(Fact, frozen=True, kw_only=True):
    """One thing that `tool` said: its own code, where, and how grave and how sure it calls it, "" where it does not."""

    tool: Literal["check-jsonschema", "gates", "zizmor"]
    code: str
    message: str
    path: str
    line: int | None
    column: int | None
    severity: str
    confidence: str
    source: str


class Lost(Fact, frozen=True, kw_only=True):
    """A line of a job that calls a tool, and why its failure cannot turn the job red."""

    path: str
    line: int
    job: str
    tool: str
    text: str
    why: str


class Unchecked(Fact, frozen=True, kw_only=True):
    """A job that stands for others and is green although one of them is not."""

    path: str
    line: int
    job: str
    why: str


class Cached(Fact, frozen=True, kw_only=True):
    """A step that keeps a cache of dependencies, and the parts that its key lacks."""

    path: str
    line: int
    job: str
    action: str
    key: str
    lacking: Counted[str]


class Used(Fact, frozen=True, kw_only=True):
    """A step or job that uses something from elsewhere; `pinned` is whether that can never become something else."""

    path: str
    line: int
    job: str
    action: str
    ref: str
    pinned: bool


class Tested(Fact, frozen=True, kw_only=True):
    """A job that runs the tests: under which Pythons and systems, and which variables hold still there.

    Pythons are minor versions (`3.12`) or `newest`; systems `linux`, `macos`, `windows`.
    """

    path: str
    line: int
    job: str
    pythons: Counted[str]
    systems: Counted[str]
    held: Counted[str]


class Unknown(Fact, frozen=True, kw_only=True):
    """What a file does not say of a job, such as the Pythons of a matrix that another job makes."""

    path: str
    line: int
    job: str
    about: About
    why: str


class Wanted(Fact, frozen=True, kw_only=True):
    """Something that the project asks for: a Python, a system or a variable, and the place that says so."""

    kind: Literal["python", "system", "variable"]
    name: str
    place: str


class WorkflowsEvidence(Sealed, frozen=True, kw_only=True):
    """All of it; `audited` are the files that zizmor looked at, `ignored` is how many findings the project told it off.

    `has_tests` is whether the project has tests at all. `seal` is the digest of all the rest.
    """

    files: Counted[str]
    audited: Counted[str]
    complaints: Counted[Complaint]
    ignored: int
    lost: Counted[Lost]
    unchecked: Counted[Unchecked]
    caches: Counted[Cached]
    uses: Counted[Used]
    tested: Counted[Tested]
    unknown: Counted[Unknown]
    wanted: Counted[Wanted]
    has_tests: bool
    undecided: Counted[Reason]
