"""Marks: which tests are benchmarks, and what their marker says of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from typing import Any

import pytest

from pytest_vltair.options import BENCH

KEYWORDS = ("limit", "timeout")
FIXTURES = frozenset({"benchmark", "benchmark_weave", "codspeed_benchmark"})


def check(report: pytest.CollectReport, nodes: Iterable[pytest.Item | pytest.Collector]) -> None:
    """Make a report a failed one where a `vltair_bench` of these nodes says what cannot be."""
    for node in nodes:
        for mark in node.own_markers:
            fault = _fault(mark) if mark.name == BENCH else None
            if fault is not None:
                report.outcome, report.result = "failed", []
                report.longrepr = f"{plain_place(node)}: {fault}"
                return


def plain_place(node: pytest.Item | pytest.Collector) -> str:
    """The file, the line and the name of a test; the id of anything else."""
    line = node.location[1] if isinstance(node, pytest.Item) else None
    return node.nodeid if line is None else f"{node.nodeid.partition('::')[0]}:{line + 1}: {node.name}"


def timed(item: pytest.Item) -> bool:
    """Whether a test is a benchmark."""
    return by_fixture(item) or by_body(item)


def by_fixture(item: pytest.Item) -> bool:
    """Whether a test has a fixture that times what it is given."""
    return not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def by_body(item: pytest.Item) -> bool:
    """Whether the body of a test is what is timed."""
    if by_fixture(item):
        return False
    if any(item.get_closest_marker(name) for name in (BENCH, "codspeed_benchmark")):
        return True
    # For pytest-benchmark this marker only says how to time with the fixture.
    loaded = item.config.pluginmanager.has_plugin
    return item.get_closest_marker("benchmark") is not None and (loaded("codspeed") or not loaded("benchmark"))


def refusal(item: pytest.Item) -> str:
    """Why the body of a test cannot be timed, or nothing."""
    if not isinstance(item, pytest.Function):
        return "what is timed is the body of a test function, and this is none"
    if not hasattr(item, "_fixtureinfo") or hasattr(item, "_testcase") or type(item).__name__ == "TestCaseFunction":
        return "a test of unittest cannot be timed as a whole: ask for the fixture benchmark, and call it"
    function: Any = inspect.unwrap(item.obj)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "an async test cannot be timed as a whole: ask for the fixture benchmark, and call it with a function"
    return ""


def said(item: pytest.Item) -> dict[str, float]:
    """What the markers of a test say, those nearest to it first."""
    found: dict[str, float] = {}
    for mark in item.iter_markers(BENCH):
        for name, value in mark.kwargs.items():
            found.setdefault(name, float(value))
    return found


def _fault(mark: pytest.Mark) -> str | None:
    written = ", ".join([*map(repr, mark.args), *(f"{name}={value!r}" for name, value in mark.kwargs.items())])
    said = f"the marker {BENCH}({written})"
    if mark.args:
        return f"{said} has a value without a name: write {BENCH}(limit=2.5, timeout=30)"
    for name, value in mark.kwargs.items():
        if name not in KEYWORDS:
            return f"{said} has a keyword {name!r}, and limit and timeout are the only ones that it knows"
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or value <= 0:
            what = "percentage" if name == "limit" else "number of seconds"
            return f"{said} needs a {name} that is a {what} above 0"
    return None
