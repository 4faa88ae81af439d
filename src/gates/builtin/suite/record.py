"""Recorded run, read strictly: all of it, or the reason why it proves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gates.builtin.suite import by_hand
from gates.model.reason import Reason, ReasonCode
from gates.model.recorded_run import (
    SCHEMA_VERSION,
    Begin,
    Collected,
    CollectError,
    Crash,
    End,
    Fixed,
    Leaked,
    Line,
    Modules,
    Phase,
    RecordLine,
    Warned,
)

AGAIN = "gates check tests --no-cache"
ENDED = frozenset({0, 1, 6})
"""Exit statuses of a pytest that came to its end, so that each of its processes had time to say what it imported."""

NOTHING_COLLECTED = Collected(selected=[], deselected=[], other_shards=[], skipped_modules=[])

L = TypeVar("L", bound=Line)


@dataclass(frozen=True, kw_only=True)
class RecordedRun:
    """A run that was recorded to its end, its counts checked."""

    begin: Begin
    collected: Collected
    collect_errors: tuple[CollectError, ...]
    phases: tuple[Phase, ...]
    warnings: tuple[Warned, ...]
    crashes: tuple[Crash, ...]
    modules: tuple[Modules, ...]
    fixed: tuple[Fixed, ...]
    leaks: tuple[Leaked, ...]
    end: End


def read(path: Path, shown: str, *, again: str, match: str, python: str) -> RecordedRun | Reason:
    """The recorded run at `path`, or why it cannot be trusted.

    `shown` names it, `again` is the command that makes a new one, `match` the one that installs the plugin which
    records as this version of gates reads. `python` runs the test alone in which a run ended.
    """
    data = _bytes(path, shown, again)
    if isinstance(data, Reason):
        return data
    raw = data.split(b"\n")
    foreign = _foreign(raw[0], shown, again, match)
    if foreign is not None:
        return foreign
    if raw[-1]:
        return _unended(data, shown, f"stops in the middle of line {len(raw)}", again, python)
    lines = _decoded(raw[:-1])
    if isinstance(lines, str):
        return _reason("evidence_corrupt", shown, lines, again)
    if not any(isinstance(line, End) for line in lines):
        return _unended(data, shown, "has no `end`: pytest was cut off", again, python)
    return _whole(lines, shown, again)


def in_flight(data: bytes) -> tuple[str, ...]:
    """Tests that had begun and not ended when a recording was cut off, or else the first ones that never began."""
    selected: list[str] = []
    seen: dict[str, set[str]] = {}
    for line in data.split(b"\n"):
        try:
            event = msgspec.json.decode(line, type=RecordLine)
        except msgspec.MsgspecError:
            continue
        if isinstance(event, Collected):
            selected = event.selected
        elif isinstance(event, Phase):
            seen.setdefault(event.nodeid, set()).add(event.when)
    begun = tuple(sorted(test for test, phases in seen.items() if "teardown" not in phases))
    return begun or tuple(test for test in selected if test not in seen)[:1]


def named(tests: Sequence[str], most: int = 5) -> str:
    """Names in a sentence, cut after `most`."""
    shown = ", ".join(tests[:most])
    return shown if len(tests) <= most else f"{shown} and {len(tests) - most:,} more"


def _bytes(path: Path, shown: str, again: str) -> bytes | Reason:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Reason(code="evidence_missing", message=f"there is no recorded run at {shown}", fix=again)
    except OSError as error:
        return _reason("unreadable", shown, f"cannot be read: {error.strerror or error}", again)
    return data or _reason("evidence_missing", shown, "is empty", again)


def _reason(code: ReasonCode, shown: str, what: str, again: str) -> Reason:
    return Reason(code=code, message=f"the recorded run {shown} {what}", fix=again)


def _foreign(first: bytes, shown: str, again: str, match: str) -> Reason | None:
    """Why the first line says that the rest need not be looked at: another version has other fields."""
    try:
        begin: Any = msgspec.json.decode(first)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        begin = None
    if not isinstance(begin, dict) or begin.get("event") != "begin":
        return _reason("evidence_corrupt", shown, "does not start with a `begin` line", again)
    version = begin.get("schema_version")
    if version != SCHEMA_VERSION:
        message = f"has schema version {version!r}, and this version of gates reads {SCHEMA_VERSION}"
        return _reason("schema_version_mismatch", shown, message, match)
    return None


def _unended(data: bytes, shown: str, what: str, again: str, python: str) -> Reason:
    running = in_flight(data)
    if not running:
        return _reason("evidence_incomplete", shown, what, again)
    alone = by_hand.pytest(python, running[0])
    return _reason("evidence_incomplete", shown, f"{what}; running were: {named(running)}", alone)


def _decoded(raw: list[bytes]) -> list[RecordLine] | str:
    decoder = msgspec.json.Decoder(RecordLine)
    lines: list[RecordLine] = []
    for number, line in enumerate(raw, start=1):
        try:
            lines.append(decoder.decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return f"has a line {number} that is not understood: {error}"
    return lines


def _whole(lines: list[RecordLine], shown: str, again: str) -> RecordedRun | Reason:
    held: dict[type[Line], list[Any]] = {}
    for line in lines:
        held.setdefault(type(line), []).append(line)
    begins, ends = _of(held, Begin), _of(held, End)
    collected = _of(held, Collected)
    if len(begins) != 1 or len(ends) != 1 or lines[-1] is not ends[0]:
        return _reason("evidence_corrupt", shown, "holds more than one run", again)
    if len(collected) > 1:
        return _reason("evidence_corrupt", shown, "holds more than one collection", again)
    run = RecordedRun(
        begin=begins[0],
        collected=collected[0] if collected else NOTHING_COLLECTED,
        collect_errors=_of(held, CollectError),
        phases=_of(held, Phase),
        warnings=_of(held, Warned),
        crashes=_of(held, Crash),
        modules=_of(held, Modules),
        fixed=_of(held, Fixed),
        leaks=_of(held, Leaked),
        end=ends[0],
    )
    fault = _miscounted(run)
    return run if fault is None else _reason("evidence_corrupt", shown, fault, again)


def _of(held: Mapping[type[Line], list[Any]], kind: type[L]) -> tuple[L, ...]:
    return tuple(held.get(kind, ()))


def _miscounted(run: RecordedRun) -> str | None:
    """What its own counts say against it, or None."""
    end = run.end
    counts = (
        ("tests", end.selected, len(run.collected.selected)),
        ("phases", end.phases, len(run.phases)),
        ("warnings", end.warnings, len(run.warnings)),
        ("accounts of what was fixed", end.fixed, len(run.fixed)),
        ("leaks", end.leaks, len(run.leaks)),
    )
    for what, said, held in counts:
        if said != held:
            return f"says {said:,} {what} and holds {held:,}"
    tests = [*(phase.nodeid for phase in run.phases), *(leak.nodeid for leak in run.leaks)]
    unknown = set(tests).difference(run.collected.selected)
    if unknown:
        return f"has outcomes of tests that were not selected: {named(sorted(unknown))}"
    told = [(one.worker, one.when) for one in run.fixed]
    if len(set(told)) != len(told):
        return "says twice what a process held"
    return _silent(run) if end.exitstatus in ENDED else None


def _silent(run: RecordedRun) -> str | None:
    """What a process that ran tests and did not crash should have said, or None."""
    ran = {phase.worker for phase in run.phases}.difference(one.worker for one in run.crashes)
    silent = ran.difference(one.worker for one in run.modules)
    if silent:
        return f"does not say what {_processes(silent)} imported"
    held = [{one.worker for one in run.fixed if one.when == when} for when in ("start", "end")]
    untold = ran - (held[0] & held[1])
    return f"does not say what {_processes(untold)} held" if untold else None


def _processes(workers: Iterable[str | None]) -> str:
    return named(sorted(worker or "pytest" for worker in workers))
