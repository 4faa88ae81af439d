"""Held: what the processes of a run held still, and what its tests left behind."""

from __future__ import annotations

from collections.abc import Callable

from gates.builtin.suite.record import RecordedRun
from gates.model.evidence import counted
from gates.model.recorded_run import Fixed
from gates.model.tested import Held, Leak, Process


def processes(run: RecordedRun, shard: int, text: Callable[[str], str]) -> list[Process]:
    """Each process that said at its start and at its end what it held, by name; `text` makes words fit to be kept."""
    start = {one.worker: one for one in run.fixed if one.when == "start"}
    end = {one.worker: one for one in run.fixed if one.when == "end"}
    found = [_process(start[worker], end[worker], shard, text) for worker in start if worker in end]
    return sorted(found, key=lambda one: one.name)


def leaks(run: RecordedRun, text: Callable[[str], str]) -> list[Leak]:
    """Every leak, sorted by test, kind and words."""
    found = [
        Leak(test=one.nodeid, kind=one.kind, what=text(one.what), by=text(one.by), restored=one.restored)
        for one in run.leaks
    ]
    return sorted(found, key=lambda one: (one.test, one.kind, one.what, one.by, one.restored))


def _process(start: Fixed, end: Fixed, shard: int, text: Callable[[str], str]) -> Process:
    kinds = sorted(set(start.kinds) & set(end.kinds))
    return Process(
        name=start.worker or "pytest",
        shard=shard,
        mode=start.mode if start.mode == end.mode else "off",
        leaks=start.leaks if start.leaks == end.leaks else "off",
        kinds=counted(map(text, kinds)),
        allowed=counted(map(text, sorted(set(start.allowed) | set(end.allowed)))),
        factors=counted(_held(name, start, end, text) for name in sorted(start.factors.keys() & end.factors.keys())),
    )


def _held(name: str, start: Fixed, end: Fixed, text: Callable[[str], str]) -> Held:
    began, ended = start.factors[name], end.factors[name]
    return Held(
        name=name,
        demanded=text(began.demanded),
        place=text(began.place),
        began=text(began.shown),
        ended=text(ended.shown),
    )
