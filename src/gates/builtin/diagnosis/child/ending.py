"""Ending: how one turn of a test ended, over its phases and its parts."""

from __future__ import annotations

from typing import Any

import pytest

from .fingerprint import LONGEST, Failure, digest, failure, normalised
from .stacks import Project


class Ending:
    """Gathers what pytest reports of a turn. The first failure counts; a skip counts where nothing failed."""

    def __init__(self, project: Project, moved: frozenset[str]) -> None:
        self._project, self._moved = project, moved
        self._raised: dict[str, Failure] = {}
        self._failed: tuple[str, str, Failure] | None = None
        self._skipped: dict[str, Any] | None = None
        self._reports = 0

    def raised(self, error: BaseException, phase: str) -> None:
        """An exception ended a phase, or a part of it; whether that is a failure is said by its report."""
        self._raised[phase] = failure(error, phase, self._project, self._moved)

    def reported(self, report: pytest.TestReport) -> None:
        """A phase, or one part of it, has its report."""
        phase = str(report.when)
        self._reports += 1
        if report.failed:
            told = self._raised.pop(phase, None) or self._unraised(report, phase)
            self._failed = self._failed or ("failed" if phase == "call" else "error", phase, told)
        elif report.skipped and not hasattr(report, "wasxfail") and not hasattr(report, "context"):
            self._skipped = self._skipped or {"phase": phase, "type": "Skipped", **self._reason(report)}
        if report.passed or report.skipped:
            self._raised.pop(phase, None)

    def broken(self, error: BaseException, phase: str) -> None:
        """The turn was left by an exception that ends the session."""
        self._failed = self._failed or ("failed", phase, failure(error, phase, self._project, self._moved))

    def told(self) -> dict[str, Any]:
        """The fields of the event."""
        if self._failed:
            ended, phase, why = self._failed
            return {"ended": ended, "phase": phase, **vars(why)}
        blank = {"phase": "call", "type": "", "message": "", "path": None, "line": None}
        if not self._reports:
            # Another plugin took the test over, and ran nothing of it.
            return {"ended": "skipped", **blank, "message": "no plugin ran it", "fingerprint": "", "own": False}
        ended = "skipped" if self._skipped else "passed"
        return {"ended": ended, **blank, **(self._skipped or {}), "fingerprint": "", "own": False}

    def _unraised(self, report: pytest.TestReport, phase: str) -> Failure:
        """A failure without an exception: a strict xfail that passed, or a report of another process."""
        text = report.longreprtext.strip()
        last = text.splitlines()[-1] if text else ""
        path = self._project.relative(report.location[0])
        line = (report.location[1] or 0) + 1 if path else None
        return Failure("", last[:LONGEST], path, line, digest(phase, "", report.nodeid, normalised(last)), own=False)

    def _reason(self, report: pytest.TestReport) -> dict[str, Any]:
        said = report.longrepr
        if not isinstance(said, tuple):
            return {"message": str(said)[:LONGEST]}
        path = self._project.relative(str(said[0]))
        return {"message": str(said[2])[:LONGEST], "path": path, "line": said[1] if path else None}
