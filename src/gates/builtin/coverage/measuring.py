"""Measuring: what was recorded and what can run become the facts of each file, as coverage.py reckons them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from gates.builtin.coverage.facts import Branch, File, Function
from gates.builtin.coverage.lines import decoded, encoded, numbers, of
from gates.builtin.coverage.parsed import Parsed
from gates.builtin.coverage.readers.data import Ran, Recorded, Report, Reported, Way
from gates.model.evidence import Counted, Refusal, counted, refuse

NEVER_STALE = 0b11
"""Line 1 runs in an empty module, too, and 0 is none."""

AGAIN = "measure again: gates check coverage --no-cache"

Files = tuple[File, ...]


class _StaleError(Exception):
    """The line that ran, or that a report names, and on which nothing can run in the source."""


def files(
    recorded: Recorded,
    parses: Mapping[str, Parsed],
    places: Mapping[str, str],
    touched: Mapping[str, int] | None = None,
) -> Files | Refusal:
    """The facts of every file that was parsed, by path; a refusal where what ran is not of its source.

    `places` leads from paths in the data to paths of the project; what several lead to is put together. `touched` are
    the lines that the change altered, so that their functions are among the facts.
    """
    found: list[File] = []
    for path, data_paths in _sorted(places, parses):
        parsed = parses[path]
        try:
            found.append(_file(path, parsed, [recorded.files[one] for one in data_paths], recorded.arcs, touched or {}))
        except _StaleError as line:
            return _stale(path, parsed, f"line {line} ran")
    return tuple(found)


def reported(
    report: Report, parses: Mapping[str, Parsed], places: Mapping[str, str], touched: Mapping[str, int] | None = None
) -> Files | Refusal:
    """The same of a report, which says itself what can run; the source has its functions and pragmas."""
    found: list[File] = []
    for path, data_paths in _sorted(places, parses):
        parsed = parses[path]
        if len(data_paths) > 1:
            message = f"{data_paths[0]} and {data_paths[1]} are both {path}, and a report cannot be put together"
            return refuse(
                "evidence_corrupt",
                message,
                "name the data files that it was made of as `data` in [tool.gates.coverage]",
            )
        try:
            found.append(_reported(path, parsed, report.files[data_paths[0]], report.arcs, touched or {}))
        except _StaleError as line:
            return _stale(path, parsed, f"{report.tool} counts line {line}")
        except ValueError as error:
            message = f"{report.tool} is of another source than {path}: {error}"
            return refuse("evidence_stale", message, AGAIN)
    return tuple(found)


def _sorted(places: Mapping[str, str], parses: Mapping[str, Parsed]) -> Iterable[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for data_path, path in sorted(places.items()):
        if path in parses:
            found.setdefault(path, []).append(data_path)
    return sorted(found.items())


def _stale(path: str, parsed: Parsed, what: str) -> Refusal:
    there = f"the source has {parsed.last:,} lines, and nothing on that one that can run"
    message = f"the data is of another source than {path}: {what}; {there}"
    return refuse("evidence_stale", message, AGAIN)


def _file(path: str, parsed: Parsed, recorded: Iterable[Ran], arcs: bool, touched: Mapping[str, int]) -> File:
    held = list(recorded)
    lines, ran = decoded(parsed.lines), 0
    for one in held:
        ran |= one.lines
    _check(path, parsed, ran)
    first = parsed.first
    executed = of(first.get(line, line) for line in numbers(ran)) & lines
    ways = tuple(_ways(parsed, (jump for one in held for jump in one.arcs))) if arcs else ()
    return _made(
        path,
        parsed,
        Reported(lines=lines, ran=executed, excluded=decoded(parsed.excluded), ways=ways),
        touched.get(path, 0),
    )


def _reported(path: str, parsed: Parsed, said: Reported, arcs: bool, touched: Mapping[str, int]) -> File:
    _check(path, parsed, said.lines)
    said = said.settled(decoded(parsed.lines))
    return _made(path, parsed, said if arcs else replace(said, ways=(), unplaced=0), touched.get(path, 0))


def _check(path: str, parsed: Parsed, lines: int) -> None:
    """Refuse lines beyond the last one, and empty or commented ones, on which no version of Python runs anything.

    More is not asked: a docstring, an `else:` or the further lines of a statement run in one Python and not in another.
    Of a file that is no Python by its name nothing is asked: templates are compiled with line numbers of their own.
    """
    suffix = PurePosixPath(path).suffix
    if suffix and not suffix.startswith(".py"):
        return
    beyond = lines >> (parsed.last + 1) << (parsed.last + 1)
    foreign = (lines & decoded(parsed.blank) | beyond) & ~NEVER_STALE
    if foreign:
        raise _StaleError(numbers(foreign)[0])


def _ways(parsed: Parsed, arcs: Iterable[tuple[int, int]]) -> Iterator[Way]:
    first, ways = parsed.first, parsed.ways
    jumps = {(start, recorded): meant for start, recorded, meant in parsed.jumps}
    excused = decoded(parsed.excused)
    taken: dict[int, set[int]] = {line: set() for line in ways}
    for start, end in arcs:
        line = first.get(start, start)
        if line in taken:
            led = first.get(end, end) if end > 0 else -first.get(-end, -end)
            taken[line].add(jumps.get((line, led), led))
    for line, ends in sorted(ways.items()):
        missing = () if excused >> line & 1 else tuple(end for end in ends if end not in taken[line])
        yield Way(line=line, total=len(ends), missing=tuple("exit" if end < 0 else str(end) for end in missing))


def _made(path: str, parsed: Parsed, said: Reported, touched: int) -> File:
    # Ways without a line are on none.
    ways = (*said.ways, *([Way(line=0, total=said.unplaced, missing=())] if said.unplaced else []))
    short = of(way.line for way in said.ways if way.missing)
    asked = said.lines & ~said.ran | short | touched
    return File(
        path=path,
        sha256=parsed.sha256,
        statements=said.lines.bit_count(),
        lines=encoded(said.lines),
        executed=said.ran.bit_count(),
        ran=encoded(said.ran),
        excluded=encoded(said.excluded),
        pragmas=parsed.pragmas,
        ways=sum(way.total for way in ways),
        branches=counted(_branch(way.line, way.total, way.missing) for way in ways),
        functions=counted(_functions(parsed, asked)),
    )


def _functions(parsed: Parsed, asked: int) -> Iterator[Function]:
    for name, first, last in parsed.functions:
        if asked >> first << first & ~(-1 << (last + 1)):
            yield Function(name=name, first=first, last=last)


@lru_cache(maxsize=65536)
def _branch(line: int, total: int, missing: tuple[str, ...]) -> Branch:
    """One value for all files that have the same: most lines have two ways on, and both were taken."""
    return Branch(line=line, total=total, missing=_names(missing))


@lru_cache(maxsize=4096)
def _names(missing: tuple[str, ...]) -> Counted[str]:
    return counted(missing)
