"""Failure: the report of a run that came to no verdict because of an error of usage or configuration."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from gates import __version__
from gates.engine import machine
from gates.errors import INTERNAL, USAGE, GatesError, InternalError
from gates.model.report import ProjectFacts, Report, ReportError, RunFacts
from gates.process.redact import Redactor


def report(error: GatesError, redactor: Redactor) -> Report:
    """A report with no gates, exit code 2 (4 for an internal one) and the error, redacted."""
    message = redactor.text(error.message)
    return Report(
        verdict="undecided",
        exit_code=INTERNAL if isinstance(error, InternalError) else USAGE,
        error=ReportError(code=error.slug, message=message, path=error.path, line=error.line),
        project=ProjectFacts(name=""),
        gates=(),
        not_judged=(),
        run=run_facts(datetime.now(UTC)),
    )


def run_facts(started: datetime, notes: tuple[str, ...] = ()) -> RunFacts:
    """How a report was made in which nothing was run: here, and in no time."""
    return RunFacts(
        started=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        duration_s=0.0,
        gates_version=__version__,
        python=machine.python_version(),
        interpreter="",
        interpreter_version="",
        interpreter_from="",
        cached=(),
        receipts={},
        durations_s={},
        host={"system": machine.system(), "machine": machine.architecture(), "cpus": os.cpu_count() or 1},
        notes=notes,
    )
