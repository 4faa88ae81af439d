"""`gates trace todo`: the requirements that are open, the most severe first; the exit code is the gate's."""

from __future__ import annotations

import sys
from typing import Any

import click

from gates.cli import options, output, tracing


@click.command(short_help="Show what is open, the most severe first.")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@options.with_options(options.PROJECT, *options.RUNNING, *tracing.output_options(*tracing.FORMS))
def command(**given: Any) -> int:
    """Show the requirements that are neither done nor cancelled, the most severe first, then by id.

    Of these documents, or of those that are configured.
    """
    output.files(given["output_file"], tracing.FORMS)
    traced = tracing.judged(given, given["documents"])
    head = {name: traced.value[name] for name in ("schema_version", "verdict", "reason")}
    value = {**head, "items": traced.own.todo(traced.value)}
    width = output.width(sys.stdout)

    def rendered(_form: str) -> str:
        from gates.render.trace import lists

        return lists.todo(value, width)

    tracing.shown(given, value, rendered, tracing.FORMS)
    return traced.code
