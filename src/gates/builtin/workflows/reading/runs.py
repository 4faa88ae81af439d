"""Runs: every job of the workflows, in all of its combinations, those of called workflows too."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gates.project.wiring import expression, matrix
from gates.project.wiring.expression import Scope
from gates.project.wiring.workflow import Job, Workflow

DEEPEST = 4
"""Workflows that call workflows; GitHub allows a few more."""


@dataclass(frozen=True)
class Run:
    """A job of the workflow `path` in its combinations, each a scope for expressions; `unknown` is why not all."""

    path: str
    job: Job
    env: Mapping[str, str]
    scopes: tuple[Scope, ...]
    unknown: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A job that calls a workflow that is not here."""

    path: str
    job: Job
    calls: str


def of(workflows: Mapping[str, Workflow]) -> Iterator[Run | Elsewhere]:
    """The jobs of all workflows; one that only others call counts once for each call, and once if nobody does."""
    called = {
        posixpath.normpath(job.calls.text) for one in workflows.values() for job in one.jobs if job.calls is not None
    }
    for path, one in workflows.items():
        if one.alone or path not in called:
            yield from _jobs(one, workflows, {}, 0)


def _jobs(one: Workflow, workflows: Mapping[str, Workflow], given: Scope, depth: int) -> Iterator[Run | Elsewhere]:
    base = {f"inputs.{name}": text for name, text in one.inputs.items()} | dict(given)
    for job in one.jobs:
        scope = base | _named("env", one.env, base)
        scope |= _named("env", job.env, scope)
        combinations = matrix.of(job.strategy, scope)
        scopes = tuple(scope | dict(held) for held in combinations.held)
        if job.calls is None:
            yield Run(one.path, job, {**one.env, **job.env}, scopes, combinations.unknown)
            continue
        callee = workflows.get(posixpath.normpath(job.calls.text)) if job.calls.text.startswith("./") else None
        if callee is None or depth >= DEEPEST or not scopes:
            yield Elsewhere(one.path, job, job.calls.text)
            continue
        for inner in scopes:
            passed = {f"inputs.{name}": expression.resolved(node.text, inner) for name, node in job.inputs.items()}
            yield from _jobs(callee, workflows, passed, depth + 1)


def _named(prefix: str, held: Mapping[str, str], scope: Scope) -> dict[str, str]:
    return {f"{prefix}.{name}": expression.resolved(text, scope) for name, text in held.items()}
