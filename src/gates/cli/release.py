"""`gates release`: the notes of a release, the next version, and whether a release is whole."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {
    "notes": "gates.cli.release_notes",
    "bump": "gates.cli.release_bump",
    "check": "gates.cli.release_check",
}


@click.command(cls=Group, modules=COMMANDS, short_help="Notes of a release, the next version; is a release whole?")
def command() -> None:
    """Notes of a release, the next version, and whether a release is whole.

    `gates check packaging` judges what a build would give; `check` judges the files that are about to be published.
    """
