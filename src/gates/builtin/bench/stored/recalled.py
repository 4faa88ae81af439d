"""Recalled: the history in rows, newest first, each with what changed since the run before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from gates.builtin.bench import machine
from gates.builtin.bench.facts import Machine
from gates.builtin.bench.stored import history
from gates.builtin.bench.stored.history import Process, Run
from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context


def tables(context: Context[BenchSettings]) -> Mapping[str, Any] | Refusal:
    """Every machine of the history with its runs, this one first, then those with the newest runs.

    `current` is whether it is this machine, `differs` what another one differs in.
    """
    runs = history.read(context.project.root, context.settings.history)
    if isinstance(runs, Refusal):
        return runs
    here = _here(context)
    if isinstance(here, Refusal):
        return here
    machines = dict.fromkeys([here, *(run.machine for run in reversed(runs))])
    return {
        "history": context.settings.history,
        "machines": [_machine(one, here, [run for run in runs if run.machine == one]) for one in machines],
    }


def _here(context: Context[BenchSettings]) -> Machine | Refusal:
    python = context.python
    return python if isinstance(python, Refusal) else machine.here(context, python)


def _machine(one: Machine, here: Machine, runs: Sequence[Run]) -> Mapping[str, Any]:
    names = sorted({name for run in runs for name in run.benchmarks})
    return {
        "current": one == here,
        "machine": {name: getattr(one, name) for name in Machine.__struct_fields__},
        "differs": list(machine.differences(one, here)),
        "runs": len(runs),
        "benchmarks": [{"name": name, "runs": list(_rows(name, runs))} for name in names],
    }


def _rows(name: str, runs: Sequence[Run]) -> Iterator[Mapping[str, Any]]:
    """The runs that have the benchmark, newest first."""
    having = [(number, run) for number, run in history.numbered(runs) if name in run.benchmarks]
    for at, (number, run) in enumerate(having):
        now = run.benchmarks[name]
        before = having[at + 1][1].benchmarks[name] if at + 1 < len(having) else None
        past = history.past(history.label(number, run), now)
        yield {
            "run": number,
            "commit": run.commit,
            "date": run.date,
            "processes": len(now),
            "least": min(past.processes.items),
            "median": past.median,
            "p95": past.p95,
            "change": None if before is None else _level(now) / _level(before) - 1,
            "overlaps": None if before is None else _overlap(now, before),
        }


def _level(processes: Sequence[Process]) -> float:
    """What runs are compared by: the median over its processes of the least time."""
    return median(one.least for one in processes)


def _overlap(now: Sequence[Process], before: Sequence[Process]) -> bool:
    """Whether the processes of two runs lie among each other, so that the change may be none."""
    one, other = ([process.least for process in processes] for processes in (now, before))
    return min(one) <= max(other) and min(other) <= max(one)
