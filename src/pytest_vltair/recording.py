"""Recording: what a run proved, written down line by line while it runs.

The lines and their fields are those of `gates.model.recorded_run`.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Protocol

import pytest

from pytest_vltair import failures, holding, modules, phases, provenance, reports, requirements
from pytest_vltair.hooks import Hooks
from pytest_vltair.lines import LineFile, escape, text
from pytest_vltair.options import RECORD
from pytest_vltair.selection import Collection, Selection
from pytest_vltair.tree import UnreadableTree, digest

SCHEMA_VERSION = 5


def start(config: pytest.Config, path: str, selection: Selection) -> Recorder | None:
    """The recorder of this run; None in a worker, whose part of it the controller writes down.

    Raises:
        pytest.UsageError: the file cannot be written, or the project's files cannot be read.
    """
    known = requirements.Requirements()
    if in_worker(config, selection, known):
        return None
    target = config.invocation_params.dir / path
    try:
        files = provenance.source(config.rootpath, target)
        first = provenance.begin(config, files)
    except UnreadableTree as error:
        raise pytest.UsageError(f"{RECORD}: {error}") from None
    try:
        file = LineFile(target)
    except OSError as error:
        raise pytest.UsageError(f"{RECORD}: cannot write {target}: {error.strerror or error}") from None
    file.write(begin(first))
    if file.failure is not None:
        file.close()
        raise pytest.UsageError(f"{RECORD}: cannot write {target}: {file.failure}")
    recorder = Recorder(config, file, files, selection, known)
    attend(config, recorder, known)
    return recorder


def in_worker(config: pytest.Config, selection: Selection, known: requirements.Requirements) -> bool:
    """Whether this is a worker of xdist, which then sends what it knows; nothing else is for it to do."""
    if not hasattr(config, "workerinput"):
        return False
    from pytest_vltair import xdist

    _register(config, failures.Failures(config.rootpath), "failures")
    _register(config, known, "requirements")
    config.pluginmanager.register(xdist.Worker(config, selection, known), "vltair-worker")
    return True


def attend(config: pytest.Config, recorder: Recorder, known: requirements.Requirements) -> None:
    """Have pytest tell this recorder all that happens."""
    _register(config, failures.Failures(config.rootpath), "failures")
    _register(config, recorder, "recorder")
    _register(config, known, "requirements")
    if config.pluginmanager.hasplugin("dsession"):
        from pytest_vltair import xdist

        config.pluginmanager.register(xdist.Controller(recorder), "vltair-controller")


def begin(first: dict[str, object]) -> bytes:
    """The first line of a recording."""
    return text({"event": "begin", "schema_version": SCHEMA_VERSION, **first}).encode()


def _register(config: pytest.Config, owner: object, name: str) -> None:
    config.pluginmanager.register(Hooks(owner), f"vltair-{name}")


class Sink(Protocol):
    """What takes the lines of a recording; `failure` is why not all of them, `ours` is False in a forked child."""

    path: Path
    failure: str | None
    ours: bool

    def write(self, data: bytes) -> None:
        """Add whole lines."""

    def close(self) -> None:
        """Take no more."""


class Recorder:
    """Writes a line for everything that pytest reports to this process."""

    def __init__(
        self,
        config: pytest.Config,
        file: Sink,
        files: list[str],
        selection: Selection,
        known: requirements.Requirements,
    ) -> None:
        self._config = config
        self._file = file
        self._files = files
        self._selection = selection
        self._places = reports.Places(config.rootpath, config.invocation_params.dir)
        self._phase_lines = phases.PhaseLines(self._places, known)
        self._noted: list[pytest.TestReport] = []
        self._has_workers = config.pluginmanager.hasplugin("dsession")
        self._selected: int | None = None
        self._phases = 0
        self._warnings = 0
        self._fixed = 0
        self._leaks = 0

    @property
    def knows_collection(self) -> bool:
        """Whether the line of selected tests is written."""
        return self._selected is not None

    def collected(self, collection: Collection) -> None:
        """Write down, once, which tests were selected and which were not."""
        if self._selected is not None:
            return
        self._selected = len(collection["selected"])
        self._phase_lines.rename(collection["renamed"])
        self._write(
            "collected",
            selected=collection["selected"],
            deselected=collection["deselected"],
            other_shards=collection["other_shards"],
            skipped_modules=collection["skipped_modules"],
        )

    def crashed(self, worker: str | None, message: str) -> None:
        """Write down that a worker, or pytest itself, went down."""
        self._write("crash", worker=worker, message=reports.cut(message))

    def imported(self, worker: str | None, files: dict[str, str]) -> None:
        """Write down where a process imported its modules from."""
        self._write("modules", worker=worker, files=files)

    def held(self, worker: str | None, account: dict[str, object]) -> None:
        """Write down what a process held still, at its start or its end."""
        self._write("fixed", worker=worker, **account)
        self._fixed += 1

    def pytest_report_header(self) -> str:
        """Where the recording goes."""
        return f"vltair: recording to {escape(str(self._file.path))}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Write down what this process holds still, now that everybody has started."""
        self.held(None, holding.account(self._config, "start"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write down the selection of a run without workers."""
        self.collected(self._selection.collection(session.items))
        self._phase_lines.prepare(session.items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write down what could not be collected."""
        if report.failed:
            self._write("collect_error", **reports.collect_error(report, self._places))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of one test, after those who change reports when they are shown, as subtests do.

        Without workers what passed is written when its test ends, or before the next line of any kind: nothing of this
        is in the processor's caches when pytest calls it, and one call that does all costs half as much as three. A
        killed run is still known by the test that has no phases.
        """
        if report.when not in phases.WHEN:  # how xdist and others report a test that took its process down
            node = getattr(report, "node", None)
            self.crashed(None if node is None else node.gateway.id, reports.message_of(report))
            return
        self._noted.append(report)
        if report.when == "teardown" or report.outcome != "passed" or self._has_workers:
            self._write_noted()
        if holding.LEAKS in report.__dict__:
            for one in holding.left(report):
                self._leaked(report.nodeid, one)

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        """Write down one warning."""
        self._write("warning", **reports.warned(warning_message, when, self._phase_lines.name(nodeid), self._places))
        self._warnings += 1

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Write down that pytest itself failed."""
        self.crashed(None, excinfo.exconly())

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write down what this process holds still, and what it imported."""
        self.held(None, holding.account(self._config, "end"))
        self.imported(None, modules.imported(dict(sys.modules), self._config.rootpath))

    def finish(self, status: object) -> object:
        """The status to end with: `status`, or an internal error where a run that passed is not written down."""
        if not self._file.ours:
            return status
        code = int(status) if isinstance(status, int) else 0
        self._end(code)
        if self._file.failure is None:
            return status
        sys.stderr.write(
            f"vltair: the recording {escape(str(self._file.path))} is not complete: {self._file.failure}; "
            "this run proves nothing\n"
        )
        return status if code else pytest.ExitCode.INTERNAL_ERROR

    def fail(self, error: BaseException) -> None:
        """Close a recording whose run ended with `error`; only a usage error is an end that pytest foresaw."""
        if not self._file.ours:
            return
        if isinstance(error, pytest.UsageError):
            self._end(pytest.ExitCode.USAGE_ERROR)
        else:
            self._file.close()

    def _leaked(self, nodeid: str, leak: dict[str, object]) -> None:
        self._write("leak", nodeid=self._phase_lines.name(nodeid), **leak)
        self._leaks += 1

    def _end(self, code: int) -> None:
        self._write_noted()
        for nodeid, leak in holding.left_late(self._config):
            self._leaked(nodeid, leak)
        try:
            tree = digest(self._config.rootpath, self._files)  # what was there: tests may leave files of their own
        except UnreadableTree as error:
            self._file.failure = str(error)
        else:
            self._write(
                "end",
                exitstatus=int(code),
                selected=self._selected or 0,
                phases=self._phases,
                warnings=self._warnings,
                fixed=self._fixed,
                leaks=self._leaks,
                tree=tree,
            )
        self._file.close()

    def _write(self, event: str, **fields: object) -> None:
        if self._noted:
            self._write_noted()
        self._file.write(text({"event": event, **fields}).encode())

    def _write_noted(self) -> None:
        noted, self._noted = self._noted, []
        self._file.write(self._phase_lines.encode(noted))
        self._phases += len(noted)
