"""`gates release`: the notes of a release, and the next version written wherever it is declared."""

from __future__ import annotations

import importlib

import click

COMMANDS = {"notes": "gates.cli.release_notes", "bump": "gates.cli.release_bump"}


class Group(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the manual."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.command(cls=Group, short_help="Show the notes of a release; write the next version.")
def command() -> None:
    """Notes of a release, and the next version.

    `gates check packaging` judges whether version, tag, changelog and artifacts agree.
    """
