"""Bench reports: rows of comparisons, as the gate `bench` makes them, for the renderers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gates.builtin.bench.facts import Noise
from gates.builtin.bench.judging.tables import tables
from gates.model.evidence import counted
from support import bench_evidence as made

LIMITS = made.settings(
    budget=[{"glob": "test_io", "p50": "2 ms"}, {"glob": "test_render", "p95": "0.1 ms"}],
    between=[{"benchmark": "test_io", "against": "test_render", "at-most": 10}],
)


def mixed() -> Mapping[str, Any]:
    """Every verdict, budgets, and what could not be compared."""
    evidence = made.evidence(
        made.benchmark("test_parse[json]", change=12.3),
        made.benchmark("test_parse[toml]"),
        made.benchmark("test_render", change=-11),
        made.benchmark("test_noisy", noise=0.1),
        made.benchmark("test_io", change=3, limit=2.5, noise=0.005),
        made.benchmark("test_gone", held=[], problems=made.problem("left", "head", message="")),
        made.benchmark("test_new", held=[], before=False, problems=made.problem("errored", "base", "control")),
        noise=Noise(load=1.94, steal=0.021, mhz=counted([1200.0, 3100.0]), governor="powersave"),
    )
    return tables(evidence, LIMITS)


def mixed_row() -> Mapping[str, Any]:
    """A row of a benchmark that was compared."""
    row: Mapping[str, Any] = mixed()["benchmarks"][0]
    return row


def proved() -> Mapping[str, Any]:
    """Under `prove`, with an alarm of the control."""
    held = (made.benchmark(change=4, noise=0.02), made.benchmark("test_b", control=9), made.benchmark("test_c"))
    return tables(made.evidence(*held), made.settings(rule="prove"))


def stored() -> Mapping[str, Any]:
    """Against the history."""
    history = [made.kept(runs=8, drift=0.005), made.kept("test_b", runs=0, foreign=2)]
    silent = Noise(load=None, steal=None, mhz=counted([]), governor=None)
    evidence = made.stored(made.alone(change=20), made.alone("test_b"), history=history, noise=silent)
    return tables(evidence, made.settings())


def hostile() -> Mapping[str, Any]:
    """Names that would be markup, commands or controls if anybody let them."""
    names = (
        "test_<b>&\"'[x]",
        "test_`|*_[a](b)",
        "test_\x1b[31m\u202e",
        f"test_{'long' * 60}",
        "test_]]>--><!--\n::error::",
    )
    return tables(made.evidence(*(made.benchmark(name, change=at) for at, name in enumerate(names))), made.settings())


def wide() -> Mapping[str, Any]:
    """Changes that are far apart: the picture has arrows."""
    changes = {"test_far": 900, "test_fast": -95, **{f"test_{at}": at / 10 for at in range(30)}}
    held = [made.benchmark(name, change=change, noise=0.004) for name, change in changes.items()]
    return tables(made.evidence(*held, made.benchmark("test_loose", limit=800)), made.settings())


def damaged() -> Mapping[str, Any]:
    """Evidence that contradicts itself."""
    return tables(made.evidence(made.benchmark(), planned=1), made.settings())


def many(count: int = 500) -> Mapping[str, Any]:
    """More benchmarks than a comment holds."""
    held = [made.benchmark(f"test_{at}[{'x' * 40}]", change=20 if at == count - 1 else 0) for at in range(count)]
    gone = made.benchmark("test_gone", held=[], problems=made.problem("left", "head", message=""))
    return tables(made.evidence(*held, gone), made.settings())


SCENARIOS = {
    "mixed": mixed,
    "proved": proved,
    "stored": stored,
    "hostile": hostile,
    "wide": wide,
    "damaged": damaged,
    "nothing": dict,
}
