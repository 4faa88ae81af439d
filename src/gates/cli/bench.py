"""`gates bench`: base and head side by side, what was measured before, and what this machine can tell apart."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "compare": "gates.cli.bench_compare",
    "history": "gates.cli.bench_history",
    "selfcheck": "gates.cli.bench_selfcheck",
}


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


@click.command(cls=Group, short_help="Compare benchmarks with base; show former figures; try the machine.")
def command() -> None:
    """Benchmarks of base and head side by side.

    `gates check bench` judges the same and shows only what is wrong.
    """
