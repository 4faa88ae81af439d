"""Journal: a plain run of pytest in the record of its project, where `vltair_record = true` asks for that.

Its recorded run is held in memory and written when the run ends, cleaned; a log of events says that it ran. What goes
wrong with either is said in one line and changes nothing.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pytest_vltair import chain, eventlog, heads, identity, keeping, personal, provenance, recording, state
from pytest_vltair.eventlog import Log
from pytest_vltair.lines import escape
from pytest_vltair.requirements import Requirements
from pytest_vltair.selection import Selection
from pytest_vltair.tree import UnreadableTree

COMMAND = "pytest"
PROJECT, GATE = ".", "tests"
"""The gate that tests are those of."""

ENDS: dict[int, tuple[str, str]] = {
    pytest.ExitCode.OK: ("passed", "passed"),
    pytest.ExitCode.INTERRUPTED: ("interrupted", "undecided"),
    pytest.ExitCode.INTERNAL_ERROR: ("error", "undecided"),
    pytest.ExitCode.USAGE_ERROR: ("error", "undecided"),
    pytest.ExitCode.NO_TESTS_COLLECTED: ("undecided", "undecided"),
}
"""By exit status: how the run ended, and what that says of the project."""
FAILED = ("failed", "failed")
"""What any other exit status says."""


class Held:
    """The lines of a recorded run, in memory; a child that a test forked adds none."""

    def __init__(self) -> None:
        self.path = Path(state.FOLDER)
        self.failure: str | None = None
        self.ours = True
        self._lines: list[bytes] = []
        _all_held.add(self)

    def write(self, data: bytes) -> None:
        """Add whole lines."""
        if self.ours:
            self._lines.append(data)

    def close(self) -> None:
        """Take no more; nothing is open."""

    def says(self, event: str) -> bool:
        """Whether there is a line of this kind."""
        return any(f'"event":"{event}"'.encode() in one for one in self._lines)

    def whole(self) -> bytes:
        """All that was written."""
        return b"".join(self._lines)


class Journal(recording.Recorder):
    """A recorder of which the recorded run goes into the record; `log` has the events of the run."""

    def __init__(self, config: pytest.Config, held: Held, log: Log, *rest: Any) -> None:
        super().__init__(config, held, *rest)
        self._held = held
        self._log = log

    def pytest_report_header(self) -> str:
        """Where the run is recorded."""
        return f"vltair: recording to {state.FOLDER}"

    def finish(self, status: object) -> object:
        """Write the recorded run and the end; the status stays what it is."""
        code = int(status) if isinstance(status, int) else 0
        if self._held.ours:
            self._end(code)
            self._close(code)
        return status

    def fail(self, error: BaseException) -> None:
        """Write down a run that ended with `error`."""
        if self._held.ours:
            usage = isinstance(error, pytest.UsageError)
            self._close(int(pytest.ExitCode.USAGE_ERROR if usage else pytest.ExitCode.INTERNAL_ERROR))

    def _close(self, code: int) -> None:
        log = self._log
        with _said():
            folder = state.folder(self._config.rootpath, keeping.FOLDER)
            data = keeping.cleaned(self._held.whole(), personal.scrub, chain.standard())
            log.write(
                "tests",
                {
                    "gate": GATE,
                    "project": PROJECT,
                    "recording": keeping.keep(folder, data),
                    "trace_id": identity.gate_trace(log.trace_id, PROJECT, GATE),
                    "span_id": identity.gate_span(log.run, PROJECT, GATE),
                },
            )
        status, verdict = ENDS.get(code, FAILED)
        if code == pytest.ExitCode.INTERRUPTED and self._held.says("collect_error"):
            # pytest gives itself the status of an interrupted run where a module cannot be collected.
            status, verdict = FAILED
        with _said():
            try:
                end = {"status": status, "verdict": verdict, "exit_code": code, "duration_ms": log.elapsed_ms}
                log.write(eventlog.END, end)
            except OSError:
                log.abandon()
                raise
            log.close()


def start(config: pytest.Config, selection: Selection) -> Journal | None:
    """The recorder of this run; None in a worker, and where the record cannot be written."""
    known = Requirements()
    if recording.in_worker(config, selection, known):
        return None
    journal: Journal | None = None
    with _said():
        files = provenance.source(config.rootpath, config.rootpath / state.FOLDER)
        first = provenance.begin(config, files)
        log = eventlog.begin(state.folder(config.rootpath, eventlog.FOLDER), chain.standard())
        try:
            _identify(config, log, first)
        except OSError:
            log.abandon()
            raise
        held = Held()
        held.write(recording.begin(first))
        journal = Journal(config, held, log, files, selection, known)
        recording.attend(config, journal, known)
    return journal


def _identify(config: pytest.Config, log: Log, first: dict[str, Any]) -> None:
    """Write that the run begins, as an attempt at what is asked with these settings of this commit."""
    name, commit = _name(config.rootpath), first["commit"]
    branch = provenance.branch(config.rootpath) or identity.ci_branch(os.environ)
    runner = identity.runner(os.environ)
    asked = [first[one] for one in ("settings", "addopts", "shard", "keyword", "markexpr", "last_failed", "maxfail")]
    configuration = sha256(chain.standard().encode(asked)).hexdigest()
    trace = identity.trace(name, COMMAND, commit or "", configuration, identity.ci_run(os.environ))
    before = heads.earlier(log.folder, trace, chain.standard())
    attempt = max(identity.ci_attempt(os.environ), 1 if before is None else before.attempt + 1)
    log.identify(trace, identity.run_span(log.run), attempt)
    project = {
        "name": personal.scrub(name),
        "commit": commit,
        "branch": None if branch is None else personal.scrub(branch),
        "scope": "full" if first["shard"] is None else f"shard {first['shard']}",
    }
    log.write(
        "command_start",
        {
            "schema_version": eventlog.SCHEMA_VERSION,
            "command": COMMAND,
            "gates": [GATE],
            "project": project,
            "configuration": configuration,
            "retry_of": None if before is None else before.span_id,
            "runner": runner | {"job": personal.scrub(runner["job"])},
            "gates_version": version("pytest-vltair"),
            "backfilled": False,
            "heads": {"lines": log.heads.lines, "chain": log.heads.chain},
        },
    )


def _name(root: Path) -> str:
    """The project's name as `[project]` gives it, else that of its folder."""
    import tomllib

    try:
        name = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    except (OSError, ValueError, LookupError, TypeError):
        name = ""
    return name.strip() if isinstance(name, str) and name.strip() else escape(root.name) or "project"


@contextmanager
def _said() -> Iterator[None]:
    """Say in one line what could not be done, and go on."""
    try:
        yield
    except (OSError, UnreadableTree, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        sys.stderr.write(f"vltair: this run is not in the record: {state.FOLDER}: {escape(str(why))}\n")


_all_held: weakref.WeakSet[Held] = weakref.WeakSet()


def _disown() -> None:
    for held in _all_held:
        held.ours = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)
