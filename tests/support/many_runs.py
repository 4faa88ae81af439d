"""A record of many runs, written as its files are: chained lines, each run in a file of its own, and the heads.

What the product writes with a lock and a look back for each run is written here at once, since only the bytes matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pytest_vltair import identity
from pytest_vltair.chain import ZEROS, linked
from pytest_vltair.eventlog import stamp
from support.event_logs import CODEC, ended, started

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
COMMITS = 50
"""Each is judged by as many runs in turn, which are attempts at one question."""


class Failure(NamedTuple):
    """A test of a run that failed."""

    test: str
    message: str
    error: str = "AssertionError"
    stack: str = "0123456789abcdef"


class Heads(NamedTuple):
    """What a run sees of those before it."""

    lines: int
    chain: str


class Seen(NamedTuple):
    """What stands in for the log that a first event is made of."""

    heads: Heads


def write(root: Path, runs: int, failing: Mapping[int, Failure] | None = None, branch: str = "main") -> list[str]:
    """The names of so many runs, a minute apart, with two tests each; those of `failing` failed, the first is 0."""
    state = root / ".gates"
    (state / "events/open").mkdir(parents=True)
    (state / "recordings").mkdir()
    (state / ".gitignore").write_text("*\n")
    passed = _recording(state, None)
    before = ZEROS
    names, closed = [], []
    for number in range(runs):
        failure = (failing or {}).get(number)
        recording = passed if failure is None else _recording(state, failure)
        began = FIRST + timedelta(minutes=number)
        name = f"{began:%Y%m%dT%H%M%SZ}-{number:08x}"
        question = identity.trace("sample", "check", str(number // (runs // COMMITS + 1)))
        named = {"run": name, "trace_id": question, "span_id": identity.run_span(name), "attempt": 1}
        data, head, count = _lines(
            {**named, "at": stamp(began)},
            _events(number, Seen(Heads(number, before)), failure, recording, branch),
        )
        (state / "events" / f"{name}.jsonl").write_bytes(data)
        told = {"kind": "closed", "seq": number, "at": stamp(began), "file": f"{name}.jsonl", "events": count}
        line, before = linked({**named, **told, "head": head}, before, CODEC)
        closed.append(line)
        names.append(name)
    (state / "events/heads.jsonl").write_bytes(b"".join(closed))
    return names


def _events(
    number: int, seen: Any, failure: Failure | None, recording: str, branch: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    verdict = "passed" if failure is None else "failed"
    project = {"name": "sample", "commit": f"{number:040x}", "branch": branch, "scope": "full"}
    yield "command_start", started(seen, gates=["tests"], project=project)
    told = {"denominator": 2, "unit": "tests", "cached": False, "inputs": None, "outputs": "e" * 64}
    error = None
    if failure is not None:
        error = {"type": "TST001", "message": "1 test failed", "stack_hash": "f" * 16}
    yield (
        "gate",
        {
            "gate": "tests",
            "project": ".",
            "verdict": verdict,
            "error": error,
            **told,
            "configuration": "c" * 64,
            "started": None,
            "duration_ms": 40,
            "findings": {} if failure is None else {"TST001": 1},
            "tools": {},
        },
    )
    yield "tests", {"gate": "tests", "project": ".", "recording": recording}
    yield "command_end", ended(status=verdict, verdict=verdict, exit_code=0 if failure is None else 1)


def _lines(common: Mapping[str, Any], events: Iterable[tuple[str, dict[str, Any]]]) -> tuple[bytes, str, int]:
    data, before, count = b"", ZEROS, 0
    for event, fields in events:
        named = dict(common)
        if event in {"gate", "tests"}:
            named["trace_id"] = identity.gate_trace(common["trace_id"], ".", "tests")
            named["span_id"] = identity.gate_span(common["run"], ".", "tests")
        line, before = linked({**named, "event": event, "seq": count, **fields}, before, CODEC)
        data += line
        count += 1
    return data, before, count


def _recording(state: Path, failure: Failure | None) -> str:
    """The digest of the recording of a run in which `test_ok` passed and, with a failure, another test failed."""
    begin = {
        "event": "begin",
        "schema_version": 5,
        "pytest": "9.0.0",
        "python": "3.12.0",
        "platform": "linux",
        "args": [],
        "addopts": [],
        "rootdir": ".",
        "invocation": ".",
        "started": stamp(FIRST),
        "inipath": None,
        "plugins": [],
        "unknown_options": {},
        "tree": "1" * 64,
        "environment": "2" * 64,
        "settings": "3" * 64,
        "commit": None,
        "shard": None,
        "workers": 0,
        "keyword": "",
        "markexpr": "",
        "last_failed": False,
        "maxfail": 0,
    }
    tests = ["tests/test_it.py::test_ok", *([] if failure is None else [failure.test])]
    phases = [_phase(test, when, failure) for test in tests for when in ("setup", "call", "teardown")]
    collected = {"event": "collected", "selected": tests, "deselected": [], "other_shards": [], "skipped_modules": []}
    counts = {"selected": len(tests), "phases": len(phases), "warnings": 0, "fixed": 0, "leaks": 0}
    end = {"event": "end", "exitstatus": 0 if failure is None else 1, **counts, "tree": "1" * 64}
    data = b"".join(CODEC.encode(line) + b"\n" for line in (begin, collected, *phases, end))
    digest = hashlib.sha256(data).hexdigest()
    (state / "recordings" / f"{digest}.jsonl").write_bytes(data)
    return digest


def _phase(test: str, when: str, failure: Failure | None) -> dict[str, Any]:
    red = failure is not None and test == failure.test and when == "call"
    return {
        "event": "phase",
        "nodeid": test,
        "when": when,
        "outcome": "failed" if red else "passed",
        "duration": 0.001,
        "path": test.partition("::")[0],
        "line": 1,
        "message": failure.message if failure is not None and red else "",
        "wasxfail": False,
        "error": failure.error if failure is not None and red else "",
        "stack": failure.stack if failure is not None and red else "",
        "markers": [],
        "requirements": ["REQ-1"],
        "covers": [],
        "worker": None,
    }
