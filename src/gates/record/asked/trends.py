"""Trends: what is asked of many runs at once: tests that flip or are slow, and numbers over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from gates.record.asked.answers import Flaky, Series, Slow
from gates.record.stored.store import Store
from gates.record.stored.tested import BAD

VERDICTS = {"failed": 0.0, "undecided": 0.5, "passed": 1.0}
"""What a verdict is as a number of a series."""

_OUTCOMES = """
SELECT
    subjects.name, recent.gate_id, recent.machine, tests.outcome, tests.reruns, tests.duration_ms, recent.started,
    recent.tree
FROM (SELECT * FROM v_suites WHERE place <= ?) AS recent
CROSS JOIN tests ON tests.run_id = recent.run_id AND tests.gate_id = recent.gate_id
JOIN subjects ON subjects.id = tests.subject_id
WHERE tests.outcome <> 'skipped'
ORDER BY subjects.name, recent.started, recent.run, recent.gate_id
"""
_RECENT = "(SELECT id, run, started, verdict, command, duration_ms FROM runs ORDER BY started DESC, run DESC LIMIT ?)"
_MEASURES = f"""
SELECT CASE WHEN project IN ('', '.') THEN name ELSE project || ':' || name END AS named, recent.run, recent.started,
    value, unit, bound, direction
FROM {_RECENT} AS recent CROSS JOIN measures ON run_id = id ORDER BY named, recent.started, recent.run
"""  # noqa: S608 - names of our own
_GATES = f"""
SELECT name || ' verdict' || CASE command WHEN 'check' THEN '' ELSE ' of gates ' || command END AS named, recent.run,
    recent.started, gates.verdict
FROM {_RECENT} AS recent CROSS JOIN gates ON run_id = recent.id JOIN subjects ON subjects.id = subject_id
ORDER BY named, recent.started, recent.run
"""  # noqa: S608 - names of our own
_RUNS = f"SELECT run, started, duration_ms, command FROM {_RECENT} ORDER BY command, started, run"  # noqa: S608 - names of our own
_SUITES = f"""
SELECT recent.run, recent.started, sum(tests.duration_ms)
FROM {_RECENT} AS recent CROSS JOIN tests ON run_id = id GROUP BY recent.id ORDER BY recent.started, recent.run
"""  # noqa: S608 - names of our own


class _Outcome(NamedTuple):
    test: str
    gate: int
    machine: str
    outcome: str
    reruns: int
    duration_ms: float
    started: str
    tree: str

    @property
    def bad(self) -> bool:
        return self.outcome in BAD


def flaky(store: Store, limit: int = 20, runs: int = 50) -> tuple[Flaky, ...]:
    """Tests whose outcome moved in the newest `runs` runs that ran tests, those that flip the most first.

    A run that took its tests from the cache ran none. Skipped tests are passed over. Runs are neighbours where the same
    gate ran the test on the same kind of machine: what always fails on one and never on another does not flip.

    Raises:
        StoreError: the store cannot be read.
    """
    found = [_flaky(test, outcomes) for test, outcomes in _by_test(store, runs)]
    moved = [one for one in found if one.flips or one.reruns]
    return tuple(sorted(moved, key=lambda one: (-one.rate, -one.reruns, one.test))[:limit])


def slowest(store: Store, limit: int = 20, runs: int = 20) -> tuple[Slow, ...]:
    """Tests that took the longest in the newest `runs` runs that ran tests, by their median.

    Raises:
        StoreError: the store cannot be read.
    """
    found = [_slow(test, [one.duration_ms for one in outcomes]) for test, outcomes in _by_test(store, runs)]
    return tuple(sorted(found, key=lambda one: (-one.median_ms, one.test))[:limit])


def series(store: Store, runs: int = 50) -> tuple[Series, ...]:
    """Numbers over the newest `runs` runs: measures, verdicts of gates, durations of tests and of commands.

    A verdict is 1 where it passed, 0.5 where it is undecided, 0 where it failed; that of `gates prove` is of the proof.
    Limits are those of the newest run.

    Raises:
        StoreError: the store cannot be read.
    """
    with store.reading():
        return (*_measures(store, runs), *_verdicts(store, runs), *_durations(store, runs))


def _by_test(store: Store, runs: int) -> Iterator[tuple[str, list[_Outcome]]]:
    with store.reading():
        rows = [_Outcome(*row) for row in store.connection.execute(_OUTCOMES, (runs,))]
    for test, found in groupby(rows, key=lambda one: one.test):
        yield test, list(found)


def _flaky(test: str, outcomes: Sequence[_Outcome]) -> Flaky:
    alike: dict[tuple[int, str], list[_Outcome]] = {}
    for one in outcomes:
        alike.setdefault((one.gate, one.machine), []).append(one)
    pairs = [pair for found in alike.values() for pair in pairwise(found)]
    flips = [(before, after) for before, after in pairs if before.bad != after.bad]
    return Flaky(
        test=test,
        runs=len(outcomes),
        failures=sum(one.bad for one in outcomes),
        pairs=len(pairs),
        flips=len(flips),
        same_tree=sum(bool(before.tree) and before.tree == after.tree for before, after in flips),
        reruns=sum(one.reruns for one in outcomes),
        rate=round(len(flips) / len(pairs), 4) if pairs else 0.0,
        last=outcomes[-1].started,
    )


def _slow(test: str, durations: Sequence[float]) -> Slow:
    middle = round(median(durations), 3)
    return Slow(test=test, runs=len(durations), median_ms=middle, most_ms=max(durations), last_ms=durations[-1])


def _measures(store: Store, runs: int) -> Iterator[Series]:
    rows = store.connection.execute(_MEASURES, (runs,)).fetchall()
    for name, found in groupby(rows, key=lambda row: row[0]):
        points = list(found)
        _, _, _, _, unit, bound, direction = points[-1]
        values = tuple((row[1], row[2], row[3]) for row in points)
        yield Series(name=name, unit=unit, limit=bound, direction=direction, points=values)


def _verdicts(store: Store, runs: int) -> Iterator[Series]:
    rows = store.connection.execute(_GATES, (runs,)).fetchall()
    for name, found in groupby(rows, key=lambda row: row[0]):
        values = tuple((run, started, VERDICTS[verdict]) for _, run, started, verdict in found)
        yield Series(name=name, unit="verdict", limit=None, direction=None, points=values)


def _durations(store: Store, runs: int) -> Iterator[Series]:
    suites = tuple(store.connection.execute(_SUITES, (runs,)))
    if suites:
        yield Series(name="duration of tests", unit="ms", limit=None, direction=None, points=suites)
    rows = store.connection.execute(_RUNS, (runs,)).fetchall()
    for command, found in groupby(rows, key=lambda row: row[3]):
        values = tuple((run, started, float(spent)) for run, started, spent, _ in found)
        yield Series(name=f"duration of gates {command}", unit="ms", limit=None, direction=None, points=values)
