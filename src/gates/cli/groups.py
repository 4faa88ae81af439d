"""Groups: commands of one gate under its name, each imported when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Group(click.Group):
    """A group of the commands in `modules`, in the order of the manual.

    `otherwise` is the command that is meant where the first word is none of them.
    """

    def __init__(self, *, modules: Mapping[str, str], otherwise: str | None = None, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.modules = modules
        self.otherwise = otherwise

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the manual."""
        del ctx
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        del ctx
        if cmd_name not in self.modules:
            return None
        command: click.Command = importlib.import_module(self.modules[cmd_name]).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left of the arguments once the group has its own."""
        named = bool(args) and (args[0] in self.modules or args[0] in ctx.help_option_names)
        if self.otherwise is not None and not named:
            args = [self.otherwise, *args]
        return super().parse_args(ctx, args)
