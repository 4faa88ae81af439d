"""`gates bench selfcheck`: what this machine can tell apart, before anybody trusts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from gates.cli import options, output
from gates.errors import EXIT
from gates.model.evidence import Refusal


@click.command(short_help="Try on this machine: the same code, and code that is slower on purpose.")
@options.with_options(
    options.PROJECT,
    options.PYTHON,
    click.option("--suites", type=click.IntRange(min=1), default=3, help="Comparisons of either kind; 3 by default."),
    click.option(
        "--slower",
        type=click.FloatRange(min=0, min_open=True),
        metavar="PERCENT",
        help="The slowdown that must be found; twice the limit by default.",
    ),
    *options.LOGGING,
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Compare the project's benchmarks with themselves, and with themselves made slower by waiting.

    \b
    exit 0    the same code never alarmed, and every slowdown was found
    exit 1    an alarm where nothing changed, or a slowdown that was not found
    exit 3    nothing could be compared
    """
    from gates.cli import progress
    from gates.engine import context, session

    prepared = options.prepare(given["directory"], {"python": given["python"]})
    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    world = session.world_of(options.request(prepared, watching, named=("bench",), python=given["python"]))
    settings: Any = prepared.config.gates["bench"]
    slower = given["slower"] or 2 * settings.limit
    own = options.own(prepared.registry.gates["bench"])
    watching.planned((("bench", None),))
    try:
        found, good = own.selfcheck(
            context.GateContext(gate="bench", settings=settings, world=world), given["suites"], slower
        )
    finally:
        world.scratch.remove()
    refused = isinstance(found, Refusal)
    verdict = "undecided" if refused else "passed" if good else "failed"
    if given["output_format"] == "json":
        told = {"reason": found.reason} if refused else {"reason": None, **found}
        output.value({"schema_version": 1, "verdict": verdict, **told})
        return EXIT[verdict]
    for line in [f"undecided: {found.reason.message} (fix: {found.reason.fix})"] if refused else _lines(found, verdict):
        output.line(line)
    return EXIT[verdict]


def _lines(found: Mapping[str, Any], verdict: str) -> Iterator[str]:
    for name, what in (("same", "the same code"), ("slower", f"{found['slower']['percent']:g} % slower")):
        one = found[name]
        yield (
            f"{what}: {one['alarms']:,} of {one['benchmarks']:,} benchmarks alarmed in {one['suites']:,} comparisons,"
            f" {one['inconclusive']:,} were inconclusive ({one['seconds_each']:g} s each)"
        )
    alarms = found["same"]["control_alarms"] + found["slower"]["control_alarms"]
    yield f"control: {alarms:,} alarms; the least limit that all of them could judge: {found['held']:g} %"
    yield f"{verdict} at a limit of {found['limit']:g} %"
