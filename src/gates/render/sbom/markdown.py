"""Markdown: the same as on the terminal, in tables, for a step summary or a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.render import escape
from gates.render.sbom.terminal import changed, counted

MOST = 200
"""Rows of a table that are kept; how many are left out is said."""


def render(value: Mapping[str, Any]) -> str:
    """The verdict of a document."""
    return "\n".join(_lines(value)) + "\n"


def difference(value: Mapping[str, Any]) -> str:
    """The changes between two documents."""
    return "\n".join(_changes(value)) + "\n"


def _lines(value: Mapping[str, Any]) -> Iterator[str]:
    yield f"## sbom: {value['verdict']}"
    yield from _reason(value)
    if "source" in value:
        where = value["source"]["path"] or "the environment"
        yield ""
        yield (
            f"{len(value['components'])} components in {escape.markdown(value['judged'] or 'the document')},"
            f" {value['distributions']} distributions in {escape.markdown(where)}."
        )
        rows = [
            (
                one["name"],
                f"{one['present']}/{one['of']}",
                f"{one['limit']:g} %",
                "yes" if one["met"] else "**no**",
                one["standard"],
            )
            for one in value["elements"]
        ]
        yield from _table(("element", "present", "limit", "met", "asked for by"), rows)
        licences = [(escape.markdown(one["licence"] or "none"), str(one["components"])) for one in value["licences"]]
        yield from _table(("licence", "components"), licences)
    found = [
        (one["rule"] + ("" if one["blocks"] else " (does not block)"), escape.markdown(one["message"]))
        for one in value["findings"]
    ]
    yield from _table(("rule", "finding"), found)


def _changes(value: Mapping[str, Any]) -> Iterator[str]:
    yield f"## sbom diff: {counted(value) if value['reason'] is None else 'undecided'}"
    yield from _reason(value)
    if value["reason"] is None:
        rows = [(one["what"], escape.markdown(one["name"]), escape.markdown(changed(one))) for one in value["changes"]]
        yield from _table(("change", "component", "what"), rows)


def _reason(value: Mapping[str, Any]) -> Iterator[str]:
    reason = value["reason"]
    if reason is not None:
        yield ""
        yield f"{escape.markdown(reason.message)} (fix: {escape.code_span(reason.fix)})"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows[:MOST]:
        yield f"| {' | '.join(row)} |"
    if len(rows) > MOST:
        yield ""
        yield f"{len(rows) - MOST:,} more rows are not shown."
