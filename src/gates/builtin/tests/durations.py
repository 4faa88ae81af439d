"""Durations: how long each test took, kept beside the facts, by which shards are cut."""

from __future__ import annotations

import json
import os
from pathlib import Path

from gates.builtin.suite.record import RecordedRun

NAME = "durations.json"


def keep(run: RecordedRun, state: Path) -> None:
    """Add the seconds of a whole run's tests to those known; tests that are gone are forgotten.

    A shard leaves them as they are: were they changed by the first shard, the next one would be cut from another
    whole. A file that cannot be written is left out: shards are then cut by number.
    """
    if run.begin.shard is not None:
        return
    known = read(state)
    there = {*run.collected.selected, *run.collected.deselected}
    seconds: dict[str, float] = {}
    for phase in run.phases:
        seconds[phase.nodeid] = seconds.get(phase.nodeid, 0.0) + phase.duration
    held = {test: spent for test, spent in known.items() if test in there} | seconds
    unfinished = state / f".{NAME}.{os.getpid()}.tmp"
    try:
        unfinished.write_text(json.dumps({test: round(held[test], 6) for test in sorted(held)}), encoding="utf-8")
        unfinished.replace(state / NAME)
    except OSError:
        unfinished.unlink(missing_ok=True)


def read(state: Path) -> dict[str, float]:
    """Seconds by test; empty where nothing is recorded or what is there is damaged."""
    try:
        found = json.loads((state / NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        test: float(spent)
        for test, spent in found.items()
        if isinstance(spent, int | float) and not isinstance(spent, bool) and 0 <= spent < float("inf")
    }
