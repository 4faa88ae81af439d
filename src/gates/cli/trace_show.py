"""`gates trace show ID`: one requirement with all that is known of it; the exit code is the gate's."""

from __future__ import annotations

from typing import Any

import click

from gates.cli import options, output, tracing
from gates.errors import UsageError


@click.command(short_help="Show one requirement with all that is known of it.")
@click.argument("id")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@options.with_options(options.PROJECT, *options.RUNNING, *tracing.output_options(*tracing.FORMS))
def command(**given: Any) -> int:
    """Show where a requirement is defined, its commands, tests, files, code and findings.

    Of these documents, or of those that are configured.
    """
    output.files(given["output_file"], tracing.FORMS)
    traced = tracing.judged(given, given["documents"])
    items, close = traced.own.shown(traced.value, given["id"])
    if traced.value["items"] and not items:
        hint = f", did you mean {close!r}?" if close else "; `gates trace` shows them all"
        raise UsageError(f"no document has an item {given['id']!r}{hint}")
    head = {name: traced.value[name] for name in ("schema_version", "verdict", "reason")}
    value = {**head, "items": items}

    def rendered(_form: str) -> str:
        from gates.render.trace import one

        return one.render(value)

    tracing.shown(given, value, rendered, tracing.FORMS)
    return traced.code
