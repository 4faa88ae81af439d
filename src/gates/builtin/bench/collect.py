"""Collect: base and head measured side by side, or head alone for the history, or files of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.builtin.bench import machine, noise, sides, stored, suspects
from gates.builtin.bench.facts import BenchEvidence, Mode
from gates.builtin.bench.paired import channel, measuring
from gates.builtin.bench.paired.measuring import Effort, Measured, Measuring
from gates.builtin.bench.sides import Sides
from gates.model.evidence import Refusal, counted, refuse
from gates.project import base as project_base

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

SCHEMA_VERSION = 1


def collect(context: Context[BenchSettings]) -> BenchEvidence | Refusal:
    """The facts of a comparison, or why there is none."""
    python = context.python
    if isinstance(python, Refusal):
        return python
    if context.settings.data:
        return stored.collect(context, python)
    missing = _missing(context)
    if missing is not None:
        return missing
    return _compared(context, python, _base(context))


def _compared(
    context: Context[BenchSettings], python: Interpreter, base: str | Refusal | None
) -> BenchEvidence | Refusal:
    if isinstance(base, Refusal):
        return base
    context.progress("the sides are made")
    watch = noise.Watch()
    with sides.made(context, base) as made, channel.opened() as exchange:
        if isinstance(made, Refusal):
            return made
        effort = suspects.effort(context.settings)
        measured = Measuring(context, python, made, exchange, effort).run()
        if isinstance(measured, Refusal):
            return measured
        return _evidence(context, python, base, made, measured, watch, effort)


def _missing(context: Context[BenchSettings]) -> Refusal | None:
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


def _evidence(
    context: Context[BenchSettings],
    python: Interpreter,
    base: str | None,
    made: Sides,
    measured: Measured,
    watch: noise.Watch,
    effort: Effort,
) -> BenchEvidence | Refusal:
    here = machine.here(context, python)
    if isinstance(here, Refusal):
        return here
    benchmarks = [*measured.benchmarks, *measuring.left(measured)]
    if not benchmarks:
        return measuring.nothing()
    mode: Mode = "stored" if base is None else "paired"
    past = stored.past(context, here, benchmarks) if base is None else ()
    if isinstance(past, Refusal):
        return past
    return BenchEvidence(
        schema_version=SCHEMA_VERSION,
        mode=mode,
        base=base,
        planned=effort.planned(len(measured.benchmarks)),
        most=effort.most,
        machine=here,
        noise=watch.ended(),
        differing=counted(made.differing),
        base_ids=counted(sorted(one.id for one in measured.before)),
        head_ids=counted(sorted(one.id for one in measured.benchmarks)),
        benchmarks=counted(sorted(benchmarks, key=lambda one: one.id)),
        files=counted(()),
        history=counted(past),
        notes=counted(made.notes),
    )
