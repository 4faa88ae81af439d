"""Failings: what other tools are known to say of benchmarks, each run here where that is quick, and what gates says.

`docs/explanation/bench-failings.md` has them as a table.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import BenchEvidence, Timed
from gates.builtin.bench.paired import turns
from gates.model.decision import Decision, verdict_of
from support.bench_evidence import alone, benchmark, evidence, kept, settings, stored, timed
from support.bench_processes import play
from support.bench_projects import BENCH, PRODUCT, Run, check, project

PAIRS = 8
BURSTS = 6
QUICK = ("--benchmark-max-time=0.01", "--benchmark-min-rounds=3", "--benchmark-storage=kept", "-p", "no:cacheprovider")


def peer(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of pytest with pytest-benchmark and nothing else of ours."""
    argv = (sys.executable, "-m", "pytest", "-q", "-p", "no:vltair", *QUICK, *arguments)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def suite(folder: Path, *names: str, work: str = "sum(range(300))") -> Path:
    """A folder with a benchmark of each name, and an own configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(
        "".join(f"def test_{name}(benchmark):\n    benchmark(lambda: {work})\n\n\n" for name in names)
    )
    return folder


def saved(folder: Path) -> Path:
    """The file of a run that was saved in the folder."""
    assert peer(folder, "--benchmark-save=base")[0] == 0
    return next((folder / "kept").rglob("*.json"))


def rules(found: Decision) -> list[str]:
    """The rules that fired."""
    return sorted(one.rule for one in found.findings)


def decided(held: Sequence[Timed], **given: object) -> Decision:
    """The decision over one benchmark with these pairs."""
    return decide(of(held), settings(**given))


def of(held: Sequence[Timed]) -> BenchEvidence:
    return evidence(benchmark(held=held))


def wobble(number: int, burst: int, side: int) -> float:
    """A little noise that is the same in every run."""
    return 1 + 0.002 * math.sin(7 * number + 3 * burst + 5 * side)


def measured(time: Callable[[int, int, str], float]) -> list[Timed]:
    """Pairs in which burst b of a side in group n takes `time(n, b, side)` seconds."""
    found = []
    for number in range(PAIRS):
        base, head, control = (
            [time(number, burst, side) * wobble(number, burst, at) for burst in range(BURSTS)]
            for at, side in enumerate(("base", "head", "control"))
        )
        found.append(timed(number, base=base, head=head, control=control))
    return found


def test_b1_a_benchmark_that_is_gone_or_renamed_is_found(tmp_path: Path) -> None:
    folder = suite(tmp_path / "peer", "parse", "print")
    saved(folder)
    suite(folder, "parse_all", work="sum(range(30_000))")
    code, _ = peer(folder, "--benchmark-compare=0001", "--benchmark-compare-fail=min:5%")
    assert code == 0

    head = {"tests/test_work.py": BENCH.format(name="one_of_all"), "product.py": PRODUCT.replace("300", "30_000")}
    done = check(project(tmp_path / "ours", head))
    assert done.verdict == "failed"
    said = sorted(done.findings)
    assert [one.partition(" ")[0] for one in said] == ["BEN001", "BEN003", "BEN003"]
    # Head's benchmarks run over base too, so that a new name is no way out of being compared.
    assert said[0].startswith("BEN001 test_one_of_all")
    assert "test_one_of_all appeared, which may be it under a new name" in said[1]


def test_b2_benchmarks_that_are_switched_off_are_found(tmp_path: Path) -> None:
    folder = suite(tmp_path / "peer", "a", "b", "c")
    saved(folder)
    compare = ("--benchmark-compare=0001", "--benchmark-compare-fail=min:5%")
    code, said = peer(folder, "--benchmark-disable", *compare)
    assert code == 0
    assert "3 passed" in said

    options = {"pytest.ini": "[pytest]\naddopts = --benchmark-disable\n"}
    done = check(project(tmp_path / "ours", options))
    assert [one.partition(" at ")[0] for one in done.findings] == [
        f"BEN004 {name} ran and was not timed" for name in ("test_one", "test_two")
    ]
    assert done.verdict == "failed"


def test_b3_figures_of_another_machine_are_no_limit(tmp_path: Path) -> None:
    folder = suite(tmp_path / "peer", "a")
    file = saved(folder)
    data = json.loads(file.read_text())
    data["machine_info"]["machine"] = "arm64"
    data["machine_info"]["node"] = "another"
    for one in data["benchmarks"]:
        one["stats"] = {**one["stats"], "min": one["stats"]["min"] * 10}
    file.write_text(json.dumps(data))
    code, said = peer(folder, "--benchmark-compare=0001", "--benchmark-compare-fail=min:5%")
    assert code == 0
    assert "machine_info is different" in said

    done = decide(stored(alone(), history=[kept(runs=0, foreign=3)]), settings())
    assert verdict_of(done) == "undecided"
    assert done.reason is not None
    assert done.reason.code == "evidence_foreign"
    assert rules(done) == ["BEN009"]


SEED = """
import os
from pathlib import Path

import product


def test_one(benchmark):
    with open({log!r}, "a") as log:
        where = Path(product.__file__).parent
        inside = where.resolve() == Path.cwd().resolve()
        print(where.name, inside, os.environ["PYTHONHASHSEED"], product.VALUE, file=log)
    benchmark(product.work)
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    """The first run of a project, and what its benchmark wrote down in each process."""
    log = tmp_path_factory.mktemp("log") / "log"
    base = {"product.py": f"{PRODUCT}\n\nVALUE = 'base'\n", "tests/test_work.py": SEED.format(log=str(log))}
    head = {"product.py": f"{PRODUCT}\n\nVALUE = 'head'\n"}
    done = check(project(log.parent / "ours", head, base))
    return done, log.read_text()


def test_b4_the_first_run_needs_no_figures_of_an_earlier_one(tmp_path: Path, first: tuple[Run, str]) -> None:
    folder = suite(tmp_path / "peer", "a")
    code, _ = peer(folder, "--benchmark-compare=0001", "--benchmark-compare-fail=min:5%")
    assert code == 4

    done, _ = first
    assert done.compared == ["test_one"]
    assert done.verdict == "passed"


MAKE = """
import sys
import pyperf
values = {"base": [[0.001, 0.001], [0.001, 0.0011]], "head": [[0.2, 0.2], [4.0, 0.2]]}[sys.argv[1]]
runs = [pyperf.Run(one, metadata={"name": "work", "loops": 1}, collect_metadata=False) for one in values]
pyperf.BenchmarkSuite([pyperf.Benchmark(runs)]).dump(sys.argv[1] + ".json")
"""


def test_b5_a_slowdown_of_two_hundred_times_is_found_on_a_loaded_machine(tmp_path: Path) -> None:
    for side in ("base", "head"):
        subprocess.run([sys.executable, "-c", MAKE, side], cwd=tmp_path, check=True)
    argv = [sys.executable, "-m", "pyperf", "compare_to", "base.json", "head.json"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "hidden because not significant" in done.stdout

    # The same figures: every process has one that was not disturbed.
    def time(number: int, burst: int, side: str) -> float:
        loaded = number % 2 and burst == 0
        return (4.0 if loaded else 0.2) if side == "head" else 0.001

    found = decided(measured(time))
    assert verdict_of(found) == "failed"
    assert rules(found) == ["BEN001"]


def test_b6_a_limit_may_have_decimals(tmp_path: Path) -> None:
    folder = suite(tmp_path / "peer", "a")
    code, said = peer(folder, "--benchmark-compare", "--benchmark-compare-fail=min:2.5%")
    assert code == 4
    assert "argument --benchmark-compare-fail" in said

    held = measured(lambda _number, _burst, side: 0.00103 if side == "head" else 0.001)
    assert rules(decided(held, limit=2.5)) == ["BEN001"]
    assert rules(decided(held, limit=3.5)) == []


def test_b7_one_fast_run_of_base_is_no_regression_of_head(tmp_path: Path) -> None:
    folder = suite(tmp_path / "peer", "a")
    file = saved(folder)
    data = json.loads(file.read_text())
    for one in data["benchmarks"]:
        # Far faster than a busy machine may have been slower meanwhile.
        one["stats"] = {name: v / 20 if isinstance(v, float) else v for name, v in one["stats"].items()}
    file.write_text(json.dumps(data))
    code, said = peer(folder, "--benchmark-compare=0001", "--benchmark-compare-fail=median:30%")
    assert code == 1
    assert "Performance has regressed" in said

    fast = measured(lambda number, _burst, side: 0.0005 if (number, side) == (3, "base") else 0.001)
    assert verdict_of(decided(fast)) == "passed"

    # The history of a machine on which one run out of six was twice as fast.
    past = kept(runs=6)
    quick = past.runs.items[2]
    halved = type(quick)(
        run=quick.run,
        processes=type(quick.processes)(count=5, items=tuple(time / 2 for time in quick.processes.items)),
        median=quick.median / 2,
        p95=quick.p95 / 2,
    )
    runs = tuple(halved if one is quick else one for one in past.runs.items)
    held = type(past)(id=past.id, runs=type(past.runs)(count=6, items=runs), foreign=0, differs="")
    found = decide(stored(alone(), history=[held]), settings(limit=20.0))
    assert "BEN001" not in rules(found)


def test_b8_a_processor_that_changes_from_run_to_run_slows_both_sides() -> None:
    # Each group on another one: what they differ in is twice the slowest, and is the same for all three.
    speed = (1.0, 1.9, 1.3, 1.0, 2.0, 1.6, 1.0, 1.4)
    same = measured(lambda number, _burst, _side: 0.001 * speed[number])
    assert verdict_of(decided(same)) == "passed"
    slower = measured(lambda number, _burst, side: 0.001 * speed[number] * (1.1 if side == "head" else 1.0))
    assert rules(decided(slower)) == ["BEN001"]
    # And figures of another processor are none to compare with.
    foreign = decide(stored(alone(), history=[kept(runs=0, foreign=6)]), settings())
    assert rules(foreign) == ["BEN009"]


def test_b9_and_b10_sides_share_the_hash_seed_and_change_places(first: tuple[Run, str]) -> None:
    _, log = first
    groups: dict[str, set[tuple[str, str]]] = {}
    for line in log.splitlines():
        place, inside, seed, value = line.split()
        assert inside == "True"
        groups.setdefault(seed, set()).add((place, value))
    straight, swapped = {("a", "base"), ("b", "head")}, {("a", "head"), ("b", "base")}
    control = ("c", "base")
    assert groups == {"1": straight | {control}, "2": swapped | {control}, "3": swapped | {control}}


def test_b10_a_bias_of_the_place_cancels_and_one_of_the_side_is_named() -> None:
    swaps = [pair.swapped for pair in play(planned=PAIRS).benchmarks["a"].pairs.items]
    assert swaps.count(True) == swaps.count(False)

    def place(number: int, _burst: int, side: str) -> float:
        second = (side == "head") != swaps[number]
        return 0.001 * (1.168 if second and side != "control" else 1.0)

    def unswapped(_number: int, _burst: int, side: str) -> float:
        return 0.001 * (1.168 if side == "head" else 1.0)

    assert rules(decided(measured(unswapped))) == ["BEN001"]
    found = decided(measured(place))
    assert "BEN001" not in rules(found)

    # What slows one of two processes of the same code is not taken for a change: the control says so.
    biased = decided(measured(lambda _number, _burst, side: 0.001 * (1.0 if side == "base" else 1.168)))
    assert verdict_of(biased) == "undecided"
    assert biased.reason is not None
    assert biased.reason.code == "too_noisy"
    assert "BEN010" in rules(biased)


def test_b11_who_comes_first_is_slower_and_each_comes_first_equally_often() -> None:
    slots = (1.10, 1.05, 1.0)

    def ordered(orders: Callable[[int], Sequence[Sequence[str]]]) -> list[Timed]:
        return measured(lambda number, burst, side: 0.001 * slots[orders(number)[burst].index(side)])

    fixed = ordered(lambda _: [("head", "control", "base")] * BURSTS)
    assert verdict_of(decided(fixed)) != "passed"
    ours = ordered(lambda number: list(turns.orders(("base", "head", "control"), BURSTS, number)))
    found = decided(ours)
    assert verdict_of(found) == "passed"
    assert rules(found) == []
