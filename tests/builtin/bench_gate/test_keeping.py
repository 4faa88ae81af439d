"""Keeping: today's figures become a run of the history, unless that would hide what is worse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.bench import rules
from gates.builtin.bench.facts import BenchEvidence, DataFile
from gates.builtin.bench.settings import BenchSettings
from gates.builtin.bench.stored import history, keeping
from gates.model.evidence import counted
from gates.model.finding import finding
from gates.model.keeping import Keeping, Wish
from gates.model.measure import Denominator
from gates.model.report import GateReport
from gates.project import facts
from support import bench_evidence, reports
from support.bench_results import MACHINE, run, write
from support.repositories import git, make_repository

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=2)))
HISTORY = "gates-baseline/bench-history.jsonl"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {"pyproject.toml": '[project]\nname = "sample"\n', "test_b.py": "def test_sort(): pass\n"}
    return make_repository(tmp_path / "project", files)


def report(*found: Any) -> GateReport:
    return reports.gate("bench", denominator=Denominator(count=1, unit="benchmarks"), findings=found)


def kept(root: Path, evidence: BenchEvidence, *found: Any, **more: Any) -> Keeping:
    wish = Wish(project=facts.find(root), report=report(*found), now=NOW, **{"settings": BenchSettings(), **more})
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
    assert new.commit == git(root, "rev-parse", "HEAD").strip(), "the history itself is no change"
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
    assert (again.files, again.notes) == (
        {},
        ("the history has these figures already; gates check bench --no-cache measures anew",),
    )


def test_the_same_figures_of_another_machine_are_others(root: Path) -> None:
    evidence = bench_evidence.evidence(bench_evidence.benchmark("test_a"))
    (first,) = runs_in(kept(root, evidence))
    other = msgspec.structs.replace(first, machine=MACHINE)
    write(root, other)
    assert runs_in(kept(root, evidence)) == (other, first)


def test_figures_of_files_are_a_run_of_their_machine(root: Path) -> None:
    one, other = bench_evidence.benchmark("test_a"), bench_evidence.benchmark("test_b")
    file = DataFile(path="r.json", tool="pyperf", machine=MACHINE, benchmarks=counted([other.id]))
    evidence = bench_evidence.evidence(one, other, files=counted([file]))
    found = {tuple(run.benchmarks): run.machine for run in runs_in(kept(root, evidence))}
    assert found == {(one.id,): bench_evidence.MACHINE, (other.id,): MACHINE}


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
    write(root, run({one.id: 1.0, hidden.id: 1.0, left.id: 1.0}), run({left.id: 1.0}, machine=MACHINE))
    pruned = kept(root, evidence, prune=True)
    assert runs_in(pruned) == (run({one.id: 1.0, hidden.id: 1.0}),)
    assert pruned.notes == (f"took out {left.id}",)
    (root / HISTORY).write_bytes(pruned.files[HISTORY])
    assert kept(root, evidence, prune=True) == Keeping(notes=("the history has no benchmark that is gone",))


def test_a_commit_with_changes_bears_a_mark(root: Path) -> None:
    evidence = bench_evidence.evidence(bench_evidence.benchmark("test_a"))
    write(root, run({"test_a": 1.0}))
    for name in ("out/one.json", ".gates/state.json"):
        (root / name).parent.mkdir()
        (root / name).write_text("{}")
    settings = BenchSettings(data=("out/*.json", "../away.json", str(root / "all.json")))

    def commit() -> str | None:
        return runs_in(kept(root, evidence, settings=settings))[-1].commit

    head = git(root, "rev-parse", "HEAD").strip()
    assert commit() == head
    (root / "new.py").write_text("")
    assert commit() == f"{head}+"


def test_without_git_a_run_has_no_commit(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (new,) = runs_in(kept(tmp_path, bench_evidence.evidence(bench_evidence.benchmark("test_a"))))
    assert new.commit is None
    assert datetime.fromisoformat(new.date or "") == NOW.astimezone(UTC)
