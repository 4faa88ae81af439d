"""Markdown: the comparison as a table, what could not be compared, and under which conditions it was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gates.model.measure import duration
from gates.render import comment, escape
from gates.render.bench import words

if TYPE_CHECKING:
    from gates.model.reason import Reason

_RESERVE = 100
"""Bytes kept for the line that says what was cut."""

HEADINGS = ("benchmark", "base", "head", "change", "interval", "limit", "verdict")
VERDICTS = {"regressed": "**REGRESSED**", "inconclusive": "**INCONCLUSIVE**"}
UNPROVED = "**NOT PROVED**"
STANDINGS = {"kept": "kept", "passed over": "**OVER**", "open": "**OPEN**"}


def render(tables: Mapping[str, Any], verdict: str, reason: Reason | None = None) -> str:
    """The report; of what does not fit, the benchmarks that changed least go first, and are counted."""
    against = f", against {escape.markdown(words.against(tables))}" if tables else ""
    head = [f"## bench: {verdict}{against}\n"]
    if reason is not None:
        head.append(f"{escape.markdown(reason.message)} (fix: {escape.code_span(reason.fix)})\n")
    if not tables:
        return escape.commands("\n".join(head))
    tail = [_tail(tables)]
    left = comment.LIMIT - _RESERVE - sum(map(comment.size, (*head, *tail)))
    others, cut = comment.fitting([*_limits(tables), *_not_compared(tables)], left)
    rows, more = comment.fitting([*_benchmarks(tables)], left - sum(map(comment.size, others)))
    if cut + more:
        what = f"{cut + more:,} more line{'' if cut + more == 1 else 's'}"
        tail.insert(0, f"\n**Cut:** {what}; the JSON report has them all.")
    return escape.commands("\n".join([*head, *rows, *others, *tail])) + "\n"


def _benchmarks(tables: Mapping[str, Any]) -> Iterator[str]:
    rows = words.ranked(tables["benchmarks"])
    if rows:
        headings = ["history" if one == "base" and tables["mode"] == "stored" else one for one in HEADINGS]
        yield f"| {' | '.join(headings)} |\n|---|---:|---:|---:|:---:|---:|---|"
    for row in rows:
        low, high = row["interval"]
        shown = UNPROVED if row["unproved"] else None
        cells = (
            escape.code_span(row["name"]).replace("|", "\\|"),
            duration(row["base"]),
            duration(row["head"]),
            words.change(row["ratio"]),
            f"{words.change(low)} to {words.change(high)}",
            f"{words.number(row['limit'])} %",
            shown or VERDICTS.get(row["verdict"], row["verdict"]),
        )
        yield f"| {' | '.join(cells)} |"


def _limits(tables: Mapping[str, Any]) -> Iterator[str]:
    if tables["limits"]:
        yield "\n### Budgets and costs\n"
    for row in tables["limits"]:
        yield f"- {STANDINGS[row['standing']]}: {escape.markdown(row['message'])}"


def _not_compared(tables: Mapping[str, Any]) -> Iterator[str]:
    if tables["not_compared"]:
        yield "\n### Not compared\n"
    for row in tables["not_compared"]:
        yield f"- **{row['rule']}** {escape.markdown(row['message'])}"


def _tail(tables: Mapping[str, Any]) -> str:
    lines = [f"\n{escape.markdown(words.control(tables))}"] if tables["mode"] == "paired" else []
    if tables["fault"] is not None:
        lines.append(f"\n{escape.markdown(tables['fault'])}")
    where = "; ".join(filter(None, (words.machine(tables), words.noise(tables))))
    return "\n".join([*lines, f"\n{escape.markdown(where)}"])
