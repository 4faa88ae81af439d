"""Process: whether a process had what is made inside of it: seeds, clock, network, listings and their like."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gates.builtin.diagnosis.factors import FACTORS

Seen = Mapping[str, Any]
REAL = "+0"
"""What puts the means of a factor in place without changing it: there is nothing to be seen."""

LATE = 6 * 3600
"""A process that looks at its clock is at most that many seconds old."""

APART = 1_000_003
"""By so much the seeds of two workers differ."""


def rngseed(value: str, had: Seen) -> str:
    """Why generators did not start from a seed."""
    drawn, worker = float(had["first"][0]), int(had["worker"])
    if value == "none":
        base = int(FACTORS["rngseed"].base) + APART * worker
        return "Generators were seeded as in the base." if drawn == _draw(base) else ""
    expected = _draw(int(value.removeprefix("each:")) + APART * worker)
    return "" if drawn == expected else f"The first number drawn was not that of seed {value.removeprefix('each:')}."


def _draw(seed: int) -> float:
    return random.Random(seed).random()  # noqa: S311 - it is what the process has drawn


def clock(value: str, had: Seen) -> str:
    """Why the clocks did not start at an instant."""
    if value.startswith(("+", "-")):
        return "" if had["travels"] is True else "Nothing moved the clock."
    asked = datetime.fromisoformat(value).timestamp()
    for which, at in (("time.time()", float(had["time"])), ("datetime.now()", float(had["datetime"]))):
        if not 0 <= at - asked + 1 <= LATE:
            return f"{which} did not start at {value}: time-machine has to be installed in the judged environment."
    return ""


def network(value: str, had: Seen) -> str:
    """Why other machines were not answered for, refused or reached."""
    if had["loopback"] is not True:
        return "Connections on loopback failed, too."
    route, lookup = had["route"], had.get("lookup")
    if value == "answered":
        answered = route == "127.0.0.1" and isinstance(lookup, str) and lookup != "refused"
        return "" if answered else "Nobody answered in place of other machines."
    if value == "real":
        return "" if route not in {"refused", "127.0.0.1"} else "This machine has no route to other machines."
    return "" if route == lookup == "refused" else "Other machines were not refused."


def umask(value: str, had: Seen) -> str:
    """Why files were not made with a mask."""
    mask = int(value, 8)
    if int(had["mask"], 8) != mask:
        return f"The mask was {had['mask']}."
    if int(had["mode"], 8) != 0o666 & ~mask:
        return f"The mask has no effect on this file system: a file was made with mode {had['mode']}."
    return ""


def listing(value: str, had: Seen) -> str:
    """Why folders were not listed in an order."""
    listed, scanned, native = (list(had[kind]) for kind in ("listdir", "scandir", "native"))
    if listed != scanned:
        return "os.listdir and os.scandir had different orders."
    usual = sorted(listed)
    if len(usual) < 2 or sorted(native) != usual:
        return "The folder that was looked at did not hold what it should."
    if value in ("native", "wrapped"):
        if listed != native:
            return "Folders were not listed as the file system does."
        return "This file system lists folders in the order of names, as the base does." if native == usual else ""
    if value == "reversed":
        return "" if listed == usual[::-1] else "Folders were not listed backwards."
    return "" if listed not in (usual, usual[::-1]) else "Folders were listed in the order of names."


def cpus(value: str, had: Seen) -> str:
    """Which function told another number of processors."""
    if value == REAL:
        return ""
    count = int(value)
    for kind in ("count", "multiprocessing", "process", "affinity"):
        # No platform has all of the ways to ask.
        if had[kind] != count and not (had[kind] is None and kind in {"process", "affinity"}):
            return f"The process was told of {had[kind]} processors."
    return ""


def load(value: str, had: Seen) -> str:
    """Why nothing was late."""
    if value.endswith(REAL):
        return ""
    if value == "busy":
        running = had["running"]
        return "" if running is None or running > 1 else "No other process kept the processors at work."
    return "" if had[value] is True else "Nothing was late in the process."
