"""`gates release`: the notes of a release, and the next version written wherever it is declared."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {"notes": "gates.cli.release_notes", "bump": "gates.cli.release_bump"}


@click.command(cls=Group, modules=COMMANDS, short_help="Show the notes of a release; write the next version.")
def command() -> None:
    """Notes of a release, and the next version.

    `gates check packaging` judges whether version, tag, changelog and artifacts agree.
    """
