"""Testing: the jobs that run the tests, and under what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gates.builtin.workflows.facts import Tested, Unknown
from gates.builtin.workflows.reading import losing, pythons, systems
from gates.builtin.workflows.reading.place import Place
from gates.builtin.workflows.reading.runs import Elsewhere, Run
from gates.builtin.workflows.reading.testers import Testers
from gates.model.evidence import counted
from gates.project.wiring import Wire
from gates.project.wiring.workflow import Job, Step

NAMES: Mapping[str, tuple[str, ...]] = {
    "LC_ALL": ("LC_ALL", "LANG"),
    "PYTHONHASHSEED": ("PYTHONHASHSEED",),
    "TZ": ("TZ",),
}
"""The variables that hold something still, each with those that do for it."""

PROBABLY = re.compile(r"test|pytest|tox|nox|\bci\b", re.IGNORECASE)
"""What the name of a workflow of elsewhere has that may run the tests."""


APART = re.compile(r"lint|doc|metadata|style|typ(?:es|ing)|publish|release|deploy", re.IGNORECASE)
"""What the name of a job has that does not, whatever it calls."""


@dataclass(frozen=True)
class _Seen:
    """The lines with tests by file and job, those of composite actions by file alone."""

    place: Place
    testers: Testers
    lines: Mapping[tuple[str, str], tuple[Wire, ...]]

    def of(self, path: str, job: Job) -> tuple[Wire, ...]:
        """The lines with tests of a job, those of the repository's own actions that it uses too."""
        found = list(self.lines.get((path, job.name), ()))
        for step in job.steps:
            if step.uses is not None and step.uses.text.startswith("./"):
                folder = step.uses.text.removeprefix("./").rstrip("/")
                for name in ("action.yml", "action.yaml"):
                    found += self.lines.get((f"{folder}/{name}".removeprefix("/"), ""), ())
        return tuple(found)


def of(place: Place, runs: Sequence[Run | Elsewhere], testers: Testers) -> Iterator[Tested | Unknown]:
    """Each job that runs the tests, in all calls of it, and what its file does not say."""
    lines: dict[tuple[str, str], list[Wire]] = {}
    for name in place.workflows:
        for wire in losing.wires(place, name):
            if testers.runs(wire):
                lines.setdefault((name, wire.within), []).append(wire)
    seen = _Seen(place, testers, {key: tuple(held) for key, held in lines.items()})
    for run in runs:
        if isinstance(run, Elsewhere):
            if PROBABLY.search(f"{run.calls} {run.job.name}") and not APART.search(run.job.name):
                yield from _elsewhere(place, run)
            continue
        wires = () if losing.commits(run.job) else seen.of(run.path, run.job)
        if wires:
            yield from _run(seen, run, wires)


def _elsewhere(place: Place, run: Elsewhere) -> Iterator[Unknown]:
    why = f"it calls {run.calls}, which is not here"
    for about in ("python", "system"):
        yield Unknown(path=place.shown(run.path), line=run.job.line, job=run.job.name, about=about, why=why)


def _run(seen: _Seen, run: Run, wires: Sequence[Wire]) -> Iterator[Tested | Unknown]:
    path, job = seen.place.shown(run.path), run.job
    versions, no_python = pythons.of(run)
    named, no_system = systems.of(run)
    yield Tested(
        path=path,
        line=job.line,
        job=job.name,
        pythons=counted(sorted(versions)),
        systems=counted(sorted(named)),
        held=counted(name for name in NAMES if all(_holds(seen, run, wire, name) for wire in wires)),
    )
    if no_python:
        yield Unknown(path=path, line=job.line, job=job.name, about="python", why=no_python)
    if no_system:
        yield Unknown(path=path, line=job.line, job=job.name, about="system", why=no_system)


def _holds(seen: _Seen, run: Run, wire: Wire, name: str) -> bool:
    """Whether a variable, or one that does for it, has a fixed value where a line runs."""
    if wire.tool == "gates" and name == "PYTHONHASHSEED":
        # gates starts pytest with a hash seed of its own.
        return True
    step = _step(run.job, wire) if wire.path == run.path else None
    for one in NAMES[name]:
        env = {**run.env, **(step.env if step is not None else {})}
        if one in env:
            return not (one == "PYTHONHASHSEED" and env[one].strip() in {"random", ""})
        if any(_sets(text, one) for text in _earlier(run.job, step)) or seen.testers.holds(wire, one):
            return True
    return False


def _step(job: Job, wire: Wire) -> Step | None:
    """The step that has a line."""
    held = [one for one in job.steps if one.run is not None and one.run.line <= wire.line]
    return held[-1] if held else None


def _earlier(job: Job, step: Step | None) -> Iterator[str]:
    """What the step runs, and what earlier ones write for those that follow."""
    for one in job.steps:
        if one.run is None:
            continue
        if one is step:
            yield one.run.text
            return
        if "GITHUB_ENV" in one.run.text:
            yield one.run.text


def _sets(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w$]){name}=(?!random\b)\S", text) is not None
