"""`gates list`: every gate and rule there is, whether it is judged here, and where it comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import options, output
from gates.model.waiver import SOON

if TYPE_CHECKING:
    from gates.cli.options import Prepared


@click.command(name="list", short_help="Show gates and rules, and which are judged here.")
@options.with_options(
    options.PROJECT,
    *options.SELECTION,
    click.option("--rules", is_flag=True, help="Show the rules of each gate."),
    click.option("--expiring", is_flag=True, help="Show the waivers that are over or end within 14 days instead."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Show every gate, whether it is judged in this project, and why or why not."""
    prepared = options.prepare(given["directory"], {name: given[name] for name in ("select", "ignore")})
    if given["expiring"]:
        return _expiring(prepared, as_json=given["output_format"] == "json")
    rows = _rows(prepared)
    if given["output_format"] == "json":
        output.value({"schema_version": 1, "gates": rows})
        return 0
    widest = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        state = "judged" if row["judged"] else "not judged"
        origin = "" if row["origin"] == "built in" else f"  [{row['origin']}]"
        output.line(f"{row['name']:<{widest}}  {state:<10}  {row['because']}{origin}")
        if given["rules"]:
            for rule in row["rules"]:
                more = [word for key, word in (("preview", "in preview"), ("undecides", "undecided")) if rule[key]]
                level = ", ".join([rule["severity"], *more])
                output.line(f"{'':<{widest}}  {rule['code']} {rule['name']} ({level}): {rule['summary']}")
    return 0


def _expiring(prepared: Prepared, *, as_json: bool) -> int:
    """Show the waivers that are over or about to end, the first to end first; that alone is no failure."""
    today = datetime.now(UTC).date()
    source = prepared.config.source
    written = sorted(enumerate(prepared.config.waiver), key=lambda pair: (pair[1].expires, pair[0]))
    found = [
        {
            **msgspec.structs.asdict(one),
            "state": "expired" if one.over(today) else "expiring",
            "path": source.path,
            "line": source.line("waiver", index),
        }
        for index, one in written
        if one.over(today) or one.ends_soon(today)
    ]
    if as_json:
        output.value({"schema_version": 1, "waivers": found})
        return 0
    for row in found:
        verb = "ended" if row["state"] == "expired" else "ends"
        place = f"{row['path']}:{row['line']}"
        shown = f"{place}: {row['rule']} {row['subject']} ({row['owner']}) {verb} on {row['expires']}: {row['reason']}"
        output.line(shown)
    if not found:
        output.line(f"none of {len(written):,} waivers ends within {SOON} days")
    return 0


def _rows(prepared: Prepared) -> list[dict[str, Any]]:
    from gates.engine import plan as engine_plan

    plan = engine_plan.draw(prepared.project, prepared.registry.gates, prepared.config)
    judged = {one.gate.name: one.because for one in plan.planned if one.judged}
    reasons = {one.name: one.reason for one in plan.not_judged}
    rows = []
    for name, gate in prepared.registry.gates.items():
        reason = reasons.get(name)
        rows.append(
            {
                "name": name,
                "title": gate.title,
                "judged": name in judged,
                "because": judged.get(name) or (reason.message if reason else "only its evidence is read"),
                "fix": None if reason is None else reason.fix,
                "origin": prepared.registry.origins[name],
                "rules": [
                    {
                        "code": rule.code,
                        "name": rule.name,
                        "severity": rule.severity,
                        "preview": rule.preview,
                        "undecides": rule.undecides,
                        "summary": rule.summary,
                    }
                    for rule in gate.rules
                ],
            }
        )
    return rows
