"""Collect: run the suite as the project runs it, and read what was recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.tests import (
    by_hand,
    consistency,
    coverage,
    durations,
    options,
    record,
    siblings,
    stored_run,
    summary,
)
from gates.builtin.tests.coverage import Measuring
from gates.builtin.tests.facts import NOT_MEASURED, TestsEvidence
from gates.builtin.tests.options import PytestOptions
from gates.builtin.tests.record import RecordedRun
from gates.builtin.tests.settings import TestsSettings
from gates.model.evidence import Refusal, refuse
from gates.model.gate import Context, Shard
from gates.model.reason import ReasonCode
from gates.process import apart
from gates.project.layout import ASIDE, ASIDE_MODULES

if TYPE_CHECKING:
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter

RECORD = "record.jsonl"
LONGEST = 0.95
"""The share of the gate's time that pytest gets; the rest is for saying which tests hung."""

COMPLAINT = re.compile(r"^(?:FAIL Required test coverage of .*|ERROR: Coverage failure: .*)$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CONFTEST = re.compile(r"^ImportError while loading conftest '(?P<path>[^']+)'\.$", re.MULTILINE)
BADLY: Mapping[str, tuple[ReasonCode, str]] = {
    "TIMEOUT": ("timeout", "was not done in time and was ended"),
    "MEM_LIMIT": ("memory_limit", "took more memory than it may"),
    "KILLED": ("tool_killed", "was killed"),
    "SANDBOX_DENIED": ("limit_not_applied", "could not be started under its limits"),
    "NOT_INSTALLED": ("tool_missing", "could not be started"),
    "INTERNAL_ERROR": ("limit_not_applied", "could not be started under its limits"),
}


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
    return (*settings.args, "-p", "vltair", f"--vltair-record={recording}", *sharded, *cut)


def _stored(context: Context[TestsSettings], python: Interpreter, read: PytestOptions) -> TestsEvidence | Refusal:
    settings = context.settings
    run = stored_run.load(context, settings.record or "", python, read)
    if isinstance(run, Refusal):
        return run
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
    run = _recorded(completed, recording, python, context.project.root)
    if isinstance(run, Refusal):
        return run
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
    variables = {**settings.env, "VLTAIR_SETTINGS_ENV": ",".join(sorted(settings.env))}
    command: Sequence[str] = pytest
    if measuring is not None:
        command = measuring.command
        given += measuring.pytest_args
        variables |= measuring.env
    context.progress("pytest is running")
    return context.run((*command, *given), env=variables, cwd=context.project.root, timeout=settings.timeout * LONGEST)


def _recorded(completed: Completed, recording: Path, python: Interpreter, root: Path) -> RecordedRun | Refusal:
    shown = by_hand.shown(python, root)
    if completed.status in BADLY:
        code, what = BADLY[completed.status]
        running = record.in_flight(recording.read_bytes()) if recording.is_file() else ()
        said = f"; running were: {record.named(running)}" if running else ""
        if code == "timeout":
            said += "; `timeout` of [tool.gates.tests] is the limit"
        fix = by_hand.pytest(shown, *running[:1]) if running or code == "timeout" else record.AGAIN
        return refuse(code, f"pytest {what} ({completed.reason}){said}", fix)
    if not recording.is_file():
        said = _last_words(completed)
        conftest = CONFTEST.search(f"{completed.text}\n{completed.errors}")
        if conftest is not None:
            message = f"pytest could not load {_relative(conftest['path'], root)}: {said}"
            return refuse("tool_config_invalid", message, apart.elsewhere(root, python) or by_hand.pytest(shown))
        if completed.code == consistency.USAGE_ERROR:
            message = f"pytest refused its options or configuration: {said}"
            return refuse("tool_config_invalid", message, by_hand.pytest(shown))
        message = f"pytest ended with exit status {completed.code} and recorded nothing: {said}"
        again = by_hand.pytest(shown, "-p", "vltair", "--vltair-record", ".gates/record.jsonl")
        return refuse("evidence_missing", message, again)
    run = record.read(recording, RECORD, again=record.AGAIN, match=by_hand.matching(python, root), python=shown)
    return run if isinstance(run, RecordedRun) else Refusal(run)


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _last_words(completed: Completed) -> str:
    """The line of pytest's output that says what was wrong."""
    lines = [line.strip() for line in f"{completed.text}\n{completed.errors}".splitlines() if line.strip()]
    usage = [line.partition(": error: ")[2] for line in lines if ": error: " in line]
    errors = [line for line in lines if line.startswith(("ERROR", "E ", "INTERNALERROR> E", "Error"))]
    said = (usage[:1] or errors[:1] or lines[-1:] or ["it printed nothing"])[0]
    return said.removeprefix("E ").strip()


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
