"""Event logs as the product writes them, and what happens to files that somebody edits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from gates.record import events
from pytest_vltair import heads
from pytest_vltair.chain import ZEROS, Codec, linked
from pytest_vltair.eventlog import Log

CODEC = Codec(lambda value: msgspec.json.encode(value, order="sorted"), msgspec.json.decode)
BEGAN = datetime(2020, 11, 1, 12, tzinfo=UTC)
TRACE, SPAN, SETTINGS = "a" * 32, "b" * 16, "c" * 64


def project(root: Path) -> Path:
    """The folder of a project that nothing but a name is known of."""
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "sample"\n', "utf-8")
    return root


def started(log: Log, **more: Any) -> dict[str, Any]:
    """The fields of a first event."""
    runner = {"kind": "local", "id": "m1", "job": "", "system": "Linux", "machine": "x86_64", "python": "3.12.0"}
    return {
        "schema_version": 1,
        "command": "check",
        "gates": ["lint"],
        "project": {"name": "sample", "commit": None, "branch": None, "scope": "full"},
        "configuration": SETTINGS,
        "retry_of": None,
        "runner": runner,
        "gates_version": "0.1.0",
        "backfilled": False,
        "heads": {"lines": log.heads.lines, "chain": log.heads.chain},
        **more,
    }


def measure(number: int) -> dict[str, Any]:
    """The fields of an event in the middle."""
    told = {"gate": "lint", "project": ".", "name": f"m{number}", "value": float(number), "unit": "files"}
    return {**told, "limit": None, "limit_from": None, "direction": None}


def ended(**more: Any) -> dict[str, Any]:
    """The fields of a last event."""
    return {"status": "passed", "verdict": "passed", "exit_code": 0, "duration_ms": 5, **more}


def opened(folder: Path, now: datetime = BEGAN, **first: Any) -> Log:
    """The log of a run that has begun."""
    log = Log(folder, CODEC, now)
    log.identify(TRACE, SPAN, 1)
    log.write("command_start", started(log, **first))
    return log


def closed(folder: Path, now: datetime = BEGAN, events: int = 4, **last: Any) -> Path:
    """The file of a run with so many events that was closed."""
    log = opened(folder, now)
    for number in range(events - 2):
        log.write("measure", measure(number))
    log.write("command_end", ended(**last))
    log.close()
    return folder / log.path.name


def history(folder: Path, runs: int = 3) -> list[Path]:
    """The files of runs that were closed one after the other, an hour apart."""
    return [closed(folder, BEGAN + timedelta(hours=number)) for number in range(runs)]


def kept(state: Path, kind: str, data: bytes, suffix: str = ".json") -> str:
    """The digest under which `data` is kept beside the events."""
    digest = hashlib.sha256(data).hexdigest()
    (state / kind).mkdir(parents=True, exist_ok=True)
    (state / kind / f"{digest}{suffix}").write_bytes(data)
    return digest


def lines(path: Path) -> list[bytes]:
    """The lines of a file with their ends."""
    return path.read_bytes().splitlines(keepends=True)


def rechained(path: Path, number: int, **changed: Any) -> None:
    """Write a line (from 0) and all after it anew, in a chain that is whole: what a careful forger does."""
    held = [json.loads(line) for line in lines(path)]
    held[number].update(changed)
    forged(path, held)


def forged(path: Path, held: list[Mapping[str, Any]]) -> None:
    """Write a file anew, in a chain that is whole."""
    before, written = ZEROS, b""
    for seq, fields in enumerate(held):
        rest = {key: value for key, value in fields.items() if key not in {"chain", "chainPrev"}}
        line, before = linked({**rest, "seq": seq}, before, CODEC)
        written += line
    path.write_bytes(written)


def logged(root: Path) -> list[list[events.AnyEvent]]:
    """The events of every closed run of the project at `root`, each read by its type, the oldest run first."""
    folder = root / ".gates" / "events"
    closed_runs = [json.loads(line) for line in (folder / "heads.jsonl").read_text("utf-8").splitlines()]
    return [[events.decode(line) for line in (folder / one["file"]).read_bytes().splitlines()] for one in closed_runs]


def last_head(folder: Path) -> heads.Heads:
    """The end of the chain of closed runs."""
    return heads.read(folder, CODEC)
