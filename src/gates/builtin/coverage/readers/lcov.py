"""LCOV: the records of lcov's `geninfo`, as coverage.py and others write them: a file's lines and branches.

https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from gates.builtin.coverage import lines
from gates.builtin.coverage.readers.data import Report, Reported, UnreadableDataError, Way
from gates.builtin.coverage.readers.tally import Tally, line, whole

IGNORED = frozenset({"TN", "VER", "FN", "FNA", "FNDA", "FNF", "FNH", "FNL", "MCDC", "MCF", "MCH", "BA"})
"""Names of tests, functions and conditions, which are no part of a figure here."""

COUNTS = frozenset({"LF", "LH", "BRF", "BRH"})
"""How many lines and branches there are in the record, and how many of them ran."""

_JUMP = re.compile(r"jump to line (\d+)")
_LEAVING = ("return from ", "exit", "jump to the function exit")


class _Record:
    """What one record says, between SF and end_of_record, gathered line by line."""

    def __init__(self, path: str) -> None:
        if not path:
            raise UnreadableDataError("SF names no file")
        self.path = path
        self._hits: dict[int, bool] = {}
        self._taken: dict[int, dict[tuple[str, str, int], bool]] = {}
        self._same: Counter[tuple[int, str, str]] = Counter()
        self._counts: dict[str, int] = {}

    def take(self, key: str, rest: str) -> None:
        """Take in one line of the record, of these keys.

        Raises:
            UnreadableDataError: it does not say what lines of its key say.
        """
        if key == "DA":
            number, _, more = rest.partition(",")
            at, hits = line(number), _number(more.partition(",")[0])
            self._hits[at] = self._hits.get(at, False) or hits > 0
        elif key == "BRDA":
            self._branch(rest)
        elif key in COUNTS:
            self._counts[key] = _number(rest)
        elif key not in IGNORED:
            raise UnreadableDataError(f"{key[:20]!r} is no key of a record")

    def reported(self) -> Reported:
        """What the record said.

        Raises:
            UnreadableDataError: it counts other lines or branches than it has.
        """
        by_line = {at: self._into_code(ways) for at, ways in sorted(self._taken.items())}
        unplaced = max(0, self._counts.get("BRF", 0) - sum(map(len, by_line.values())))
        ways: list[Way] = []
        for at, taken in by_line.items():
            # The other way of a line with a `no branch` pragma is counted, and not listed.
            more = 1 if len(taken) == 1 and unplaced else 0
            unplaced -= more
            missing = tuple(_name(*key) for key, ran in taken.items() if not ran)
            ways.append(Way(line=at, total=len(taken) + more, missing=missing))
        found = Reported(
            lines=lines.of(self._hits),
            ran=lines.of(at for at, ran in self._hits.items() if ran),
            ways=tuple(way for way in ways if way.total),
            unplaced=unplaced,
        )
        self._added_up(found)
        return found

    def _added_up(self, found: Reported) -> None:
        ways, missing = found.unplaced + sum(way.total for way in found.ways), sum(len(w.missing) for w in found.ways)
        sums = {"LF": len(self._hits), "LH": found.ran.bit_count(), "BRF": ways, "BRH": ways - missing}
        for key, counted in self._counts.items():
            if counted != sums[key]:
                raise UnreadableDataError(f"{key} of {self.path} is {counted}, and the record has {sums[key]}")

    def _branch(self, rest: str) -> None:
        number, _, more = rest.partition(",")
        block, _, more = more.partition(",")
        name, comma, count = more.rpartition(",")
        if not (block and name and comma):
            raise UnreadableDataError("a branch is BRDA:line,block,branch,taken")
        ran = count != "-" and _number(count) > 0
        at = line(number)
        nth = self._same[at, block, name]
        self._same[at, block, name] += 1
        self._taken.setdefault(at, {})[block, name, nth] = ran

    def _into_code(self, ways: dict[tuple[str, str, int], bool]) -> dict[tuple[str, str, int], bool]:
        """The ways without those into excluded lines, which coverage.py lists where they ran and counts nowhere."""
        return {
            key: ran
            for key, ran in ways.items()
            if not (ran and (to := _JUMP.fullmatch(key[1])) and int(to[1]) not in self._hits)
        }


def read(path: Path) -> Report:
    """What the records say of each file; there may be several of one file, as of several tests.

    Raises:
        UnreadableDataError: one of its lines is no record's, the last record has no end, or there is none.
    """
    tally = Tally()
    record: _Record | None = None
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for text in file:
                number += 1
                record = _after(record, text.strip(), tally)
    except UnicodeDecodeError as error:
        raise UnreadableDataError(f"it is not UTF-8: {error.reason}") from error
    except UnreadableDataError as error:
        raise UnreadableDataError(f"it is broken at line {number}: {error}") from error
    if record is not None:
        raise UnreadableDataError(f"it is cut off: the record of {record.path} has no end")
    files = tally.files()
    arcs = any(one.ways or one.unplaced for one in files.values())
    return Report(tool="LCOV", version="", arcs=arcs, made=None, files=files)


def _after(record: _Record | None, text: str, tally: Tally) -> _Record | None:
    """The record that is open after a line."""
    key, colon, rest = text.partition(":")
    if text == "end_of_record" and record is not None:
        tally.add(record.path, record.reported())
        return None
    if not text or text.startswith("#"):
        return record
    if not colon or (record is None) != (key in {"SF", "TN"}):
        raise UnreadableDataError(f"{text[:40]!r} has no place here")
    if key == "SF":
        return _Record(rest)
    if record is not None:
        record.take(key, rest)
    return record


def _name(block: str, branch: str, _: int) -> str:
    """What a way is called: a line or `exit` where coverage.py describes it, a number where lcov does."""
    if to := _JUMP.fullmatch(branch):
        return to[1]
    if branch.startswith(_LEAVING):
        return "exit"
    return f"#{branch}" if block == "0" else f"#{block}.{branch}"


def _number(text: str) -> int:
    number = whole(text)
    if number is None:
        raise UnreadableDataError(f"{text[:40]!r} is no count")
    return number
