"""Uses: what workflows and actions take from elsewhere, and whether it can become something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.workflows.facts import Used
from gates.builtin.workflows.reading.place import Place
from gates.project.wiring.document import Node
from gates.project.wiring.workflow import Workflow

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


def of(place: Place) -> Iterator[Used]:
    """Each `uses` that is not of this repository."""
    for name, one in place.workflows.items():
        for job, node in _nodes(one):
            text = node.text.strip()
            if text and not text.startswith("./"):
                yield _used(place.shown(name), job, node.line, text)


def _nodes(one: Workflow) -> Iterator[tuple[str, Node]]:
    for job in one.jobs:
        if job.calls is not None:
            yield job.name, job.calls
        for step in job.steps:
            if step.uses is not None:
                yield job.name, step.uses
    for step in one.steps:
        if step.uses is not None:
            yield "", step.uses


def _used(path: str, job: str, line: int, text: str) -> Used:
    if text.startswith("docker://"):
        action, _, ref = text.partition("@")
        pinned = _DIGEST.search(text) is not None
    else:
        action, _, ref = text.rpartition("@")
        pinned = _COMMIT.fullmatch(ref) is not None and bool(action)
    return Used(path=path, line=line, job=job, action=action or ref, ref=ref if action else "", pinned=pinned)
