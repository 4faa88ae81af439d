"""Collect: the metrics that the registry declares, or the reason why nobody knows them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gates.model.evidence import Refusal, counted, refuse
from gates.model.gate import Context

from gates_metrics.facts import Metric, MetricsEvidence

if TYPE_CHECKING:
    from gates_metrics.gate import MetricsSettings


def collect(context: Context[MetricsSettings]) -> MetricsEvidence | Refusal:
    """Evidence of one reading of the registry."""
    name = context.settings.registry
    try:
        text = (context.project.root / name).read_text("utf-8")
    except FileNotFoundError:
        return refuse("evidence_missing", f"there is no {name}", "edit `registry` in [tool.gates.metrics]")
    except (OSError, UnicodeDecodeError) as error:
        return refuse("unreadable", f"{name} cannot be read: {error}", f"mend {name}")
    try:
        names = list(_names(json.loads(text) if name.endswith(".json") else tomllib.loads(text)))
    except ValueError as error:
        return refuse("unparsable_output", f"{name} is no registry of metrics: {error}", f"mend {name}")
    metrics = (Metric(name=one, line=line) for one, line in zip(names, _lines(text, names), strict=True))
    return MetricsEvidence(registry=name, metrics=counted(metrics))


def _names(document: Any) -> Iterator[str]:
    """The name of each metric.

    Raises:
        ValueError: the document has another form.
    """
    metrics = document.get("metrics") if isinstance(document, dict) else None
    if not isinstance(metrics, list):
        raise ValueError("it has no list `metrics`")
    for number, metric in enumerate(metrics, 1):
        name = metric.get("name") if isinstance(metric, dict) else None
        if not isinstance(name, str):
            raise ValueError(f"metric {number} has no name")
        yield name


def _lines(text: str, names: list[str]) -> Iterator[int | None]:
    """The line of each name: of the second declaration of a name the second line on which it stands."""
    lines = text.splitlines()
    seen: dict[str, int] = {}
    for name in names:
        written = re.compile(rf"""name"?\s*[=:]\s*(["']){re.escape(name)}\1""")
        after = seen.get(name, 0)
        found = next((number for number, line in enumerate(lines[after:], after + 1) if written.search(line)), None)
        seen[name] = found or len(lines)
        yield found
