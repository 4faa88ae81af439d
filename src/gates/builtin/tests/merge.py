"""Merge: the evidence of all shards of one suite as the evidence of one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeVar

from gates.builtin.suite.record import named
from gates.model.evidence import Refusal, counted, refuse
from gates.model.tested import Part, TestsEvidence, Warned

T = TypeVar("T")
COLLECT = "gates collect tests --shard INDEX/COUNT --output DIR"


def merge(parts: Sequence[TestsEvidence]) -> TestsEvidence | Refusal:
    """One evidence out of the shards', or which of them is missing, foreign or overlaps another."""
    found = sorted(parts, key=lambda one: [(part.index, part.count) for part in one.parts.items])
    fault = _incomplete(found) or _foreign(found) or _uncovered(found)
    if fault is not None:
        return fault
    first = found[0]
    return TestsEvidence(
        schema_version=first.schema_version,
        commit=first.commit,
        parts=counted(_all(found, lambda one: one.parts.items)),
        selected=counted(sorted(_all(found, lambda one: one.selected.items))),
        other_shards=counted(()),
        deselected=first.deselected,
        restrictions=first.restrictions,
        unknown_options=counted(_distinct(_all(found, lambda one: one.unknown_options.items))),
        results=counted(sorted(_all(found, lambda one: one.results.items), key=lambda one: one.id)),
        collection_errors=counted(_distinct(_all(found, lambda one: one.collection_errors.items))),
        skipped_modules=counted(_distinct(_all(found, lambda one: one.skipped_modules.items))),
        warnings=counted(_warnings(found)),
        crashes=counted(_all(found, lambda one: one.crashes.items)),
        processes=counted(_all(found, lambda one: one.processes.items)),
        leaks=counted(
            sorted(_all(found, lambda one: one.leaks.items), key=lambda one: (one.test, one.kind, one.what, one.by))
        ),
        packages=first.packages,
        imported=counted(_distinct(_all(found, lambda one: one.imported.items))),
        complaints=counted(_distinct(_all(found, lambda one: one.complaints.items))),
        lanes=counted(()),
    )


def _all(found: Sequence[TestsEvidence], items: Callable[[TestsEvidence], Sequence[T]]) -> list[T]:
    return list(chain.from_iterable(items(one) for one in found))


def _distinct(items: Sequence[T]) -> list[T]:
    return list(dict.fromkeys(items))


def _incomplete(found: Sequence[TestsEvidence]) -> Refusal | None:
    if not found:
        return refuse("evidence_missing", "there is no evidence of tests to merge", COLLECT)
    shards = [part for one in found for part in one.parts.items]
    counts = sorted({part.count for part in shards})
    if len(counts) != 1:
        cuts = " and ".join(str(count) for count in counts)
        return refuse("evidence_foreign", f"the shards belong to suites cut into {cuts} parts", COLLECT)
    indexes = [part.index for part in shards]
    missing = [f"{index}/{counts[0]}" for index in range(1, counts[0] + 1) if index not in indexes]
    if missing:
        return refuse("evidence_missing", f"the evidence of shard {', '.join(missing)} is missing", COLLECT)
    twice = sorted({f"{index}/{counts[0]}" for index in indexes if indexes.count(index) > 1})
    if twice:
        return refuse("evidence_foreign", f"shard {', '.join(twice)} is there more than once", COLLECT)
    return None


def _foreign(found: Sequence[TestsEvidence]) -> Refusal | None:
    checks: tuple[tuple[str, Callable[[TestsEvidence], Any]], ...] = (
        ("commits", lambda one: one.commit),
        ("states of the project's files", lambda one: {part.tree for part in one.parts.items}),
        ("versions of the recording", lambda one: one.schema_version),
        ("packages to look for", lambda one: one.packages),
        ("options that take tests out", lambda one: one.restrictions),
        ("deselected tests", lambda one: one.deselected),
        ("demands on coverage", lambda one: {_measured(part) for part in one.parts.items}),
    )
    for what, value in checks:
        if any(value(one) != value(found[0]) for one in found):
            return refuse("evidence_foreign", f"the shards are of different {what}", COLLECT)
    return None


def _measured(part: Part) -> tuple[bool, bool, bool]:
    return part.coverage.demanded, part.coverage.branches, part.coverage.contexts


def _uncovered(found: Sequence[TestsEvidence]) -> Refusal | None:
    """Whether the shards together are what each of them saw as the whole suite, and no test is in two."""
    wholes = [frozenset((*one.selected.items, *one.other_shards.items)) for one in found]
    for whole in wholes:
        if whole != wholes[0]:
            message = f"the shards collected different tests: {named(sorted(whole ^ wholes[0]))}"
            return refuse("evidence_foreign", message, COLLECT)
    held = _all(found, lambda one: one.selected.items)
    twice = sorted({test for test in held if held.count(test) > 1}) if len(set(held)) != len(held) else []
    left_out = sorted(wholes[0].difference(held))
    if twice or left_out:
        what = f"run by two: {named(twice)}" if twice else f"run by none: {named(left_out)}"
        message = f"the shards were cut differently, by other recorded durations; {what}"
        return refuse("evidence_foreign", message, "remove .gates/tools/tests/durations.json, then " + COLLECT)
    return None


def _warnings(found: Sequence[TestsEvidence]) -> list[Warned]:
    times: dict[tuple[str, str, str | None, int | None], int] = {}
    for one in _all(found, lambda each: each.warnings.items):
        key = (one.category, one.message, one.path, one.line)
        times[key] = times.get(key, 0) + one.times
    merged = [
        Warned(category=category, message=message, path=path, line=line, times=number)
        for (category, message, path, line), number in times.items()
    ]
    return sorted(merged, key=lambda one: (one.path or "", one.line or 0, one.category, one.message))
