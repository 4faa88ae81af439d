"""Shards: a suite cut into parts that last equally long, the same way on every machine."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Collection, Generator, Mapping, Sequence
from pathlib import Path
from statistics import median

import pytest

from pytest_vltair.options import DURATIONS, Shard
from pytest_vltair.selection import Selection

SLOW_FACTOR = 60.0


def read_durations(path: Path) -> dict[str, float]:
    """Seconds by node id, from a JSON object.

    Raises:
        pytest.UsageError: the file is missing, is not JSON, or holds anything but finite numbers >= 0.
    """
    try:
        table = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise pytest.UsageError(f"{DURATIONS}: cannot read {path}: {why}") from None
    if not isinstance(table, dict):
        raise pytest.UsageError(f"{DURATIONS}: {path} is not an object of node id to seconds")
    for nodeid, seconds in table.items():
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
            raise pytest.UsageError(f"{DURATIONS}: {path} gives {nodeid} {seconds!r}, which is not a number of seconds")
    return {nodeid: float(seconds) for nodeid, seconds in table.items()}


def weights(nodeids: Sequence[str], slow: Collection[str], durations: Mapping[str, float]) -> list[float]:
    """The seconds that each test is taken to last.

    Without a recorded duration it is the median of those that are recorded (1 if none is), for a test in `slow`
    60 times that: a guess, which the first recorded run replaces.
    """
    known = [durations[nodeid] for nodeid in nodeids if nodeid in durations]
    typical = (median(known) if known else 1.0) or 1.0
    return [durations.get(nodeid, typical * (SLOW_FACTOR if nodeid in slow else 1.0)) for nodeid in nodeids]


def assign(nodeids: Sequence[str], seconds: Sequence[float], count: int) -> list[int]:
    """For each test the shard that it belongs to, from 1 to `count`, whatever order the tests come in.

    Longest processing time first (Graham 1969: no shard lasts longer than 4/3 - 1/(3 count) of the best possible);
    equally long tests go by node id, equally loaded shards by how many tests they hold, then by their number.
    """
    order = sorted(range(len(nodeids)), key=lambda at: (-seconds[at], nodeids[at]))
    loads = [(0.0, 0, shard) for shard in range(1, count + 1)]
    assigned = [0] * len(nodeids)
    for at in order:
        load, held, shard = loads[0]
        assigned[at] = shard
        heapq.heapreplace(loads, (load + seconds[at], held + 1, shard))
    return assigned


class Sharder:
    """Leaves the tests of other shards out, after all other plugins have selected and ordered."""

    def __init__(self, config: pytest.Config, shard: Shard, durations: str | None, selection: Selection) -> None:
        self._config = config
        self._shard = shard
        self._selection = selection
        self._durations = {} if durations is None else read_durations(config.invocation_params.dir / durations)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        """Keep the tests of this shard, in the order in which they are."""
        result = yield
        nodeids = list(map(self._selection.name, items))
        slow = {name for name, item in zip(nodeids, items, strict=True) if item.get_closest_marker("slow")}
        assigned = assign(nodeids, weights(nodeids, slow, self._durations), self._shard.count)
        others = [item for item, shard in zip(items, assigned, strict=True) if shard != self._shard.index]
        if others:
            items[:] = [item for item, shard in zip(items, assigned, strict=True) if shard == self._shard.index]
            self._selection.leave(self._config, others)
        return result

    def pytest_report_header(self) -> str:
        """Which part of the suite this is."""
        return f"vltair: shard {self._shard}"
