"""`gates trace`: requirements with their tests and evidence, one of them, what is open, what a change touches."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {
    "matrix": "gates.cli.trace_matrix",
    "show": "gates.cli.trace_show",
    "impact": "gates.cli.trace_impact",
    "todo": "gates.cli.trace_todo",
}
MATRIX = "matrix"
"""What is meant where no command is named; its arguments are documents."""


@click.command(
    cls=Group,
    modules=COMMANDS,
    otherwise=MATRIX,
    short_help="Show requirements with their tests and evidence.",
    options_metavar="[OPTIONS]",
    subcommand_metavar="[DOCUMENT]... | COMMAND [ARGS]...",
)
def command() -> None:
    """Requirements of your documents, joined with the tests that ran.

    `gates trace` and `gates trace DOCUMENT...` show the matrix, with the options of `gates trace matrix`. A document
    that is called like a command is given as ./show. `gates check trace` judges the same and shows only what is wrong.
    """
