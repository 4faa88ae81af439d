"""Terminal: a line for each benchmark, and what to think of the run as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gates.builtin.bench.words import duration, limit

if TYPE_CHECKING:
    from gates.model.decision import Verdict
    from gates.model.reason import Reason

HEADINGS = ("benchmark", "base", "head", "change", "interval", "limit", "pairs", "verdict")
LEFT = frozenset({"benchmark", "verdict"})


def render(tables: Mapping[str, Any], verdict: Verdict, reason: Reason | None) -> str:
    """The tables in lines, the verdict last."""
    return "".join(f"{line}\n" for line in _lines(tables, verdict, reason))


def _lines(tables: Mapping[str, Any], verdict: Verdict, reason: Reason | None) -> Iterator[str]:
    rows = tables.get("benchmarks", ())
    if rows:
        yield from _columns([HEADINGS, *(_row(one) for one in rows)])
    for one in tables.get("not_compared", ()):
        yield f"{one['rule']} {one['because']}: {one['message']}"
    for one in tables.get("limits", ()):
        yield f"{one['standing']}: {one['message']}"
    control = tables.get("control")
    if control is not None and control["compared"]:
        about = f"{control['alarms']:,} of {control['compared']:,} alarmed, spread {control['spread']:.2g} %"
        yield f"control (base against itself): {about}"
    if reason is not None:
        yield f"undecided: {reason.message} (fix: {reason.fix})"
    else:
        blocking = sum(one["blocks"] for one in rows)
        yield verdict if not blocking else f"{verdict}: {blocking:,} over the limit (gates check bench)"


def _row(one: Mapping[str, Any]) -> Sequence[str]:
    low, high = one["interval"]
    return (
        one["name"],
        duration(one["base"]),
        duration(one["head"]),
        _signed(one["ratio"]),
        f"{_signed(low)} to {_signed(high)}",
        limit(one["limit"]),
        str(one["pairs"]),
        one["verdict"] if not one["alarmed"] else f"{one['verdict']}, and the control alarmed",
    )


def _signed(ratio: float) -> str:
    return f"{(ratio - 1) * 100:+.1f} %"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (
            text.ljust(width) if name in LEFT else text.rjust(width)
            for name, text, width in zip(HEADINGS, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()
