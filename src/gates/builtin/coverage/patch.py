"""Patch: of the changed files those that can be measured, the statements that the change touched, the tests nearby."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import TYPE_CHECKING

from gates.builtin.coverage import words
from gates.builtin.coverage.facts import MODULE, Changed, Function, Near, Patch
from gates.builtin.coverage.lines import between, decoded, encoded, numbers, of
from gates.builtin.coverage.parsed import Parsed
from gates.model.evidence import counted
from gates.project.layout import ASIDE_MODULES

if TYPE_CHECKING:
    from gates.builtin.coverage.parsing import Parses
    from gates.config.tool_settings import Settings
    from gates.project.changes import ChangedFile
    from gates.project.diff import Range
    from gates.project.layout import Layout

ELSEWHERE = "in no package of the project"
NEAREST = 3
"""Tests that are named for a function."""

PHASES = frozenset({"setup", "run", "teardown"})
"""What pytest-cov puts after the name of a test, and a bar."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is known of the files by path: those that the data names, and what each of `judged` has to run.

    `contexts` are the lines by the name of a context; `settings` are coverage's, to say where a file is left out.
    """

    paths: Collection[str]
    parses: Parses
    contexts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    settings: Settings | None = None


def judged(changed: Iterable[ChangedFile], measured: Collection[str], layout: Layout) -> tuple[ChangedFile, ...]:
    """The changed files that have to be in the data, or are in it; those without an added or altered line never are.

    A Python file of the project's packages has to be measured, whoever imports it. Of any other (a test, a script, the
    settings of a tool) that is asked only where the data names a neighbour in its own folder: where tests are measured
    a new test is, too. A module that belongs to a tool (`setup.py`, `noxfile.py`, `docs/conf.py`) never has to be.
    """
    folders = {_folder(path) for path in measured}

    def must(path: str) -> bool:
        if path in measured:
            return True
        if not path.endswith(".py"):
            return False
        tests = layout.tests_hold(path)
        if layout.packages_hold(path) and not tests:
            return True
        name = path.rpartition("/")[2].removesuffix(".py")
        return _folder(path) in folders and (tests or name not in ASIDE_MODULES)

    return tuple(one for one in changed if one.lines and must(one.path))


def aside(changed: Iterable[ChangedFile], judged: Collection[ChangedFile], layout: Layout) -> tuple[ChangedFile, ...]:
    """The changed Python files that nobody has to measure for where they are, but for tests and modules of tools."""

    def is_code(path: str) -> bool:
        name = path.rpartition("/")[2].removesuffix(".py")
        return path.endswith(".py") and name not in ASIDE_MODULES and not layout.tests_hold(path)

    return tuple(one for one in changed if one.lines and one not in judged and is_code(one.path))


def collect(base: str, files: Iterable[ChangedFile], measured: Measured, aside: Iterable[ChangedFile] = ()) -> Patch:
    """What the change touched of `files`, which `judged` chose and `measured` knows the parses of."""
    found = [*(_changed(one, measured) for one in files), *(_left_aside(one) for one in aside)]
    return Patch(base=base, files=counted(sorted(found, key=lambda one: one.path)))


def _left_aside(one: ChangedFile) -> Changed:
    lines = altered(one.lines)
    return Changed(
        path=_encodable(one.path),
        old=None if one.old is None else _encodable(one.old),
        status=one.status,
        measured=False,
        omitted=ELSEWHERE,
        count=lines.bit_count(),
        lines=encoded(lines),
        statements=0,
        touched=encoded(0),
        near=counted(()),
    )


def _changed(one: ChangedFile, measured: Measured) -> Changed:
    lines, omitted = altered(one.lines), _omitted(one.path, measured)
    touched, near = 0, list[Near]()
    if one.path in measured.parses:
        parsed = measured.parses[one.path]
        touched = statements(lines, parsed)
        near = list(_near(parsed, touched, by_test(measured.contexts.get(one.path, {}))))
    return Changed(
        path=_encodable(one.path),
        old=None if one.old is None else _encodable(one.old),
        status=one.status,
        measured=one.path in measured.paths and omitted is None,
        omitted=omitted,
        count=lines.bit_count(),
        lines=encoded(lines),
        statements=touched.bit_count(),
        touched=encoded(touched),
        near=counted(near),
    )


def altered(ranges: Iterable[Range]) -> int:
    """The added and altered lines as a set."""
    lines = 0
    for first, last in ranges:
        lines |= between(first, last)
    return lines


def statements(lines: int, parsed: Parsed) -> int:
    """The statements that these lines belong to, by first lines, of those that can run."""
    first = parsed.first
    held = of(first.get(line, line) for line in numbers(lines))
    return (held | lines) & decoded(parsed.lines)


def by_test(contexts: Mapping[str, int]) -> dict[str, int]:
    """The lines of a file by the name of a test; what ran outside of any is no test's."""
    found: dict[str, int] = {}
    for context, lines in contexts.items():
        name, bar, phase = context.rpartition("|")
        test = name if bar and phase in PHASES else context
        if test:
            found[test] = found.get(test, 0) | lines
    return found


def _near(parsed: Parsed, touched: int, tests: Mapping[str, int]) -> Iterator[Near]:
    """For each function that is touched the tests that ran most of it, then most of its file, the nearest first."""
    functions = [Function(name=name, first=first, last=last) for name, first, last in parsed.functions]
    every = decoded(parsed.lines)
    inside = dict(words.by_function(functions, every | touched))
    for name, _ in words.by_function(functions, touched):
        body = inside[name] if name != MODULE else 0

        def distance(test: str, body: int = body) -> tuple[int, int, str]:
            return -(tests[test] & body).bit_count(), -(tests[test] & every).bit_count(), test

        nearest = nsmallest(NEAREST, (test for test, lines in tests.items() if lines & every), key=distance)
        if nearest:
            yield Near(function=name, tests=counted(nearest))


def _omitted(path: str, measured: Measured) -> str | None:
    """What keeps a file out of reports, or out of the data that it is not in: the setting, with its place."""
    parses = measured.parses
    reason = parses.left_out.get(path) or (None if path in measured.paths else parses.unmeasured.get(path))
    if reason is None or ":" not in reason:
        return reason and f"coverage.py ({reason})"
    key = reason.replace(":", ".")
    held = None if measured.settings is None else measured.settings.keys.get(key)
    return f"`{key}` in {held.place}" if held else f"`{key}`"


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _encodable(path: str) -> str:
    """A path as the facts of measured files have it; of bytes that are not UTF-8, which nobody measures, escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
