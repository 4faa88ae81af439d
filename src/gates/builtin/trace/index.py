"""Index: evidence by the id of an item, for what is shown of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.judging.joined import Joined

T = TypeVar("T")


class Index(msgspec.Struct, frozen=True, dict=True):
    """The evidence by what it is asked for, so that no item is looked for twice."""

    evidence: TraceEvidence
    joined: Joined

    @cached_property
    def naming(self) -> Mapping[str, list[tuple[str, str]]]:
        """By the id of an item the tests that name it themselves, each with how."""
        return _grouped(
            (target, (one.id, by)) for one in self.evidence.tests.items for target, by in one.requirements.items
        )

    @cached_property
    def code(self) -> Mapping[str, list[dict[str, Any]]]:
        """By the id of an item the comments that name it."""
        return _grouped((one.target, {"path": one.path, "line": one.line}) for one in self.evidence.code.items)

    @cached_property
    def executed(self) -> Mapping[str, list[dict[str, Any]]]:
        """By the id of an item the files that its tests ran."""
        return _grouped((one.item, {"path": one.path, "lines": one.lines}) for one in self.evidence.executed.items)

    @cached_property
    def changed(self) -> Mapping[str, list[str]]:
        """By the id of an item what of it changed since base."""
        return _grouped(self.evidence.changed.items)


def _grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
