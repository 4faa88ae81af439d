"""Canaries: one more metric in the registry, wrong in the way of each rule."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gates.model.canary import Canary, Planted
from gates.model.gate import Context
from gates.model.reason import Reason

from gates_metrics.rules import DECLARED_TWICE, NO_UNIT, NOT_SNAKE_CASE

if TYPE_CHECKING:
    from gates_metrics.gate import MetricsSettings


def _with(names: Callable[[Sequence[str]], Sequence[str]]) -> Callable[[Context[MetricsSettings]], Planted | Reason]:
    """A function that declares further metrics, of which the last one is wrong; `names` are made out of the units."""

    def plant(context: Context[MetricsSettings]) -> Planted | Reason:
        file = context.settings.registry
        path = context.project.root / file
        added = names(context.settings.units)
        text = path.read_text("utf-8")
        if not file.endswith(".json"):
            whole = text.rstrip("\n") + "".join(f'\n\n[[metrics]]\nname = "{name}"' for name in added) + "\n"
            try:
                tomllib.loads(whole)
            except tomllib.TOMLDecodeError:
                return Reason(
                    code="does_not_apply",
                    message=f"{file} writes its metrics as a list in one value, to which no table can be added",
                    fix=f"write each metric of {file} as a table [[metrics]]",
                )
            path.write_text(whole, encoding="utf-8")
            return Planted(path=file, line=len(whole.splitlines()))
        document: Any = json.loads(text)
        document["metrics"] += [{"name": name} for name in added]
        whole = json.dumps(document, indent=2) + "\n"
        path.write_text(whole, encoding="utf-8")
        lines = [number for number, line in enumerate(whole.splitlines(), 1) if f'"{added[-1]}"' in line]
        return Planted(path=file, line=lines[-1])

    return plant


CANARIES = (
    Canary(
        rule=NOT_SNAKE_CASE.code,
        title="a metric in camelCase",
        plant=_with(lambda units: [f"gatesCanary{units[0]}"]),
    ),
    Canary(rule=NO_UNIT.code, title="a metric without a unit", plant=_with(lambda _: ["gates_canary"])),
    Canary(
        rule=DECLARED_TWICE.code,
        title="a metric that is declared twice",
        plant=_with(lambda units: [f"gates_canary{units[0]}"] * 2),
    ),
)
