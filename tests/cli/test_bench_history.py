"""`gates baseline bench` and `gates bench history`: runs are put into the history, compared with, and shown."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from gates.builtin.bench.stored import history
from support.bench_results import COMMIT, MACHINE, run, write
from support.commands import Result, gates
from support.repositories import commit_all, make_repository

HISTORY = "gates-baseline/bench-history.jsonl"
FILES = {"pyproject.toml": '[project]\nname = "sample"\n', "gates.toml": '[bench]\ndata = ["r.json"]\n', "a.py": ""}


def results(root: Path, parse: float, **more: float) -> None:
    """Write today's figures, in milliseconds."""
    content = {name: {"value": time, "unit": "ms"} for name, time in {"parse": parse, **more}.items()}
    (root / "r.json").write_text(json.dumps(content))


def held(root: Path) -> tuple[history.Run, ...]:
    return history.parse((root / HISTORY).read_bytes())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = make_repository(tmp_path / "project", FILES)
    results(made, 3.0)
    return made


def baseline(root: Path, *words: str) -> Result:
    return gates("baseline", "bench", *words, cwd=root)


def test_a_history_grows_by_a_run_and_an_honest_slowdown_has_to_be_forced(root: Path) -> None:
    tried = baseline(root, "--dry-run")
    assert tried.code == 0, tried.err
    assert '+{"gate":"bench","runs":1,"schema_version":1}' in tried.out
    assert "gates: nothing was written (--dry-run)" in tried.err
    assert not (root / HISTORY).exists()
    written = baseline(root)
    assert written.code == 0, written.err
    assert "gates: bench: run 1 of this machine, with 1 benchmark\n" in written.err
    assert f"wrote {HISTORY}. To undo: rm {HISTORY}" in written.err
    assert (root / "gates.toml").read_text() == FILES["gates.toml"], "a gate with a baseline of its own is not listed"
    for parse in (3.02, 2.99, 3.01):
        results(root, parse)
        assert baseline(root).code == 0
    assert gates("check", "--select", "bench", cwd=root).code == 0
    commit_all(root)
    results(root, 4.0)
    slower = baseline(root)
    assert slower.code == 1
    assert "gates: bench is worse than its baseline, which was not written (--force writes it):\n  BEN001" in slower.err
    assert len(held(root)) == 4
    forced = baseline(root, "--force")
    assert forced.code == 0
    assert f"To undo: git checkout -- {HISTORY}" in forced.err
    assert held(root)[-1].anew == ("parse",)
    assert gates("check", "--select", "bench", cwd=root).code == 3, "one run at the new level is no history yet"


def test_a_damaged_history_is_undecided_and_stays(root: Path) -> None:
    (root / "gates-baseline").mkdir()
    (root / HISTORY).write_text("<<<<<<< HEAD\n")
    done = baseline(root, "--force")
    assert done.code == 3
    assert f"bench is undecided, so its baseline was not written: the history {HISTORY}:1: a merge conflict" in done.err
    assert (root / HISTORY).read_text() == "<<<<<<< HEAD\n"
    shown = gates("bench", "history", cwd=root)
    assert shown.code == 3
    assert shown.out.startswith(f"undecided: the history {HISTORY}:1: a merge conflict stands here")
    assert gates("bench", "history", "--output-format", "json", cwd=root).report["reason"]["code"] == "evidence_corrupt"


def test_a_benchmark_that_is_gone_is_pruned(root: Path) -> None:
    results(root, 3.0, load=1.0)
    assert baseline(root).code == 0
    results(root, 3.0)
    assert baseline(root, "--prune").code == 0
    assert [list(one.benchmarks) for one in held(root)] == [["parse"]]


def shown(root: Path, *words: str) -> Result:
    return gates("bench", "history", *words, cwd=root)


def test_there_is_none(root: Path) -> None:
    done = shown(root)
    assert (done.code, done.out) == (
        5,
        f"there is no run of this machine in {HISTORY}; `gates baseline bench` writes one\n",
    )


def test_runs_are_shown_newest_first_with_what_changed(root: Path) -> None:
    assert baseline(root).code == 0
    (mine,) = held(root)
    here = mine.machine
    other = msgspec.structs.replace(here, cpu="another processor")
    write(
        root,
        run({"parse": [0.003, 0.0031, 0.0032], "load": 2e-7}, machine=here, commit=None),
        run({"parse": 5.0}, machine=other),
        run({"parse": 6.0}, machine=other),
        run({"parse": [0.0031, 0.0032, 0.0033]}, machine=here),
        run({"parse": [0.0039, 0.004, 0.0041], "load": 2e-5}, machine=here, commit=f"{COMMIT}+"),
        run({"parse": 1.0}, machine=MACHINE),
    )
    done = shown(root)
    assert done.code == 0
    assert done.out.splitlines()[:-2] == [
        "load",
        "  run  commit         date        processes   least  median     p95     change",
        "  3    1f2e3d4c5b6a+  2026-11-21          1   20 µs   22 µs   24 µs  +9900.0 %",
        "  1                   2026-11-21          1  200 ns  220 ns  240 ns",
        "",
        "parse",
        "  run  commit         date        processes   least   median      p95   change",
        "  3    1f2e3d4c5b6a+  2026-11-21          3  3.9 ms   4.4 ms   4.8 ms  +25.0 %",
        "  2    1f2e3d4c5b6a   2026-11-21          3  3.1 ms  3.52 ms  3.84 ms  ~+3.2 %",
        "  1                   2026-11-21          3    3 ms  3.41 ms  3.72 ms",
        "",
    ]
    first, second = done.out.splitlines()[-2:]
    assert first.startswith("also 1 run of another machine: the processor is a processor there and ")
    assert second.startswith("also 2 runs of another machine: the processor is another processor there and ")
    assert second.endswith(" here (--machine all shows them)")
    few = shown(root, "--most", "1", "--benchmark", "par*")
    assert "load" not in few.out
    assert "  and 2 runs before (--most)" in few.out
    every = shown(root, "--machine", "all", "--benchmark", "parse").out.splitlines()
    assert every[0] == "this machine"
    assert sum(line.startswith("another machine: ") for line in every) == 2
    none = shown(root, "--benchmark", "x", "--benchmark", "y*")
    assert none.code == 5
    assert none.out.startswith(f"no benchmark in {HISTORY} is named by x or y*\n")


def test_for_programs(root: Path) -> None:
    assert baseline(root).code == 0
    (mine,) = held(root)
    write(root, mine, run({"parse": 0.004}, machine=mine.machine), run({"parse": 1.0}))
    found = shown(root, "--output-format", "json").report
    assert (found["schema_version"], found["verdict"], found["history"]) == (1, "passed", HISTORY)
    this, other = found["machines"]
    assert (this["current"], this["runs"], this["differs"]) == (True, 2, [])
    (parse,) = this["benchmarks"]
    newest = parse["runs"][0]
    assert (parse["name"], newest["run"], newest["processes"], newest["least"]) == ("parse", 2, 1, 0.004)
    assert newest["change"] == pytest.approx(1 / 3)
    assert newest["overlaps"] is False
    assert (parse["runs"][1]["change"], parse["runs"][1]["overlaps"]) == (None, None)
    assert (other["current"], other["runs"], other["benchmarks"]) == (False, 1, [])
    every = shown(root, "--output-format", "json", "--machine", "all").report
    assert every["machines"][1]["benchmarks"][0]["name"] == "parse"


def test_init_writes_no_findings_of_a_gate_with_a_baseline_of_its_own(root: Path) -> None:
    done = gates("init", cwd=root)
    assert "bench is undecided today" in done.err, done.err
    assert not (root / "gates-baseline/bench.jsonl").exists()
    assert "baseline" not in (root / "gates.toml").read_text()
