"""`gates runs replay`: a run decided again from the stored evidence, as it was or with other settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import app, options, output
from gates.engine import state
from gates.errors import FAILED, PASSED, UNDECIDED, UsageError
from gates.process.redact import redactor
from gates.record.replay.replayable import ELSEWHERE, ReplayError
from pytest_vltair import eventlog
from pytest_vltair.worktree import above

if TYPE_CHECKING:
    from gates.record.maintenance import Refusal
    from gates.record.replay.replaying import Replay, Supposition


@click.command(short_help="Decide a run again from the stored evidence; nothing is run.")
@click.argument("run", metavar="RUN")
@options.with_options(
    options.PROJECT,
    click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="GATE.KEY=VALUE",
        help="Decide with this setting instead, as TOML has it: coverage.total=90; repeatable.",
    ),
    click.option("--as-of", type=options.Moment(), metavar="TIME", help="Decide as if it were this moment."),
    click.option("--output-format", metavar="FORMAT", help="Print the report in a format of `gates check` instead."),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write it here; repeatable."),
    click.option("--verbose", "-v", count=True, help="Say more; twice for all."),
)
def command(**given: Any) -> int:
    """Decide RUN again: its name, its beginning, the part after its dash, or `last`, the newest that can be.

    No tool runs, git is not asked, and what the project holds now has no part in it. What a setting makes a gate
    collect stays as it was collected.

    \b
    exit 0    it comes to what was recorded, byte for byte, whatever the verdict was
    exit 1    it does not; the fields are named
    exit 3    it cannot be decided again: evidence is gone or damaged, or a plugin is

    With --set or --as-of the exit code is the one that the run would have had, and 3 where that cannot be told.
    """
    files = output.paths(given["output_file"])
    output.emptied(files.values())
    try:
        root = _root(Path(given["directory"]))
        if given["changes"] or given["as_of"]:
            return _supposed(root, given, files)
        return _replayed(root, given, files)
    except ReplayError as error:
        app.say(f"gates: {error}")
        if given["output_format"] == "json":
            output.value(_refusal(error, given["run"]))
        return UNDECIDED


def _refusal(error: ReplayError, run: str) -> Refusal:
    from gates.model.reason import Reason
    from gates.record.maintenance import Refusal

    return Refusal(run=run, reason=Reason(code="evidence_missing", message=error.message, fix="gates check"))


def _replayed(root: Path, given: dict[str, Any], files: dict[str, Path]) -> int:
    from gates.record.replay import replaying, told

    found = replaying.replay(root, given["run"], os.environ)
    said = list(told.compared(found))
    _emit(found, root, given, files, said)
    if found.lost:
        return UNDECIDED
    return PASSED if found.same else FAILED


def _supposed(root: Path, given: dict[str, Any], files: dict[str, Path]) -> int:
    from gates.record.replay import replaying, supposed, told

    changes = [supposed.parsed(one) for one in given["changes"]]
    found = replaying.suppose(root, given["run"], changes, given["as_of"])
    moment = given["as_of"]
    asked = [*given["changes"], *([] if moment is None else [f"as of {moment.isoformat()}"])]
    _emit(found, root, given, files, list(told.answered(found, asked, whole=given["verbose"] > 1)))
    return UNDECIDED if found.lost else found.report.exit_code


def _emit(
    found: Replay | Supposition, root: Path, given: dict[str, Any], files: dict[str, Path], said: list[str]
) -> None:
    """Print what is to be said, or the report with that on standard error and among its notes."""
    from gates.engine import masking
    from gates.render import formats

    wished = given["output_format"]
    for name in (*files, *([] if wished is None else [wished])):
        formats.check(name, found.renderers)
    hiding = redactor(dict(os.environ))
    said = [hiding.text(text) for text in said]
    run = msgspec.structs.replace(found.report.run, notes=(*found.report.run.notes, *said))
    writing = output.Writing(
        report=masking.whole(msgspec.structs.replace(found.report, run=run), hiding),
        rules=tuple(rule for one in found.judged.planned for rule in one.gate.rules),
        renderers=found.renderers,
        verbosity=given["verbose"],
        prefix=_prefix(root),
        judged=found.judged,
    )
    for name, path in files.items():
        writing.to_file(name, path)
    for text in said:
        output.line(text) if wished is None else app.say(text)
    if wished is not None:
        writing.to_stream(wished, sys.stdout)


def _root(start: Path) -> Path:
    """The nearest folder upward with a log of runs, inside the work tree; its configuration may be gone or broken."""
    if not start.is_dir():
        raise UsageError(f"there is no directory {str(start)!r}")
    start = start.resolve()
    top = above(str(start))
    for folder in (start, *start.parents):
        if (folder / state.FOLDER / eventlog.FOLDER).is_dir():
            return folder
        if str(folder) == top:
            break
    raise ReplayError(f"no run is recorded in {start}; `gates check` leaves one in {state.FOLDER}. {ELSEWHERE}")


def _prefix(root: Path) -> str:
    """The project's place in its repository, as `gates check` has it."""
    top = above(str(root))
    folder = "" if top is None else root.relative_to(top).as_posix()
    return "" if folder in {"", "."} else f"{folder}/"
