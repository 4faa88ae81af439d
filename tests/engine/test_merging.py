"""Parts of several machines: all there, all of one project, or red."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gates.config import baseline
from gates.engine import merging, ratchet, session
from gates.errors import UsageError
from gates.model.evidence import counted
from gates.model.gate import Shard
from support import parts
from support.projects import write_project
from support.repositories import git
from support.sample_gates import Notes, NotesFacts, made, raising, refusing
from support.sessions import reasons, request, verdicts


def merge(self: Any, parts: Any) -> NotesFacts:
    return NotesFacts(
        files=counted(file for one in parts for file in one.files.items),
        notes=counted(note for one in parts for note in one.notes.items),
    )


Sharded = made("sharded", merge=merge)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.txt").write_text("fine\n", "utf-8")
    return project


def collect(root: Path, folder: Path, kind: Any = Sharded, shard: Shard | None = None) -> session.Judgement:
    return parts.collect(root, folder, kind, shard=shard)


def merged(root: Path, folder: Path, *kinds: Any, **wished: Any) -> session.Judgement:
    return parts.merged(root, folder, *(kinds or (Sharded,)), **wished)


@pytest.fixture
def halves(root: Path, tmp_path: Path) -> Path:
    for index in (1, 2):
        collect(root, tmp_path / "parts", shard=Shard(index=index, count=2))
    return tmp_path / "parts"


@pytest.mark.requirement("MCH-2")
def test_all_shards_are_judged_as_one(root: Path, halves: Path) -> None:
    judgement = merged(root, halves)
    assert verdicts(judgement) == {"sharded": "passed"}
    assert str(judgement.report.gates[0].denominator) == "2 files"


def test_one_whole_part_needs_no_merge(root: Path, tmp_path: Path) -> None:
    collect(root, tmp_path / "parts", Notes)
    assert verdicts(merged(root, tmp_path / "parts", Notes)) == {"notes": "passed"}


@pytest.mark.requirement("MCH-2")
def test_a_shard_that_never_arrived_is_red(root: Path, halves: Path) -> None:
    (halves / "sharded.2-of-2.json").unlink()
    judgement = merged(root, halves)
    assert reasons(judgement) == {"sharded": "evidence_incomplete"}
    assert "shard 2/2 of sharded is missing" in str(judgement.report.gates[0].reason)


def test_a_shard_of_another_split_is_red(root: Path, halves: Path) -> None:
    collect(root, halves, shard=Shard(index=3, count=3))
    assert reasons(merged(root, halves)) == {"sharded": "evidence_foreign"}


def test_a_whole_beside_shards_is_red(root: Path, halves: Path) -> None:
    collect(root, halves)
    assert reasons(merged(root, halves)) == {"sharded": "evidence_foreign"}


def test_the_same_evidence_of_two_machines_is_one(root: Path, tmp_path: Path) -> None:
    collect(root, tmp_path / "parts", Notes)
    (tmp_path / "parts" / "again.json").write_bytes((tmp_path / "parts" / "notes.json").read_bytes())
    assert verdicts(merged(root, tmp_path / "parts", Notes)) == {"notes": "passed"}


def test_a_damaged_cache_of_a_shard_names_the_command_that_collects_it(root: Path, halves: Path) -> None:
    for path in (root / ".gates" / "evidence").glob("*.json"):
        path.write_bytes(b"")
    judgement = collect(root, halves, shard=Shard(index=1, count=2))
    reason = judgement.outcomes["sharded"].collected.reason
    assert reason is not None
    assert reason.code == "evidence_corrupt"
    assert reason.fix == "gates collect sharded --shard 1/2 --no-cache --output .gates/parts"


def test_a_gate_whose_part_never_arrived_is_red(root: Path, halves: Path) -> None:
    assert reasons(merged(root, halves, Sharded, Notes)) == {"notes": "evidence_missing"}


@pytest.mark.requirement("MCH-3")
def test_evidence_of_another_version_is_red(root: Path, halves: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.engine.wholeness.__version__", "99")
    judgement = merged(root, halves)
    assert reasons(judgement) == {"sharded": "schema_version_mismatch"}
    assert judgement.report.gates[0].reason is not None
    assert judgement.report.gates[0].reason.fix.startswith("python -m pip install pytest-vltair==")


def test_a_part_of_another_form_is_known_before_it_is_read(root: Path, halves: Path) -> None:
    path = halves / "sharded.1-of-2.json"
    older = b'{"gates_version":"0.0.1","schema_version":0}'
    path.write_bytes(b'{"part":%b,"sha256":"0"}' % older)
    judgement = merged(root, halves)
    assert reasons(judgement) == {"sharded": "schema_version_mismatch"}
    assert "gates 0.0.1 wrote it in schema version 0" in str(judgement.report.gates[0].reason)


def test_a_shard_that_is_there_twice_is_red(root: Path, halves: Path) -> None:
    (halves / "again.json").write_bytes((halves / "sharded.1-of-2.json").read_bytes())
    assert reasons(merged(root, halves)) == {"sharded": "evidence_foreign"}


@pytest.mark.requirement("MCH-3")
def test_evidence_of_another_tree_is_red(root: Path, halves: Path) -> None:
    (root / "a.txt").write_text("changed\n", "utf-8")
    assert reasons(merged(root, halves)) == {"sharded": "evidence_foreign"}


@pytest.mark.requirement("MCH-3")
def test_evidence_of_other_settings_is_red(root: Path, halves: Path) -> None:
    judgement = merged(root, halves, flags={})
    assert verdicts(judgement) == {"sharded": "passed"}
    changed = json.loads((halves / "sharded.1-of-2.json").read_text("utf-8"))
    changed["part"]["settings"]["maximum"] = 7
    from gates.model.evidence import encode, sha256

    changed["sha256"] = sha256(encode(changed["part"]))
    (halves / "sharded.1-of-2.json").write_bytes(encode(changed))
    assert reasons(merged(root, halves)) == {"sharded": "evidence_foreign"}


def test_a_refusal_is_carried_over(root: Path, tmp_path: Path) -> None:
    collect(root, tmp_path / "parts", made("sharded", collect=refusing))
    assert reasons(merged(root, tmp_path / "parts")) == {"sharded": "tool_missing"}


def test_different_evidence_of_two_machines_is_red(root: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        collect(root, tmp_path / name, Notes)
    parts.altered(
        tmp_path / "two", "notes.json", facts=b'{"files":{"count":0,"items":[]},"notes":{"count":0,"items":[]}}'
    )
    judgement = merging.judge(request(root, Notes), merging.load([tmp_path / "one", tmp_path / "two"]))
    assert reasons(judgement) == {"notes": "evidence_foreign"}
    assert "2 machines collected different evidence" in str(judgement.report.gates[0].reason)


def test_evidence_of_another_form_than_the_gates_is_red(root: Path, tmp_path: Path) -> None:
    collect(root, tmp_path / "parts", Notes)
    parts.altered(tmp_path / "parts", "notes.json", facts=b'{"files":1}')
    assert reasons(merged(root, tmp_path / "parts", Notes)) == {"notes": "evidence_corrupt"}


def test_evidence_of_another_commit_of_the_same_tree_is_red(root: Path, tmp_path: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    collect(root, tmp_path / "parts", Notes)
    parts.altered(tmp_path / "parts", "notes.json", commit="0" * 40)
    judgement = merged(root, tmp_path / "parts", Notes)
    assert reasons(judgement) == {"notes": "evidence_foreign"}
    assert "of commit 000000000000" in str(judgement.report.gates[0].reason)


def test_shards_that_the_gate_cannot_merge_are_red(root: Path, halves: Path) -> None:
    assert reasons(merged(root, halves, made("sharded", merge=refusing))) == {"sharded": "tool_missing"}


@pytest.mark.parametrize("damage", ["empty", "half", "flip", "text"])
def test_a_damaged_part_is_red(root: Path, halves: Path, damage: str) -> None:
    path = halves / "sharded.1-of-2.json"
    data = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "half": data[: len(data) // 2],
            "flip": data.replace(b"a.txt", b"b.txt"),
            "text": b"\xff",
        }[damage]
    )
    assert reasons(merged(root, halves)) == {"sharded": "evidence_corrupt"}


def test_no_folder_and_an_empty_folder_are_errors(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no directory"):
        merging.load([tmp_path / "nosuch"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no evidence"):
        merging.load([tmp_path / "empty"])


def test_a_decide_that_raises_is_undecided(root: Path, halves: Path) -> None:
    assert reasons(merged(root, halves, made("sharded", merge=merge, decide=raising))) == {"sharded": "gate_crashed"}


def test_waivers_and_the_baseline_count_for_merged_evidence_too(root: Path, tmp_path: Path) -> None:
    (root / "a.txt").write_text("TODO one\nTODO two\n", "utf-8")
    waiver = '[[waiver]]\nrule = "XTD001"\nsubject = "a.txt"\nreason = "r"\nowner = "ada"\nexpires = 9999-12-31\n'
    folder = tmp_path / "parts"
    collect(root, folder, Notes)
    (failed,) = merged(root, folder, Notes).report.gates
    assert failed.verdict == "failed"
    known = baseline.encode(ratchet.today(failed))
    write_project(root, {"gates-baseline/notes.jsonl": known})
    collect(root, tmp_path / "again", Notes)
    assert verdicts(merged(root, tmp_path / "again", Notes)) == {"notes": "passed"}
    write_project(root, {"gates-baseline/notes.jsonl": known[:-3], "gates.toml": waiver})
    collect(root, tmp_path / "cut", Notes)
    assert reasons(merged(root, tmp_path / "cut", Notes)) == {"notes": "evidence_corrupt"}
    (root / "gates-baseline/notes.jsonl").unlink()
    collect(root, tmp_path / "waived", Notes)
    judgement = merged(root, tmp_path / "waived", Notes)
    assert (verdicts(judgement), judgement.report.waivers[0].uses) == ({"notes": "passed"}, 2)
