"""Joined: items with their tests and code, found by id once, and what the outcome of a test is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from gates.builtin.trace.facts import Evidenced, Item, Ran, TraceEvidence
from gates.builtin.trace.settings import TraceSettings

Worth = Literal["passed", "failed", "not-passed", "not-run", "stale"]

BAD = frozenset({"failed", "error", "flaky"})
"""`flaky`: it passed only when it was run again."""
CLOCKS = timedelta(minutes=1)
"""By how much the clock of the machine that ran the tests may be ahead."""
UNRAN: frozenset[str | None] = frozenset({None, ""})


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence by id; `stale` says of each source of outcomes why it proves nothing, "" where it does."""

    evidence: TraceEvidence
    settings: TraceSettings
    ids: frozenset[str]
    tests: Mapping[str, Ran]
    needs: Mapping[str, tuple[str, ...]]
    code: frozenset[str]
    linked: Mapping[str, frozenset[str]]
    by_item: Mapping[str, tuple[Ran, ...]]
    stale: Mapping[str, str]
    outdated: frozenset[tuple[str, str]]

    def tests_of(self, item: Item) -> tuple[Ran, ...]:
        """The tests of an item, each once: those that name it, and those that its commands name."""
        return self.by_item.get(item.id, ())

    def worth(self, item: Item, test: Ran) -> Worth:
        """What the outcome of a test of an item proves of it."""
        if test.outcome in BAD:
            return "failed"
        if test.outcome in UNRAN:
            return "not-run"
        if test.outcome != "passed":
            return "not-passed"
        return "stale" if self.why_stale(item, test) else "passed"

    def why_stale(self, item: Item, test: Ran) -> str:
        """Why its outcome is of another time or source, or ""."""
        if (item.id, test.source) in self.outdated:
            return f"what {item.id} asks for was changed after {test.source} had its outcome"
        if test.recorded and test.recorded != test.digest:
            changed = "changed" if test.digest else "taken away"
            return f"the test was {changed} after {test.source} had its outcome"
        return self.stale.get(test.source, f"nothing says where its outcome is from ({test.source or 'no source'})")


def join(evidence: TraceEvidence, settings: TraceSettings, now: datetime) -> Joined:
    """The evidence by id, in one pass over each of its lists."""
    levels = {one.id: one.level for one in evidence.items.items}
    linked: defaultdict[str, set[str]] = defaultdict(set)
    whole = {one.path: one.level for one in evidence.documents.items if one.level and not one.found.count}
    for item in evidence.items.items:
        for link in item.links.items:
            linked[item.id].add(levels.get(link.target, "contract" if link.kind == "contract" else ""))
            linked[link.target].add(item.level)
        if whole:
            linked[item.id].update(whole[path] for one in item.files.items for path in one.paths.items if path in whole)
    tests = {one.id: one for one in evidence.tests.items}
    return Joined(
        evidence=evidence,
        settings=settings,
        ids=frozenset(levels),
        tests=tests,
        needs={level: settings.needs(level) for level in set(levels.values())},
        code=frozenset(one.target for one in evidence.code.items)
        | frozenset(one.item for one in evidence.executed.items),
        linked={one: frozenset(found) for one, found in linked.items()},
        by_item=_by_item(evidence, tests),
        stale={one.source: _stale(one, settings.max_evidence_age, now) for one in evidence.evidenced.items},
        outdated=frozenset(evidence.outdated.items),
    )


def _by_item(evidence: TraceEvidence, tests: Mapping[str, Ran]) -> Mapping[str, tuple[Ran, ...]]:
    naming: defaultdict[str, dict[str, Ran]] = defaultdict(dict)
    for test in evidence.tests.items:
        for name, _ in test.requirements.items:
            naming[name][test.id] = test
    for item in evidence.items.items:
        for command in item.validation.items:
            naming[item.id].update((one, tests[one]) for one in command.tests.items if one in tests)
    return {name: tuple(held.values()) for name, held in naming.items()}


def moment(text: str) -> datetime | None:
    """The moment that ISO 8601 says, in UTC where it says no zone; None where it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _stale(one: Evidenced, most: float | None, now: datetime) -> str:
    if one.stale:
        return one.stale
    at = moment(one.at) if one.at else None
    if one.source == TESTS_RUN:
        return ""
    if at is None:
        return "" if most is None else f"{one.source} does not say when it ran, and max-evidence-age asks for it"
    zoned = datetime.fromisoformat(one.at.strip()).tzinfo is not None
    if at > now + CLOCKS + timedelta(hours=0 if zoned else 14):
        return f"{one.source} says that it ran in the future ({one.at})"
    if most is not None and (now - at).total_seconds() > most:
        return f"{one.source} ran at {one.at}, and max-evidence-age allows {most:,.10g} seconds"
    return ""


TESTS_RUN = "the gate tests"
"""The source of outcomes of the suite that ran in this check: the gate `tests` has seen to its age and sources."""
