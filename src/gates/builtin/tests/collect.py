"""Collect: run the suite as the project runs it, and read what was recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.suite import by_hand, options, running
from gates.builtin.suite.options import PytestOptions
from gates.builtin.tests import consistency, coverage, durations, siblings, stored_run, summary
from gates.builtin.tests.coverage import Measuring
from gates.builtin.tests.settings import TestsSettings
from gates.model.evidence import Refusal, refuse
from gates.model.gate import Context, Shard
from gates.model.tested import NOT_MEASURED, TestsEvidence
from gates.project.layout import ASIDE, ASIDE_MODULES

if TYPE_CHECKING:
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter

RECORD = "record.jsonl"
COMPLAINT = re.compile(r"^(?:FAIL Required test coverage of .*|ERROR: Coverage failure: .*)$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def collect(context: Context[TestsSettings]) -> TestsEvidence | Refusal:
    """The facts of a new run, or of the recorded one that the settings name."""
    settings = context.settings
    python = context.python
    if isinstance(python, Refusal):
        return python
    unknown = _unknown_code(context)
    if unknown is not None:
        return unknown
    environ = {**context.environ, **settings.env}
    read = options.read(context.project.root, settings.args, environ)
    found = _run(context, python, read, environ) if settings.record is None else _stored(context, python, read)
    if isinstance(found, Refusal):
        return found
    against = consistency.problem(found, named=settings.packages, allow_installed=settings.allow_installed)
    if settings.record is not None:
        context.volatile("a recorded run is read anew each time")
    elif against is not None:
        context.volatile(against.message)
    elif consistency.bad(found):
        context.volatile("not every test passed or was skipped")
    elif (sibling := siblings.outside(python, context.project.root)) is not None:
        context.volatile(f"{sibling} is installed from outside the project")
    return found


def arguments(settings: TestsSettings, recording: str, shard: Shard | None, cut_by: str | None) -> tuple[str, ...]:
    """What pytest is given after its name."""
    sharded = () if shard is None else (f"--vltair-shard={shard}",)
    cut = () if shard is None or cut_by is None else (f"--vltair-durations={cut_by}",)
    return (*running.arguments(settings.args, recording), *sharded, *cut)


def _stored(context: Context[TestsSettings], python: Interpreter, read: PytestOptions) -> TestsEvidence | Refusal:
    settings = context.settings
    run = stored_run.load(context, settings.record or "", python, read)
    if isinstance(run, Refusal):
        return run
    context.record(context.project.root / (settings.record or ""))
    durations.keep(run, context.state)
    return summary.evidence(
        run,
        root=context.project.root,
        packages=_packages(context),
        options=read,
        ended_with=run.end.exitstatus,
        coverage=NOT_MEASURED,
        complaints=(),
        judged=by_hand.judged(python, context.project.root),
        redact=context.redact,
    )


def _run(
    context: Context[TestsSettings], python: Interpreter, read: PytestOptions, environ: Mapping[str, str]
) -> TestsEvidence | Refusal:
    pytest = context.tool("pytest", judged=True)
    if isinstance(pytest, Refusal):
        return pytest
    plugin = context.tool("pytest-vltair", module="pytest_vltair", judged=True)
    if isinstance(plugin, Refusal):
        return Refusal(msgspec.structs.replace(plugin.reason, code="package_missing"))
    measuring: Measuring | None = None
    if context.demanded & coverage.FACILITIES:
        prepared = coverage.prepare(context, read, context.demanded, environ)
        if isinstance(prepared, Refusal):
            return prepared
        measuring = prepared
    recording = context.scratch / RECORD
    completed = _pytest(context, pytest.argv, measuring, recording)
    run = running.recorded(completed, recording, python, context.project.root, "tests")
    if isinstance(run, Refusal):
        return run
    context.record(recording)
    durations.keep(run, context.state)
    measured = NOT_MEASURED if measuring is None else coverage.combine(context, measuring)
    if isinstance(measured, Refusal):
        return measured
    return summary.evidence(
        run,
        root=context.project.root,
        packages=_packages(context),
        options=read,
        ended_with=run.end.exitstatus if completed.code is None else completed.code,
        coverage=measured,
        complaints=[ANSI.sub("", line) for line in COMPLAINT.findall(ANSI.sub("", completed.text))],
        judged=by_hand.judged(python, context.project.root),
        redact=context.redact,
    )


def _pytest(
    context: Context[TestsSettings], pytest: Sequence[str], measuring: Measuring | None, recording: Path
) -> Completed:
    settings = context.settings
    cut_by = context.state / durations.NAME
    given = arguments(settings, str(recording), context.shard, str(cut_by) if durations.read(context.state) else None)
    variables = dict(running.variables(settings.env))
    command: Sequence[str] = pytest
    if measuring is not None:
        command = measuring.command
        given += measuring.pytest_args
        variables |= measuring.env
    context.progress("pytest is running")
    return context.run(
        (*command, *given), env=variables, cwd=context.project.root, timeout=settings.timeout * running.LONGEST
    )


def _unknown_code(context: Context[TestsSettings]) -> Refusal | None:
    """A refusal where it cannot be seen which copy of the project's code is tested, since its names are not known."""
    settings, layout = context.settings, context.project.layout
    if layout.packages or settings.packages is not None or settings.allow_installed:
        return None
    code = next((path for path in layout.python if _is_product(path, layout.tests)), None)
    if code is None:
        return None
    message = f"the import names of the project's code ({code}) are not known, so neither is which copy is tested"
    fix = 'set packages in [tool.gates.tests]: packages = ["name"], or [] where there is nothing to import'
    return refuse("evidence_incomplete", message, fix)


def _is_product(path: str, tests: Sequence[str]) -> bool:
    """Whether a Python file can be imported and is neither test nor script, by the names that the layout goes by."""
    *folders, name = path.rpartition(".")[0].split("/")
    aside = folders[0] in ASIDE - {"src"} if folders else name in ASIDE_MODULES
    importable = all(one.isidentifier() for one in (*folders, name))
    is_test = name == "conftest" or name.startswith("test_") or name.endswith("_test")
    return importable and not (aside or is_test or any(_below(path, one) for one in tests))


def _below(path: str, place: str) -> bool:
    return place in {".", path} or path.startswith(f"{place}/")


def _packages(context: Context[TestsSettings]) -> tuple[str, ...]:
    named = context.settings.packages
    return context.project.layout.packages if named is None else named
