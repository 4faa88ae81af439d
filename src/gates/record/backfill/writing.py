"""Backfilling: a file of long ago becomes a run of the event log, once, and the same one on each machine.

The name of the run follows from the content of the file and from its own time, and nothing of this machine is in its
events, so that two machines that take the same file have the same run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from gates.engine import state
from gates.engine.codec import CODEC
from gates.record import telling
from gates.record.backfill import names
from gates.record.backfill.runs import Past, UnreadableError
from gates.record.events import SCHEMA_VERSION
from gates.record.telling import Scrub
from pytest_vltair import eventlog, filelock, identity, keeping
from pytest_vltair.chain import ZEROS
from pytest_vltair.eventlog import Log, stamp

SUFFIXES = (".json", ".xml")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""How XML begins that some runners of Windows write."""
LARGEST = 256 << 20
"""Bytes of a file: a million tests. The tree of one of XML takes some fifteen times as much memory."""

PATIENCE = 30.0
"""Seconds to wait for another process that writes the same run."""

UNKNOWN = {"kind": "unknown", "id": "", "job": "", "system": "", "machine": ""}
"""Who ran it: the file does not say."""

State = Literal["written", "would be written", "already there", "unreadable", "passed over"]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file; `reason` says why it was not taken, `line` where."""

    path: str
    state: State
    kind: str | None = None
    run: str | None = None
    started: str | None = None
    tests: int = 0
    gates: int = 0
    reason: str | None = None
    line: int | None = None


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """Where files are taken into: the project's root and name, and what cleans text."""

    root: Path
    name: str
    scrub: Scrub
    at: datetime | None = None
    dry: bool = False

    def take(self, path: Path, *, named: bool) -> Taken:
        """Take one file; of those that nobody `named` but a folder holds, one of another kind is passed over.

        Raises:
            OSError: the record cannot be written.
        """
        shown = path.as_posix()
        try:
            data = _read(path)
            past = self._past(data)
        except UnreadableError as error:
            if error.foreign and not named:
                return Taken(path=shown, state="passed over", reason=str(error))
            return Taken(path=shown, state="unreadable", reason=str(error), line=error.line)
        run = names.free(self._folder, past, data) if self.dry else self._write(past, data)
        new: State = "would be written" if self.dry else "written"
        return Taken(
            path=shown,
            state="already there" if run is None else new,
            kind=past.kind,
            run=run or names.of(past, data, 0),
            started=stamp(past.started),
            tests=past.tests,
            gates=sum(one.event == "gate" for one in past.events),
        )

    def _past(self, data: bytes) -> Past:
        first = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if first == b"<" or data.startswith(UTF16):
            from gates.record.backfill import junit

            return junit.read(data, self.at)
        if first != b"{":
            raise UnreadableError("it is neither XML nor JSON", 1, foreign=True)
        keys = _keys(data)
        if {"schema_version", "gates", "run"} <= keys:
            from gates.record.backfill import report_json

            return report_json.read(data, self.scrub)
        if {"created", "exitcode"} <= keys:
            from gates.record.backfill import pytest_json

            return pytest_json.read(data)
        raise UnreadableError(
            "it is JSON, and neither a report of `gates check` nor one of pytest-json-report", foreign=True
        )

    @property
    def _folder(self) -> Path:
        return self.root / state.FOLDER / eventlog.FOLDER

    def _close_dead(self, past: Past, data: bytes) -> None:
        """Close what was left open, a part of this very run too: the rest of it then has the next name."""
        folder = state.folder(self.root, eventlog.FOLDER)
        left = folder / eventlog.OPEN / f"{names.of(past, data, 0)}{eventlog.SUFFIX}"
        eventlog.close_dead(folder, CODEC, names.of(past, data, 1 if left.exists() else 0))

    def _opened(self, past: Past, data: bytes) -> Log | None:
        """The log to write it to, None where it is there; another process that writes it may be killed before its end.

        Raises:
            TimeoutError: it writes for too long.
        """
        folder = state.folder(self.root, eventlog.FOLDER)
        end = time.monotonic() + PATIENCE
        while run := names.free(self._folder, past, data):
            try:
                log = Log(folder, CODEC, run=run)
            except FileExistsError:
                if time.monotonic() > end:
                    raise TimeoutError(
                        f"another process is writing the run {run}; try again when it has ended"
                    ) from None
                time.sleep(filelock.PAUSE)
                self._close_dead(past, data)
                continue
            # Whoever closed it since it was asked for has entered it among the heads before this name was free again.
            if not names.is_entered(folder, run):
                return log
            log.discard()
        return None

    def _write(self, past: Past, data: bytes) -> str | None:
        """Write the run; its name, None where it is there already."""
        self._close_dead(past, data)
        log = self._opened(past, data)
        if log is None:
            return None
        try:
            digest = None if not past.lines else self._keep(past, log.run)
            trace = identity.trace(past.command, log.run)
            log.identify(trace, identity.run_span(log.run), 1)
            began, ended = stamp(past.started), stamp(past.ended)
            log.write("command_start", {"at": began, **self._beginning(past)})
            for event, fields, project, gate in _events(past, digest):
                span = {
                    "trace_id": identity.gate_trace(trace, project, gate),
                    "span_id": identity.gate_span(log.run, project, gate),
                }
                log.write(event, {"at": ended, **fields, **span})
            log.write(eventlog.END, {"at": ended, **self._end(past)})
        except OSError:
            log.abandon()
            raise
        log.close()
        return log.run

    def _keep(self, past: Past, run: str) -> str:
        begin, *rest = past.lines
        # Nobody knows the files that it ran over: they must not be taken for those of another such run.
        begin = msgspec.structs.replace(begin, tree=f"unknown {run}")
        data = b"\n".join((*map(msgspec.json.encode, (begin, *rest)), b""))
        folder = state.folder(self.root, keeping.FOLDER)
        return keeping.keep(folder, keeping.cleaned(data, self.scrub, CODEC), bounded=False)

    def _beginning(self, past: Past) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "command": past.command,
            "gates": past.gates,
            "project": {
                "name": self.scrub(past.name or self.name),
                "commit": past.commit,
                "branch": None,
                "scope": past.scope,
            },
            "configuration": ZEROS,
            "retry_of": None,
            "runner": {**UNKNOWN, "python": past.python},
            "gates_version": "",
            "backfilled": True,
            # Those of this machine are not those that the run saw.
            "heads": {"lines": 0, "chain": ZEROS},
        }

    def _end(self, past: Past) -> dict[str, Any]:
        return {
            "status": past.status,
            "verdict": past.verdict,
            "exit_code": past.exit_code,
            "duration_ms": past.duration_ms,
            "error": None if past.error is None else telling.failing(past.command, *past.error, self.scrub),
        }


def found(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Each file that is meant, and whether it was named itself; in folders, files of XML and JSON at any depth."""
    for path in paths:
        if not path.is_dir():
            yield path, True
            continue
        for one in sorted(path.rglob("*")):
            if one.suffix.lower() in SUFFIXES and one.is_file():
                yield one, False


def _events(past: Past, digest: str | None) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    for one in past.events:
        yield one.event, one.fields, one.project, one.gate
    if digest is not None:
        yield "tests", {"gate": "tests", "project": ".", "recording": digest}, ".", "tests"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableError(f"it is larger than {LARGEST >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"it cannot be read: {error.strerror or error}") from error


def _keys(data: bytes) -> set[str]:
    try:
        return set(msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
    except RecursionError as error:
        raise UnreadableError("it is JSON that is nested too deeply") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        import json

        try:
            json.loads(data)
        except (ValueError, RecursionError) as worse:
            raise UnreadableError(f"it is not JSON: {worse}", getattr(worse, "lineno", None)) from error
        raise UnreadableError(f"it is not JSON: {error}") from error
