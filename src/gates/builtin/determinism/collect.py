"""Collect: what the tests run recorded, and a run in the reversed order where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gates.builtin.determinism import screen
from gates.builtin.determinism.facts import DeterminismEvidence, Ran
from gates.model.evidence import Refusal, counted, refuse
from gates.model.tested import Result, TestsEvidence

if TYPE_CHECKING:
    from gates.builtin.determinism.settings import DeterminismSettings
    from gates.model.gate import Context


def collect(context: Context[DeterminismSettings]) -> DeterminismEvidence | Refusal:
    """The facts of the tests run that bear on its determinism, and those of the reversed run."""
    tests = cast("TestsEvidence", context.needs["tests"])
    reversed_run = diagnosis = None
    wanted = context.settings.screen
    if wanted != "off" and context.shard is not None:
        message = f'screen = "{wanted}" compares whole suites, and this is a shard of one'
        return refuse("not_configured", message, 'set screen = "off" in [tool.gates.determinism]')
    if wanted == "full":
        from gates.builtin.determinism import diagnosing

        found = diagnosing.run(context, tests)
        if isinstance(found, Refusal):
            return found
        diagnosis = found
    if wanted == "reverse":
        answer = screen.run(context, tests)
        if isinstance(answer, Refusal):
            return answer
        reversed_run = answer
    parts = tests.parts.items
    return DeterminismEvidence(
        schema_version=tests.schema_version,
        selected=tests.selected.count,
        executed=sum(one.outcomes.executed for one in parts),
        interpreter=parts[0].interpreter if parts else "python",
        shards=counted(f"{one.index}/{one.count}" for one in parts),
        crashes=tests.crashes.count,
        processes=tests.processes,
        tests=counted(_ran(one) for one in tests.results.items),
        leaks=tests.leaks,
        screen=reversed_run,
        diagnosis=diagnosis,
        lanes=counted(()),
    )


def _ran(result: Result) -> Ran:
    failures = result.failures.items
    return Ran(
        id=result.id,
        outcome=result.outcome,
        reruns=result.reruns,
        message=failures[0].message if failures and result.outcome == "flaky" else "",
        path=result.path,
        line=result.line,
    )
