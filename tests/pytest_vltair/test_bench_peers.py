"""A led run beside other plugins: their options are read, and what is timed is the plain function."""

from __future__ import annotations

import importlib.util
import textwrap
from pathlib import Path

import pytest

from support.bench_parent import Plan, burst, lead

BENCHMARK = pytest.mark.skipif(importlib.util.find_spec("pytest_benchmark") is None, reason="needs pytest-benchmark")

SUITE = """
    import os, sys, time
    import pytest

    assert "PYTEST_XDIST_WORKER" not in os.environ

    def test_a(benchmark):
        seen = []
        benchmark(lambda: seen.append(sys.gettrace()))
        assert set(seen[:-1]) == {None}
    @pytest.mark.benchmark(group="some")
    def test_b(benchmark): benchmark(int)
    def test_other(): assert False
    RUNS = []
    def test_c(benchmark):
        RUNS.append(1)
        benchmark(int)
        assert RUNS == [1]
        assert False
    def test_d(benchmark): benchmark(time.sleep, 0.05)
"""


def led(folder: Path, addopts: str, suite: str = SUITE, more: str = "") -> dict[str, tuple[str, str]]:
    """How the benchmarks of a suite ended, which left no files behind."""
    (folder / "test_it.py").write_text(textwrap.dedent(suite))
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = --strict-markers {addopts}\n{more}")
    before = {"out.txt", "err.txt", "test_it.py", "pytest.ini", "__pycache__", ".pytest_cache"}
    run = lead(folder, orders=Plan(burst(1, 3)), alone=False)
    assert {path.name for path in folder.iterdir()} - before == set(), run.out
    assert run.events[-1:] == ["done"], run.out + run.err
    return run.endings


PLAIN = {
    "test_a": ("passed", ""),
    "test_b": ("passed", ""),
    "test_c": ("failed", "AssertionError: assert False"),
    "test_d": ("passed", ""),
}

CODSPEED = "--codspeed --codspeed-mode=walltime"


@pytest.mark.parametrize(
    ("module", "addopts"),
    [
        ("xdist", "-n 2 --dist loadfile"),
        ("xdist", "-f"),
        ("pytest_cov", "--cov=. --cov-report=xml --cov-fail-under=99"),
        ("pytest_rerunfailures", "--reruns 2"),
        ("pytest_timeout", "--timeout 0.02 --session-timeout 0.02"),
        ("pytest_randomly", "-p randomly"),
        ("random_order", "--random-order"),
        ("pytest_socket", "--disable-socket"),
        ("pytest_codspeed", CODSPEED),
        ("pytest", "-x --pdb --junitxml=report.xml --collect-only --setup-plan --lf --sw --nf --trace"),
        ("pytest_vltair", "--vltair-record=run.jsonl --vltair-shard 1/2 --vltair-contexts"),
        ("pytest_vltair", "--vltair guard --vltair-hash-seed reexec --vltair-network block --vltair-clock 2020-01-01"),
    ],
)
def test_other_plugins_are_heard_and_not_followed(tmp_path: Path, module: str, addopts: str) -> None:
    pytest.importorskip(module)
    assert list(led(tmp_path, addopts).items()) == list(PLAIN.items())


@BENCHMARK
@pytest.mark.parametrize(
    "addopts",
    [
        "--benchmark-only --benchmark-json=b.json --benchmark-save=x --benchmark-autosave --benchmark-histogram",
        "--benchmark-compare --benchmark-compare-fail=min:1% --benchmark-cprofile=tottime --benchmark-verbose",
        "--benchmark-disable --benchmark-enable",
        "--benchmark-skip --benchmark-only",
        "-n 2 --benchmark-sort=mean --benchmark-storage=file://kept",
    ],
)
def test_pytest_benchmark_neither_times_nor_writes(tmp_path: Path, addopts: str) -> None:
    assert led(tmp_path, addopts) == PLAIN


MARKED = (
    SUITE
    + """
    @pytest.mark.vltair_bench
    def test_body(): pass
"""
)


@BENCHMARK
def test_benchmarks_that_options_switch_off_are_said(tmp_path: Path) -> None:
    names = ("test_a", "test_b", "test_c", "test_d")
    why = "--benchmark-disable is given, which keeps it from being timed"
    body = {"test_body": ("passed", "")}
    assert led(tmp_path, "--benchmark-disable", MARKED) == {**dict.fromkeys(names, ("disabled", why)), **body}
    why = "--benchmark-skip is given"
    assert led(tmp_path, "--benchmark-skip", MARKED) == {**dict.fromkeys(names, ("skipped", why)), **body}


@BENCHMARK
def test_benchmarks_that_a_conftest_switches_off_are_said(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("def pytest_configure(config): config.option.benchmark_disable = True\n")
    (tmp_path / "test_it.py").write_text("def test_it(benchmark): benchmark(int)\n")
    why = "--benchmark-disable is given, which keeps it from being timed"
    assert lead(tmp_path, alone=False).endings == {"test_it": ("disabled", why)}


@BENCHMARK
def test_options_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(benchmark): benchmark(int)\n")
    run = lead(
        tmp_path, alone=False, environment={"PYTEST_ADDOPTS": "-n 2 -x --benchmark-only --benchmark-json=b.json"}
    )
    assert run.endings == {"test_it": ("passed", "")}
    assert not (tmp_path / "b.json").exists()


MEANINGS = """
    import pytest

    @pytest.mark.benchmark
    def test_marked(): pass

    @pytest.mark.codspeed_benchmark
    def test_codspeed(): pass

    def test_plain(): pass
"""


@pytest.mark.parametrize(
    ("present", "addopts", "names"),
    [
        ("pytest", "-p no:benchmark -p no:codspeed", ["test_marked", "test_codspeed"]),
        ("pytest_benchmark", "-p no:codspeed", ["test_codspeed"]),
        ("pytest_codspeed", "", ["test_marked", "test_codspeed"]),
        ("pytest_codspeed", "-p no:benchmark", ["test_marked", "test_codspeed"]),
    ],
)
def test_the_marker_benchmark_means_what_the_plugins_mean(
    tmp_path: Path, present: str, addopts: str, names: list[str]
) -> None:
    pytest.importorskip(present)
    assert led(tmp_path, addopts, MEANINGS) == dict.fromkeys(names, ("passed", ""))


@BENCHMARK
def test_the_fixture_passes_for_that_of_pytest_benchmark(tmp_path: Path) -> None:
    suite = """
        from pytest_benchmark.fixture import BenchmarkFixture

        def test_it(benchmark: BenchmarkFixture):
            assert isinstance(benchmark, BenchmarkFixture)
            benchmark(int)
    """
    assert led(tmp_path, "", suite) == {"test_it": ("passed", "")}


FROZEN = {
    "freezegun": """
        import freezegun
        @freezegun.freeze_time("2020-01-01")
        def test_it(benchmark): benchmark(int)
    """,
    "time_machine": """
        import time_machine
        @time_machine.travel("2020-01-01", tick=False)
        def test_it(benchmark): benchmark(int)
    """,
}


@pytest.mark.parametrize("module", list(FROZEN))
def test_frozen_time(tmp_path: Path, module: str) -> None:
    pytest.importorskip(module)
    (tmp_path / "test_it.py").write_text(textwrap.dedent(FROZEN[module]))
    run = lead(tmp_path)
    assert run.endings == {"test_it": ("passed", "")}
    assert min(run.times("test_it")) > 0
