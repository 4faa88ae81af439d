"""`gates collect`: evidence of gates into a folder, for `gates merge` on another machine; decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output, workspace
from gates.errors import NOTHING_JUDGED, UNDECIDED, OutputError, UsageError, nearest

if TYPE_CHECKING:
    from gates.engine.request import Request
    from gates.engine.session import Judgement


@click.command(short_help="Collect evidence of gates into a folder, and decide nothing.")
@click.argument("gates", nargs=-1, metavar="[GATE]...")
@options.with_options(
    options.PROJECT,
    options.ALONE,
    *options.SELECTION,
    *options.RUNNING,
    click.option("--shard", type=options.ShardType(), metavar="I/N", help="Collect the I-th of N parts of the suite."),
    click.option("--lane", type=options.LaneType(), metavar="NAME", help="Collect for this kind of run of the suite."),
    click.option("--output", "folder", required=True, metavar="DIR", help="The folder that takes the evidence."),
)
def command(**given: Any) -> int:
    """Collect evidence on one machine of several; `gates merge` decides with the codes of `check`."""
    from gates.cli import progress
    from gates.engine import session

    prepared = options.prepare(given["directory"], options.configurable(given))
    workspace.refuse(prepared, "gates collect", given["package"])
    request = options.request(
        prepared,
        progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ)),
        named=given["gates"],
        python=given["python"],
        use_cache=not given["no_cache"],
        shard=given["shard"],
        attended=False,
    )
    _refuse_inside(Path(given["folder"]), request)
    _refuse_unexpected(given["lane"], request)
    judgement = session.judge(request)
    return _write(judgement, request, Path(given["folder"]), given["lane"])


def _refuse_inside(folder: Path, request: Request) -> None:
    """Evidence that lies in the project would be part of the tree that it speaks of, and be foreign to it at once."""
    from gates.engine import state

    place, root = folder.resolve(), request.project.root
    if place.is_relative_to(root) and not place.is_relative_to(root / state.FOLDER):
        raise UsageError(
            f"--output {folder} lies in the project and would change it; use .gates/parts, or a folder outside"
        )


def _refuse_unexpected(lane: str | None, request: Request) -> None:
    expected = request.config.lanes
    if lane is not None and expected and lane not in expected:
        close = nearest(lane, expected)
        hint = f"did you mean {close!r}?" if close else f"known: {', '.join(expected)}"
        raise UsageError(f"--lane {lane} is not one of `lanes` in [tool.gates]; {hint}")


def _write(judgement: Judgement, request: Any, folder: Path, lane: str | None) -> int:
    from gates.engine import masking, part

    git = request.project.git
    refused = 0
    for name, outcome in sorted(judgement.outcomes.items()):
        made = part.make(
            name,
            masking.collected(outcome.collected, request.redactor),
            masking.settings(request.config.gates[name], request.redactor),
            shard=request.shard if outcome.collected.sharded else None,
            commit=None if git is None else git.head,
            tree=request.project.tree.digest(),
            python=judgement.report.run.interpreter_version,
            lane=lane,
        )
        try:
            path = part.write(made, folder)
        except OSError as error:
            raise OutputError(f"evidence cannot be written to {folder}: {error.strerror or error}") from error
        reason = made.reason
        refused += reason is not None
        output.line(f"{name}: {path.as_posix()}" if reason is None else f"{name}: no evidence: {reason.message}")
    if not judgement.plan.asked:
        output.line("nothing was collected. Next: gates list")
        return NOTHING_JUDGED
    return UNDECIDED if refused else 0
