"""Tables: the rows of the command, which say what the decision says."""

from __future__ import annotations

import json

import pytest

from gates.builtin.bench.decide import decide
from gates.builtin.bench.gate import BenchGate
from gates.model.evidence import encode
from support import bench_evidence as made

PLAIN = made.settings()


def test_a_row_has_the_ratio_its_interval_and_its_limit() -> None:
    tables = BenchGate().tables(made.evidence(made.benchmark(change=12, noise=0, weather=0, limit=3.5)), PLAIN)
    (row,) = tables["benchmarks"]
    assert row["name"] == "tests/test_bench.py::test_a"
    assert (row["verdict"], row["limit"], row["pairs"]) == ("regressed", 3.5, 8)
    assert row["ratio"] == 1.12
    assert row["interval"] == [1.12, 1.12]
    assert (row["base"], row["head"]) == (pytest.approx(1e-3), pytest.approx(1.12e-3))
    assert (row["blocks"], row["unproved"], row["alarmed"], row["against"]) == (True, False, False, "base")
    assert tables["control"] == {"compared": 1, "alarms": 0, "spread": 0.0}
    assert (tables["mode"], tables["rule"], tables["fault"]) == ("paired", "detect", None)


def test_the_control_is_counted_and_nothing_blocks_where_it_alarmed() -> None:
    held = (made.benchmark(control=12), made.benchmark("test_b", change=12), made.benchmark("test_c"))
    tables = BenchGate().tables(made.evidence(*held), PLAIN)
    assert [(row["verdict"], row["blocks"], row["alarmed"]) for row in tables["benchmarks"]] == [
        ("no change", False, True),
        ("regressed", False, False),
        ("no change", False, False),
    ]
    assert tables["control"]["alarms"] == 1
    assert tables["control"]["spread"] == pytest.approx(12 / 3**0.5, rel=0.1)


def test_what_was_not_compared_has_a_row_with_its_rule() -> None:
    held = (made.benchmark(), made.benchmark("test_x", held=[], problems=made.problem("hung", "head", message="60 s")))
    tables = BenchGate().tables(made.evidence(*held), PLAIN)
    assert tables["not_compared"] == [
        {
            "name": "tests/test_bench.py::test_x",
            "rule": "BEN005",
            "because": "benchmark-errored",
            "message": "test_x was not done in time at head: 60 s (pytest tests/test_bench.py::test_x)",
        }
    ]
    stored = made.stored(made.alone(), history=[made.kept(runs=0, foreign=1)])
    assert [row["rule"] for row in BenchGate().tables(stored, PLAIN)["not_compared"]] == ["BEN009"]


def test_budgets_and_costs_have_rows_too() -> None:
    settings = made.settings(
        budget=[{"glob": "test_a", "p95": "9 ms"}],
        between=[
            {"benchmark": "test_b", "against": "test_a", "at-most": 10},
            {"benchmark": "test_z", "against": "test_a", "at-most": 10},
        ],
    )
    held = (made.benchmark(noise=0, weather=0), made.benchmark("test_b", time=2e-3, noise=0, weather=0))
    budget, cost, open_one = BenchGate().tables(made.evidence(*held), settings)["limits"]
    assert (budget["name"], budget["what"], budget["unit"], budget["standing"]) == (
        "tests/test_bench.py::test_a",
        "p95",
        "seconds",
        "kept",
    )
    assert (cost["name"], cost["what"], cost["unit"], cost["standing"]) == (
        "test_b",
        "test_a",
        "percent",
        "passed over",
    )
    assert cost["value"] == pytest.approx(100)
    assert (open_one["value"], open_one["standing"]) == (None, "open")


def test_rows_are_plain_and_agree_with_the_decision() -> None:
    held = [made.benchmark(f"test_{at}", change=at * 3) for at in range(5)]
    evidence = made.evidence(*held)
    tables = BenchGate().tables(evidence, PLAIN)
    assert json.loads(encode(tables)) == json.loads(json.dumps(tables))
    red = {one.subject for one in decide(evidence, PLAIN).findings}
    assert {row["name"] for row in tables["benchmarks"] if row["blocks"]} == red
    assert len(red) == 3
    assert tables["held"] == pytest.approx(1, abs=0.9)
