"""Terminal: the verdict, a line for each artifact, what differs with its cause and cure, and what was varied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gates.render import escape
from gates.render.repro import words
from gates.render.repro.words import Group, Table

if TYPE_CHECKING:
    from gates.model.reason import Reason


def render(value: Table, verdict: str, reason: Reason | None = None) -> str:
    """The report, the verdict in its first line."""
    return "".join(f"{escape.commands(escape.line(line).rstrip())}\n" for line in _lines(value, verdict, reason))


def _lines(value: Table, verdict: str, reason: Reason | None) -> Iterator[str]:
    yield f"repro {words.headline(value, verdict, reason)}"
    if value["artifacts"]:
        yield from _table([(one["kind"], one["name"], words.standing(one)) for one in value["artifacts"]])
        snippets = words.snippets(value)
        for one in value["artifacts"]:
            yield from _differences(one["kind"], one, snippets)
        yield from _section("factors", [*words.varied(value), *words.unvaried(value)])
        yield from _published(value["against"], snippets)
        for number, snippet in enumerate(snippets, 1):
            yield ""
            yield f"cure [{number}]"
            yield from (f"    {line}" for line in escape.lines(snippet))
        yield from _record(value)
        yield from _section("", [])
        yield words.made_by(value)
        for note in [*value["drifted"], *value["notes"]]:
            yield f"note: {_one(note)}"
    for line in words.further(value, verdict, reason):
        yield f"next: {_one(line)}"


def _differences(kind: str, artifact: Table, snippets: Sequence[str]) -> Iterator[str]:
    for group in words.groups(artifact["differences"]):
        yield ""
        yield f"{kind}: {group.title}"
        yield from _group(group, snippets)
    for one in artifact["broken"]:
        yield ""
        yield f"{kind}: the build fails {words.under(one['factor'])}"
        yield from _indented(one["message"].rstrip("\n").split("\n"))
    if not artifact["broken"]:
        for one in artifact["problems"]:
            yield f"{kind}: the build {one['round']} made nothing: {_one(one['message'])}"


def _published(found: Sequence[Table], snippets: Sequence[str]) -> Iterator[str]:
    if found:
        yield ""
        yield "against"
    for one in found:
        yield f"  {_one(one['name'])}  {_one(words.published(one))}"
        for group in words.groups(one["differences"]):
            yield f"    {_one(group.what)}"
            yield from (f"    {line}" for line in _group(group, snippets))


def _group(group: Group, snippets: Sequence[str]) -> Iterator[str]:
    samples = [(escape.line(name), _one(change)) for name, change in group.samples]
    width = max(len(name) for name, _ in samples)
    for name, change in samples:
        yield f"  {name.ljust(width)}  {change}" if width else f"  {change}"
    if group.more:
        yield f"  and {group.more:,} more"
    yield from _said("cause", group.cause)
    for cure in words.cured(group, snippets):
        yield from _said("cure", cure)
    yield from (f"  | {line}" for line in group.excerpt)


def _said(word: str, text: str) -> Iterator[str]:
    """A text of one or more lines, the further ones below the first."""
    if text:
        first, *rest = escape.lines(text)
        yield f"  {word.ljust(6)} {first}"
        yield from (f"         {line}" for line in rest)


def _record(value: Table) -> Iterator[str]:
    record = value["record"]
    if record is not None:
        yield ""
        yield f"record {record['path']}: {record['standing']}"
        yield from _indented(map(_one, record["said"]))


def _section(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield ""
    if rows:
        yield title
        yield from _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with their columns below each other, indented."""
    shown = [[_one(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _indented(lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _one(text: str) -> str:
    return escape.line(text.rstrip("\n"))
