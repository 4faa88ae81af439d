"""One: a requirement with all that is known of it, for terminals."""

from __future__ import annotations

from collections.abc import Iterator

from gates.render import escape
from gates.render.trace import words
from gates.render.trace.words import Value

STATES = {None: "not known", "resolved": "ok", "missing": "MISSING", "not-a-test": "no test", "prose": "no command"}
"""What a Validation command came to, in a word."""


def render(value: Value) -> str:
    """Each item of the value."""
    return "".join(f"{escape.commands(escape.line(line))}\n" for line in _lines(value))


def _lines(value: Value) -> Iterator[str]:
    reason = value["reason"]
    for number, one in enumerate(value["items"]):
        if number:
            yield ""
        yield from _item(one)
    if reason is not None:
        yield f"{value['verdict']}: {reason.message} (fix: {reason.fix})"


def _item(one: Value) -> Iterator[str]:
    yield f"{one['id']}  {one['title']}"
    raw = f" ({one['status_raw']})" if one["status_raw"] and one["status_raw"] != one["status"] else ""
    yield f"  status:    {words.status(one)}{raw if one['status'] else ''}"
    proved = ", ".join(filter(None, (words.evidence(one), words.tests(one))))
    yield f"  evidence:  {proved}"
    for name in ("severity", "category", "level", "section"):
        if one[name]:
            yield f"  {name + ':':<10} {one[name]}"
    yield f"  defined:   {words.place(one['source'])}"
    yield from (f"  also:      {words.place(place)}" for place in one["others"])
    yield from _block("acceptance", one["acceptance"])
    yield from _block("validation", [line for row in one["validation"] for line in _command(row)])
    yield from _block("tests", [_test(row) for row in one["tests"]])
    yield from _block("files", [words.file(row) for row in one["files"]])
    yield from _block("named in", [words.place(row) for row in one["code"]])
    yield from _block("executed", [f"{row['path']} ({words.many(row['lines'], 'line')})" for row in one["executed"]])
    yield from _block("links", [f"{row['kind']} {row['target']}" for row in one["links"]])
    yield from _block("findings", [words.finding(row) for row in one["findings"]])


def _block(name: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield f"  {name}:"
        yield from (f"    {row}" for row in rows)


def _command(row: Value) -> Iterator[str]:
    yield f"{STATES[row['state']]}: {row['command']}"
    for gone in row["missing"]:
        near = f", nearest is {gone['nearest']}" if gone["nearest"] else ""
        known = "is not there" if row["state"] == "missing" else "may be there or not"
        yield f"  {gone['name']} {known}{near}"


def _test(row: Value) -> str:
    return f"{words.group(row)}: {row['nodeid']} (by {', '.join(row['by'])})"
