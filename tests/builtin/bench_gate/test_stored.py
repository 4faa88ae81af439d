"""Stored: files of results become facts with their machine and their past, and today's figures a run of the history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.bench import commands, machine
from gates.builtin.bench.facts import BenchEvidence, Machine
from gates.builtin.bench.gate import BenchGate
from gates.builtin.bench.stored import data as stored
from gates.model.evidence import Refusal
from support.bench_results import COMMIT, ONE, ROUNDS, run, value, write
from support.contexts import context
from support.repositories import git, make_repository

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=2)))
HISTORY = "gates-baseline/bench-history.jsonl"
PLAIN = {"parse": {"value": 3, "unit": "ms"}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {"pyproject.toml": '[project]\nname = "sample"\n', "test_b.py": "def test_sort(): pass\n"}
    return make_repository(tmp_path / "project", files)


def here(root: Path) -> Machine:
    asked = context(root, BenchGate())
    assert not isinstance(asked.python, Refusal)
    found = machine.here(asked, asked.python)
    assert not isinstance(found, Refusal)
    return found


def collected(root: Path, files: Mapping[str, Any], **keys: Any) -> BenchEvidence | Refusal:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    asked = context(root, BenchGate(), **{"data": tuple(files), **keys})
    assert not isinstance(asked.python, Refusal)
    found = stored.collect(asked, asked.python)
    assert asked.unkept is not None, "evidence of files is read anew each time"
    return found


def facts_of(root: Path, files: Mapping[str, Any], **keys: Any) -> BenchEvidence:
    found = collected(root, files, **keys)
    assert isinstance(found, BenchEvidence), found
    return found


def why(root: Path, files: Mapping[str, Any], **keys: Any) -> str:
    found = collected(root, files, **keys)
    assert isinstance(found, Refusal)
    return f"{found.reason.code}: {found.reason.message}"


def test_a_file_has_benchmarks_of_head_alone(root: Path) -> None:
    found = facts_of(root, {"r.json": value(ROUNDS)})
    assert (found.mode, found.base, found.planned) == ("stored", None, 0)
    assert found.head_ids.items == tuple(sorted(one["fullname"] for one in value(ROUNDS)["benchmarks"]))
    sort = next(one for one in found.benchmarks.items if one.id == "test_b.py::test_sort")
    assert (sort.kind, sort.path, sort.problems.count, sort.pairs.count) == ("file", "test_b.py", 0, 1)
    pair = sort.pairs.items[0]
    assert list(pair.head.items) == value(ROUNDS)["benchmarks"][0]["stats"]["data"]
    assert (pair.base.count, pair.control.count, pair.calls) == (0, 0, 7)
    assert found.notes.items == ("r.json: it does not say of which commit it is",)
    assert found.noise.load is None


def test_many_rounds_are_as_many_parts(root: Path) -> None:
    content = value(ROUNDS)
    stats = content["benchmarks"][0]["stats"]
    times = [1e-3 + at * 1e-6 for at in range(1500, 0, -1)]
    stats |= {"data": times, "rounds": 1500, "min": min(times), "max": max(times), "q1": 1.1e-3, "q3": 2e-3}
    stats["median"] = 1.5e-3
    found = facts_of(root, {"r.json": content})
    head = next(one for one in found.benchmarks.items if one.id == "test_b.py::test_sort").pairs.items[0].head
    assert head.count == stored.FIGURES
    assert min(head.items) == min(times)
    assert list(head.items) == sorted(head.items, reverse=True), "they are in their order"


def test_the_machine_of_a_file_is_what_it_says(root: Path) -> None:
    found = facts_of(root, {"r.json": value(ROUNDS), "p.json": value(ONE), "plain.json": PLAIN})
    mine = here(root)
    files = {one.path: one for one in found.files.items}
    assert found.machine == mine
    assert files["plain.json"].machine == mine
    assert files["r.json"].machine.python == "CPython 3.12.1 (main, May 9 2026 07:36:11) [GCC 12.2.0]"
    assert files["p.json"].benchmarks.items == ("sorting",)
    assert "plain.json: it does not say which machine made it, and this one is taken for it" in found.notes.items


def test_files_of_one_tool_add_their_processes(root: Path) -> None:
    found = facts_of(root, {"one.json": value(ROUNDS), "two.json": value(ROUNDS)})
    assert {one.pairs.count for one in found.benchmarks.items} == {2}
    assert [pair.pair for pair in found.benchmarks.items[0].pairs.items] == [0, 1]


def test_files_of_two_tools_or_machines_do_not_mix(root: Path) -> None:
    other = {"test_b.py::test_sort": {"value": 1, "unit": "ms"}}
    assert why(root, {"one.json": value(ROUNDS), "two.json": other}) == (
        "evidence_foreign: test_b.py::test_sort is in one.json, and in two.json too, which is of plain JSON"
    )
    arm = value(ROUNDS)
    arm["machine_info"]["machine"] = "aarch64"
    assert why(root, {"one.json": value(ROUNDS), "two.json": arm}).endswith(
        "two.json too, which is made on another machine"
    )


def test_files_by_pattern_and_from_elsewhere(root: Path, tmp_path: Path) -> None:
    (tmp_path / "away.json").write_text(json.dumps(PLAIN))
    files = {".benchmarks/Linux/0001_a.json": value(ROUNDS), ".benchmarks/Linux/0002_b.json": value(ROUNDS)}
    found = facts_of(root, files, data=(".benchmarks/*/*.json", str(tmp_path / "away.json")))
    assert [one.path for one in found.files.items] == [*files, str(tmp_path / "away.json")]


def test_what_is_not_there_or_damaged_is_refused(root: Path) -> None:
    assert why(root, {}, data=("none.json",)) == "evidence_missing: none.json: it is not there"
    assert why(root, {}, data=("*.json",)) == "evidence_missing: no file matches *.json"
    assert why(root, {"r.json": "{"}) == "evidence_corrupt: r.json:1: it is cut off"
    (root / "gates-baseline").mkdir()
    (root / HISTORY).write_text("<<<<<<< HEAD\n")
    assert why(root, {"r.json": PLAIN}).startswith(
        f"evidence_corrupt: the history {HISTORY}:1: a merge conflict stands"
    )


def test_figures_of_another_commit_are_stale(root: Path) -> None:
    content = value(ROUNDS)
    content["commit_info"]["id"] = COMMIT
    head = git(root, "rev-parse", "HEAD").strip()
    assert (
        why(root, {"r.json": content})
        == f"evidence_stale: r.json was made at commit {COMMIT[:12]}, and HEAD is {head[:12]}"
    )
    content["commit_info"]["id"] = head
    assert facts_of(root, {"r.json": content}).notes.count == 0


def test_the_past_is_that_of_the_files_own_machine(root: Path) -> None:
    mine = here(root)
    first = facts_of(root, {"r.json": value(ROUNDS), "plain.json": PLAIN})
    theirs = next(one.machine for one in first.files.items if one.path == "r.json")
    assert theirs != mine
    write(
        root,
        run({"parse": 1.0, "gone": 1.0}, machine=mine),
        run({"parse": 9.0, "test_b.py::test_sort": 2.0}, machine=theirs),
    )
    kept = {one.id: one for one in facts_of(root, {"r.json": value(ROUNDS), "plain.json": PLAIN}).history.items}
    assert [past.processes.items for past in kept["parse"].runs.items] == [(1.0,)]
    assert kept["parse"].foreign == 1
    assert kept["parse"].differs.startswith("the ")
    assert [past.processes.items for past in kept["test_b.py::test_sort"].runs.items] == [(2.0,)]
    assert kept["gone"].runs.count == 1
    assert kept["test_b.py::test_param[a]"].runs.count == 0


def test_a_machine_that_cannot_be_told_is_undecided(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ASK", "print('no')")
    assert why(root, {"r.json": PLAIN}).startswith("interpreter_missing: the judged Python does not say which one it")
    told = commands.history(context(root, BenchGate()))
    assert isinstance(told, Refusal)
    assert told.reason.code == "interpreter_missing"
