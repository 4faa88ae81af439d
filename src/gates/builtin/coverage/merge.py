"""Merge: the coverage of shards, and of lanes, as that of one run; union of what ran, for one source of each file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gates.builtin.coverage import change_union
from gates.builtin.coverage.facts import CoverageEvidence, File, Lane, Subject
from gates.builtin.coverage.lines import decoded, encoded
from gates.builtin.coverage.union import Uniting
from gates.model.evidence import Refusal, counted, refuse

COLLECT = "gates collect tests coverage --shard INDEX/COUNT --output DIR"
IN_LANES = "gates collect tests coverage --lane NAME --output DIR"
SHARD = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")


def merge(parts: Sequence[CoverageEvidence]) -> CoverageEvidence | Refusal:
    """One evidence out of the shards', or which of them is missing, there twice, or of another measurement."""
    held = [lane.name for one in parts for lane in one.lanes.items]
    fault = _incomplete(held, len(parts))
    if fault is not None:
        return fault
    named = [(f"shard {name}", one) for name, one in zip(held, parts, strict=True)]
    return _united(named, lambda: [lane for one in parts for lane in one.lanes.items], COLLECT)


def join(lanes: Mapping[str, CoverageEvidence]) -> CoverageEvidence | Refusal:
    """One evidence out of the lanes'; each lane's own figures stay beside those of its shards."""
    if not lanes:
        return refuse("evidence_missing", "there is no lane to join", IN_LANES)

    def figures() -> Iterable[Lane]:
        for name, one in lanes.items():
            held = one.lanes.items
            yield lane(name, ", ".join(dict.fromkeys(shard.platform for shard in held)), one.files.items)
            if len(held) > 1:
                yield from (_renamed(shard, f"{name} {shard.name}") for shard in held)

    return _united([(f"lane {name}", one) for name, one in lanes.items()], figures, IN_LANES)


def lane(name: str, platform: str, files: Iterable[File]) -> Lane:
    """The figures of one run by itself; a shard's name is `2/4`, that of a whole run `1/1`."""
    held = list(files)
    ways = sum(one.ways for one in held)
    return Lane(
        name=name,
        platform=platform,
        statements=sum(one.statements for one in held),
        executed=sum(one.executed for one in held),
        ways=ways,
        taken=ways - sum(branch.missing.count for one in held for branch in one.branches.items),
    )


def _renamed(one: Lane, name: str) -> Lane:
    return Lane(
        name=name,
        platform=one.platform,
        statements=one.statements,
        executed=one.executed,
        ways=one.ways,
        taken=one.taken,
    )


def _incomplete(held: Sequence[str], parts: int) -> Refusal | None:
    if not held or len(held) != parts:
        return refuse("evidence_missing", "there are no shards of coverage to merge, or some say not which", COLLECT)
    cuts = [SHARD.fullmatch(name) for name in held]
    counts = sorted({int(cut[2]) if cut else 0 for cut in cuts})
    if len(counts) != 1 or not counts[0]:
        return refuse("evidence_foreign", f"these are not shards of one suite: {', '.join(held)}", COLLECT)
    twice = sorted({name for name in held if held.count(name) > 1})
    if twice:
        return refuse("evidence_foreign", f"shard {', '.join(twice)} of coverage is there more than once", COLLECT)
    missing = [f"{index}/{counts[0]}" for index in range(1, counts[0] + 1) if f"{index}/{counts[0]}" not in held]
    if missing:
        return refuse("evidence_missing", f"shard {', '.join(missing)} of coverage is missing", COLLECT)
    return None


def _united(
    named: Sequence[tuple[str, CoverageEvidence]], figures: Callable[[], Iterable[Lane]], fix: str
) -> CoverageEvidence | Refusal:
    fault = _foreign(named, fix)
    if fault is not None:
        return fault
    evidence = [one for _, one in named]
    first = evidence[0]
    try:
        files = _files(named, fix)
        if isinstance(files, Refusal):
            return files
        return CoverageEvidence(
            schema_version=first.schema_version,
            source=first.source,
            version=", ".join(dict.fromkeys(one.version for one in evidence)),
            arcs=first.arcs,
            counted=first.counted,
            contexts=first.contexts,
            limits=first.limits,
            baselined=first.baselined,
            files=counted(files),
            patch=counted(change_union.united([one.patch.items for one in evidence])),
            no_base=first.no_base,
            subjects=counted(_subjects(evidence)),
            lanes=counted(figures()),
        )
    except ValueError as error:
        return refuse("evidence_corrupt", f"the evidence of coverage is damaged: {error}", fix)


def _foreign(named: Sequence[tuple[str, CoverageEvidence]], fix: str) -> Refusal | None:
    """Why these are not runs of one suite over one change, measured in one way."""
    name, first = named[0]
    for other, one in named[1:]:
        if one.arcs is not first.arcs:
            measured, bare = (name, other) if first.arcs else (other, name)
            message = f"branches were measured in {measured} and only lines in {bare}, and the two do not mix"
            return refuse("evidence_foreign", message, "set `branch` of coverage the same on every machine")
    checks: tuple[tuple[str, Callable[[CoverageEvidence], Any]], ...] = (
        ("versions of the facts", lambda one: one.schema_version),
        ("measurements", lambda one: one.source),
        ("settings of `branch`", lambda one: one.counted),
        ("demands on contexts", lambda one: one.contexts),
        ("limits of the project's own", lambda one: one.limits),
        ("baselines", lambda one: one.baselined),
        ("base commits", lambda one: ([patch.base for patch in one.patch.items], one.no_base)),
    )
    for what, value in checks:
        for other, one in named[1:]:
            if value(one) != value(first):
                return refuse("evidence_foreign", f"{name} and {other} have different {what}", fix)
    return None


def _files(named: Sequence[tuple[str, CoverageEvidence]], fix: str) -> list[File] | Refusal:
    found: dict[str, tuple[str, Uniting]] = {}
    for name, evidence in named:
        for one in evidence.files.items:
            held = found.get(one.path)
            if held is None:
                found[one.path] = (name, Uniting(one))
            elif held[1].sha256 != one.sha256:
                message = f"{one.path} is the same file with different sources in {held[0]} and {name}"
                return refuse("evidence_foreign", message, fix)
            else:
                held[1].add(one)
    return [found[path][1].whole() for path in sorted(found)]


def _subjects(evidence: Sequence[CoverageEvidence]) -> list[Subject]:
    """What tests say they cover, by module and minimum: the tests of every run, and what ran in them."""
    grouped: dict[tuple[str, float], list[Subject]] = {}
    for one in evidence:
        for subject in one.subjects.items:
            grouped.setdefault((subject.module, subject.minimum), []).append(subject)
    found = []
    for (module, minimum), group in sorted(grouped.items()):
        ran = 0
        for subject in group:
            ran |= decoded(subject.ran)
        found.append(
            Subject(
                module=module,
                minimum=minimum,
                path=next((subject.path for subject in group if subject.path is not None), None),
                tests=counted(sorted({test for subject in group for test in subject.tests.items})),
                executed=ran.bit_count(),
                ran=encoded(ran),
            )
        )
    return found
