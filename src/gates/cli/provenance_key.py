"""`gates provenance key`: a new pair of keys to sign and to verify with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gates.cli import editing, options, output
from gates.errors import PASSED, UNDECIDED


@click.command(short_help="Make a new pair of keys.")
@click.argument("name", default="provenance")
def command(name: str) -> int:
    """Write a new ed25519 key to NAME.key, for your eyes only, and its public half to NAME.pub.pem.

    The private key belongs into the secrets of your CI, never into the repository. Nothing is ever overwritten.
    """
    from gates.plugins import manager

    own: Any = options.own(manager.registry(third_party=False).gates["provenance"])
    private, public = Path(f"{name}.key"), Path(f"{name}.pub.pem")
    try:
        keyid = own.generate(private, public)
    except own.NoLibrary as error:
        editing.say(f"undecided: {error}")
        return UNDECIDED
    output.line(f"wrote {private} (keep it secret) and {public} (commit it); the id of the key is {keyid}")
    return PASSED
