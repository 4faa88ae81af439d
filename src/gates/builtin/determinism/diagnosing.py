"""Diagnosing: what the tests of the run do under other factors, within the time that the settings give."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gates.builtin.determinism import commands
from gates.builtin.determinism.commands import Asked, Means
from gates.builtin.determinism.facts import Diagnosed, Diagnosis, Flips, Unvaried
from gates.builtin.suite import running
from gates.errors import UsageError
from gates.model.evidence import Refusal, counted, refuse

if TYPE_CHECKING:
    from gates.builtin.determinism.settings import DeterminismSettings
    from gates.model.diagnosis import DiagnosisReport, TestDiagnosis
    from gates.model.gate import Context
    from gates.model.tested import TestsEvidence


def run(context: Context[DeterminismSettings], tests: TestsEvidence) -> Diagnosis | Refusal:
    """What is known of each test that was selected, or why nothing is."""
    python, settings = context.python, context.needed["tests"]
    if isinstance(python, Refusal):
        return python
    tool = context.tool("pytest", module="pytest", judged=True)
    if isinstance(tool, Refusal):
        return tool
    own = context.settings
    means = Means(
        project=context.project,
        interpreter=python,
        environ={**context.environ, **settings.env},
        state=context.state,
        scratch=context.scratch,
        jobs=0,
        deadline=time.monotonic() + min(own.budget, own.timeout * running.LONGEST),
        args=settings.args,
        say=context.progress,
    )
    try:
        report = commands.diagnose(means, Asked(tests=tests.selected.items))
    except UsageError as error:
        return refuse("evidence_incomplete", f"the screen found other tests than the run: {error}", "gates diagnose")
    return _facts(report, tests)


def _facts(report: DiagnosisReport, tests: TestsEvidence) -> Diagnosis:
    places = {one.id: (one.path, one.line) for one in tests.results.items}
    return Diagnosis(
        done=not report.reason,
        tests=counted(_fact(one, *places.get(one.nodeid, (None, None))) for one in report.tests),
        varied=counted(sorted(report.factors_tried)),
        not_varied=counted(Unvaried(name=one.name, reason=one.reason) for one in report.factors_not_applied),
        reason=report.reason,
    )


def _fact(one: TestDiagnosis, path: str | None, line: int | None) -> Diagnosed:
    return Diagnosed(
        id=one.nodeid,
        stable=one.stable,
        reason=one.reason,
        kind=one.kind,
        factors=counted(Flips(name=flip.name, flips=flip.flips, runs=flip.runs) for flip in one.factors),
        culprits=counted(one.culprits),
        sites=counted(f"{site.path}:{site.line}" for site in one.sites),
        path=path,
        line=line,
        reproduce=one.reproduce,
    )
