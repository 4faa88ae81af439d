"""Case: one test that is looked into, with all that its search needs, and what the search finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import msgspec

from gates.builtin.diagnosis.attributing.pinned import Pinned
from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.factors import FACTORS, Kind, Settings
from gates.builtin.diagnosis.screening.ledger import Ledger
from gates.builtin.diagnosis.screening.moved import Seen
from gates.builtin.diagnosis.trial import Laboratory, Place, Ran

Explained = Cause | Undecided | None

SPECIFIC: tuple[Kind, ...] = (
    "victim", "brittle", "non-idempotent", "concurrency", "external", "time", "random", "environment"
)  # fmt: skip
"""What a pair is called: the first of these that one of its factors is."""


class Explain(Protocol):
    """Causes by order, of a test that builds on those that it needs."""

    def __call__(
        self,
        lab: Laboratory,
        suite: Suite,
        nodeid: str,
        order: tuple[str, ...],
        settings: Settings,
        needs: tuple[str, ...] = ...,
        /,
    ) -> Explained:
        """What was found."""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What other parts find: causes by order, by repetition and by meeting, and the lines that read a factor."""

    explain: Explain
    repeated: Callable[[Laboratory, Suite, str], Explained]
    met: Callable[[Laboratory, Suite, str, Ran], Explained]
    spoiled: Callable[[Laboratory, Suite, str, tuple[str, ...]], Explained] | None = None
    find: Callable[[Laboratory, str, Cause, Settings], tuple[Place, ...]] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A test, where it stands, and what the screening saw of it."""

    nodeid: str
    suite: Suite
    seen: Seen
    ledger: Ledger
    parts: Parts
    repeats: int = 3
    pinned: Settings = {}  # the values that every run of its search has, for it passes there

    @property
    def laboratory(self) -> Laboratory:
        """Where other parts ask about it."""
        return Pinned(self.ledger, self.pinned) if self.pinned else self.ledger

    @property
    def careful(self) -> bool:
        """Whether the test wrote outside of its copy, so that it is not run more often than needed."""
        return bool(self.ledger.targets(self.nodeid, "write"))


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found: causes, or how often the test ended badly by chance, or why nothing can be said."""

    causes: tuple[Cause, ...] = ()
    chance: tuple[int, int] | None = None  # ended badly, of so many runs of the same circumstances
    undecided: str = ""
    excused: str = ""  # why the ways in which it moved are no instability
    notes: tuple[str, ...] = ()


class Step(NamedTuple):
    """What one probe came to: a cause, that it is explained already, chance, or a word on why not.

    With a word, `spoilt` is a cause that is none: what it says moved the test, and yet not for a reason of the test's.
    """

    cause: Cause | None = None
    chance: tuple[int, int] | None = None
    note: str = ""
    spoilt: Cause | None = None


def kind_of(names: tuple[str, ...]) -> Kind:
    """What kind of instability these factors make together."""
    kinds = {FACTORS[name].kind for name in names}
    return next((kind for kind in SPECIFIC if kind in kinds), "unattributed")


def shown(settings: Mapping[str, str]) -> str:
    """Settings in words: `clock=2028-02-29T12:00:00Z, timezone=Asia/Tokyo`."""
    return ", ".join(f"{name}={value}" if value else f"no {name}" for name, value in sorted(settings.items()))
