"""Losing: the lines whose failure is lost, and the jobs that do not look at those of others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.workflows.facts import Lost, Unchecked
from gates.builtin.workflows.reading.place import Place
from gates.model.reason import Reason
from gates.project.wiring import Unreadable, Wire, Wiring, expression, matrix, pipeline, shell
from gates.project.wiring.tools import TOOLS
from gates.project.wiring.workflow import Job, texts

_ASKS = re.compile(r"needs\s*[.\[].*(?:result|\*)|toJSON\(\s*needs\s*\)", re.IGNORECASE | re.DOTALL)
_ANYWAY = re.compile(r"always\(\)|!\s*cancelled\(\)")
_STANDS_FOR_OTHERS = frozenset({
    "all", "complete", "conclusion", "done", "gate", "gates", "green", "ok", "pass", "passed", "passing", "required",
    "status", "success",
})  # fmt: skip
_WHOLE = frozenset({"check", "checks", "ci", "result", "results"})
_COMMITS = re.compile(
    r"git (?:commit|push)|gh pr create|create-pull-request|git-auto-commit|pre-commit-ci-lite|add-and-commit"
)
_MAKEFILE = re.compile(r"(?:.*/)?(?:GNUm|[Mm])akefile|.*\.mk")
_REPORTED = "its exit code is lost in the words of"
"""Of a command inside another one's words: who asks a tool for a text does not ask for its judgement."""

_NOTHING = frozenset({":", "echo", "printf", "true"})


def wires(place: Place, name: str) -> tuple[Wire, ...]:
    """The lines of a workflow or action that call tools, each with why its failure is lost."""
    return _read(place, name).wires


def unread(place: Place) -> Iterator[Reason]:
    """The scripts of which nobody can tell whether a failure is lost in them."""
    for name in place.workflows:
        for one in _read(place, name).unreadable:
            where = place.shown(name) if one.line is None else f"{place.shown(name)}:{one.line}"
            message = f"the script at {where} cannot be read: {one.why}"
            yield Reason(code="unreadable", message=message, fix="move it into a file of its own, in plain steps")


def _read(place: Place, name: str) -> Wiring:
    try:
        return pipeline.of(name, place.texts[name], lost_only=True)
    except RecursionError:
        return Wiring(unreadable=(Unreadable(path=name, line=None, why="it nests too deeply"),))


def lost(place: Place) -> Iterator[Lost]:
    """The lines by way of which nothing can be red."""
    for name, one in place.workflows.items():
        jobs = {job.name: job for job in one.jobs}
        excused = {job.name: why for job in one.jobs if (why := _excused(job))}
        for wire in wires(place, name):
            why = wire.defused or excused.get(wire.within, "")
            if why and not why.startswith(_REPORTED) and not _is_handled(place, jobs.get(wire.within), wire):
                yield Lost(
                    path=place.shown(name),
                    line=wire.line,
                    job=wire.within,
                    tool=wire.tool,
                    text=wire.text,
                    why=why,
                )


def _is_handled(place: Place, job: Job | None, wire: Wire) -> bool:
    """Whether a line is no check: not of this project, its outcome is asked for, or its job commits."""
    if ("/" in wire.tool or wire.tool not in TOOLS) and wire.tool not in place.tree.files:
        return True
    if wire.tool == "make" and not any(_MAKEFILE.fullmatch(name) for name in place.tree.files):
        return True
    return job is not None and (commits(job) or _is_asked(job, wire))


def commits(job: Job) -> bool:
    """Whether a job commits what it makes, so that what it calls is there to change files."""
    return any(_COMMITS.search(text) for text in texts(job.node))


def _is_asked(job: Job, wire: Wire) -> bool:
    """Whether another step asks how the step with this line ended."""
    held = [one for one in job.steps if one.line <= wire.line]
    name = held[-1].node.get("id") if held else None
    return name is not None and any(f"steps.{name.text}.outcome" in text for text in texts(job.node))


def _excused(job: Job) -> str:
    """The clause for a job that may fail in each of its combinations, by an expression."""
    node = job.node.get("continue-on-error")
    if node is None or not expression.is_open(node.text):
        return ""
    scopes = matrix.of(job.strategy, {}).held
    told = [expression.truth(node.text, scope) for scope in scopes]
    return f"`continue-on-error: {node.text}`, which is true each time" if told and all(told) else ""


def unchecked(place: Place) -> Iterator[Unchecked]:
    """The jobs that stand for others and do not ask how those ended."""
    for name, one in place.workflows.items():
        for job in one.jobs:
            why = _unchecked(job) if job.needs and job.calls is None else ""
            if why:
                yield Unchecked(path=place.shown(name), line=job.line, job=job.name, why=why)


def _unchecked(job: Job) -> str:
    if any(_ASKS.search(text) for text in texts(job.node)):
        return ""
    idle = _is_idle(job)
    needed = ", ".join(job.needs)
    if _ANYWAY.search(job.condition) and (idle or _is_named_so(job)):
        return f"it runs whatever became of {needed}, and asks none of them for its result"
    if not job.condition and idle and _is_named_so(job):
        return f"it is skipped where one of {needed} fails, and a skipped check counts as passed"
    return ""


def _is_named_so(job: Job) -> bool:
    named = job.node.get("name")
    for text in (job.name, "" if named is None else named.text):
        words = re.findall(r"[a-z]+", text.lower())
        if words and (_STANDS_FOR_OTHERS & set(words) or (len(words) == 1 and words[0] in _WHOLE)):
            return True
    return False


def _is_idle(job: Job) -> bool:
    """Whether a job does nothing but say something."""
    if not job.steps or any(step.uses is not None for step in job.steps):
        return False
    try:
        scripts = [shell.parse(step.run.text) for step in job.steps if step.run is not None]
    except (shell.TooDeep, RecursionError):
        return False
    held = [command.words for script in scripts for command in shell.commands(script)]
    return all(words[0] in _NOTHING or words == ("exit", "0") for words in held)
