"""Facts: what was asked about which dependency, what the service answered, and what the tool made of it."""

from __future__ import annotations

from typing import Literal

from gates.builtin.supply.distribution import Origin
from gates.model.evidence import Counted, Sealed
from gates.model.reason import Reason
from gates.model.tested import Fact

FILES = ("pyproject.toml", "uv.lock", "poetry.lock", "pylock.toml", "**/*.txt", ".gates_canary/**")
"""What says which dependencies there are, and what a proof plants."""

ToolName = Literal["pip-audit", "uv"]


class Dependency(Fact, frozen=True, kw_only=True):
    """One dependency: its canonical name, its version ("" where none is pinned), and where it is written down.

    `own` is the project itself; `asked` whether the tool was told to ask about it.
    """

    name: str
    version: str
    origin: Origin
    own: bool
    asked: bool
    path: str | None
    line: int | None


class Control(Fact, frozen=True, kw_only=True):
    """A version that is known to be vulnerable, and the advisory (by its CVE) that must come back."""

    name: str
    version: str
    advisory: str


class Question(Fact, frozen=True, kw_only=True):
    """One question that was answered: the ids of the advisories, and whether pages of the answer were never read."""

    name: str
    version: str
    ids: Counted[str]
    pending: bool


class Advisory(Fact, frozen=True, kw_only=True):
    """One advisory as the service gave it. `flaw` is one clause of why nobody can judge by it, "" where one can.

    `withdrawn` is the time at which it was taken back, "" where it stands; `newer` whether its schema is not known.
    """

    id: str
    aliases: Counted[str]
    withdrawn: str
    newer: bool
    flaw: str


class Said(Fact, frozen=True, kw_only=True):
    """One vulnerability that the tool names: of which version, by which id, fixed since when."""

    name: str
    version: str
    id: str
    aliases: Counted[str]
    fixed: Counted[str]


class Skipped(Fact, frozen=True, kw_only=True):
    """A dependency that the tool left out, and why."""

    name: str
    reason: str


class Mirror(Fact, frozen=True, kw_only=True):
    """A folder of records: how many, the newest `modified` of them, and the time in its stamp ("" without one)."""

    path: str
    records: int
    newest: str
    taken: str


class AuditEvidence(Sealed, frozen=True, kw_only=True):
    """All of it; `codes` are the exit codes of the tool's runs, -1 for one that did not come to its end.

    `service` is the address without credentials, or the mirror's folder. `faults` are reasons why answers are missing.
    `seal` is the digest of all the rest: an id or a version that lost its end is another one.
    """

    ruled: str
    tool: ToolName
    service: str
    mirror: Mirror | None
    control: Control
    dependencies: Counted[Dependency]
    questions: Counted[Question]
    advisories: Counted[Advisory]
    said: Counted[Said]
    skipped: Counted[Skipped]
    codes: Counted[int]
    faults: Counted[Reason]
    notes: Counted[str]
