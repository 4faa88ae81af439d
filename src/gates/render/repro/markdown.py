"""Markdown: the verdict, the artifacts as a table, each cause with its cure, and what was varied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gates.render import escape
from gates.render.repro import words
from gates.render.repro.words import Group, Table

if TYPE_CHECKING:
    from gates.model.reason import Reason

LIMIT = 60_000
"""Bytes; GitHub refuses a comment above 65,536 characters."""

_RESERVE = 200
"""Bytes kept for the line that says what was cut."""


def render(value: Table, verdict: str, reason: Reason | None = None) -> str:
    """The report; of what does not fit, the differences of the fewest members go first, and are counted."""
    head = [f"## repro: {escape.markdown(words.headline(value, verdict, reason))}"]
    if value["artifacts"]:
        head += _artifacts(value)
    tail = [*_snippets(value), *_tail(value), *_next(value, verdict, reason)]
    left = LIMIT - _RESERVE - sum(map(_size, (*head, *tail)))
    blocks, cut = _fitting([*_differences(value)], left)
    if cut:
        blocks.append(f"**Cut:** {cut:,} more kinds of differences; the JSON report has them all.")
    return escape.commands("\n\n".join([*head, *blocks, *tail])) + "\n"


def _fitting(blocks: Sequence[str], room: int) -> tuple[list[str], int]:
    taken: list[str] = []
    for block in blocks:
        room -= _size(block)
        if room < 0:
            break
        taken.append(block)
    return taken, len(blocks) - len(taken)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace")) + 2


def _artifacts(value: Table) -> Iterator[str]:
    rows = ["| artifact | name | result |", "|---|---|---|"]
    rows += [
        f"| {one['kind']} | {_cell(one['name'])} | {escape.markdown(words.standing(one))} |"
        for one in value["artifacts"]
    ]
    yield "\n".join(rows)


def _cell(text: str) -> str:
    return escape.code_span(text).replace("|", "\\|")


def _differences(value: Table) -> Iterator[str]:
    snippets = words.snippets(value)
    for one in value["artifacts"]:
        for group in words.groups(one["differences"]):
            yield _group(f"{one['kind']}: {group.title}", group, snippets)
        for broken in one["broken"]:
            title = escape.markdown(f"{one['kind']}: the build fails {words.under(broken['factor'])}")
            yield f"### {title}\n\n{escape.code_block(broken['message'])}"
    for one in value.get("against", ()):
        yield f"### against {escape.markdown(one['name'])}\n\n{escape.markdown(words.published(one))}"
        for group in words.groups(one["differences"]):
            yield _group(f"published: {group.what}", group, snippets)


def _group(title: str, group: Group, snippets: Sequence[str]) -> str:
    parts = [f"### {escape.markdown(title)}"]
    samples = [
        f"- {escape.code_span(name)}: {escape.code_span(change)}" if name else f"- {escape.code_span(change)}"
        for name, change in group.samples
    ]
    if group.more:
        samples.append(f"- and {group.more:,} more")
    parts.append("\n".join(samples))
    if group.cause:
        parts.append(f"**Cause:** {_text(group.cause)}")
    parts += [f"**Cure:** {_text(cure)}" for cure in words.cured(group, snippets)]
    if group.excerpt:
        parts.append(escape.code_block("\n".join(group.excerpt)))
    return "\n\n".join(parts)


def _snippets(value: Table) -> Iterator[str]:
    for number, snippet in enumerate(words.snippets(value), 1):
        yield f"### Cure {number}\n\n{escape.code_block(snippet)}"


def _text(text: str) -> str:
    return " ".join(map(escape.markdown, escape.lines(text)))


def _tail(value: Table) -> Iterator[str]:
    if not value["artifacts"]:
        return
    rows = [f"- {name}: {escape.markdown(how)}" for name, how in words.varied(value)]
    rows += [f"- **{name}**: {escape.markdown(why)}" for name, why in words.unvaried(value)]
    yield "### Factors"
    yield "\n".join(rows)
    record = value["record"]
    if record is not None:
        yield f"### Record: {record['standing']}"
        said = [f"- {escape.markdown(one)}" for one in record["said"]]
        yield "\n".join([escape.code_span(record["path"]), *(["", *said] if said else [])])
    yield escape.markdown(words.made_by(value))
    notes = [f"- {escape.markdown(note)}" for note in (*value["drifted"], *value["notes"])]
    if notes:
        yield "\n".join(notes)


def _next(value: Table, verdict: str, reason: Reason | None) -> Iterator[str]:
    rows = [f"- {escape.markdown(line)}" for line in words.further(value, verdict, reason)]
    if rows:
        yield "### Next"
        yield "\n".join(rows)
