"""Merge: the coverage of shards, and of lanes, as that of one run; union of what ran, for one source of each file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gates.builtin.coverage import change_union, figures
from gates.builtin.coverage.facts import CoverageEvidence, File, Lane, Subject
from gates.builtin.coverage.lines import decoded, encoded
from gates.builtin.coverage.union import Uniting
from gates.model.evidence import Refusal, counted, refuse

COLLECT = "gates collect tests coverage --shard INDEX/COUNT --output DIR"
IN_LANES = "gates collect tests coverage --lane NAME --output DIR"
SHARD = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")


def merge(parts: Sequence[CoverageEvidence]) -> CoverageEvidence | Refusal:
    """One evidence out of the shards', or which of them is missing, there twice, or of another measurement.

    Each is looked at once and then let go, so that all of them need not fit into memory.
    """
    union, held = _Union(COLLECT), list[Lane]()
    for one in parts:
        held += one.lanes.items
        fault = union.add(f"shard {', '.join(lane.name for lane in one.lanes.items)}", one)
        if fault is not None:
            return fault
        # While the next shard is read, this one would still be there.
        del one
    return _incomplete([lane.name for lane in held], len(parts)) or union.whole(held)


def join(lanes: Mapping[str, CoverageEvidence]) -> CoverageEvidence | Refusal:
    """One evidence out of the lanes'; each lane's own figures stay beside those of its shards."""
    if not lanes:
        return refuse("evidence_missing", "there is no lane to join", IN_LANES)
    union, held = _Union(IN_LANES), list[Lane]()
    for name, one in lanes.items():
        shards = one.lanes.items
        held.append(lane(name, ", ".join(dict.fromkeys(shard.platform for shard in shards)), one.files.items))
        if len(shards) > 1:
            held += [msgspec.structs.replace(shard, name=f"{name} {shard.name}") for shard in shards]
        fault = union.add(f"lane {name}", one)
        if fault is not None:
            return fault
    return union.whole(held)


def lane(name: str, platform: str, files: Iterable[File]) -> Lane:
    """The figures of one run by itself; a shard's name is `2/4`, that of a whole run `1/1`."""
    held = list(files)
    lines, ways = figures.lines(held), figures.branches(held)
    return Lane(
        name=name,
        platform=platform,
        statements=lines.of,
        executed=lines.covered,
        ways=ways.of,
        taken=ways.covered,
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


class _Union:
    """What runs of one suite came to together; `fix` is how to collect them anew."""

    def __init__(self, fix: str) -> None:
        self._fix = fix
        self._heads: list[tuple[str, CoverageEvidence]] = []
        self._files: dict[str, tuple[str, Uniting]] = {}

    def add(self, name: str, evidence: CoverageEvidence) -> Refusal | None:
        """Take one run in, or say why it does not go together with those before it."""
        head = msgspec.structs.replace(evidence, files=counted(()))
        fault = _foreign(self._heads[0], (name, head), self._fix) if self._heads else None
        if fault is not None:
            return fault
        self._heads.append((name, head))
        try:
            for one in evidence.files.items:
                held = self._files.get(one.path)
                if held is None:
                    self._files[one.path] = (name, Uniting(one))
                elif held[1].sha256 != one.sha256:
                    message = f"{one.path} is the same file with different sources in {held[0]} and {name}"
                    return refuse("evidence_foreign", message, self._fix)
                else:
                    held[1].add(one)
        except ValueError as error:
            return self._damaged(error)
        return None

    def whole(self, lanes: Iterable[Lane]) -> CoverageEvidence | Refusal:
        """All runs together, with the figures of each."""
        heads = [head for _, head in self._heads]
        try:
            return msgspec.structs.replace(
                heads[0],
                version=", ".join(dict.fromkeys(head.version for head in heads)),
                files=counted(self._files.pop(path)[1].whole() for path in sorted(self._files)),
                patch=counted(change_union.united([head.patch.items for head in heads])),
                failed=sum(head.failed for head in heads),
                mapped=counted(dict.fromkeys(root for head in heads for root in head.mapped.items)),
                subjects=counted(_subjects(heads)),
                lanes=counted(lanes),
            )
        except ValueError as error:
            return self._damaged(error)

    def _damaged(self, error: ValueError) -> Refusal:
        return refuse("evidence_corrupt", f"the evidence of coverage is damaged: {error}", self._fix)


def _foreign(one: tuple[str, CoverageEvidence], other: tuple[str, CoverageEvidence], fix: str) -> Refusal | None:
    """Why these are not runs of one suite over one change, measured in one way."""
    (name, first), (other_name, second) = one, other
    if first.arcs is not second.arcs:
        measured, bare = (name, other_name) if first.arcs else (other_name, name)
        message = f"branches were measured in {measured} and only lines in {bare}, and the two do not mix"
        return refuse("evidence_foreign", message, "set `branch` of coverage the same on every machine")
    checks: tuple[tuple[str, Callable[[CoverageEvidence], Any]], ...] = (
        ("versions of the facts", lambda held: held.schema_version),
        ("measurements", lambda held: held.source),
        ("settings of `branch`", lambda held: held.counted),
        ("demands on contexts", lambda held: held.contexts),
        ("limits of the project's own", lambda held: held.limits),
        ("baselines", lambda held: held.baselined),
        ("base commits", lambda held: ([patch.base for patch in held.patch.items], held.no_base)),
    )
    for what, value in checks:
        if value(first) != value(second):
            return refuse("evidence_foreign", f"{name} and {other_name} have different {what}", fix)
    return None


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
