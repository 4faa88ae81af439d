"""JSON report: what `coverage json` writes, in its formats 2 and 3."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from gates.builtin.coverage import lines
from gates.builtin.coverage.readers.data import Report, Reported, UnreadableDataError, Way
from gates.builtin.coverage.readers.jumps import Number
from gates.builtin.coverage.readers.tally import Tally

FORMATS = (2, 3)
"""3 has functions and classes besides, which are not read: the source says where they are."""

STATEMENTS_ONLY = (7, 13, 1)
"""The first coverage.py whose JSON has no docstrings among the lines that ran (coveragepy#2105)."""

Line = Annotated[int, msgspec.Meta(ge=0, le=lines.LARGEST)]


class _Counts(msgspec.Struct):
    num_statements: int
    missing_lines: int
    num_branches: int = 0
    missing_branches: int = 0


class _File(msgspec.Struct):
    executed_lines: list[Line]
    missing_lines: list[Line]
    excluded_lines: list[Line]
    summary: _Counts
    executed_branches: list[tuple[Number, Number]] = []
    missing_branches: list[tuple[Number, Number]] = []


class _Meta(msgspec.Struct):
    format: int
    version: str
    timestamp: str
    branch_coverage: bool


class _Whole(msgspec.Struct):
    meta: _Meta
    files: dict[str, _File]
    totals: _Counts


class _Head(msgspec.Struct):
    meta: dict[str, msgspec.Raw]


class _Format(msgspec.Struct):
    format: int | None = None


def read(path: Path) -> Report:
    """What the report says of each file. Its time has no zone: it is taken for that of the machine that reads it.

    Raises:
        UnreadableDataError: it is no JSON or not coverage.py's, of another format, or does not add up.
    """
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        _known(data)
        whole = msgspec.json.decode(data, type=_Whole)
    except msgspec.ValidationError as error:
        raise UnreadableDataError(f"it is no report of `coverage json`: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableDataError(f"it is broken JSON: {error}") from error
    tally = Tally()
    for name, file in whole.files.items():
        tally.add(name, _reported(name, file, whole.meta.version))
    files = tally.files()
    _added_up("in all", whole.totals, list(files.values()))
    meta = whole.meta
    return Report(
        tool="coverage.py",
        version=meta.version,
        arcs=meta.branch_coverage,
        made=_seconds(meta.timestamp),
        files=files,
    )


def _known(data: bytes) -> None:
    meta = msgspec.json.decode(data, type=_Head).meta
    raw = meta.get("format")
    number = None if raw is None else msgspec.json.decode(raw, type=int)
    if number not in FORMATS:
        newer = number is not None and number > max(FORMATS)
        known = " and ".join(map(str, FORMATS))
        said = "has no number" if number is None else f"is {number}"
        raise UnreadableDataError(
            f"the format of this report of `coverage json` {said}, and {known} are the known ones", newer=newer
        )


def _reported(name: str, file: _File, version: str) -> Reported:
    excluded, missing = lines.of(file.excluded_lines), lines.of(file.missing_lines)
    ran = lines.of(file.executed_lines) & ~excluded
    ways = _ways(file)
    unplaced = max(0, file.summary.num_branches - sum(way.total for way in ways))
    statements = ran | missing
    found = Reported(
        lines=statements,
        ran=ran & ~missing,
        excluded=excluded,
        ways=ways,
        unplaced=unplaced,
        surplus=max(0, statements.bit_count() - file.summary.num_statements) if _older(version) else 0,
    )
    _added_up(f"in {name}", file.summary, [found])
    return found


def _added_up(where: str, counts: _Counts, files: list[Reported]) -> None:
    """Refuse a report from which something was lost: its own sums say more."""
    found = {
        "statements": (counts.num_statements, sum(one.lines.bit_count() - one.surplus for one in files)),
        "missing lines": (counts.missing_lines, sum((one.lines & ~one.ran).bit_count() for one in files)),
        "branches": (
            counts.num_branches,
            sum(one.unplaced + sum(way.total for way in one.ways) for one in files),
        ),
        "missing branches": (counts.missing_branches, sum(len(way.missing) for one in files for way in one.ways)),
    }
    for what, (counted, there) in found.items():
        if counted != there:
            raise UnreadableDataError(f"it counts {counted} {what} {where} and has {there}")


def _ways(file: _File) -> tuple[Way, ...]:
    """Ways on by line; coverage.py lists those into excluded lines where they ran, and counts them nowhere."""
    excluded = frozenset(file.excluded_lines)
    taken = {(line, to) for line, to in file.executed_branches if to not in excluded}
    missing: defaultdict[int, list[str]] = defaultdict(list)
    total: defaultdict[int, int] = defaultdict(int)
    lost = set(file.missing_branches)
    for line, to in sorted(lost):
        missing[line].append(str(to) if to > 0 else "exit")
    for line, _ in taken | lost:
        total[line] += 1
    return tuple(Way(line=line, total=max(2, total[line]), missing=tuple(missing[line])) for line in sorted(total))


def _older(version: str) -> bool:
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version)
    return numbers is not None and tuple(int(one or 0) for one in numbers.groups()) < STATEMENTS_ONLY


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise UnreadableDataError(f"it is no report of `coverage json`: {text[:40]!r} is no time") from error
