"""`gates prove`: plant known faults in a copy of the project, and see whether the gates go red for them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, prove_command
from gates.errors import GatesError, UsageError

if TYPE_CHECKING:
    from gates.model.proof import ProofReport


@click.command(
    cls=prove_command.AfterMark,
    short_help="Show that the gates can fail: plant faults in a throwaway copy.",
)
@click.argument("gates", nargs=-1, metavar="[GATE]... | -- COMMAND...")
@options.with_options(
    options.PROJECT,
    options.ALONE,
    *options.SELECTION,
    click.option("--rule", metavar="CODE", help="Prove this one rule, or with COMMAND plant this one fault."),
    click.option("--fast", is_flag=True, help="Prove one rule of each gate."),
    prove_command.TIMEOUT_OPTION,
    options.PYTHON,
    *options.TELLING,
    click.option(
        "--output-format", type=click.Choice(["full", "json"]), default="full", help="full (default) or json."
    ),
)
def command(**given: Any) -> int:
    """Show that the gates can fail.

    For each rule of each gate that `gates check` judges here, a known fault is planted in a throwaway copy of the
    project: the clean copy must be green, the planted one red with that rule at that place, and a gate without its
    tools or its evidence undecided. Nothing is written to the project but receipts and the log of events in .gates.

    With `-- COMMAND` it is that command of the project's own (make check, tox, nox, a script) that must be green over
    the clean copy and red for each fault; no gate and no configuration is needed.

    \b
    exit 0    every rule was proved
    exit 1    a fault passed unseen, or was red for another reason
    exit 2    usage or configuration error
    exit 3    something could not be proved: the clean copy is red, a canary does not fit
    exit 5    no gate is judged here
    """
    words = prove_command.given_command()
    if words is not None:
        return prove_command.prove(words, given)
    if given["rule"] is not None and given["fast"]:
        raise UsageError("--rule and --fast exclude each other")
    as_json = given["output_format"] == "json"
    try:
        report = _prove(given)
    except GatesError as error:
        if not as_json:
            raise
        report = _failure(error)
    _show(report, given, as_json=as_json)
    return report.exit_code


def _prove(given: dict[str, Any]) -> ProofReport:
    from gates.cli import progress, recording, workspace
    from gates.prove import session

    prepared = options.prepare(given["directory"], options.configurable(given))
    workspace.refuse(prepared, "gates prove", given["package"])
    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=given["gates"], python=given["python"], use_cache=not given["no_cache"]
    )
    with recording.journal("prove", prepared, given["gates"]) as journal:
        report = session.prove(request, session.Wish(only=given["rule"], fast=given["fast"]))
        journal.proved(report)
    return report


def _failure(error: GatesError) -> ProofReport:
    """The report of a usage or configuration error, for whoever reads JSON."""
    from gates.model.proof import ProofReport
    from gates.model.report import ReportError

    return ProofReport(
        verdict="undecided",
        exit_code=2,
        error=ReportError(code=error.slug, message=error.message, path=error.path, line=error.line),
        project=None,
        gates=(),
        not_judged=(),
        run=None,
    )


def _show(report: ProofReport, given: dict[str, Any], *, as_json: bool) -> None:
    from gates.cli import output
    from gates.render import proof
    from gates.render.formats import Options

    if as_json:
        output.value(report)
        return
    stream = sys.stdout
    wished = Options(
        color=output.wants_color(stream),
        encoding=stream.encoding or "utf-8",
        width=output.width(stream),
        verbosity=-1 if given["quiet"] else given["verbose"],
        rules={},
        prefix="",
    )
    output.rendered(proof.render(report, wished))
