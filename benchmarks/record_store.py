"""The store on a million events: how fast it is made, how large it is, and how long each question takes."""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from gates.engine.codec import CODEC
from gates.model.evidence import encode
from gates.record.asked import questions
from gates.record.asked.answers import Filter
from gates.record.stored import ingest, sources, store
from pytest_vltair import identity
from pytest_vltair.chain import ZEROS, linked
from pytest_vltair.eventlog import stamp

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
GATES = ("lint", "types", "tests", "coverage", "bench", "packaging", "trace", "secrets", "workflows")
EVENTS = 100
TESTS = 30
ROUNDS = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help=f"of {EVENTS} events and {TESTS} tests each")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        events = root / ".gates/events"
        events.mkdir(parents=True)
        (root / ".gates/recordings").mkdir()
        for number in range(runs):
            write(root / ".gates", number)
        say("events", f"{runs * EVENTS:,}", "in", f"{runs:,} files of", size(events))
        say("recordings", f"{runs:,} of {TESTS} tests", size(root / ".gates/recordings"))
        ingested(root, runs)
        asked(root, runs)
    say("most memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def ingested(root: Path, runs: int) -> None:
    path = root / ".gates" / store.NAME
    began, spent = time.perf_counter(), time.process_time()
    with store.opened(path) as opened:
        result = ingest.ingest(opened, [sources.own(root)])
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    if result.inserted != runs * EVENTS or result.refused or result.parse_errors:
        raise SystemExit(f"not what was written: {result}")
    say("ingest", f"{wall:.1f} s wall, {cpu:.1f} s CPU: {result.inserted / wall:,.0f} events/s")
    say("store", f"{path.stat().st_size / 2**20:,.0f} MiB: {path.stat().st_size / result.inserted:,.0f} bytes an event")


def asked(root: Path, runs: int) -> None:
    with questions.open_store(root) as opened:
        last = questions.runs(opened, Filter(limit=1))[0]
        trace = questions.runs(opened, Filter(limit=1, offset=runs // 2))[0].trace_id
        asks: dict[str, Callable[[], object]] = {
            "open, nothing new": lambda: questions.open_store(root).close(),
            "runs": lambda: questions.runs(opened, Filter()),
            "runs, the last page": lambda: questions.runs(opened, Filter(offset=runs - 20)),
            "last failed": lambda: questions.last_failed(opened),
            "trace": lambda: questions.trace(opened, trace),
            "one run": lambda: questions.run(opened, last.run),
            "patterns": lambda: questions.patterns(opened, Filter()),
            "flaky": lambda: questions.flaky(opened),
            "slowest": lambda: questions.slowest(opened),
            "series": lambda: questions.series(opened),
        }
        for name, wanted in filters().items():
            asks[f"runs, {name}"] = lambda wanted=wanted: questions.runs(opened, wanted)  # type: ignore[misc]
        for name, ask in asks.items():
            answer = ask()
            count = f", {len(answer):,} answers" if isinstance(answer, tuple) else ""
            say(name, f"{median(timed(ask) for _ in range(ROUNDS)):.2f} ms{count}")


def filters() -> Mapping[str, Filter]:
    """Each filter once as it is usual, and once so that no run, or only the oldest ones, is let through."""
    return {
        "gate": Filter(gate="lint"),
        "gate that is a glob": Filter(gate="b*"),
        "gate that never ran": Filter(gate="sbom"),
        "status": Filter(status="failed"),
        "status that is none": Filter(status="lost"),
        "since": Filter(since=stamp(FIRST + timedelta(days=3))),
        "branch": Filter(branch="branch-3"),
        "commit": Filter(commit=sha256(b"7").hexdigest()[:12]),
        "test": Filter(test="tests/test_b.py::test_7"),
        "test that is a glob": Filter(test="*test_7"),
        "test of the oldest runs": Filter(test="tests/test_old.py::test"),
        "globs of tests of the oldest runs": Filter(test="tests/test_old*"),
        "requirement": Filter(requirement="REQ-3"),
        "requirement of none": Filter(requirement="REQ-0"),
        "command": Filter(command="check"),
    }


def timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


def write(state: Path, number: int) -> None:
    """The log of a run and the recording of its tests; each tenth run fails in one of ten ways."""
    chance = random.Random(number)
    began = FIRST + timedelta(minutes=10 * number)
    run = f"{began:%Y%m%dT%H%M%SZ}-{number:08x}"
    trace = identity.trace("sample", str(number // 2))
    common = {"run": run, "attempt": 1 + number % 2, "at": stamp(began)}
    recording = recorded(state, number, began, chance)
    before, lines = ZEROS, []
    for seq, (gate, event, fields) in enumerate(told(number, recording, chance)):
        ids = {"trace_id": trace, "span_id": identity.run_span(run)}
        if gate:
            ids = {"trace_id": identity.gate_trace(trace, ".", gate), "span_id": identity.gate_span(run, ".", gate)}
            fields = {"gate": gate, "project": ".", **fields}  # noqa: PLW2901 - the same for each
        line, before = linked({**common, **ids, "event": event, "seq": seq, **fields}, before, CODEC)
        lines.append(line)
    if len(lines) != EVENTS:
        raise SystemExit(f"{len(lines)} events")
    (state / "events" / f"{run}.jsonl").write_bytes(b"".join(lines))


def told(number: int, recording: str, chance: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    fails = number % 10 == 9
    status = "failed" if fails else "passed"
    yield (
        "",
        "command_start",
        {
            "schema_version": 1,
            "command": "check" if number % 50 else "merge",
            "gates": [],
            "project": {
                "name": "sample",
                "commit": sha256(str(number // 2).encode()).hexdigest()[:40],
                "branch": f"branch-{number % 20}",
                "scope": "full",
            },
            "configuration": "c" * 64,
            "retry_of": None,
            "runner": {"kind": "local", "id": "m1", "job": "", "system": "Linux", "machine": "x86", "python": "3.13"},
            "gates_version": "0.1.0",
            "backfilled": False,
            "heads": {"lines": number, "chain": ZEROS},
        },
    )
    for at, gate in enumerate(GATES):
        yield gate, "gate", decided(fails and gate == "tests", number, chance)
        for name in ("first", "second", "third"):
            yield gate, "measure", measure(f"{gate}.{name}", chance)
        for one in range(7 if at < len(GATES) - 2 else 6):
            yield gate, "finding", finding(gate, one, number)
    yield "tests", "tests", {"recording": recording}
    end = {"status": status, "verdict": status, "exit_code": int(fails), "duration_ms": chance.randrange(9_000)}
    yield "", "command_end", end


def decided(fails: bool, number: int, chance: random.Random) -> dict[str, Any]:
    error = {"type": "TST001", "message": "1 test failed", "stack_hash": f"{number % 7:016x}"}
    return {
        "verdict": "failed" if fails else "passed",
        "error": error if fails else None,
        "denominator": 212,
        "unit": "files",
        "cached": False,
        "inputs": "a" * 64,
        "outputs": "e" * 64,
        "configuration": "c" * 64,
        "started": None,
        "duration_ms": chance.randrange(900),
        "findings": {},
        "tools": {"ruff": "0.14.0"},
    }


def measure(name: str, chance: random.Random) -> dict[str, Any]:
    value = round(chance.uniform(80, 90), 2)
    told = {"value": value, "unit": "percent", "limit": 80.5, "limit_from": "pyproject.toml:12", "direction": "min"}
    return {"name": name, **told}


def finding(gate: str, one: int, number: int) -> dict[str, Any]:
    return {
        "rule": "LNT001",
        "name": "a-rule",
        "tool_rule": "ruff:F401",
        "severity": "warning",
        "message": f"`os` imported but unused in function {one} of {gate}",
        "path": f"src/module_{number % 90}.py",
        "line": one,
        "subject": None,
        "fingerprint": f"{one:064x}",
        "blocks": False,
    }


def recorded(state: Path, number: int, began: datetime, chance: random.Random) -> str:
    """The digest of a recording of which one test fails in each tenth run."""
    begin = {
        "event": "begin",
        "schema_version": 5,
        "started": stamp(began),
        "tree": f"{number // 2:064x}",
        "settings": "5" * 64,
    }
    lines = [begin]
    for one in range(TESTS):
        old = one == 0 and number < 20
        test = "tests/test_old.py::test" if old else f"tests/test_{'abc'[one % 3]}.py::test_{one}"
        fails = number % 10 == 9 and one == number // 10 % TESTS
        for when in ("setup", "call", "teardown"):
            failing = fails and when == "call"
            lines.append(
                {
                    "event": "phase",
                    "nodeid": test,
                    "when": when,
                    "outcome": "failed" if failing else "passed",
                    "duration": round(chance.uniform(0.001, 0.01), 6),
                    "path": test.partition("::")[0],
                    "line": one,
                    "message": f"assert {number} == {one}" if failing else "",
                    "wasxfail": False,
                    "error": "AssertionError" if failing else "",
                    "stack": f"{one:016x}" if failing else "",
                    "markers": [],
                    "requirements": [f"REQ-{1 + one % 10}"],
                    "covers": [],
                    "worker": None,
                }
            )
    data = b"".join(encode(line) + b"\n" for line in lines)
    digest = sha256(data).hexdigest()
    (state / "recordings" / f"{digest}.jsonl").write_bytes(data)
    return digest


def size(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) / 2**20:,.0f} MiB"


def say(what: str, *told: str) -> None:
    sys.stdout.write(f"{what:<36} {' '.join(told)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
