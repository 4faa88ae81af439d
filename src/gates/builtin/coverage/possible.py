"""Possible: what of one source file can run, as coverage.py or the plugin that measured the file says.

`analysis` reads this module by its path: it runs in the judged Python and imports only the standard library.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coverage.plugin import FileReporter

WITH = re.compile(r"^[ \t]*(?:with|async)\b", re.MULTILINE)
"""Where a `with` statement may begin: coverage.py moves the jumps that lead back to one."""

QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
ACROSS = ("(?s", "\\n", "[\\s\\S]")
"""What a pattern has in it that is meant to match several lines."""

BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class Pragmas:
    """Counts comments that take code out: those without which coverage.py would not exclude or excuse the line.

    `...  # later` and `if TYPE_CHECKING:  # types` are excluded without their comments, `x()  # pragma: no cover` is
    not; what looks like a pragma in a longer string counts, since coverage.py excludes it there, too.
    """

    def __init__(self, *groups: list[str]) -> None:
        self.lines = [re.compile(_either(patterns), re.MULTILINE) for patterns in groups if patterns]
        across = [one for patterns in groups for one in patterns if any(mark in one for mark in ACROSS)]
        self.regions = [re.compile(one, re.MULTILINE) for one in across]

    def found(self, source: str, lines: list[str]) -> set[int]:
        """The lines that bear one; a region from one comment to another counts for its first line."""
        found = set()
        for region in self.regions:
            for match in region.finditer(source):
                if "\n" in match.group().strip("\n") and "#" in match.group():
                    found.add(source.count("\n", 0, match.start()) + 1)
        for number, line in enumerate(lines, 1):
            if "#" in line and any(one.search(line) and not one.search(_bare(line)) for one in self.lines):
                found.add(number)
        return found


def parsed(reporter: FileReporter, pragmas: Pragmas, *, python: bool) -> dict[str, Any]:
    """The fields of `parsed.Parsed`.

    Raises:
        ValueError: a plugin counts other exits than it names.
    """
    raw = Path(reporter.filename).read_bytes()
    statements = reporter.lines()
    functions = list(_functions(reporter)) if python else list(_regions(reporter))
    excluded = reporter.excluded_lines()
    ways: dict[int, list[int]] = {}
    for start, end in sorted(reporter.arcs()):
        if start not in excluded and end not in excluded:
            ways.setdefault(start, []).append(end)
    counts = {line: count for line, count in reporter.exit_counts().items() if count > 1}
    ways = {line: ends for line, ends in ways.items() if len(ends) > 1}
    if counts != {line: len(ends) for line, ends in ways.items()}:
        raise ValueError("the exits that are counted are not those that are named")
    source = reporter.source()
    lines = source.split("\n")
    last = len(lines) - (not lines[-1])
    first = _first(reporter, last)
    return {
        "sha256": hashlib.sha256(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest(),
        "last": last,
        "lines": _digits(statements),
        "excluded": _digits(excluded),
        "blank": _digits(_blank(lines[:last], first) if python else ()),
        "first": first,
        "ways": ways,
        "excused": _digits(reporter.no_branch_lines().intersection(ways)) if ways else "0",
        "jumps": list(_jumps(reporter, source, ways)) if python else [],
        "functions": functions,
        "pragmas": len(pragmas.found(source, lines)),
    }


def _first(reporter: FileReporter, last: int) -> dict[int, int]:
    """From each further line of a statement to its first; what a plugin leads to several lines is left where it is."""
    found = {}
    for line in range(1, last + 1):
        led = reporter.translate_lines((line,))
        if line not in led and len(led) == 1:
            (found[line],) = led
    return found


def _jumps(reporter: FileReporter, source: str, ways: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Jumps to a `with` statement that coverage.py takes for jumps to what comes after it; 0 for those it drops."""
    starts = [source.count("\n", 0, found.start()) + 1 for found in WITH.finditer(source)] if ways else []
    for line in ways if starts else ():
        jumps = {(line, start) for start in starts if start != line}
        if reporter.translate_arcs(jumps) == jumps:
            continue
        for jump in sorted(jumps):
            meant = reporter.translate_arcs(reporter.translate_arcs({jump}))
            if meant != {jump}:
                yield (*jump, next((end for start, end in meant if start == line), 0))


def _functions(reporter: FileReporter) -> Iterator[tuple[str, int, int]]:
    """Qualified names with the first line of the body and the last; those of a function come after it.

    `def` and decorators run where the function is defined, whoever calls it; they are lines of what is around it. So is
    a body on the line of its `def`.
    """
    tree = getattr(getattr(reporter, "parser", None), "_ast_root", None)
    if not isinstance(tree, ast.Module):
        tree = ast.parse(reporter.source())
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, name = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name += node.name
            if not isinstance(node, ast.ClassDef):
                start = node.body[0].lineno
                if start > node.lineno:
                    yield name, start, node.end_lineno or start
            name += "."
        inner = [(child, name) for body in BODIES for child in getattr(node, body, ())]
        waiting.extend(reversed(inner))


def _regions(reporter: FileReporter) -> Iterator[tuple[str, int, int]]:
    for region in sorted(reporter.code_regions(), key=lambda one: one.start):
        if region.kind == "function":
            yield region.name, region.start, max(region.lines, default=region.start)


def _blank(lines: Iterable[str], first: Mapping[int, int]) -> Iterator[int]:
    """Lines on which nothing can run: empty, or a comment only, and in no statement."""
    statements = {*first, *first.values()}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if (not text or text[0] == "#") and number not in statements:
            yield number


def _either(patterns: list[str]) -> str:
    """The patterns as one, put together as coverage.py does: a single one may begin with flags."""
    return "|".join(f"(?:{one})" for one in patterns) if len(patterns) > 1 else patterns[0]


def _bare(line: str) -> str:
    """The line without its comment."""
    cut = QUOTED.sub(lambda quoted: quoted.group().replace("#", " "), line).find("#")
    return line if cut < 0 else line[:cut]


def _digits(numbers: Iterable[int]) -> str:
    held = list(numbers)
    bits = bytearray(max(held, default=0) // 8 + 1)
    for number in held:
        bits[number >> 3] |= 1 << (number & 7)
    return f"{int.from_bytes(bits, 'little'):x}"
