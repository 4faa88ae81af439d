"""Collect: base and head measured side by side, or head alone for the history, or files of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.builtin.bench import comparing, suspects
from gates.builtin.bench.facts import BenchEvidence
from gates.builtin.bench.stored import data
from gates.model.evidence import Refusal, refuse
from gates.project import base as project_base

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context


def collect(context: Context[BenchSettings]) -> BenchEvidence | Refusal:
    """The facts of a comparison, or why there is none."""
    python = context.python
    if isinstance(python, Refusal):
        return python
    if context.settings.data:
        return data.collect(context, python)
    base = missing(context) or _base(context)
    if isinstance(base, Refusal):
        return base
    with comparing.opened(context, python, base) as comparison:
        if isinstance(comparison, Refusal):
            return comparison
        found = comparison.evidence(suspects.effort(context.settings))
    if not isinstance(found, Refusal) and suspects.doubtful(found, context.settings):
        context.volatile("what is slower, or what nobody can judge, is measured anew each time")
    return found


def missing(context: Context[BenchSettings]) -> Refusal | None:
    """What is not installed in the judged environment, if so."""
    for name, module in (("pytest", "pytest"), ("pytest-vltair", "pytest_vltair")):
        tool = context.tool(name, module=module, judged=True)
        if isinstance(tool, Refusal):
            return tool
    return None


def _base(context: Context[BenchSettings]) -> str | Refusal | None:
    """The commit of the other side; None where head is measured alone."""
    mode = context.settings.mode
    if mode == "stored":
        return None
    if context.base is None and (mode == "paired" or project_base.on_pull_request(context.environ)):
        reason = context.no_base
        if reason is not None:
            return Refusal(reason)
        return refuse("no_base", "there is no commit to compare with", "gates check bench --base REF")
    return context.base
