"""Terminal: minimum elements line by line, what is wrong, and the changes between two documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.render import escape

MOST = 10
"""Findings of one rule that are shown."""


def render(value: Mapping[str, Any]) -> str:
    """The verdict of a document, in the last line."""
    return _joined(_lines(value))


def difference(value: Mapping[str, Any]) -> str:
    """The changes between two documents, their number in the last line."""
    return _joined(_changes(value))


def changed(one: Mapping[str, Any]) -> str:
    """What became of a component, in words."""
    if one["what"] in {"added", "removed"}:
        return str(one["after"] or one["before"])
    before, after = (str(one[key]) or "none" for key in ("before", "after"))
    return f"{_short(before)} -> {_short(after)}"


def counted(value: Mapping[str, Any]) -> str:
    """How many changes there are, by kind."""
    counts = [f"{number} {what}" for what, number in value["counts"].items() if number]
    return ", ".join(counts) or "no difference"


def _lines(value: Mapping[str, Any]) -> Iterator[str]:
    if "source" in value:
        source, project = value["source"], value["project"]
        name = f"{project['name']} {project['version']}".strip()
        where = source["path"] or "the environment"
        yield f"{value['judged'] or name}: {len(value['components'])} components; {where} has {value['distributions']}"
        rows = [
            (one["name"], f"{one['present']}/{one['of']}", _limit(one), one["standard"]) for one in value["elements"]
        ]
        yield from columns([("element", "present", "limit", "asked for by"), *rows])
    yield from _findings(value["findings"])
    reason = value["reason"]
    if reason is not None:
        yield f"{reason.code}: {reason.message} (fix: {reason.fix})"
    yield value["verdict"] if value["verdict"] == "passed" else f"{value['verdict']} (gates check sbom)"


def _limit(one: Mapping[str, Any]) -> str:
    return f"{one['limit']:g} %" if one["met"] else f"{one['limit']:g} %  MISSED"


def _findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    shown: dict[str, int] = {}
    for one in findings:
        shown[one["rule"]] = shown.get(one["rule"], 0) + 1
        if shown[one["rule"]] <= MOST:
            yield f"{one['rule']} {one['name']}: {one['message']}" + ("" if one["blocks"] else " (does not block)")
    for rule, count in shown.items():
        if count > MOST:
            yield f"+ {count - MOST:,} more {rule}"


def _changes(value: Mapping[str, Any]) -> Iterator[str]:
    reason = value["reason"]
    if reason is not None:
        yield f"{reason.code}: {reason.message} (fix: {reason.fix})"
        yield "undecided"
        return
    yield from columns([(one["what"], one["name"], changed(one)) for one in value["changes"]])
    yield counted(value)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with each column as wide as its widest cell, which is cut to one line."""
    plain = [[escape.line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    for row in plain:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _short(text: str) -> str:
    """A digest by its beginning."""
    return ", ".join(one[:23] if ":" in one and len(one) > 40 else one for one in text.split(", "))


def _joined(lines: Iterator[str]) -> str:
    return "".join(f"{escape.commands(escape.line(line))}\n" for line in lines)
