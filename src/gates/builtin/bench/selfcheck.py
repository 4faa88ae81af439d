"""Selfcheck: what is found on this machine where nothing changed, and of a slowdown that is known."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gates.builtin.bench import collect, comparing, suspects
from gates.builtin.bench.comparing import Comparison
from gates.builtin.bench.judging import tables
from gates.model.evidence import Refusal, refuse

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context


def run(context: Context[BenchSettings], suites: int, percent: float) -> Mapping[str, Any] | Refusal:
    """So many comparisons of the project with itself, and as many with head made slower by `percent`, counted.

    `held` is the least limit in percent that all of them could have judged.
    """
    python = context.python
    if isinstance(python, Refusal):
        return python
    missing = collect.missing(context)
    if missing is not None:
        return missing
    with comparing.opened(context, python, None, itself=True) as comparison:
        if isinstance(comparison, Refusal):
            return comparison
        same = _counted(comparison, suites, 0.0)
        slower = same if isinstance(same, Refusal) else _counted(comparison, suites, percent)
    if isinstance(same, Refusal) or isinstance(slower, Refusal):
        return same if isinstance(same, Refusal) else slower
    return {
        "limit": context.settings.limit,
        "same": same,
        "slower": {"percent": percent, **slower},
        "held": max(same["held"], slower["held"]),
    }


def passed(found: Mapping[str, Any]) -> bool:
    """Whether the same code never alarmed, nothing was left open, and every slowdown was found."""
    same, slower = found["same"], found["slower"]
    quiet = not (same["alarms"] or same["control_alarms"] or same["inconclusive"])
    return quiet and slower["alarms"] == slower["benchmarks"]


def _counted(comparison: Comparison, suites: int, percent: float) -> dict[str, Any] | Refusal:
    context = comparison.context
    found: Counter[str] = Counter()
    held, begun = 0.0, time.monotonic()
    for number in range(suites):
        what = f"{percent:g} % slower" if percent else "the same code"
        context.progress(f"{what}, comparison {number + 1} of {suites}")
        evidence = comparison.evidence(suspects.effort(context.settings, slow=percent / 100))
        if isinstance(evidence, Refusal):
            return evidence
        said = tables.tables(evidence, context.settings)
        if said["fault"] is not None or not said["benchmarks"]:
            why = said["fault"] or next((one["message"] for one in said["not_compared"]), "there is no benchmark")
            return refuse("nothing_examined", f"no benchmark could be compared: {why}", "gates bench compare")
        verdicts = Counter(one["verdict"] for one in said["benchmarks"])
        found["benchmarks"] += len(said["benchmarks"])
        found["alarms"] += verdicts["regressed"]
        found["suites_alarmed"] += verdicts["regressed"] > 0
        found["improved"] += verdicts["improved"]
        found["inconclusive"] += verdicts["inconclusive"]
        found["control_alarms"] += said["control"]["alarms"]
        held = max(held, said["held"])
    names = ("benchmarks", "alarms", "suites_alarmed", "improved", "inconclusive", "control_alarms")
    seconds = round((time.monotonic() - begun) / suites, 1)
    return {"suites": suites, **{name: found[name] for name in names}, "held": held, "seconds_each": seconds}
