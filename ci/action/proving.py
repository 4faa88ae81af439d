"""Proving: what `gates prove` found out, as annotations and as a summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import talk

OF_A_KIND = 10
"""GitHub shows ten annotations of a kind per step, and drops the rest without a word."""

ORDER = {"failed": 0, "undecided": 1}


class _Open(NamedTuple):
    verdict: str
    title: str
    message: str


def annotate(report: Mapping[str, Any]) -> None:
    """Annotate what was not proved, what failed first; the last one says how many there are besides."""
    found = sorted(_open(report), key=lambda one: ORDER.get(one.verdict, 2))
    shown = found if len(found) <= OF_A_KIND else found[: OF_A_KIND - 1]
    for one in shown:
        talk.annotate("error", one.title, one.message)
    if len(shown) < len(found):
        left = len(found) - len(shown)
        text = f"{left} more errors not shown: GitHub shows {OF_A_KIND} of a kind per step. The JSON report has all."
        talk.annotate("error", "gates prove", text)
    if report["exit_code"] != 0 and not found:
        talk.annotate("error", "gates prove", f"{report['verdict']}: exit code {report['exit_code']}")


def summary(report: Mapping[str, Any]) -> str:
    """The proof as Markdown."""
    lines = [f"## gates prove: {talk.markdown(str(report['verdict']))}\n"]
    gates = [one for one in report["gates"] if isinstance(one, Mapping)]
    if gates:
        lines.append("| gate | verdict | rules proved | starved |\n|---|---|---|---|")
    for gate in gates:
        cells = (str(gate.get("name")), str(gate.get("verdict")), _share(gate, "rules"), _share(gate, "starved"))
        lines.append(f"| {' | '.join(map(talk.markdown, cells))} |")
    found = list(_open(report))
    if found:
        lines.append("")
    lines += [f"- **{talk.markdown(one.title)}**: {talk.markdown(one.message)}" for one in found]
    return "\n".join(lines) + "\n"


def _share(gate: Mapping[str, Any], key: str) -> str:
    judged = [one for one in gate.get(key) or () if one.get("verdict") is not None]
    return f"{sum(one['verdict'] == 'passed' for one in judged)} of {len(judged)}"


def _open(report: Mapping[str, Any]) -> Iterator[_Open]:
    error = report.get("error")
    if isinstance(error, Mapping):
        yield _Open("undecided", "gates prove", str(error.get("message")))
    for gate in report["gates"]:
        name = str(gate.get("name"))
        reason = gate.get("reason")
        if isinstance(reason, Mapping):
            yield _Open("undecided", f"{name}: not proved", str(reason.get("message")))
        for rule in gate.get("rules") or ():
            if rule.get("verdict") in ORDER:
                why = rule.get("seen") or (rule.get("reason") or {}).get("message") or ""
                yield _Open(rule["verdict"], f"{rule.get('rule')} {rule.get('name')}: not proved", str(why))
        for one in gate.get("starved") or ():
            if one.get("verdict") in ORDER:
                title = f"{name} without {one.get('of')} ({one.get('kind')})"
                yield _Open(one["verdict"], title, str(one.get("seen")))
