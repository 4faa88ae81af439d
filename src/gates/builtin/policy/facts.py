"""Evidence of the gate `policy`: what is in force in head and base, what calls gates, and what is excused."""

from __future__ import annotations

from gates.model.approval import Granted
from gates.model.evidence import Counted, Facts, Sealed
from gates.model.strictness import About, Way


class Element(Facts, frozen=True, kw_only=True):
    """An element of a set, and where it is written."""

    text: str
    place: str


class Written(Facts, frozen=True, kw_only=True):
    """The value of a setting: none is no limit, an empty set, or a scope that is everything."""

    value: bool | float | str | Counted[Element] | None
    place: str


class Changed(Facts, frozen=True, kw_only=True):
    """A setting whose value is not what it is on the base."""

    key: str
    way: Way
    about: About
    head: Written
    base: Written


class Call(Facts, frozen=True, kw_only=True):
    """A line that calls a tool; `defused` says why its failure cannot reach the exit code, or is empty."""

    path: str
    line: int
    tool: str
    text: str
    defused: str
    within: str


class Wires(Facts, frozen=True, kw_only=True):
    """The lines that call tools, the files that could not be read, each with the reason, and lines with variables.

    `variables` are lines of files that call gates and that name a variable by which gates judges less.
    """

    calls: Counted[Call]
    unreadable: Counted[Element]
    variables: Counted[Element]


class Excuse(Facts, frozen=True, kw_only=True):
    """A waiver: what it excuses, until which day (ISO 8601), and where it is written."""

    rule: str
    subject: str
    expires: str
    place: str


class Worse(Facts, frozen=True, kw_only=True):
    """An entry of a baseline that is worse than on the base: `before` and `now` as they are shown."""

    subject: str
    what: str
    before: str
    now: str
    place: str


class Compared(Facts, frozen=True, kw_only=True, tag="compared", tag_field="base"):
    """What the base says besides the settings, and which commit it is."""

    commit: str
    wires: Wires
    waivers: Counted[Excuse]
    worse: Counted[Worse]
    granted: Granted


class NotCompared(Facts, frozen=True, kw_only=True, tag="not_compared", tag_field="base"):
    """Nothing was compared, and why that is right, as a clause."""

    because: str


class PolicyEvidence(Sealed, frozen=True, kw_only=True):
    """What the gate `policy` saw: the keys of all settings in force, and those that are not what they are on the base.

    `seal` is the digest of all the rest. A setting that lost a part of its value would be another setting, and often a
    stricter one: without the seal the loss would not show.
    """

    settings: Counted[str]
    changed: Counted[Changed]
    wires: Wires
    waivers: Counted[Excuse]
    notes: Counted[str]
    base: Compared | NotCompared

    @property
    def granted(self) -> Granted | None:
        """What was approved, for whoever looks at the findings; None without a base."""
        return self.base.granted if isinstance(self.base, Compared) else None
