"""`gates bench history`: what each benchmark took in former runs on this machine, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.errors import NOTHING_JUDGED, PASSED, UNDECIDED
from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.cli.options import Prepared

UNITS = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (float("inf"), 1.0, "s"))
HEADINGS = ("run", "commit", "date", "processes", "least", "median", "p95", "change")


@click.command(short_help="Show what benchmarks took in former runs on this machine.")
@options.with_options(
    options.PROJECT,
    options.PYTHON,
    click.option("--machine", type=click.Choice(["this", "all"]), default="this", help="Runs of other machines too."),
    click.option("--benchmark", multiple=True, metavar="GLOB", help="Only the benchmarks that this names; repeatable."),
    click.option("--most", type=click.IntRange(min=1), default=10, help="Runs of each benchmark; 10 by default."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Show the runs that `gates baseline bench` wrote, newest first; nothing is measured.

    A change is that of the least time since the run before it; `~` marks one that may be none, as processes of both
    runs took the same.

    \b
    exit 0    there are runs to show
    exit 3    the history cannot be read
    exit 5    there are none
    """
    prepared = options.prepare(given["directory"], {"python": given["python"]})
    found = _kept(prepared, given["python"])
    if isinstance(found, Refusal):
        return _refused(found, given["output_format"])
    shown = [_chosen(one, given) for one in found["machines"] if one["current"] or given["machine"] == "all"]
    others = [one for one in found["machines"] if not one["current"]]
    some = any(one["benchmarks"] for one in shown)
    if given["output_format"] == "json":
        hidden = [] if given["machine"] == "all" else [{**one, "benchmarks": []} for one in others]
        output.value(
            {
                "schema_version": 1,
                "verdict": "passed" if some else "undecided",
                "reason": None,
                "history": found["history"],
                "machines": [*shown, *hidden],
            }
        )
        return PASSED if some else NOTHING_JUDGED
    for text in _text(found["history"], shown, others, given):
        output.line(text)
    return PASSED if some else NOTHING_JUDGED


def _kept(prepared: Prepared, python: str | None) -> Mapping[str, Any] | Refusal:
    """The rows, or why there are none."""
    from gates.cli import progress
    from gates.engine import context, session

    watching = progress.observer("text", quiet=True, environ=dict(prepared.environ))
    world = session.world_of(options.request(prepared, watching, named=("bench",), python=python))
    own = options.own(prepared.registry.gates["bench"])
    try:
        found: Mapping[str, Any] | Refusal = own.history(
            context.GateContext(gate="bench", settings=prepared.config.gates["bench"], world=world)
        )
    finally:
        world.scratch.remove()
    return found


def _refused(found: Refusal, form: str) -> int:
    if form == "json":
        output.value({"schema_version": 1, "verdict": "undecided", "reason": found.reason, "machines": []})
    else:
        output.line(f"undecided: {found.reason.message} (fix: {found.reason.fix})")
    return UNDECIDED


def _chosen(machine: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A machine with the benchmarks and runs that were asked for."""
    globs = given["benchmark"]
    benchmarks = [
        {**one, "runs": one["runs"][: given["most"]], "more": max(len(one["runs"]) - given["most"], 0)}
        for one in machine["benchmarks"]
        if not globs or any(one["name"] == glob or fnmatchcase(one["name"], glob) for glob in globs)
    ]
    return {**machine, "benchmarks": benchmarks}


def _text(
    name: str, shown: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
) -> Iterator[str]:
    for machine in shown:
        if given["machine"] == "all" and machine["runs"]:
            yield _about(machine)
        for benchmark in machine["benchmarks"]:
            yield from _table(benchmark)
            yield ""
    if not any(machine["benchmarks"] for machine in shown):
        yield _nothing(name, shown, given)
    if given["machine"] == "this":
        for machine in others:
            yield f"also {_runs(machine['runs'])} of {_about(machine)} (--machine all shows them)"


def _nothing(name: str, shown: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> str:
    if given["benchmark"] and any(machine["runs"] for machine in shown):
        return f"no benchmark in {name} is named by {' or '.join(given['benchmark'])}"
    which = "" if given["machine"] == "all" else " of this machine"
    return f"there is no run{which} in {name}; `gates baseline bench` writes one"


def _about(machine: Mapping[str, Any]) -> str:
    if machine["current"]:
        return "this machine"
    return f"another machine: {', '.join(machine['differs'])}"


def _table(benchmark: Mapping[str, Any]) -> Iterator[str]:
    rows = [HEADINGS, *(_row(run) for run in benchmark["runs"])]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
    yield benchmark["name"]
    for row in rows:
        left, right = row[:3], row[3:]
        cells = [f"{cell:<{width}}" for cell, width in zip(left, widths, strict=False)]
        cells += [f"{cell:>{width}}" for cell, width in zip(right, widths[3:], strict=True)]
        yield f"  {'  '.join(cells)}".rstrip()
    if benchmark["more"]:
        yield f"  and {_runs(benchmark['more'])} before (--most)"


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    change = run["change"]
    commit = run["commit"] or ""
    return (
        str(run["run"]),
        commit[:12] + "+" * commit.endswith("+"),
        (run["date"] or "")[:10],
        str(run["processes"]),
        *(_time(run[name]) for name in ("least", "median", "p95")),
        "" if change is None else f"{'~' if run['overlaps'] else ''}{100 * change:+.1f} %",
    )


def _time(seconds: float) -> str:
    scale, unit = next((scale, unit) for below, scale, unit in UNITS if seconds < below)
    return f"{seconds * scale:.4g} {unit}"


def _runs(number: int) -> str:
    return f"{number:,} run{'' if number == 1 else 's'}"
