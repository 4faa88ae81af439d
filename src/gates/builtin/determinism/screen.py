"""Screen: the suite once more, last test first, and how each test ended there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.determinism.facts import Ended, Screen, Screened
from gates.builtin.suite import by_hand, options, outcomes, record, running
from gates.builtin.suite.record import RecordedRun
from gates.model.evidence import Refusal, counted, refuse
from gates.model.tested import TestsEvidence

if TYPE_CHECKING:
    from pathlib import Path

    from gates.builtin.determinism.settings import DeterminismSettings
    from gates.builtin.suite.options import PytestOptions
    from gates.model.gate import Context
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter

RECORD = "reversed.jsonl"
REVERSED = ("--vltair-order=reversed", "--maxfail=0")
"""Nothing stops the run at its first failure: what fails there is what is looked for."""

BY = "changed by "
"""How pytest_vltair shows an order that a plugin, named after it, made another one."""

UNSHUFFLED = "--randomly-dont-reorganize"
"""By this pytest-randomly, which shuffles wherever it is installed, leaves the order alone and does the rest."""

CUT_SHORT = frozenset({2, 3})
"""pytest's exit statuses of a run that was interrupted, or that had an internal error."""


def run(context: Context[DeterminismSettings], tests: TestsEvidence) -> Screen | Refusal:
    """What the reversed run came to, or why there was none."""
    python, settings = context.python, context.needed["tests"]
    if isinstance(python, Refusal):
        return python
    for name, module in (("pytest", "pytest"), ("pytest-vltair", "pytest_vltair")):
        tool = context.tool(name, module=module, judged=True)
        if isinstance(tool, Refusal):
            return tool
    read = options.read(context.project.root, settings.args, {**context.environ, **settings.env})
    reverse = (*REVERSED, *((UNSHUFFLED,) if shuffles(python, read, context.environ) else ()))
    args = (*settings.args, *reverse, *(("--no-cov",) if options.measures(read) else ()))
    recording = context.scratch / RECORD
    context.progress("pytest is running in the reversed order")
    completed = context.run(
        (str(python.path), "-P", "-m", "pytest", *running.arguments(args, str(recording))),
        env=running.variables(settings.env),
        cwd=context.project.root,
        timeout=context.settings.timeout * running.LONGEST,
    )
    shown = by_hand.shown(python, context.project.root)
    command = by_hand.pytest(shown, *settings.args, "-p", "vltair", *reverse, env=running.seeded(settings.env))
    known = frozenset(one.id for one in tests.collection_errors.items)
    ended = _ended(completed, recording, python, context, known)
    if isinstance(ended, Refusal):
        return ended
    found = {one.id: one for one in ended.tests.items}
    missing = sorted(set(tests.selected.items).difference(found)) if ended.done else ()
    every = [*found.values(), *(Screened(id=one, ended="missing") for one in missing)]
    return msgspec.structs.replace(ended, command=command, tests=counted(sorted(every, key=lambda one: one.id)))


def shuffles(python: Interpreter, read: PytestOptions, environ: Mapping[str, str]) -> bool:
    """Whether pytest-randomly is loaded, and nobody has told it to leave the order alone."""
    words = {word.text for word in read.words}
    if "pytest-randomly" not in python.distributions or environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return False
    return words.isdisjoint({UNSHUFFLED, "no:randomly", "-pno:randomly"})


def _ended(
    completed: Completed,
    recording: Path,
    python: Interpreter,
    context: Context[DeterminismSettings],
    known: Collection[str],
) -> Screen | Refusal:
    if completed.status == "TIMEOUT" and recording.is_file():
        hung = record.in_flight(recording.read_bytes())
        if hung:
            tests = [Screened(id=one, ended="hung") for one in sorted(hung)]
            return Screen(order="reverse", command="", done=False, tests=counted(tests))
    run = running.recorded(completed, recording, python, context.project.root, "determinism")
    if isinstance(run, Refusal):
        return _of_screen(run)
    disorder = _disorder(run)
    if disorder is not None:
        return disorder
    broken = next((one for one in run.collect_errors if one.nodeid not in known), None)
    if broken is not None:
        again = by_hand.pytest(by_hand.shown(python, context.project.root), *REVERSED, "--collect-only", broken.nodeid)
        message = f"in the reversed run, {broken.nodeid} could not be collected: {_line(broken.message)}"
        return refuse("evidence_incomplete", context.redact(message), again)
    # An interruption with files that could not be collected is pytest's way to say just that.
    if run.end.exitstatus in CUT_SHORT and not run.collect_errors:
        message = f"the reversed run was cut short: pytest ended with exit status {run.end.exitstatus}"
        return refuse("evidence_incomplete", message, "gates check determinism --no-cache")
    tests = [Screened(id=name, ended=ended) for name, ended in _outcomes(run)]
    return Screen(order="reverse", command="", done=True, tests=counted(tests))


def _disorder(run: RecordedRun) -> Refusal | None:
    """Why the run was in another order than the reversed one."""
    held = [one.factors.get("order") for one in run.fixed]
    if not held or None in held:
        message = "the run that should have been in the reversed order was not: pytest's configuration has vltair off"
        return refuse("tool_config_invalid", message, 'set `vltair = "guard"` in pytest\'s configuration')
    shown = next((one.shown for one in held if one is not None and one.shown != "reversed"), None)
    if shown is None:
        return None
    plugin = shown.removeprefix(BY)
    message = f"the run that should have been in the reversed order was {shown!r}"
    if plugin == shown:
        return refuse("tool_config_invalid", message, "gates check determinism --no-cache")
    if plugin.endswith(".py"):
        return refuse("tool_config_invalid", message, f'have {plugin} leave the order alone, or set screen = "off"')
    fix = f"add '-p no:{plugin}' to addopts in pytest's configuration, or whatever makes it leave the order alone"
    return refuse("tool_config_invalid", f"{message}: the plugin {plugin} sets the order of tests", fix)


def _line(message: str) -> str:
    """The last line of what an import raised, which says what it was."""
    return (message.strip().splitlines() or ["no message"])[-1]


def _of_screen(refusal: Refusal) -> Refusal:
    reason = refusal.reason
    return Refusal(msgspec.structs.replace(reason, message=f"in the reversed run, {reason.message}"))


def _outcomes(run: RecordedRun) -> Iterator[tuple[str, Ended]]:
    phases = outcomes.by_test(run)
    crashed = " ".join(one.message for one in run.crashes)
    for name in run.collected.selected:
        ended = outcomes.of(phases.get(name, ()))
        yield name, ended or ("crashed" if f"'{name}'" in crashed else "unfinished")
