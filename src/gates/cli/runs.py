"""`gates runs`: what was judged, on what evidence, replayed and verified."""

from __future__ import annotations

import click

from gates.cli.groups import Group

COMMANDS = {
    "list": "gates.cli.runs_list",
    "show": "gates.cli.runs_show",
    "replay": "gates.cli.runs_replay",
    "verify": "gates.cli.runs_verify",
    "checkpoint": "gates.cli.runs_checkpoint",
    "ingest": "gates.cli.runs_ingest",
    "backfill": "gates.cli.runs_backfill",
    "reconcile": "gates.cli.runs_reconcile",
    "retire": "gates.cli.runs_retire",
}


@click.command(cls=Group, modules=COMMANDS, short_help="Look up, replay and verify what was judged.")
def command() -> None:
    """What was judged here, on what evidence.

    Each run of `check`, `merge`, `prove` and `diagnose` leaves a log of events in `.gates/events`; each event holds the
    digest of the one before it. The store `.gates/record.sqlite` is made from them, and can be made again.
    """
