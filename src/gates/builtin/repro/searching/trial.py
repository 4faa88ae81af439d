"""Trial: one artifact built again under other circumstances, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.repro.explaining import causes, compared
from gates.builtin.repro.explaining.compared import Change
from gates.builtin.repro.searching.search import Exhausted, Key, Lever, Shown
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.repro.circumstances.workshop import Made, Workshop
    from gates.builtin.repro.facts import FactorName

LIKELIEST = 3
"""Suspects of one difference that are tried alone before all others are tried at once."""


class Budget:
    """How many more builds the search may take; shared by the artifacts of one run."""

    def __init__(self, most: int) -> None:
        """`most` builds in all."""
        self._most = most
        self.spent = 0

    def spend(self) -> None:
        """Take one.

        Raises:
            Exhausted: there is none left.
        """
        if self.spent >= self._most:
            raise Exhausted
        self.spent += 1


class Trial:
    """The reference of one kind, and builds beside it, each made once."""

    def __init__(self, workshop: Workshop, kind: Kind, reference: Artifact, budget: Budget) -> None:
        """Compare with `reference`, which is of `kind` and stays where it is."""
        self._workshop = workshop
        self._kind = kind
        self._reference = reference
        self._budget = budget
        self._known: dict[frozenset[Lever], Shown] = {}

    def learn(self, levers: frozenset[Lever], made: Made) -> Shown:
        """What a build that was made anyway shows."""
        return self._known.setdefault(levers, self.beside(made.outcome))

    def shown(self, levers: frozenset[Lever]) -> Shown:
        """What a build under `levers` shows.

        Raises:
            Exhausted: it would be one build too many.
            Unsafe: the artifact must not be read.
        """
        if levers not in self._known:
            self._budget.spend()
            self.learn(levers, self._workshop.build(self._kind, _circumstances(levers)))
        return self._known[levers]

    def still(self) -> Shown:
        """What one more build with nothing changed shows.

        Raises:
            Exhausted: it would be one build too many.
            Unsafe: the artifact must not be read.
        """
        self._budget.spend()
        return self.beside(self._workshop.build(self._kind, {}).outcome)

    def again(self) -> Shown:
        """What a second build in the tree of a first one shows, both under the circumstances of the reference.

        Raises:
            Exhausted: it would be one build too many.
            Unsafe: the artifact must not be read.
        """
        self._budget.spend()
        first = self._workshop.build(self._kind, {})
        if isinstance(first.outcome, Reason):
            return Shown(broken=first.outcome.message)
        return self.beside(self._workshop.build(self._kind, {}, again=first).outcome)

    def after(self) -> Shown:
        """What a build in the tree of the other artifact shows, both under the circumstances of the reference.

        Raises:
            Exhausted: it would be one build too many.
            Unsafe: the artifact must not be read.
        """
        self._budget.spend()
        return self.beside(self._workshop.after(self._kind, {}).outcome)

    def beside(self, outcome: Artifact | Reason) -> Shown:
        """What an artifact shows beside the reference.

        Raises:
            Unsafe: the artifact must not be read.
        """
        if isinstance(outcome, Reason):
            return Shown(broken=outcome.message)
        return Shown(changes=by_key(self._reference, outcome))

    def suspects(self, key: Key) -> tuple[str, ...]:
        """The likeliest factors of a difference."""
        return causes.suspects(self._kind, key[1])[:LIKELIEST]


def by_key(first: Artifact, second: Artifact) -> Mapping[Key, Change]:
    """The changes between two artifacts, their names included.

    Raises:
        Unsafe: one of them must not be read.
    """
    found = {} if first.sha256 == second.sha256 else {one.key: one for one in compared.changes(first.path, second.path)}
    if first.name != second.name:
        renamed = Change(member="", attribute="name", before=first.name, after=second.name)
        found[renamed.key] = renamed
    return found


def _circumstances(levers: frozenset[Lever]) -> Mapping[FactorName, int]:
    return {one.factor: one.value for one in levers}
