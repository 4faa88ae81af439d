"""Stored: files of results become facts with their machine and their past, and today's figures a run of the history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.bench import history, keeping, machine, rules, stored
from gates.builtin.bench.facts import BenchEvidence, Machine
from gates.builtin.bench.gate import BenchGate
from gates.builtin.bench.settings import BenchSettings
from gates.model.evidence import Refusal, counted
from gates.model.finding import finding
from gates.model.keeping import Keeping, Wish
from gates.model.measure import Denominator
from gates.model.report import GateReport
from gates.project import facts
from support import bench_evidence
from support.bench_results import COMMIT, MANY, ONE, ROUNDS, run, value, write
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


def report(*found: Any) -> GateReport:
    return GateReport(
        name="bench",
        verdict="passed",
        reason=None,
        denominator=Denominator(count=1, unit="benchmarks"),
        findings=found,
        measures=(),
        evidence=None,
        tools={},
        commands=(),
    )


def kept(root: Path, evidence: BenchEvidence, *found: Any, **more: Any) -> Keeping:
    wish = Wish(project=facts.find(root), settings=BenchSettings(), report=report(*found), now=NOW, **more)
    return keeping.keeps(evidence, wish)


def runs_in(keeping: Keeping) -> tuple[history.Run, ...]:
    assert (keeping.worse, keeping.reason) == ((), None)
    return history.parse(keeping.files[HISTORY])


def test_today_is_a_run_more(root: Path) -> None:
    old = run({"test_a": 1.0}, machine=bench_evidence.MACHINE)
    write(root, old, run({"test_a": 1.0}))
    evidence = bench_evidence.evidence(bench_evidence.benchmark("test_a"), bench_evidence.benchmark("test_b"))
    wish = kept(root, evidence)
    *before, new = runs_in(wish)
    assert before == [old, run({"test_a": 1.0})]
    assert (new.machine, new.date, new.anew) == (bench_evidence.MACHINE, "2026-11-21T12:00:00Z", ())
    assert new.commit == git(root, "rev-parse", "HEAD").strip() + "+", "the history itself is not committed"
    pairs = evidence.benchmarks.items[0].pairs.items
    assert [one.least for one in new.benchmarks[evidence.benchmarks.items[0].id]] == [
        pytest.approx(min(*pair.head.items, pair.median), rel=1e-5) for pair in pairs
    ]
    assert wish.notes == ("run 2 of this machine, with 2 benchmarks; those of other machines stay as they are (1)",)


def test_the_same_figures_are_not_written_twice(root: Path) -> None:
    evidence = bench_evidence.evidence(bench_evidence.benchmark("test_a"))
    (root / "gates-baseline").mkdir()
    (root / HISTORY).write_bytes(kept(root, evidence).files[HISTORY])
    again = kept(root, evidence)
    assert (again.files, again.notes) == ({}, ("the history has these figures already; --no-cache measures anew",))


def test_figures_of_files_are_a_run_of_their_machine(root: Path) -> None:
    evidence = facts_of(root, {"r.json": value(ROUNDS), "many.json": value(MANY), "plain.json": PLAIN})
    found = {tuple(sorted(one.benchmarks)): one.machine for one in runs_in(kept(root, evidence))}
    assert len(found) == len(set(found.values()))
    assert found[("parse",)] == here(root)


@pytest.mark.parametrize("rule", [rules.REGRESSED, rules.GONE, rules.DISABLED, rules.ERRORED])
def test_what_is_worse_is_not_written_unless_forced(rule: Any, root: Path) -> None:
    one = bench_evidence.benchmark("test_a")
    fault = finding(rule, "test_a is worse", subject=one.id)
    refused = kept(root, bench_evidence.evidence(one), fault)
    assert (refused.files, refused.worse) == ({}, (f"{rule.code} test_a is worse",))
    (forced,) = runs_in(kept(root, bench_evidence.evidence(one), fault, force=True))
    assert forced.anew == ((one.id,) if rule is rules.REGRESSED else ())
    assert runs_in(kept(root, bench_evidence.evidence(one), msgspec.structs.replace(fault, waived_by="me")))


@pytest.mark.parametrize("rule", [rules.NEW, rules.INCONCLUSIVE, rules.FOREIGN, rules.OVER_BUDGET, rules.IMPROVED])
def test_what_the_history_lacks_does_not_keep_figures_out(rule: Any, root: Path) -> None:
    fault = msgspec.structs.replace(finding(rule, "it is so"), severity="error")
    assert runs_in(kept(root, bench_evidence.evidence(bench_evidence.benchmark("test_a")), fault))


def test_an_alarm_of_the_control_leaves_nothing_to_keep(root: Path) -> None:
    evidence = bench_evidence.evidence(bench_evidence.benchmark("test_a"))
    alarm = finding(rules.CONTROL, "base differs from itself")
    refused = kept(root, evidence, alarm)
    assert refused.files == {}
    assert refused.reason is not None
    assert refused.reason.message == "base differs from itself"
    assert runs_in(kept(root, evidence, alarm, force=True))


def test_nothing_measured_is_nothing_to_keep(root: Path) -> None:
    broken = bench_evidence.benchmark("test_a", problems=bench_evidence.problem("errored", "head"))
    refused = kept(root, bench_evidence.evidence(broken))
    assert refused.reason is not None
    assert refused.reason.code == "nothing_examined"
    bare = bench_evidence.benchmark("test_a", held=[])
    assert kept(root, bench_evidence.evidence(bare)).files == {}


def test_a_damaged_history_is_not_written_over(root: Path) -> None:
    (root / "gates-baseline").mkdir()
    (root / HISTORY).write_text("{")
    for force in (False, True):
        refused = kept(root, bench_evidence.evidence(bench_evidence.benchmark("test_a")), force=force)
        assert refused.files == {}
        assert refused.reason is not None
        assert refused.reason.code == "evidence_corrupt"


def test_prune_takes_out_what_is_gone_and_adds_nothing(root: Path) -> None:
    one = bench_evidence.benchmark("test_a")
    hidden = bench_evidence.benchmark("test_hidden", problems=bench_evidence.problem("unlisted", "head"))
    left = bench_evidence.benchmark("test_left", problems=bench_evidence.problem("left", "head"))
    evidence = bench_evidence.evidence(one, hidden, left)
    evidence = msgspec.structs.replace(evidence, head_ids=counted([one.id]))
    assert kept(root, evidence, prune=True).notes == ("bench has no history to prune",)
    write(root, run({one.id: 1.0, hidden.id: 1.0, left.id: 1.0}), run({left.id: 1.0}, machine=here(root)))
    pruned = kept(root, evidence, prune=True)
    assert runs_in(pruned) == (run({one.id: 1.0, hidden.id: 1.0}),)
    assert pruned.notes == (f"took out {left.id}",)
    (root / HISTORY).write_bytes(pruned.files[HISTORY])
    assert kept(root, evidence, prune=True) == Keeping(notes=("the history has no benchmark that is gone",))


def test_without_git_a_run_has_no_commit(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (new,) = runs_in(kept(tmp_path, bench_evidence.evidence(bench_evidence.benchmark("test_a"))))
    assert new.commit is None
    assert datetime.fromisoformat(new.date or "") == NOW.astimezone(UTC)
