"""`gates merge`: decide on evidence that was collected on several machines, with the codes of `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from gates.cli import check, options, workspace


@click.command(short_help="Decide on evidence that several machines collected.")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@options.with_options(
    options.PROJECT,
    options.ALONE,
    *options.SELECTION,
    click.option(
        "--lane",
        "lanes",
        multiple=True,
        type=options.LaneType(),
        metavar="NAME",
        help="A lane that must be there, and no other than those; instead of `lanes` in the configuration.",
    ),
    *check.REPORTING,
    click.option("--quiet", "-q", is_flag=True, help="Only what is red."),
    click.option("--verbose", "-v", count=True, help="Say more."),
)
def command(**given: Any) -> int:
    """Merge what `gates collect` wrote and judge it; a shard that never arrived is red."""
    return check.reporting("merge", given, lambda prepared: _judge(prepared, given))


def _judge(prepared: options.Prepared, given: dict[str, Any]) -> Any:
    from gates.engine import merging
    from gates.engine.observer import Silent

    workspace.refuse(prepared, "gates merge", given["package"])
    if given["lanes"]:
        expected = tuple(dict.fromkeys(given["lanes"]))
        config = msgspec.structs.replace(prepared.config, lanes=expected)
        prepared = msgspec.structs.replace(prepared, config=config)
    parts = merging.load([Path(folder) for folder in given["folders"]])
    request = options.request(
        prepared,
        Silent(),
        as_of=given["as_of"],
        allow_undecided=given["allow_undecided"] or (),
        approve=options.approvals(prepared, given["approve"]),
    )
    return merging.judge(request, parts)
