"""Readers: what the tools wrote, to the figure; pytest-benchmark beside us is run where it is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from gates.builtin.bench.stored.readers.reading import read
from gates.builtin.bench.stored.readers.results import Results, percentile
from support.bench_results import DATA, MANY, ONE, ROUNDS, STATS, results, value
from support.commands import environment


def found(name: str) -> Results:
    held = read(DATA / name, name)
    assert isinstance(held, Results), held
    return held


def test_pytest_benchmark_with_its_rounds() -> None:
    held = found(ROUNDS)
    assert list(held.benchmarks) == ["test_b.py::test_sort", "test_b.py::test_param[a]", "test_b.py::test_param[b c]"]
    assert held.said == {
        "system": "Linux",
        "arch": "x86_64",
        "cpu": "Intel(R) Xeon(R) Processor",
        "python": "CPython 3.12.1 (main, May 9 2026 07:36:11) [GCC 12.2.0]",
    }
    (process,) = held.benchmarks["test_b.py::test_sort"]
    written = value(ROUNDS)["benchmarks"][0]["stats"]
    assert (list(process.times), process.calls) == (written["data"], 7)
    assert process.median == pytest.approx(written["median"])
    assert process.p95 == written["max"]
    assert (held.tool, held.commit, held.notes) == ("pytest-benchmark", None, ())


def test_pytest_benchmark_without_its_rounds() -> None:
    held = found(STATS)
    (process,) = held.benchmarks["test_b.py::test_sort"]
    stats = value(STATS)["benchmarks"][0]["stats"]
    assert "data" not in stats
    assert process.times == tuple(stats[name] for name in ("min", "q1", "median", "q3", "max"))
    assert (process.calls, process.median, process.p95) == (7, stats["median"], stats["max"])
    assert held.notes == ("3 of its benchmarks have no rounds: their slowest one stands for the 95th percentile",)


def test_pytest_benchmark_says_its_commit(tmp_path: Path) -> None:
    content = value(ROUNDS)
    content["commit_info"]["id"] = "ab" * 20
    held = results(tmp_path, content)
    assert isinstance(held, Results)
    assert held.commit == "ab" * 20


def test_pyperf_has_a_process_for_each_run_with_values() -> None:
    held = found(ONE)
    written = [run["values"] for run in value(ONE)["benchmarks"][0]["runs"] if "values" in run]
    assert len(value(ONE)["benchmarks"][0]["runs"]) == 4, "one of them is the calibration"
    assert {name: [list(one.times) for one in each] for name, each in held.benchmarks.items()} == {"sorting": written}
    assert held.said == {
        "system": "Linux",
        "arch": "x86_64",
        "cpu": "Intel(R) Xeon(R) Processor",
        "python": "CPython 3.12.1",
    }
    assert held.tool == "pyperf"


def test_pyperf_with_several_benchmarks_has_their_names_apart_and_the_rest_in_common() -> None:
    held = found(MANY)
    assert {name: len(each) for name, each in held.benchmarks.items()} == {"a b": 2, "c": 2}


def test_plain_in_every_unit(tmp_path: Path) -> None:
    units = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0}
    held = results(tmp_path, {f"in {unit}": {"value": 3, "unit": unit} for unit in units})
    assert isinstance(held, Results)
    assert {name: each[0].median for name, each in held.benchmarks.items()} == {
        f"in {unit}": pytest.approx(3 * scale) for unit, scale in units.items()
    }
    assert (held.tool, held.said, held.commit) == ("plain JSON", {}, None)


def test_a_percentile_is_one_of_the_times() -> None:
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile([1.0], 0.95) == 1.0
    assert percentile(range(1, 101), 0.95) == 95


@pytest.mark.skipif(importlib.util.find_spec("pytest_benchmark") is None, reason="pytest-benchmark is not installed")
def test_the_installed_pytest_benchmark(tmp_path: Path) -> None:
    (tmp_path / "test_b.py").write_text("def test_a(benchmark):\n    benchmark.pedantic(sum, args=([1],), rounds=9)\n")
    words = ["-m", "pytest", "-q", "-p", "no:randomly", "--benchmark-json=r.json", "test_b.py"]
    subprocess.run([sys.executable, *words], cwd=tmp_path, check=True, capture_output=True, env=environment())
    held = read(tmp_path / "r.json", "r.json")
    assert isinstance(held, Results)
    (process,) = held.benchmarks["test_b.py::test_a"]
    assert process.calls == 9
    assert process.median == pytest.approx(median(process.times))
