"""Requirements: the markers of each test, the ids of requirements and the modules that they name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest

from pytest_vltair.lines import escape
from pytest_vltair.options import COVERS, NAMING

MINIMUM = "minimum"


class Named(NamedTuple):
    """Names of markers, ids of requirements, and modules with the percentage that must run; sorted, each once."""

    markers: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    covers: tuple[tuple[str, float], ...] = ()

    def fields(self) -> dict[str, object]:
        """The fields of a `phase` line."""
        covers = [{"module": module, MINIMUM: minimum} for module, minimum in self.covers]
        return {"markers": self.markers, "requirements": self.requirements, "covers": covers}


NOTHING = Named()


def named(item: pytest.Item) -> Named:
    """What the markers of a test, its classes and its module say, now.

    Raises:
        pytest.UsageError: a marker says what cannot be.
    """
    return _named(item.iter_markers())


def named_each(items: Iterable[pytest.Item]) -> Iterator[tuple[pytest.Item, Named]]:
    """Each test with what is named on it now; what tests share, their classes and modules, is asked once."""
    shared: dict[int, tuple[pytest.Mark, ...]] = {}
    for item in items:
        parent = item.parent
        above = shared.get(id(parent))
        if above is None:
            above = shared[id(parent)] = () if parent is None else tuple(parent.iter_markers())
        yield item, _named((*item.own_markers, *above))


def check(report: pytest.CollectReport, nodes: Iterable[pytest.Item | pytest.Collector]) -> None:
    """Make a report a failed one where a marker of these nodes says what cannot be.

    An error that is raised later than this takes the workers of xdist down, and nobody is told why.
    """
    for node in nodes:
        for mark in node.own_markers:
            fault = _fault(mark) if mark.name == COVERS and mark.kwargs else None
            if fault is not None:
                report.outcome, report.result = "failed", []
                report.longrepr = f"{_place(node)}: {fault}"
                return


def _place(node: pytest.Item | pytest.Collector) -> str:
    line = node.location[1] if isinstance(node, pytest.Item) else None
    return node.nodeid if line is None else f"{node.nodeid.partition('::')[0]}:{line + 1}"


def _named(marks: Iterable[pytest.Mark]) -> Named:
    markers: set[str] = set()
    ids: set[str] = set()
    covers: set[tuple[str, float]] = set()
    for mark in marks:
        markers.add(mark.name)
        if mark.name == COVERS and mark.kwargs:
            fault = _fault(mark)
            if fault is not None:
                raise pytest.UsageError(fault)
            covers.update((name, mark.kwargs[MINIMUM]) for name in mark.args)
        elif mark.name in NAMING:
            ids.update(map(str, mark.args))
    if not markers:
        return NOTHING
    return Named(tuple(sorted(map(escape, markers))), tuple(sorted(map(escape, ids))), tuple(sorted(covers)))


def _fault(mark: pytest.Mark) -> str | None:
    """What is wrong with a `covers` that has a keyword, in one sentence, or None."""
    written = ", ".join([*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())])
    said = f"the marker {COVERS}({written})"
    unknown = [name for name in mark.kwargs if name != MINIMUM]
    if unknown:
        return f"{said} has a keyword {unknown[0]!r}, and {MINIMUM} is the only one that it knows"
    minimum = mark.kwargs[MINIMUM]
    number = isinstance(minimum, int | float) and not isinstance(minimum, bool) and math.isfinite(minimum)
    if not number or not 0 <= minimum <= 100:
        return f"{said} needs a {MINIMUM} that is a number from 0 to 100"
    if not mark.args:
        return f"{said} names no module: write {COVERS}('pkg.module', {MINIMUM}={minimum!r})"
    for name in mark.args:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            return f"{said} names {name!r}, which is no module's name as `import` takes it, such as 'pkg.module'"
    return None


class Requirements:
    """Knows the tests of this process by their node ids."""

    def __init__(self) -> None:
        self._items: dict[str, pytest.Item] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the tests that are left."""
        self._items = {item.nodeid: item for item in session.items}

    def of(self, nodeid: str) -> Named:
        """What is named on a test at this moment, since fixtures may add markers; nothing if it is not known here."""
        item = self._items.get(nodeid)
        return NOTHING if item is None else named(item)
