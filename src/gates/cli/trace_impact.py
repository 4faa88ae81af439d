"""`gates trace impact`: the requirements that a change touches; the exit code is the gate's."""

from __future__ import annotations

import sys
from typing import Any

import click

from gates.cli import options, output, tracing
from gates.errors import UNDECIDED
from gates.model.reason import Reason


@click.command(short_help="Show which requirements the change since base touches.")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@options.with_options(options.PROJECT, *options.RUNNING, *tracing.output_options(*tracing.FORMS))
def command(**given: Any) -> int:
    """Show the requirements whose lines, files, tests, annotations or executed code the change since base touches.

    Of these documents, or of those that are configured.
    """
    output.files(given["output_file"], tracing.FORMS)
    traced = tracing.judged(given, given["documents"])
    base = traced.request.base_commit
    head = {name: traced.value[name] for name in ("schema_version", "verdict", "reason")}
    if isinstance(base, Reason):
        value = {**head, "verdict": "undecided", "reason": base, "base": None, "items": []}
        code = UNDECIDED
    else:
        items = traced.own.impact(traced.request.project, traced.value, base.commit)
        value = {**head, "base": base.commit, "items": items}
        code = traced.code
    width = output.width(sys.stdout)

    def rendered(_form: str) -> str:
        from gates.render.trace import lists

        return lists.impact(value, width)

    tracing.shown(given, value, rendered, tracing.FORMS)
    return code
