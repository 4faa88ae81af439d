"""Stored run: a run that was recorded elsewhere, judged only if it is what a run here and now would be."""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gates import __version__
from gates.builtin.suite import by_hand, record
from gates.builtin.suite.options import VARIABLE, PytestOptions
from gates.builtin.suite.record import RecordedRun
from gates.model.age import is_good
from gates.model.evidence import Refusal, refuse
from gates.model.gate import Context
from gates.model.recorded_run import Begin
from pytest_vltair import tree
from pytest_vltair.options import foreign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gates.builtin.tests.settings import TestsSettings
    from gates.model.reason import ReasonCode
    from gates.process.interpreter import Interpreter


def load(
    context: Context[TestsSettings], name: str, interpreter: Interpreter, options: PytestOptions
) -> RecordedRun | Refusal:
    """The recorded run at `name`, or how it differs from a run here and now, and the command that records anew."""
    settings = context.settings
    root = context.project.root
    python = by_hand.shown(interpreter, root)
    again = by_hand.recording(python, name, settings.args, settings.env)
    # Where the plugin is of this version already, what it records now is what this version reads.
    current = interpreter.distributions.get("pytest-vltair") == __version__
    match = again if current else by_hand.matching(interpreter, root)
    run = record.read(root / name, name, again=again, match=match, python=python)
    if not isinstance(run, RecordedRun):
        return Refusal(run)
    for code, message in _differences(run.begin, context, name, interpreter, options):
        return refuse(code, context.redact(message), again)
    return run


def _differences(
    begin: Begin, context: Context[TestsSettings], name: str, interpreter: Interpreter, options: PytestOptions
) -> Iterator[tuple[ReasonCode, str]]:
    root, settings = context.project.root, context.settings
    if begin.shard != (None if context.shard is None else str(context.shard)):
        was, asked = begin.shard or "a whole suite", context.shard or "a whole suite"
        yield "evidence_foreign", f"the recorded run {name} is of {was}, and {asked} was asked for"
    rootdir = (root / options.file).parent if options.file else root
    if begin.invocation != os.path.relpath(root.resolve(), rootdir.resolve()).replace(os.sep, "/"):
        message = f"{name} was recorded in {begin.invocation} instead of the project's root, where pytest may find more"
        yield "evidence_foreign", message
    if begin.tree != _tree(rootdir, root / name):
        yield "evidence_stale", f"the project's files differ from those that {name} was recorded with"
    if begin.environment != tree.environment_digest(interpreter.site, interpreter.version):
        judged = f"{interpreter.version} with {len(interpreter.distributions)} distributions"
        message = f"{name} was recorded in another environment (Python {begin.python}; judged is {judged})"
        yield "evidence_foreign", message
    if begin.settings != tree.settings_digest(settings.args, settings.env):
        message = f"{name} was recorded with other arguments or variables: {_pytest(begin.args)}"
        yield "evidence_foreign", message
    applies = foreign(word.text for word in options.words[: len(options.words) - len(settings.args)])
    if begin.addopts != applies:
        message = f"{_pytest(begin.addopts)}, and {_pytest(applies)} applies here"
        yield "evidence_foreign", f"{name} was recorded with other options in addopts or {VARIABLE}: {message}"
    seconds = settings.max_age
    if seconds is not None and not is_good(begin.started, datetime.now(UTC), seconds):
        message = f"{name} was recorded at {begin.started.isoformat()}; max-age allows {seconds:,.10g} seconds"
        yield "evidence_stale", message


def _tree(rootdir: Path, path: Path) -> str:
    """The digest that the plugin takes: of pytest's root, without the recording."""
    own = os.path.realpath(path)
    return tree.digest(rootdir, [name for name in tree.files(rootdir) if os.path.realpath(rootdir / name) != own])


def _pytest(words: Sequence[str]) -> str:
    return f"`{shlex.join(['pytest', *words])}`"
