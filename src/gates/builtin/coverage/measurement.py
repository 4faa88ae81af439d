"""Measurement: the data that is judged: what the tests run left, or the files that the settings name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from gates.builtin.coverage.readers import reading
from gates.builtin.coverage.readers.data import Recorded, Report, UnreadableDataError
from gates.model.evidence import Refusal, refuse, sha256
from gates.model.reason import ReasonCode
from gates.model.tested import TestsEvidence

if TYPE_CHECKING:
    from gates.builtin.coverage.settings import CoverageSettings
    from gates.model.gate import Context

AGAIN = "gates check coverage --no-cache"
FROM_TESTS = "tests"
COARSE = 1.0
"""Seconds by which clocks and file systems may be wrong."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one data file says; `made` is when, in seconds since the epoch, where nothing but its age tells."""

    name: str
    data: Recorded | Report
    made: float | None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Data files that are judged together; `source` says whence they are, `contexts` whether tests are known."""

    source: str
    parts: Sequence[Part]
    contexts: bool

    @property
    def arcs(self) -> bool:
        """Whether branches were measured."""
        return all(one.data.arcs for one in self.parts)

    @property
    def paths(self) -> Iterator[str]:
        """Every path in the data, as it is written there."""
        for one in self.parts:
            yield from one.data.files

    def contexts_of(self, places: Mapping[str, str | None]) -> dict[str, dict[str, int]]:
        """Of each file of the project the lines by context, as far as contexts were recorded."""
        found: dict[str, dict[str, int]] = {}
        for one in self.parts:
            for path, ran in one.data.files.items() if isinstance(one.data, Recorded) else ():
                place = places[path]
                if place is not None and ran.by:
                    held = found.setdefault(place, {})
                    for context, lines in ran.by.items():
                        held[context] = held.get(context, 0) | lines
        return found


def of_tests(context: Context[CoverageSettings]) -> Measurement | Refusal:
    """What the tests run measured, out of the file that its evidence names by its digest."""
    tests = cast("TestsEvidence", context.needs[FROM_TESTS])
    measured = [part.coverage for part in tests.parts.items]
    if len(measured) != 1 or not measured[0].demanded:
        message = "the tests run was recorded before, and its coverage is not in the record"
        return refuse("evidence_missing", message, "name the data of that run as `data` in [tool.gates.coverage]")
    one = measured[0]
    if one.unreadable:
        message = f"the coverage data of {one.unreadable:,} processes of the tests run cannot be read"
        return refuse("evidence_incomplete", message, AGAIN)
    path = context.state.parent / FROM_TESTS / f"coverage-{one.data}.sqlite"
    if not one.data or not path.is_file():
        return refuse("evidence_missing", "the coverage data of the tests run is not there any more", AGAIN)
    if sha256(path.read_bytes()) != one.data:
        return refuse("evidence_corrupt", "the coverage data of the tests run was changed since", AGAIN)
    found = _read(path, "the coverage data of the tests run", contexts=one.contexts)
    if isinstance(found, Refusal):
        return found
    return Measurement(source=FROM_TESTS, parts=(Part(name=FROM_TESTS, data=found, made=None),), contexts=one.contexts)


def of_files(context: Context[CoverageSettings]) -> Measurement | Refusal:
    """What the files that the settings name say; read anew each time."""
    context.volatile("data that the settings name is read anew each time")
    parts: list[Part] = []
    for name in context.settings.data:
        path = context.project.root / name
        found = _read(path, name, contexts=True)
        if isinstance(found, Refusal):
            return found
        written = path.stat().st_mtime
        said = found.made if isinstance(found, Report) else None
        parts.append(Part(name=name, data=found, made=written if said is None else min(said, written)))
    bare = [one.name for one in parts if not one.data.arcs]
    if bare and len(bare) < len(parts):
        measured = next(one.name for one in parts if one.data.arcs)
        message = f"branches were measured in {measured} and only lines in {bare[0]}, and the two do not mix"
        return refuse("evidence_foreign", message, "measure with the same `branch`, or name only one of them")
    tools = sorted({one.data.tool if isinstance(one.data, Report) else "coverage's own data" for one in parts})
    if len(tools) > 1 and not bare:
        message = f"{' and '.join(tools)} name the ways on from a line differently, and cannot be put together"
        return refuse("evidence_foreign", message, "name data of one form")
    contexts = any(ran.by for one in parts if isinstance(one.data, Recorded) for ran in one.data.files.values())
    return Measurement(source=", ".join(context.settings.data), parts=tuple(parts), contexts=contexts)


def newer(measurement: Measurement, places: Mapping[str, str | None], root: Path) -> Refusal | None:
    """Why the data is too old: a source was written after it; of a tests run the engine itself knows."""
    for part in measurement.parts:
        if part.made is None:
            continue
        for path in part.data.files:
            place = places.get(path)
            if place is not None and (root / place).stat().st_mtime > part.made + COARSE:
                message = f"{place} was changed after {part.name} was measured"
                return refuse("evidence_stale", message, "measure again, or take `data` out: gates then measures")
    return None


def gone(measurement: Measurement, places: Mapping[str, str | None], root: Path) -> Refusal | None:
    """Why the data is of another tree: it names a source below the root that is not there.

    What lies inside of a file, as in an archive, was never a file of the tree.
    """
    for part in measurement.parts:
        for name in part.data.files:
            path = Path(name)
            if places[name] is not None or (path.is_absolute() and not path.is_relative_to(root)):
                continue
            inside = path.relative_to(root) if path.is_absolute() else path
            archived = any((root / one).is_file() for one in inside.parents)
            if ".." not in inside.parts and not (root / inside).exists() and not archived:
                message = f"{part.name} names {inside.as_posix()}, which is not there"
                return refuse("evidence_stale", message, AGAIN if part.name == FROM_TESTS else "measure again")
    return None


def _read(path: Path, name: str, *, contexts: bool) -> Recorded | Report | Refusal:
    try:
        return reading.read(path, contexts=contexts)
    except UnreadableDataError as error:
        code: ReasonCode = "evidence_corrupt" if path.exists() else "evidence_missing"
        code = "schema_version_mismatch" if error.newer else code
        fix = "measure again, and name the file by its path from the project's root"
        return refuse(code, f"{name} cannot be judged: {error}", AGAIN if name == FROM_TESTS else fix)
