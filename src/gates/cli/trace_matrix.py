"""`gates trace`: every requirement with its status, its tests and what they prove; the exit code is the gate's."""

from __future__ import annotations

import sys
from typing import Any

import click

from gates.cli import options, output, tracing

FORMS = ("text", "json", "csv", "markdown")


@click.command(short_help="Show every requirement with its tests and what they prove (without a command, too).")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@options.with_options(options.PROJECT, *options.RUNNING, *tracing.output_options(*FORMS))
def command(**given: Any) -> int:
    """Read requirements and join them with the tests that ran; of these documents, or of those that are configured.

    It judges the gate `trace` too, and exits with its code as `gates check trace` does. Documents outside of a
    project are read as well: which tests there are is then not known.

    \b
    exit 0    nothing is wrong
    exit 1    something is
    exit 3    nobody knows: nothing was read, or which tests there are is not known
    """
    output.files(given["output_file"], FORMS)
    traced = tracing.judged(given, given["documents"])
    width = output.width(sys.stdout)

    def rendered(form: str) -> str:
        if form == "csv":
            from gates.render.trace import csv

            return csv.render(traced.value)
        if form == "markdown":
            from gates.render.trace import markdown

            return markdown.render(traced.value)
        from gates.render.trace import terminal

        return terminal.render(traced.value, width)

    tracing.shown(given, traced.value, rendered, FORMS)
    return traced.code
