"""`gates runs show`: one recorded run with all that is known of it, or every attempt at one question."""

from __future__ import annotations

from typing import Any

import click

from gates.cli import options, runs_asking
from gates.errors import UsageError


@click.command(short_help="Show one recorded run, or every attempt at one question.")
@click.argument("run", required=False)
@options.with_options(
    options.PROJECT,
    click.option(
        "--trace", type=runs_asking.TraceType(), help="Every attempt at one question: a run, a gate or a test."
    ),
    runs_asking.FORM,
)
def command(**given: Any) -> int:
    """Show a run: its gates with what they found, its tests, and what it was decided on.

    RUN is the name of one, as much of it as is that of no other, the part after its dash, or `last`.

    \b
    exit 0    it is shown, whatever its verdict was
    exit 2    there is no such run, or there are several
    exit 3    the record cannot be read
    exit 5    no run is recorded here
    """
    if given["trace"] is not None:
        if given["run"] is not None:
            raise UsageError("name a run or a --trace, and not both")
        return runs_asking.asked(given, "trace", name=given["trace"])
    if given["run"] is None:
        raise UsageError("name a run: `gates runs show last`; `gates runs list` has their names")
    return runs_asking.asked(given, "run", name=given["run"])
