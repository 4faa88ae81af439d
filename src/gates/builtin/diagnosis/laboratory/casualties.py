"""Casualties: tests that took their process with them, and those that were not there to run."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from gates.builtin.diagnosis.child.stacks import hung
from gates.builtin.diagnosis.laboratory import complaints, reading
from gates.builtin.diagnosis.laboratory.reading import Record
from gates.builtin.diagnosis.trial import Result
from gates.process.completed import Completed

FATAL = "Fatal Python error"
MOST = 12
"""So many tests may end their process before a run is given up."""


def casualty(begun: Result, ended: Sequence[Completed]) -> Result:
    """How a test ended that had begun when its process, one of these, was over."""
    if any(one.status == "TIMEOUT" for one in ended):
        message = "it had not ended when its time was over"
        return msgspec.structs.replace(begun, ended="hang", fingerprint="hang", message=message)
    codes = [one.code for one in ended if one.code is not None and one.code < 0]
    how = f" by signal {-codes[0]}" if codes and sys.platform != "win32" else ""
    message = f"its process ended in it{how}"
    return msgspec.structs.replace(begun, ended="crashed", fingerprint=f"crashed{how}", message=message)


def fallen(record: Record, ended: Sequence[Completed], root: Path) -> Result | None:
    """The file, or folder, in whose collection a process ended; None where it went on, or was stopped from outside."""
    file = next(filter(None, record.collecting.values()), "")
    if not file or record.collected or record.workers or any(one.status in complaints.STOPPED for one in ended):
        return None
    known = record.uncollected.get(file) or record.left.get(file)
    if known is not None:
        return known
    stood = next((hung(one.errors, str(root)) for one in ended if FATAL in one.errors), {})
    where = reading.place(stood)
    codes = [one.code for one in ended if one.code is not None]
    how = f"by signal {-codes[0]}" if codes and codes[0] < 0 and sys.platform != "win32" else ""
    how = how or f"with code {codes[0] if codes else 0}"
    return Result(
        nodeid=file,
        ended="uncollected",
        fingerprint=f"{reading.ended_at(where)} {how}",
        message=f"the process ended as it was imported, {how}",
        place=where,
        own=reading.ours(stood.get("stack")),
    )


def absent(expected: Sequence[str], ran: Collection[str], record: Record, root: Path) -> Iterator[Result]:
    """Tests of files that could not be collected, and the files themselves where nothing of them is known."""
    told: set[str] = set()
    kept: Mapping[str, Result] = {**record.uncollected, **record.skipped}
    for one in (one for one in expected if one not in ran):
        file = next((name for name in kept if within(one, name)), None)
        if file is None and not record.collected and record.uncollected:
            file = next(iter(record.uncollected))  # a conftest, without which nothing is collected
        if file is not None:
            told.add(file)
            yield msgspec.structs.replace(kept[file], nodeid=one)
        elif "::" not in one and record.status is not None and (root / one).is_file():
            # A file that could not be collected in the base is a test of its own: here it could.
            yield Result(nodeid=one, ended="passed")
    yield from (result for file, result in record.uncollected.items() if file not in told and file not in ran)


def within(nodeid: str, collector: str) -> bool:
    """Whether a test is of a file, or below a folder, by their ids."""
    return nodeid == collector or nodeid.startswith((f"{collector}::", f"{collector}/"))
