"""The field's failings with stored results (B3, B4, B7): pytest-benchmark's answer, where it is installed, and ours."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.bench import machine
from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import Machine
from gates.builtin.bench.gate import BenchGate
from gates.builtin.bench.stored import data as stored
from gates.builtin.bench.stored import history
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import Refusal
from support.bench_results import MACHINE, ROUNDS, run, value, write
from support.commands import environment
from support.contexts import context

PEER = importlib.util.find_spec("pytest_benchmark") is not None
SUITE = "def test_sort(benchmark):\n    benchmark.pedantic(sorted, args=(range(20000),), rounds=9, warmup_rounds=2)\n"
NAME = "test_b.py::test_sort"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "sample"\n')
    return tmp_path


def peer(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of pytest-benchmark over the suite; the stored run is `stored.json`."""
    (folder / "test_b.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_b.py", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment())
    return done.returncode, done.stdout + done.stderr


def kept_by_peer(folder: Path, change: Callable[[Any], None]) -> None:
    """A run that pytest-benchmark stored, with something changed in it."""
    assert peer(folder, "--benchmark-json=stored.json")[0] == 0
    content = json.loads((folder / "stored.json").read_text())
    change(content)
    place = folder / ".benchmarks" / "0001_stored.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(content))


def compared(folder: Path) -> tuple[int, str]:
    words = ("--benchmark-storage=.benchmarks", "--benchmark-compare=0001", "--benchmark-compare-fail=min:5%")
    return peer(folder, *words)


def faster(content: Any) -> None:
    """As if the stored run had been made in a lucky moment, in which all took half the time."""
    for one in content["benchmarks"]:
        for name in ("min", "max", "mean", "median", "q1", "q3", "ld15iqr", "hd15iqr"):
            one["stats"][name] /= 2


def elsewhere(content: Any) -> None:
    """As if the stored run had been made on another machine, which is ten times slower."""
    content["machine_info"] |= {"machine": "aarch64", "processor": "aarch64", "node": "other"}
    for one in content["benchmarks"]:
        for name in ("min", "max", "mean", "median", "q1", "q3"):
            one["stats"][name] *= 10


def ours(root: Path) -> Decision:
    """What the gate decides on a file of pytest-benchmark's."""
    (root / "r.json").write_text(json.dumps(value(ROUNDS)))
    asked = context(root, BenchGate(), data=("r.json",))
    assert not isinstance(asked.python, Refusal)
    found = stored.collect(asked, asked.python)
    assert not isinstance(found, Refusal), found
    return decide(found, asked.settings)


def its_machine(root: Path) -> Machine:
    """The machine that made the file."""
    asked = context(root, BenchGate())
    assert not isinstance(asked.python, Refusal)
    here = machine.here(asked, asked.python)
    assert not isinstance(here, Refusal)
    said = value(ROUNDS)["machine_info"]
    python = f"CPython {said['python_version']} ({', '.join(said['python_build'])}) [{said['python_compiler']}]"
    told = {"system": said["system"], "arch": said["machine"], "cpu": said["cpu"]["brand_raw"]}
    return machine.told({**told, "python": " ".join(python.split())}, here)


def runs(of: Machine, *shares: float) -> list[history.Run]:
    """Runs in which everything took these shares of what the file says."""
    least = {one["fullname"]: one["stats"]["min"] for one in value(ROUNDS)["benchmarks"]}
    return [run({name: time * share for name, time in least.items()}, machine=of) for share in shares]


@pytest.mark.skipif(not PEER, reason="pytest-benchmark is not installed")
def test_b3_the_peer_warns_and_passes_over_another_machine(tmp_path: Path) -> None:
    kept_by_peer(tmp_path, elsewhere)
    code, said = compared(tmp_path)
    assert code == 0
    assert "machine_info is different" in said


def test_b3_ours_is_undecided_over_another_machine(root: Path) -> None:
    write(root, *runs(MACHINE, 10, 10.01, 9.99, 10, 10.02))
    found = ours(root)
    assert verdict_of(found) == "undecided"
    assert {item.rule for item in found.findings} == {"BEN009"}
    assert found.reason is not None
    assert "the processor is a processor there and" in found.findings[0].message


@pytest.mark.skipif(not PEER, reason="pytest-benchmark is not installed")
def test_b4_the_peer_ends_with_a_usage_error_without_a_baseline(tmp_path: Path) -> None:
    assert compared(tmp_path)[0] == 4


def test_b4_ours_says_how_to_begin_one(root: Path) -> None:
    found = ours(root)
    assert verdict_of(found) == "undecided"
    assert {(item.rule, item.severity) for item in found.findings} == {("BEN006", "warning")}
    assert found.reason is not None
    assert (found.reason.code, found.reason.fix) == ("evidence_missing", "gates baseline bench")


@pytest.mark.skipif(not PEER, reason="pytest-benchmark is not installed")
def test_b7_the_peer_alarms_after_one_fast_run(tmp_path: Path) -> None:
    kept_by_peer(tmp_path, faster)
    code, said = compared(tmp_path)
    assert code == 1
    assert "Performance has regressed" in said


def test_b7_ours_does_not_alarm_after_one_fast_run(root: Path) -> None:
    of = its_machine(root)
    honest = (1.0, 1.003, 0.998, 1.001, 0.999, 1.002)
    write(root, *runs(of, *honest))
    assert verdict_of(ours(root)) == "passed"
    write(root, *runs(of, *honest, 0.5))
    assert "BEN001" not in {item.rule for item in ours(root).findings}
    write(root, *runs(of, *(share / 1.2 for share in honest)))
    assert "BEN001" in {item.rule for item in ours(root).findings}, "an honest history does alarm"
    assert NAME in {item.subject for item in ours(root).findings}
