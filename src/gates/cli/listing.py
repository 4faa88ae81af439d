"""`gates list`: every gate and rule there is, whether it is judged here, and where it comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import options, output, workspace
from gates.model.waiver import SOON

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.cli.workspace import Workspace


@click.command(name="list", short_help="Show gates and rules, and which are judged here.")
@options.with_options(
    options.PROJECT,
    options.PACKAGE,
    *options.SELECTION,
    click.option("--rules", is_flag=True, help="Show the rules of each gate."),
    click.option("--expiring", is_flag=True, help="Show the waivers that are over or end within 14 days instead."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Show every gate, whether it is judged in this project, and why or why not."""
    flags = {name: given[name] for name in ("select", "ignore")}
    prepared = options.prepare(given["directory"], flags, in_workspace=lambda project: bool(workspace.found(project)))
    whole = workspace.of(prepared, given["package"], flags)
    as_json = given["output_format"] == "json"
    if whole is not None:
        return _listed(whole, flags, given, as_json=as_json)
    if given["expiring"]:
        return _show_expiring(_expiring(prepared), len(prepared.config.waiver), as_json=as_json)
    rows = _rows(prepared)
    if as_json:
        output.value({"schema_version": 1, "gates": rows})
    else:
        _show(rows, with_rules=given["rules"])
    return 0


def _listed(whole: Workspace, flags: dict[str, Any], given: dict[str, Any], *, as_json: bool) -> int:
    """Show the gates, or the waivers, of each project of a workspace."""
    workspace.strangers((*(flags["select"] or ()), *(flags["ignore"] or ())), whole.judged)
    if given["expiring"]:
        from gates.engine import joining

        found = [
            {**row, "path": joining.path(one.path, row["path"])}
            for one in whole.judged
            for row in _expiring(one.prepared)
        ]
        return _show_expiring(found, sum(len(one.prepared.config.waiver) for one in whole.judged), as_json=as_json)
    rows = {one.path: [{"project": one.path, **row} for row in _rows(one.prepared)] for one in whole.judged}
    if as_json:
        output.value({"schema_version": 1, "gates": [row for found in rows.values() for row in found]})
        return 0
    for one in whole.judged:
        output.line(f"{one.path} ({one.project.name})")
        _show(rows[one.path], with_rules=given["rules"])
    return 0


def _show(rows: list[dict[str, Any]], *, with_rules: bool) -> None:
    widest = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        state = "judged" if row["judged"] else "not judged"
        origin = "" if row["origin"] == "built in" else f"  [{row['origin']}]"
        output.line(f"{row['name']:<{widest}}  {state:<10}  {row['because']}{origin}")
        if with_rules:
            for rule in row["rules"]:
                more = [word for key, word in (("preview", "in preview"), ("undecides", "undecided")) if rule[key]]
                level = ", ".join([rule["severity"], *more])
                output.line(f"{'':<{widest}}  {rule['code']} {rule['name']} ({level}): {rule['summary']}")


def _expiring(prepared: Prepared) -> list[dict[str, Any]]:
    """The waivers that are over or about to end, the first to end first."""
    today = datetime.now(UTC).date()
    source = prepared.config.source
    written = sorted(enumerate(prepared.config.waiver), key=lambda pair: (pair[1].expires, pair[0]))
    return [
        {
            **msgspec.structs.asdict(one),
            "state": "expired" if one.over(today) else "expiring",
            "path": source.path,
            "line": source.line("waiver", index),
        }
        for index, one in written
        if one.over(today) or one.ends_soon(today)
    ]


def _show_expiring(found: list[dict[str, Any]], count: int, *, as_json: bool) -> int:
    """Show waivers that are over or about to end; that alone is no failure."""
    if as_json:
        output.value({"schema_version": 1, "waivers": found})
        return 0
    for row in found:
        verb = "ended" if row["state"] == "expired" else "ends"
        place = f"{row['path']}:{row['line']}"
        shown = f"{place}: {row['rule']} {row['subject']} ({row['owner']}) {verb} on {row['expires']}: {row['reason']}"
        output.line(shown)
    if not found:
        output.line(f"none of {count:,} waivers ends within {SOON} days")
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
