"""`gates provenance`: sign where artifacts come from, and verify who signed it."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {
    "attest": "gates.cli.provenance_attest",
    "verify": "gates.cli.provenance_verify",
    "key": "gates.cli.provenance_key",
}


@click.command(
    cls=Group,
    modules=COMMANDS,
    otherwise="attest",
    short_help="Sign where artifacts come from; verify who signed it.",
)
def command() -> None:
    """Sign where artifacts come from and which gates they passed, and verify who signed it.

    Without the name of a command, `attest` is meant: `gates provenance dist --key FILE --builder ID`.
    """
