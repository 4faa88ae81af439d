"""`gates check --plan`: what would run, why, and the command lines; runs nothing."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.cli import output
from gates.engine import plan as engine_plan
from gates.errors import NOTHING_JUDGED

if TYPE_CHECKING:
    from gates.cli.check_workspace import Asked
    from gates.cli.options import Prepared


def show(prepared: Prepared, named: Sequence[str], *, as_json: bool) -> int:
    """Print the plan; 0, or 5 when nothing would be judged."""
    plan = engine_plan.draw(prepared.project, prepared.registry.gates, prepared.config, named)
    rows = [_row(prepared, one) for one in plan.planned]
    if as_json:
        value = {"schema_version": 1, "planned": rows, "not_judged": plan.not_judged}
        output.value(value)
    else:
        _print(rows, plan)
        if not plan.asked:
            output.line("nothing would be judged: exit 5. Next: gates init")
    return 0 if plan.asked else NOTHING_JUDGED


def show_workspace(asked: Sequence[Asked], *, as_json: bool) -> int:
    """Print the plan of each project of a workspace; 0, or 5 when nothing would be judged in one that has code."""
    shown: list[dict[str, Any]] = []
    left: list[Any] = []
    judged, owing = False, False
    for one in asked:
        path = one.place.path
        if not as_json:
            output.line(f"{path}  {one.place.project.name}")
        if one.aside:
            found = one.left
        else:
            plan = engine_plan.draw(one.place.project, one.prepared.registry.gates, one.prepared.config, one.named)
            rows = [_row(one.prepared, each) for each in plan.planned]
            judged |= bool(plan.asked)
            owing |= one.place.owed and not plan.asked
            found = (*one.left, *plan.not_judged)
            shown += [{"project": path, **row} for row in rows]
            if not as_json:
                _print(rows, plan)
                if one.place.owed and not plan.asked:
                    output.line("nothing would be judged here, though there is code: exit 5. Next: gates init")
        if not as_json and one.aside:
            output.line(f"left out: {', '.join(each.name for each in found)}")
        left += [msgspec.structs.replace(each, project=path) for each in found]
    if as_json:
        output.value({"schema_version": 1, "planned": shown, "not_judged": left})
    return 0 if judged and not owing else NOTHING_JUDGED


def _row(prepared: Prepared, one: engine_plan.Planned) -> dict[str, Any]:
    from gates.engine import cadence

    commands = [[_portable(word, prepared.project.root) for word in argv] for argv in _argv(prepared, one)]
    return {
        "name": one.gate.name,
        "judged": one.judged,
        "because": one.because,
        "needs": list(one.needs),
        "demanded": sorted(one.demanded),
        "commands": commands,
        "cadence": cadence.of(prepared.project, one, prepared.config, prepared.registry.revisions, datetime.now(UTC)),
    }


def _argv(prepared: Prepared, one: engine_plan.Planned) -> Sequence[Sequence[str]]:
    return [] if one.refused is not None else [list(argv) for argv in one.gate.plan(prepared.project, one.settings)]


def _portable(word: str, root: Path) -> str:
    return "python" if word == sys.executable else word.replace(str(root), ".")


def _print(rows: Sequence[dict[str, Any]], plan: engine_plan.Plan) -> None:
    for row in rows:
        verb = "judge" if row["judged"] else "collect"
        output.line(f"{verb}  {row['name']}: {row['because']}")
        for argv in row["commands"]:
            output.line(f"    {shlex.join(argv)}")
        for text in row["cadence"].lines():
            output.line(f"    {text}")
    for one in plan.not_judged:
        output.line(f"leave  {one.name}: {one.reason.message} ({one.reason.fix})")
