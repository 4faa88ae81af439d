"""Index: evidence by the id of an item, for what is shown of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.judging.joined import Joined


class Index(msgspec.Struct, frozen=True, dict=True):
    """The evidence by what it is asked for, so that no item is looked for twice."""

    evidence: TraceEvidence
    joined: Joined

    @cached_property
    def naming(self) -> Mapping[str, list[tuple[str, str]]]:
        """By the id of an item the tests that name it themselves, each with how."""
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.evidence.tests.items:
            for target, by in one.requirements.items:
                found[target].append((one.id, by))
        return found

    @cached_property
    def code(self) -> Mapping[str, list[dict[str, Any]]]:
        """By the id of an item the comments that name it."""
        found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in self.evidence.code.items:
            found[one.target].append({"path": one.path, "line": one.line})
        return found

    @cached_property
    def executed(self) -> Mapping[str, list[dict[str, Any]]]:
        """By the id of an item the files that its tests ran."""
        found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in self.evidence.executed.items:
            found[one.item].append({"path": one.path, "lines": one.lines})
        return found

    @cached_property
    def changed(self) -> Mapping[str, list[str]]:
        """By the id of an item what of it changed since base."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for item, what in self.evidence.changed.items:
            found[item].append(what)
        return found
