"""Covering: how much of a module runs in a part of a test, beside whatever else measures the tests.

Where coverage.py measures already, no second measurement is begun: its collectors nest, and the inner one takes lines
away from the outer one, those of threads that run already and, after it, those of everybody. The measurement that runs
is told another context instead, and what it saw in that one is added to the one before, so that it has lost nothing.
"""

from __future__ import annotations

import ast
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import coverage
import pytest
from coverage.exceptions import CoverageWarning

LABEL = "vltair_coverage"
EXCLUDED = "report:exclude_lines"
STATIC = "run:context"

_COUNT = count(1)
_OWN: list[coverage.Coverage] = []
"""Measurements of one block, which see nothing else."""


class Covered:
    """How much of a module ran, once its block is left."""

    def __init__(self, module: str) -> None:
        self.module = module
        self._lines: frozenset[int] | None = None
        self._missing: frozenset[int] = frozenset()

    @property
    def percent(self) -> float:
        """Of the lines in the module's functions, how many percent ran; what runs at its import is not asked."""
        lines = self._known()
        return 100 * (len(lines) - len(self._missing)) / len(lines)

    @property
    def missing(self) -> tuple[int, ...]:
        """The lines that did not run."""
        self._known()
        return tuple(sorted(self._missing))

    def __repr__(self) -> str:
        """The module with its figure and the lines that are missing."""
        if self._lines is None:
            return f"<{self.module}, being measured>"
        missing = ", ".join(map(str, self.missing))
        return (
            f"<{self.module}: {self.percent:.2f} % of {len(self._lines):,} lines{missing and f', without {missing}'}>"
        )

    def settle(self, lines: Iterable[int], missing: Iterable[int]) -> None:
        """Keep what was found."""
        self._lines, self._missing = frozenset(lines), frozenset(missing)

    def _known(self) -> frozenset[int]:
        if self._lines is None:
            _fail(f"{self.module} is being measured: how much of it ran is known when the block is left")
        return self._lines


@contextmanager
def covered(module: str, test: str, start: Path) -> Iterator[Covered]:
    """Measures `module` inside; fails the test where that cannot be done. Tests were started in the folder `start`."""
    path = _path(module)
    inside = _in_functions(path)
    found = Covered(module)
    measuring = coverage.Coverage.current()
    if measuring in _OWN:
        _fail(f"a block of {LABEL} is in another one, which only works where something else measures the tests")
    ran: set[int] = set()
    with _alone(path, ran) if measuring is None else _beside(measuring, module, (path, start), test, ran):
        yield found
    lines, missing = _judged(measuring, path, ran)
    if not lines & inside:
        _fail(f"{module} has no line in a function, so that there is nothing to ask")
    found.settle(lines & inside, missing & inside)


def _path(module: str) -> Path:
    try:
        spec = find_spec(module)
    except (ImportError, ValueError) as error:
        _fail(f"there is no module {module!r} to measure: {error}")
    origin = None if spec is None else spec.origin
    if origin is None or not origin.endswith(".py"):
        _fail(f"there is no module {module!r} to measure, or it is no file of Python")
    return Path(os.path.realpath(origin))


def _in_functions(path: Path) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.update(range(max(node.body[0].lineno, node.lineno + 1), (node.end_lineno or 0) + 1))
    return found


@contextmanager
def _alone(path: Path, ran: set[int]) -> Iterator[None]:
    """A measurement of its own."""
    if sys.gettrace() is not None:
        _fail("something else traces this test, as a debugger does: a measurement would take its place")
    measuring = _quiet(include=[str(path)])
    measuring.start()
    _OWN.append(measuring)
    try:
        yield
    finally:
        _OWN.remove(measuring)
        measuring.stop()
    with _silently(), closing(_Data(measuring)) as held:
        ran.update(held.data.lines(str(path)) or ())


@contextmanager
def _beside(measuring: Any, module: str, place: tuple[Path, Path], test: str, ran: set[int]) -> Iterator[None]:
    """A context of its own in the measurement that runs."""
    if coverage.version_info < (7, 16):
        _fail(f"coverage {coverage.__version__} does not say which context it is in; 7.16 is the first that does")
    own = f"{test}|{LABEL} {module} {next(_COUNT)}"
    before = _switch(measuring, own)
    label = _joined(measuring, own)
    if hasattr(sys, "monitoring"):
        sys.monitoring.restart_events()  # coverage's core for it sees a line only once
    try:
        yield
    finally:
        after = _switch(measuring, _dynamic(measuring, before or ""))
        path, start = place
        with _silently():
            data = measuring.get_data()
        seen = _given_back(data, label)
    if after != label:
        _fail(f"how much of {module} ran is not known: something told coverage another context, {after!r}")
    names = [name for name in data.measured_files() if os.path.realpath(start / name) == str(path)]
    if not names:
        _fail(
            f"coverage measures these tests, and nothing of {module}: its settings leave it out, or nobody imports it"
        )
    ran.update(seen.get(names[0], ()))


def _given_back(data: Any, label: str) -> dict[str, set[int]]:
    """The lines of each file that ran in a context, which are those of the current context from now on, too."""
    lines, arcs = {}, {}
    data.set_query_context(label)
    try:
        for name in data.measured_files():
            if data.has_arcs():
                arcs[name] = set(data.arcs(name) or ())
                lines[name] = {end for _, end in arcs[name] if end > 0}
            else:
                lines[name] = set(data.lines(name) or ())
    finally:
        data.set_query_contexts(None)
    if data.has_arcs():
        data.add_arcs({name: held for name, held in arcs.items() if held})
    else:
        data.add_lines({name: held for name, held in lines.items() if held})
    return lines


def _judged(measuring: Any, path: Path, ran: set[int]) -> tuple[set[int], set[int]]:
    """The statements of a file, and those that did not run, by the exclusions of the project."""
    judge = _quiet()
    judge.set_option(EXCLUDED, (measuring or coverage.Coverage(data_file=None)).get_option(EXCLUDED))
    with _silently(), closing(_Data(judge)) as held:
        held.data.add_lines({str(path): ran})
        _, statements, _, missing, _ = judge.analysis2(str(path))
    return set(statements), set(missing)


class _Data:
    """Data that is kept in memory, by a database that must be closed."""

    def __init__(self, measuring: coverage.Coverage) -> None:
        self.data = measuring.get_data()

    def close(self) -> None:
        self.data.close(force=True)


def _quiet(**options: Any) -> coverage.Coverage:
    return coverage.Coverage(data_file=None, config_file=False, **options)


def _switch(measuring: Any, context: str) -> str | None:
    with _silently():
        return measuring.switch_context(context)  # type: ignore[no-any-return]


def _joined(measuring: Any, context: str) -> str:
    static = measuring.get_option(STATIC)
    return f"{static}|{context}" if static else context


def _dynamic(measuring: Any, context: str) -> str:
    static = measuring.get_option(STATIC)
    return context.removeprefix(static).removeprefix("|") if static else context


@contextmanager
def _silently() -> Iterator[None]:
    """Coverage warns of contexts that are not ours, and of files that did not run yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        yield


def _fail(why: str) -> NoReturn:
    pytest.fail(why, pytrace=False)
