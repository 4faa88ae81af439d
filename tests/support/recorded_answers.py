"""Answers of the record: a run, failures, patterns and series as the store would give them, with text of any kind."""

from __future__ import annotations

from typing import Any

from gates.record.asked.answers import (
    Execution,
    Flaky,
    Found,
    Measured,
    Pattern,
    Required,
    Run,
    RunDetail,
    Series,
    Slow,
)

NAMES = ("20261122T171350Z-8939d157", "20261122T160000Z-01ab23cd", "20261121T080000Z-ffeeddcc")
TRACE, SPAN, EARLIER = "7c" * 16, "a1" * 8, "b2" * 8
DIGEST = "5e" * 32
TEST = "tests/test_io.py::test_load[utf-8]"


def run(**fields: Any) -> Run:
    """A run of `check` that failed; fields as given."""
    known: dict[str, Any] = {
        "run": NAMES[0],
        "trace_id": TRACE,
        "span_id": SPAN,
        "attempt": 2,
        "retry_of": EARLIER,
        "command": "check",
        "project": "myproj",
        "commit": "3f2c1ab" + "0" * 33,
        "branch": "main",
        "status": "failed",
        "verdict": "failed",
        "exit_code": 1,
        "started": "2026-11-22T17:13:50.250000Z",
        "ended": "2026-11-22T17:13:53.500000Z",
        "duration_ms": 3250,
        "runner": "local",
        "gates_version": "0.9.0",
        "backfilled": False,
        "red": ("coverage", "types"),
        "tests": 212,
        "failed_tests": 3,
    }
    return Run(**{**known, **fields})


def passed(name: str = NAMES[1], **fields: Any) -> Run:
    """A run that passed at the first attempt."""
    known = {"attempt": 1, "retry_of": None, "status": "passed", "verdict": "passed", "exit_code": 0, "red": ()}
    more = {"started": "2026-11-22T16:00:00.000000Z", "failed_tests": 0, "duration_ms": 850}
    return run(run=name, **{**known, **more, **fields})


def execution(**fields: Any) -> Execution:
    """A test that failed; fields as given."""
    known: dict[str, Any] = {
        "kind": "test",
        "subject": TEST,
        "run": NAMES[0],
        "trace_id": TRACE,
        "span_id": SPAN,
        "attempt": 1,
        "retry_of": None,
        "status": "failed",
        "error_type": "AssertionError",
        "error_message": "assert 1 == 2\n  where 1 = load()",
        "stack_hash": "0123456789abcdef",
        "started": "2026-11-22T17:13:51.000000Z",
        "ended": "2026-11-22T17:13:51.012000Z",
        "duration_ms": 12,
        "inputs": None,
        "outputs": None,
        "configuration": None,
        "runner": "local",
        "backfilled": False,
        "reproduce": ("python", "-m", "pytest", TEST),
    }
    return Execution(**{**known, **fields})


def gate(name: str, status: str = "passed", **fields: Any) -> Execution:
    """A gate that came to a verdict."""
    known: dict[str, Any] = {
        "kind": "gate",
        "subject": name,
        "status": status,
        "error_type": None,
        "error_message": None,
        "stack_hash": None,
        "duration_ms": 300,
        "outputs": DIGEST,
        "reproduce": ("gates", "check", name),
    }
    return execution(**{**known, **fields})


def detail(word: str = "word", findings: int = 2) -> RunDetail:
    """A run with gates, findings, measures, tests and requirements; `word` wherever text may stand."""
    found = tuple(
        Found(
            gate="coverage",
            project=".",
            rule="COV004",
            name="changed-lines-missed",
            tool_rule=None,
            message=word,
            path=f"src/{word}_{at}.py",
            line=at + 1,
            blocks=True,
        )
        for at in range(findings)
    )
    nowhere: dict[str, Any] = {"path": None, "line": None, "blocks": False}
    note = Found(gate="lint", project=".", rule="LNT001", name=word, tool_rule=None, message=word, **nowhere)
    warned = Found(
        gate="types", project="packages/a", rule="TYP002", name="w", tool_rule="mypy:misc", message="m", **nowhere
    )
    whole = {"kind": "run", "subject": "check", "inputs": "9a" * 32, "outputs": "8b" * 32, "configuration": "7d" * 32}
    why = {"error_type": "tool_missing", "error_message": word}
    return RunDetail(
        run=run(project=word, branch=word),
        executions=(
            execution(**whole, duration_ms=3250),
            gate("lint"),
            gate("coverage", "failed", error_type="COV004", error_message=word),
            gate("packages/a:types", "undecided", outputs=None, **why),
            execution(error_message=word),
        ),
        findings=(*found, note, warned),
        measures=(
            Measured(
                gate="coverage",
                project=".",
                name="coverage.total",
                value=83.2,
                unit="percent",
                limit=85.0,
                direction="min",
            ),
            Measured(gate="lint", project=".", name=word, value=3, unit=word, limit=None, direction=None),
        ),
        requirements=(
            Required(requirement="RQ-1", status="passed", tests=3, failed=0),
            Required(requirement=word, status="failed", tests=2, failed=1),
        ),
        tests=212,
        failed_tests=(execution(error_message=word), execution(subject=f"{word}::test_b", attempt=2, error_type=word)),
    )


def attempts(word: str = "word") -> tuple[Execution, ...]:
    """Two attempts at one test, the second one a rerun that passed."""
    again = {"status": "passed", "error_type": None, "error_message": None, "started": "2026-11-22T17:13:52.000000Z"}
    return (
        execution(subject=word, error_message=word, span_id=EARLIER),
        execution(subject=word, attempt=2, retry_of=EARLIER, **again),
    )


def failed(word: str = "word") -> tuple[Execution, ...]:
    """A test and a gate that failed when they ran last."""
    return (
        execution(error_message=word, attempt=3),
        gate("types", "undecided", error_type="tool_missing", error_message=word, started=None),
    )


def patterns(word: str = "word") -> tuple[Pattern, ...]:
    """Failures of seven tests that look the same, and one that happened once."""
    first, last = "2026-11-01T08:00:00.000000Z", "2026-11-22T17:13:51.000000Z"
    common = {"stack_hash": "0123456789abcdef", "error_message": word}
    many = tuple(f"tests/test_io.py::test_{at}" for at in range(7))
    return (
        Pattern(
            **common, error_type=word, count=1212, runs=40, subjects=many, first=first, last=last, example=execution()
        ),
        Pattern(
            stack_hash="f" * 16,
            error_type="",
            error_message="",
            count=1,
            runs=1,
            subjects=(word,),
            first=last,
            last=last,
            example=execution(reproduce=()),
        ),
    )


def flaky(word: str = "word") -> tuple[Flaky, ...]:
    """A test that flips over the same files, one with reruns, and one that the code may have moved."""
    last = "2026-11-22T17:13:51.000000Z"
    common: dict[str, Any] = {"runs": 21, "pairs": 20, "last": last}
    return (
        Flaky(test=TEST, failures=9, flips=14, same_tree=6, reruns=0, rate=0.7, **common),
        Flaky(test=word, failures=2, flips=0, same_tree=0, reruns=4, rate=0.0, **common),
        Flaky(test="tests/test_a.py::test_b", failures=1, flips=1, same_tree=0, reruns=0, rate=0.05, **common),
    )


def slowest(word: str = "word") -> tuple[Slow, ...]:
    """Tests of seconds, of milliseconds and of minutes."""
    return (
        Slow(test=TEST, runs=20, median_ms=125_000.0, most_ms=4_000_000.0, last_ms=130_000.0),
        Slow(test=word, runs=3, median_ms=3210.0, most_ms=9999.6, last_ms=999.7),
        Slow(test="tests/test_a.py::test_b", runs=20, median_ms=1.234, most_ms=12.0, last_ms=0.0),
    )


def series(word: str = "word", runs: int = 5) -> tuple[Series, ...]:
    """A measure with a limit that it misses at last, one without, and one that never moves."""

    def points(values: list[float]) -> tuple[tuple[str, str, float], ...]:
        return tuple((f"run-{at}", f"2026-11-{at % 28 + 1:02}T08:00:00.000000Z", one) for at, one in enumerate(values))

    falling = points([90.0 - 7 * at / max(runs - 1, 1) for at in range(runs)])
    return (
        Series(name="coverage.total", unit="percent", limit=85.0, direction="min", points=falling),
        Series(name=word, unit=word, limit=None, direction=None, points=points([float(at % 3) for at in range(runs)])),
        Series(name="tests.count", unit="tests", limit=None, direction=None, points=points([212.0] * runs)),
    )
