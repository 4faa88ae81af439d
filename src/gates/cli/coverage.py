"""`gates coverage`: how much of each folder and file ran, worst first, and of what the change touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from gates.cli import options, output
from gates.errors import EXIT

HEADINGS = ("lines", "missed", "branches", "missed", "ran")


@click.command(short_help="Show what ran of each file, worst first, and of the change.")
@options.with_options(
    options.PROJECT,
    *options.RUNNING,
    click.option("--change", is_flag=True, help="Only what the change touched, function by function."),
    click.option("--most", type=click.IntRange(min=1), default=20, help="Rows of each table; 20 by default."),
    click.option("--all", "everything", is_flag=True, help="Every row, also of what ran entirely."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Show what the tests ran of the code.

    It judges the gate `coverage` too, and exits with its code as `gates check coverage` does.
    """
    from gates.cli import progress
    from gates.engine import session

    prepared = options.prepare(given["directory"], options.configurable(given))
    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=("coverage",), python=given["python"], use_cache=not given["no_cache"]
    )
    judgement = session.judge(request)
    (report,) = [one for one in judgement.report.gates if one.name == "coverage"]
    facts = judgement.evidence.get("coverage")
    gate, settings = prepared.registry.gates["coverage"], prepared.config.gates["coverage"]
    tables = None if facts is None else gate.tables(facts, settings)
    if given["output_format"] == "json":
        output.value({"schema_version": 1, "verdict": report.verdict, "reason": report.reason, "tables": tables})
        return EXIT[report.verdict]
    for text in _shown(tables or {}, given):
        output.line(text)
    if report.reason is not None:
        output.line(f"undecided: {report.reason.message} (fix: {report.reason.fix})")
    elif blocking := sum(one.blocks for one in report.findings):
        output.line(f"{report.verdict}: {_count(blocking, 'finding')} (gates check coverage)")
    else:
        output.line(report.verdict)
    return EXIT[report.verdict]


def _shown(tables: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    most = None if given["everything"] else given["most"]
    if tables and not given["change"]:
        yield from _table("folder", tables["folders"], most)
        yield ""
        yield from _table("file", tables["files"], most, missed=True)
        yield ""
    if tables and tables["change"] is not None:
        yield from _change(tables["change"], most)
        yield ""
    if tables:
        total = tables["total"]
        lines = f"{total['missed_lines']:,} of {total['lines']:,} lines"
        branches = f"{total['missed_branches']:,} of {total['branches']:,} branches"
        yield f"total: {total['percent']:g} % ran; {lines} and {branches} did not ({tables['source']})"


def _table(name: str, rows: Sequence[Mapping[str, Any]], most: int | None, *, missed: bool = False) -> Iterator[str]:
    """Rows in columns; those of which everything ran only where all are asked for."""
    open_rows = rows if most is None else [row for row in rows if row["missed_lines"] or row["missed_branches"]]
    shown = open_rows[:most]
    if not shown:
        yield f"everything ran of each {name}: {len(rows):,}"
        return
    width = max([len(row["path"]) for row in shown], default=0)
    width = max(width, len(name))
    yield f"{name:<{width}}" + "".join(f"{heading:>10}" for heading in HEADINGS)
    for row in shown:
        numbers = (row["lines"], row["missed_lines"], row["branches"], row["missed_branches"])
        ran = "".join(f"{number:>10,}" for number in numbers) + f"{row['percent']:>8.4g} %"
        yield f"{row['path']:<{width}}{ran}" + (f"   {row['missed']}" if missed and row["missed"] else "")
    whole = len(rows) - len(open_rows)
    hidden = [f"{len(open_rows) - len(shown):,} more"] if len(open_rows) > len(shown) else []
    hidden += [f"{whole:,} of which everything ran"] if whole else []
    if hidden:
        yield f"and {' and '.join(hidden)} (--all shows them)"


def _change(change: Mapping[str, Any], most: int | None) -> Iterator[str]:
    yield f"changed since {change['base'][:12]}"
    rows = change["files"]
    for row in rows[:most]:
        about = f"  {row['path']}" + (f" (was {row['old']})" if row["old"] else "")
        if row["omitted"] is not None:
            yield f"{about}: left out by {row['omitted']}"
        elif not row["measured"]:
            yield f"{about}: not measured, {_count(row['lines'], 'line')} that can run"
        else:
            never = f", never ran: {row['missed']}" if row["missed"] else ""
            yield f"{about}: {row['function']}: {_count(row['lines'], 'line')}{never}"
    if most is not None and len(rows) > most:
        yield f"  and {len(rows) - most:,} more (--all shows them)"
    if not rows:
        yield "  nothing that can run"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
