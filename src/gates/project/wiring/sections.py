"""Sections: the commands of tox in an INI file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from gates.project.wiring import script, tools
from gates.project.wiring.wire import Unreadable, Wire, Wiring

KEYS = ("commands", "commands_pre", "commands_post")
TRUE = frozenset({"1", "on", "true", "yes"})
_HEADER = re.compile(r"\[([^\]]+)\]\s*([#;].*)?")
_KEY = re.compile(r"([^\s=:\[#;][^=:]*?)\s*[=:]\s*(.*)")


@dataclass(frozen=True)
class _Line:
    section: str
    key: str
    text: str
    number: int


def of(path: str, text: str) -> Wiring:
    """The wires of the environments of tox; nothing in a file that has none."""
    import configparser

    try:
        configparser.RawConfigParser(strict=False).read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next((number for number, _ in getattr(error, "errors", ())), None)
        return Wiring(unreadable=(Unreadable(path=path, line=line, why="it is not INI"),))
    lines = [line for line in _lines(text) if re.match(r"(tox:)?testenv|tox:env", line.section)]
    ignoring = {line.section for line in lines if line.key == "ignore_outcome" and line.text.lower() in TRUE}
    found: list[Wire] = []
    for line in _continued([line for line in lines if line.key in KEYS]):
        clause = "`ignore_outcome` makes tox ignore its failure" if line.section in ignoring else ""
        found += command(path, line.text, line.number, line.section.rpartition(":")[2], clause)
    return Wiring(wires=tuple(found))


def command(path: str, text: str, number: int, within: str, clause: str = "", runner: str = "tox") -> tuple[Wire, ...]:
    """The wires of one command that no shell reads, as tox and hatch take it: a leading `-` ignores its failure."""
    marked = re.match(r"\s*(?:\{[^}]*:)?([-!])\s*", text)
    if marked is not None:
        ignored = f"the leading `-` makes {runner} ignore its failure"
        clause = clause or (ignored if marked[1] == "-" else "`!` turns its exit code round")
        text = text[marked.end() :]
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    return tuple(
        Wire(
            path=path,
            line=number,
            tool=tool,
            text=" ".join(text.split()),
            defused=clause or inner or tools.own_clause(tool, called),
            within=within,
            runner=runner,
        )
        for called, inner in _calls(words)
        for tool in tools.tools_of(called)
    )


def _calls(words: list[str]) -> list[tuple[tuple[str, ...], str]]:
    """The command itself, and what stands in it where it is `bash -c "..."`."""
    return script.called(words)


def _lines(text: str) -> Iterator[_Line]:
    section = key = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        header = _HEADER.fullmatch(line.rstrip())
        pair = _KEY.fullmatch(stripped)
        if header is not None:
            section, key = header[1].strip(), ""
        elif line[0].isspace() and key:
            yield _Line(section, key, stripped, number)
        elif pair is not None:
            key = pair[1].lower()
            yield _Line(section, key, pair[2], number)


def _continued(lines: list[_Line]) -> Iterator[_Line]:
    """Lines joined with those that a backslash continues."""
    held: _Line | None = None
    for line in lines:
        text = line.text
        if held is not None and (held.section, held.key) == (line.section, line.key):
            line, text = held, f"{held.text} {text}"  # noqa: PLW2901 - the first line has the number
        held = None
        joined = _Line(line.section, line.key, text.removesuffix("\\").rstrip(), line.number)
        if text.endswith("\\"):
            held = joined
        elif joined.text:
            yield joined
    if held is not None:
        yield held
