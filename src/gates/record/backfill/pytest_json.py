"""Backfill from the files of pytest-json-report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import msgspec

from gates.model.recorded_run import CollectError, Phase
from gates.record.backfill import runs
from gates.record.backfill.runs import Past, PhaseOutcome, UnreadableError, When, phase

STATUS = {0: "passed", 1: "failed", 2: "interrupted", 3: "error", 4: "error", 5: "undecided"}
WHENS: tuple[When, ...] = ("setup", "call", "teardown")
OUTCOMES: Mapping[str, PhaseOutcome] = {"passed": "passed", "failed": "failed", "skipped": "skipped", "rerun": "rerun"}
QUALIFIED = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")


class Crash(msgspec.Struct, frozen=True):
    """Where a stage failed."""

    path: str = ""
    lineno: int | None = None
    message: str = ""


class Stage(msgspec.Struct, frozen=True):
    """One phase of a test."""

    outcome: str
    duration: float = 0.0
    crash: Crash | None = None
    traceback: list[Crash] = []
    longrepr: Any = ""


class Test(msgspec.Struct, frozen=True):
    """One test."""

    nodeid: str
    outcome: str
    lineno: int | None = None
    setup: Stage | None = None
    call: Stage | None = None
    teardown: Stage | None = None


class Collector(msgspec.Struct, frozen=True):
    """A module or package that was collected."""

    nodeid: str
    outcome: str
    longrepr: Any = ""


class Document(msgspec.Struct, frozen=True):
    """The file."""

    created: float
    duration: float
    exitcode: int
    root: str = ""
    environment: dict[str, Any] = {}
    collectors: list[Collector] = []
    tests: list[Test] = []


def read(data: bytes) -> Past:
    """The run that a file of pytest-json-report tells of.

    Raises:
        UnreadableError: it is none.
    """
    try:
        found = msgspec.json.decode(data, type=Document)
        started = datetime.fromtimestamp(found.created, UTC) - timedelta(seconds=found.duration)
    except (msgspec.MsgspecError, OverflowError, ValueError, OSError, RecursionError) as error:
        raise UnreadableError(f"it is not as pytest-json-report writes it: {error}") from error
    phases = [one for test in found.tests for one in _phases(test, found.root)]
    errors = [_uncollected(one) for one in found.collectors if one.outcome == "failed"]
    status = STATUS.get(found.exitcode, "failed") if phases or errors or found.exitcode else "undecided"
    python = found.environment.get("Python", "")
    return Past(
        kind="pytest-json-report",
        command="pytest",
        gates=("tests",),
        started=started,
        duration_ms=round(1000 * runs.seconds(found.duration)),
        status=status,
        verdict=status if status in {"passed", "failed"} else "undecided",
        exit_code=found.exitcode,
        python=str(python),
        lines=runs.lines(started, phases, errors, status=found.exitcode, rootdir=found.root, python=str(python)),
    )


def _phases(test: Test, root: str) -> Iterator[Phase]:
    path = test.nodeid.partition("::")[0]
    expected = test.outcome in {"xfailed", "xpassed"}
    stages = [(when, stage) for when in WHENS if (stage := getattr(test, when)) is not None]
    for when, stage in stages:
        outcome = OUTCOMES.get(stage.outcome, "failed")
        if test.outcome == "rerun" and outcome == "failed":
            outcome = "rerun"
        message, failed, line = _said(stage, root)
        bad = outcome in {"failed", "rerun"}
        yield phase(
            test.nodeid,
            when,
            outcome,
            seconds=runs.seconds(stage.duration),
            path=path,
            line=line if bad and line else None if test.lineno is None else test.lineno + 1,
            message=message if outcome != "passed" else "",
            wasxfail=expected and when == "call",
            failed=failed if bad else ("", ""),
        )


def _said(stage: Stage, root: str) -> tuple[str, tuple[str, str], int | None]:
    text = stage.longrepr if isinstance(stage.longrepr, str) else str(stage.longrepr)
    message = stage.crash.message if stage.crash is not None else _reason(text)
    last = stage.traceback[-1].message if stage.traceback else ""
    found = QUALIFIED.match(last) or QUALIFIED.match(message)
    error = found[1] if found and found[1] != "assert" else "AssertionError" if message.startswith("assert ") else ""
    # Lines of frames as pytest shows them, with paths that are the same on each machine.
    frames = "\n".join(f"{_below(one.path, root)}:{one.lineno}: {one.message}" for one in stage.traceback)
    code = "\n".join(line for line in text.splitlines() if line.startswith(">"))
    line = stage.crash.lineno if stage.crash is not None else None
    return message, (error, runs.stack(error, f"{frames}\n{code}".strip() or message)), line


def _reason(text: str) -> str:
    """The reason of a skip, which is shown as a tuple of file, line and reason."""
    found = re.fullmatch(r"\('.*', \d+, ['\"](.*)['\"]\)", text, re.DOTALL)
    return found[1] if found else text


def _below(path: str, root: str) -> str:
    given = PurePosixPath(path.replace("\\", "/"))
    above = PurePosixPath(root.replace("\\", "/"))
    return str(given.relative_to(above)) if root and given.is_relative_to(above) else str(given)


def _uncollected(one: Collector) -> CollectError:
    text = one.longrepr if isinstance(one.longrepr, str) else str(one.longrepr)
    found = re.search(r"(?m)^E\s+([\w.]*(?:Error|Exception))\b", text)
    error = found[1] if found else ""
    return CollectError(
        nodeid=one.nodeid,
        path=one.nodeid or None,
        line=None,
        message=text[: runs.LONGEST],
        error=error,
        stack=runs.stack(error, text),
    )
