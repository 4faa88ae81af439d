"""`gates bench`: base and head side by side, what was measured before, and what this machine can tell apart."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {
    "compare": "gates.cli.bench_compare",
    "history": "gates.cli.bench_history",
    "selfcheck": "gates.cli.bench_selfcheck",
}


@click.command(
    cls=Group, modules=COMMANDS, short_help="Compare benchmarks with base; show former figures; try the machine."
)
def command() -> None:
    """Benchmarks of base and head side by side.

    `gates check bench` judges the same and shows only what is wrong.
    """
