"""Probe: one kind of thing that a test can leave changed, how that is seen, and how it is put back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pytest_vltair.leaks.values import Held, Sign

State = Mapping[Hashable, Any]
"""What a probe saw: values by key (a variable's name, a thread); a key that is missing is a thing that is not there.

Nobody changes a state once `look` returned it: the guard makes new ones, so that a probe may keep what it prepared for
the one that it was last asked about. Where several parties may add to one thing (a list of handlers) each part of it
is a key: what a fixture adds is then told apart from what a test adds.
"""


class Probe(Protocol):
    """One kind of leak. The guard calls; a probe only looks and puts back, and never raises for what tests do.

    Keys have a `str` that says what they are (`TZ`), values need no equality of their own: `same` compares them.

    `changed` is asked after each test and must cost next to nothing; `look` is called when it said yes, and around
    what may change things by right: a fixture of wider scope, the first import of a module.
    """

    kind: str
    """As in the report, `vltair_leaks_allow`, the marker and the record: `environment`."""

    def look(self) -> State:
        """Everything of this kind as it is now."""

    def changed(self, known: State) -> bool:
        """Whether `look` may differ from `known`; true is always right, and false must be."""

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether going from `before` to `after` (`MISSING` where not there) is none that anybody is accused of.

        Equal values are the same; so is what tests may do by right, such as importing a module.
        """

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """What was left behind, as a clause: `TZ was "UTC" and is "Asia/Tokyo"`."""

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Put `before` back; whether that was possible."""


class Signed(Probe, Protocol):
    """A probe that can also tell by signs that nothing has changed; it is asked only where a sign differs."""

    def signs(self, known: State) -> Sequence[Sign | Held] | None:
        """What to read or compare, while all is as in `known`; None where it must be asked.

        As long as every sign gives what is expected `changed(known)` must be false.
        """
