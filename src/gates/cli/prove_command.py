"""`gates prove -- COMMAND...`: whether a command that the project already has can fail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.errors import GatesError, UsageError

if TYPE_CHECKING:
    from gates.model.command_proof import CommandProof

MARK = "--"
KEY = "gates.command"
TIMEOUT = 600.0
"""Seconds for each run of the command."""
TIMEOUT_OPTION = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help=f"For each run of COMMAND, {TIMEOUT:.0f} if not given.",
)
OF_GATES = ("gates", "select", "ignore", "fast", "python")
"""What may be given for a proof of gates only."""


class AfterMark(click.Command):
    """A command that keeps the words after `--` apart, which click would take for arguments like all others."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words before the mark."""
        if MARK in args:
            index = args.index(MARK)
            ctx.meta[KEY] = tuple(args[index + 1 :])
            args = args[:index]
        return super().parse_args(ctx, args)


def given_command() -> tuple[str, ...] | None:
    """The words after `--`, None where there was none.

    Raises:
        UsageError: nothing follows it.
    """
    found: tuple[str, ...] | None = click.get_current_context().meta.get(KEY)
    if found == ():
        raise UsageError("no command follows `--`: write `gates prove -- make check`")
    return found


def prove(command: tuple[str, ...], given: Mapping[str, Any]) -> int:
    """Prove a command with the options of `gates prove`, and print what it misses; the exit code.

    Raises:
        UsageError: an option, or a gate, was named that has no meaning for a command.
    """
    from gates.cli import output
    from gates.render import command_proof

    for name in OF_GATES:
        if given.get(name):
            shown = "a GATE" if name == "gates" else f"--{name}"
            raise UsageError(f"{shown} has no meaning for a command: gates prove [--timeout SECONDS] -- COMMAND")
    as_json = given["output_format"] == "json"
    try:
        report = _report(command, given)
    except GatesError as error:
        if not as_json:
            raise
        report = _failure(error)
    if as_json:
        output.value(report)
    else:
        for line in command_proof.lines(report, verbose=bool(given["verbose"])):
            output.line(line)
    return report.exit_code


def _report(command: tuple[str, ...], given: Mapping[str, Any]) -> CommandProof:
    from gates.cli import recording
    from gates.project import facts
    from gates.prove.command import proof

    folder = Path(given["directory"])
    if not folder.is_dir():
        raise UsageError(f"there is no directory {given['directory']!r}")
    project = facts.find(folder)
    wish = proof.Wish(
        project=project,
        folder=folder.resolve(),
        command=command,
        timeout=given["timeout"] or TIMEOUT,
        environ=dict(os.environ),
        only=given["rule"],
        tell=_ignore if given["quiet"] else _log if given["log_format"] == "json" else _tell,
    )
    where = wish.folder.relative_to(project.root).as_posix()
    with recording.of_command("prove", project, _words(where, command, given), wish.environ) as journal:
        report = proof.prove(wish)
        if journal is not None:
            journal.tried(report, where)
    return report


def _words(folder: str, command: tuple[str, ...], given: Mapping[str, Any]) -> list[str]:
    """The words that ask the same again from the root of the project."""
    timeout = None if given["timeout"] is None else f"{given['timeout']:g}"
    asked = {"--project": None if folder == "." else folder, "--rule": given["rule"], "--timeout": timeout}
    flags = [word for flag, value in asked.items() if value is not None for word in (flag, value)]
    return [*flags, MARK, *command]


def _failure(error: GatesError) -> CommandProof:
    from gates.model.command_proof import CommandProof
    from gates.model.report import ReportError

    said = ReportError(code=error.slug, message=error.message, path=error.path, line=error.line)
    return CommandProof(verdict="undecided", exit_code=2, error=said)


def _tell(text: str) -> None:
    from gates.render import escape

    click.echo(escape.commands(escape.line(f"gates: {text}")), err=True)


def _log(text: str) -> None:
    import json
    from datetime import UTC, datetime

    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    click.echo(json.dumps({"ts": moment, "event": "command_progress", "message": text}), err=True)


def _ignore(_text: str) -> None:
    """What a quiet run says on the way."""
