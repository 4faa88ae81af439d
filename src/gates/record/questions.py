"""Questions: what people and machines ask of the store."""

from __future__ import annotations

from pathlib import Path

from gates.record.answers import Execution, Filter, Flaky, Pattern, Run, RunDetail, Series, Slow
from gates.record.store import Store


def open_store(root: Path, *, refresh: bool = True) -> Store:
    """The store of the project at `root`, with all that its event files hold by now unless `refresh` is False.

    Close it, or use it in a `with`.

    Raises:
        StoreError: it cannot be read, or it was made by a newer version.
    """
    raise NotImplementedError


def runs(store: Store, wanted: Filter) -> tuple[Run, ...]:
    """The runs that a filter lets through, newest first."""
    raise NotImplementedError


def run(store: Store, name: str) -> RunDetail | None:
    """All about the run whose name is `name` or begins so; None where there is none, or more than one."""
    raise NotImplementedError


def trace(store: Store, trace_id: str) -> tuple[Execution, ...]:
    """Every attempt at one question, the first one first; empty where the trace is unknown."""
    raise NotImplementedError


def last_failed(store: Store, limit: int = 20) -> tuple[Execution, ...]:
    """Executions that did not pass in the newest run of their subject: tests before gates, newest first."""
    raise NotImplementedError


def patterns(store: Store, wanted: Filter, limit: int = 20) -> tuple[Pattern, ...]:
    """Failures of the runs that a filter lets through, grouped by stack hash, the most frequent first."""
    raise NotImplementedError


def flaky(store: Store, limit: int = 20, runs: int = 50) -> tuple[Flaky, ...]:
    """Tests whose outcome moved in the newest `runs` runs with tests, those that flip the most first."""
    raise NotImplementedError


def slowest(store: Store, limit: int = 20, runs: int = 20) -> tuple[Slow, ...]:
    """Tests that took the longest in the newest `runs` runs with tests, by their median."""
    raise NotImplementedError


def series(store: Store, runs: int = 50) -> tuple[Series, ...]:
    """Numbers over the newest `runs` runs: each measure of each gate, the suite's duration, and the verdicts."""
    raise NotImplementedError
