"""Pipeline: the files of a CI (workflows, actions, pipelines) and of hook runners that are YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gates.project.wiring import script
from gates.project.wiring.document import Node, NotYaml, nodes
from gates.project.wiring.script import Mode
from gates.project.wiring.wire import Unreadable, Wire, Wiring, joined

COMMANDS = frozenset({"after_script", "bash", "before_script", "command", "commands", "install", "run", "script"})
"""Keys whose text (or list of texts) is shell."""
FORGIVING = ("continue-on-error", "continueOnError", "allow_failure", "soft_fail")
"""Keys that take a failure away, unless they are false."""
RUNS_ANYWAY = re.compile(r"(\$\{\{)?\s*(always\(\)|success\(\)|!\s*cancelled\(\)|true)\s*(\}\})?")
FILTERS = ("paths", "paths-ignore")
ACTIONS = {"pytest-vltair": "gates", "ruff-action": "ruff", "pre-commit-action": "pre-commit", "action": "pre-commit"}
ERREXIT = Mode(errexit=True)
SAFE = Mode(errexit=True, pipefail=True)
FOREIGN = frozenset({"node", "perl", "python", "python3", "ruby"})
"""Shells that are none: their text is a program of another language."""


@dataclass(frozen=True)
class _Place:
    """What the mappings round a text say of it."""

    path: str
    mode: Mode
    clause: str = ""
    within: str = ""
    lost_only: bool = False
    foreign: bool = False


def of(path: str, text: str, *, lost_only: bool = False) -> Wiring:
    """The wires of a workflow, of a composite action, or of another CI's pipeline.

    With `lost_only` a line is defused only where it runs and its failure is lost: a condition under which it does not
    run at all, or a tool that is called so that it rewrites instead of judging, takes no failure away.
    """
    try:
        documents = list(nodes(text))
    except NotYaml as error:
        return Wiring(unreadable=(Unreadable(path=path, line=error.line, why=str(error)),))
    found: list[Wiring] = []
    for document in documents:
        # What GitHub runs without a named shell is `bash -e`; elsewhere each line's failure ends the job.
        place = _Place(path, ERREXIT, "" if lost_only else _filtered(document), lost_only=lost_only)
        jobs = document.get("jobs")
        found += _below(document, place, {} if jobs is None else dict(jobs.items()))
    return joined(found)


def _below(node: Node, place: _Place, jobs: dict[str, Node]) -> Iterator[Wiring]:
    place = _in(node, place)
    for key, child in node.items():
        inner = place
        if key == "after_script":
            inner = replace(place, clause=place.clause or "a failure of `after_script` does not count")
        if node.parent_key == "jobs":
            skipped = "" if place.lost_only else _needed(child, jobs, {key})
            inner = replace(place, within=key, clause=place.clause or skipped)
        elif node.parent is None and key not in {"jobs", "runs", "steps"}:
            inner = replace(place, within=key)
        if key in COMMANDS:
            yield from _texts(child, inner)
        if key == "uses":
            yield _used(child, inner)
        yield from _below(child, inner, jobs)
    for child in node.entries():
        yield from _below(child, place, jobs)


def _in(node: Node, place: _Place) -> _Place:
    clause = place.clause or _excused(node, constant=place.lost_only) or ("" if place.lost_only else _skippable(node))
    named = _shell(node)
    if named is None:
        return replace(place, clause=clause)
    return replace(place, clause=clause, mode=_mode(named), foreign=named.split()[0] in FOREIGN)


def _excused(node: Node, *, constant: bool = False) -> str:
    """Why a failure below this mapping does not count; with `constant` an expression is no reason."""
    for key in FORGIVING:
        value = node.get(key)
        if constant and value is not None and "${{" in value.text:
            continue
        if value is not None and value.text.lower() not in {"false", "no", "off", ""}:
            return f"`{key}: {value.text}`" if not value.is_container else f"`{key}`"
    return ""


def _skippable(node: Node) -> str:
    """Why what is below this mapping may not run at all."""
    condition = node.get("if")
    if condition is not None and not RUNS_ANYWAY.fullmatch(condition.text) and "always()" not in condition.text:
        return f"`if: {' '.join(condition.text.split())}` can skip it"
    when = node.get("when")
    return "`when: manual` leaves it to a person" if when is not None and when.text == "manual" else ""


def _needed(job: Node, jobs: dict[str, Node], seen: set[str]) -> str:
    """Why a job may be skipped because one that it needs is."""
    needs = job.get("needs")
    if needs is None or job.get("if") is not None:
        return ""
    for name in [needs.text, *(entry.text for entry in needs.entries())]:
        if name in jobs and name not in seen:
            condition = jobs[name].get("if")
            skipped = _excused(jobs[name]) or _skippable(jobs[name]) if condition is not None else ""
            why = skipped or _needed(jobs[name], jobs, seen | {name})
            if why.startswith("`if:"):
                return f"it needs the job {name}: {why}"
            if why:
                return why
    return ""


def _filtered(document: Node) -> str:
    """Why a change may not start the workflow at all."""
    on = document.get("on") or document.get("true")
    if on is None:
        return ""
    for event in ("pull_request", "merge_request"):
        for key in FILTERS:
            if (trigger := on.get(event)) is not None and trigger.get(key) is not None:
                return f"`{key}` under `{event}` can skip the workflow"
    return ""


def _shell(node: Node) -> str | None:
    """The shell that a step names, or a job or workflow for all of its steps."""
    named = node.get("shell")
    if named is None:
        defaults = node.get("defaults")
        run = defaults.get("run") if defaults is not None else None
        named = run.get("shell") if run is not None else None
    return None if named is None or not named.text.split() else named.text


def _mode(named: str) -> Mode:
    if named in {"bash", "sh"}:
        return SAFE if named == "bash" else ERREXIT
    return Mode().after(tuple(named.split()[1:]))


def _texts(node: Node, place: _Place) -> Iterator[Wiring]:
    for one in [node, *node.entries()]:
        if not one.is_container and not place.foreign:
            yield script.wires(
                place.path,
                one.text,
                first=one.line,
                mode=place.mode,
                clause=place.clause,
                within=place.within,
                lost_only=place.lost_only,
            )


def _used(node: Node, place: _Place) -> Wiring:
    """A step that calls an action that is a tool."""
    repository = node.text.partition("@")[0]
    tool = ACTIONS.get(repository.rpartition("/")[2])
    if tool is None or (tool == "pre-commit" and "pre-commit" not in repository):
        return Wiring()
    text = f"uses: {node.text}"
    return Wiring(
        wires=(Wire(path=place.path, line=node.line, tool=tool, text=text, defused=place.clause, within=place.within),)
    )
