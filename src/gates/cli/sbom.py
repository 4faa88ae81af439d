"""`gates sbom`: the bill of materials with its verdict, and what changed between two of them."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {"show": "gates.cli.sbom_show", "diff": "gates.cli.sbom_diff"}


@click.command(
    cls=Group,
    modules=COMMANDS,
    otherwise="show",
    short_help="Make and judge a bill of materials; compare two.",
    options_metavar="[OPTIONS]",
    subcommand_metavar="| COMMAND [ARGS]...",
)
def command() -> None:
    """A CycloneDX document of what is locked or installed.

    `gates sbom` makes and judges it, with the options of `gates sbom show`; `gates sbom diff A B` says what changed.
    """
