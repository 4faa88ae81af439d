"""Lanes: kinds of runs of one suite, each expected by name, each whole, and what they mean together."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from gates.engine import merging, part
from gates.engine.session import Judgement
from gates.model.evidence import Refusal, counted, refuse
from gates.model.gate import Shard
from gates.model.reason import Reason
from support import parts
from support.sample_gates import Notes, NotesFacts, made, raising
from support.sessions import reasons, request, verdicts

EXPECTED = 'lanes = ["linux", "windows"]\n'


def merge(self: Any, shards: Any) -> NotesFacts:
    return NotesFacts(
        files=counted(sorted({file for one in shards for file in one.files.items})),
        notes=counted(note for one in shards for note in one.notes.items),
    )


def join(self: Any, lanes: Mapping[str, NotesFacts]) -> NotesFacts | Refusal:
    return merge(self, list(lanes.values()))


Laned = made("laned", merge=merge, join=join)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.txt").write_text("fine\n", "utf-8")
    (project / "gates.toml").write_text(EXPECTED, "utf-8")
    return project


@pytest.fixture
def collected(root: Path, tmp_path: Path) -> Path:
    """The lane linux in one run, the lane windows in two shards."""
    folder = tmp_path / "parts"
    parts.collect(root, folder, Laned, lane="linux")
    for index in (1, 2):
        parts.collect(root, folder, Laned, lane="windows", shard=Shard(index=index, count=2))
    return folder


def reason(judgement: Judgement) -> Reason:
    found = judgement.report.gates[0].reason
    assert found is not None, judgement.report.gates[0]
    return found


def refused(root: Path, folder: Path, kind: Any = Laned) -> str:
    judgement = parts.merged(root, folder, kind)
    assert verdicts(judgement) == {kind.name: "undecided"}
    found = reason(judgement)
    assert found.fix
    return f"{found.code}: {found.message}"


def test_a_part_says_of_which_lane_and_shard_it_is(collected: Path) -> None:
    names = sorted(path.name for path in collected.iterdir())
    assert names == ["laned.linux.json", "laned.windows.1-of-2.json", "laned.windows.2-of-2.json"]
    assert part.read(collected / "laned.windows.1-of-2.json").lane == "windows"


def test_all_lanes_are_judged_as_one(root: Path, collected: Path) -> None:
    judgement = parts.merged(root, collected, Laned)
    assert verdicts(judgement) == {"laned": "passed"}
    assert str(judgement.report.gates[0].denominator) == "1 file"


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (["laned.linux.json"], "evidence_incomplete: the lane linux of laned is missing"),
        (["laned.windows.2-of-2.json"], "evidence_incomplete: shard 2/2 of laned in lane windows is missing"),
        (
            ["laned.windows.1-of-2.json", "laned.windows.2-of-2.json"],
            "evidence_incomplete: the lane windows of laned is missing",
        ),
    ],
)
def test_what_never_arrived_is_named(root: Path, collected: Path, gone: list[str], said: str) -> None:
    for name in gone:
        (collected / name).unlink()
    assert refused(root, collected) == said


def test_no_subset_of_the_files_passes(root: Path, collected: Path, tmp_path: Path) -> None:
    """The law over files: whichever of them are lost, nothing is green."""
    files = sorted(collected.iterdir())
    for kept in (some for size in range(1, len(files)) for some in combinations(files, size)):
        folder = tmp_path / "-".join(path.stem for path in kept)
        folder.mkdir()
        for path in kept:
            shutil.copy(path, folder)
        assert verdicts(parts.merged(root, folder, Laned)) == {"laned": "undecided"}


def test_the_fix_names_the_lane(root: Path, collected: Path) -> None:
    (collected / "laned.linux.json").unlink()
    fix = reason(parts.merged(root, collected, Laned)).fix
    assert fix == "gates collect laned --lane linux --output DIR on the machine of that lane, then merge again"


def test_a_lane_that_nobody_expects_is_refused(root: Path, collected: Path) -> None:
    parts.collect(root, collected, Laned, lane="macos")
    assert refused(root, collected) == "evidence_foreign: nobody expects the lane macos of laned"
    assert reason(parts.merged(root, collected, Laned)).fix == (
        'lanes = ["linux", "windows", "macos"] in [tool.gates], or'
        " gates merge --lane linux --lane windows --lane macos DIR"
    )


def test_lanes_are_refused_where_none_is_expected(root: Path, tmp_path: Path) -> None:
    (root / "gates.toml").unlink()
    parts.collect(root, tmp_path / "parts", Laned, lane="linux")
    assert refused(root, tmp_path / "parts") == "evidence_foreign: nobody expects the lane linux of laned"


def test_a_lane_that_is_there_twice_is_red(root: Path, collected: Path) -> None:
    (collected / "again.json").write_bytes((collected / "laned.linux.json").read_bytes())
    assert refused(root, collected) == "evidence_foreign: the lane linux of laned is there more than once"


def test_a_shard_of_a_lane_that_is_there_twice_is_red(root: Path, collected: Path) -> None:
    (collected / "again.json").write_bytes((collected / "laned.windows.2-of-2.json").read_bytes())
    assert refused(root, collected) == "evidence_foreign: shard 2/2 of laned in lane windows is there more than once"


def test_a_lane_of_another_tree_is_named(root: Path, collected: Path) -> None:
    parts.altered(collected, "laned.windows.1-of-2.json", tree="0" * 64, commit="c0ffee" * 6)
    said = (
        "evidence of laned in lane windows (shard 1/2) was made from another tree (commit c0ffeec0ffee) than this one"
    )
    assert refused(root, collected) == f"evidence_foreign: {said}"


@pytest.mark.parametrize("damage", [b"", b"{", b'{"part":{},"sha256":"0"}'])
def test_a_damaged_lane_is_named_by_its_file(root: Path, collected: Path, damage: bytes) -> None:
    (collected / "laned.linux.json").write_bytes(damage)
    assert refused(root, collected).startswith("evidence_corrupt: laned.linux.json cannot be trusted")


def test_evidence_of_a_lane_that_does_not_decode_is_named(root: Path, collected: Path) -> None:
    parts.altered(collected, "laned.linux.json", facts=b'{"files":1}')
    assert refused(root, collected).startswith("evidence_corrupt: evidence of laned in lane linux does not decode")


def test_a_shard_that_does_not_decode_is_named(root: Path, collected: Path) -> None:
    parts.altered(collected, "laned.windows.2-of-2.json", facts=b'{"files":1}')
    assert refused(root, collected).startswith("evidence_corrupt: evidence of laned in lane windows does not decode")


def test_a_part_that_changes_while_it_is_read_is_red(root: Path, collected: Path) -> None:
    loaded = merging.load([collected])
    facts = b'{"files":{"count":0,"items":[]},"notes":{"count":0,"items":[]}}'
    parts.altered(collected, "laned.linux.json", facts=facts)
    said = reason(merging.judge(request(root, Laned), loaded))
    assert said.code == "evidence_corrupt"
    assert said.message.endswith("laned.linux.json has changed while it was read")


def test_shards_are_read_as_often_as_they_are_asked_for(collected: Path) -> None:
    own = [part.stored(path) for path in sorted(collected.glob("*windows*"))]
    shards = part.Shards(NotesFacts, own)
    assert len(shards) == 2
    assert shards[:2] == list(shards) == [shards[0], shards[-1]]
    assert shards[0] is not shards[0]


def test_why_a_lane_has_no_evidence_is_said_with_its_name(root: Path, collected: Path) -> None:
    missing = Reason(code="tool_missing", message="the tool is not there", fix="pip install tool")
    parts.altered(collected, "laned.linux.json", reason=missing)
    assert refused(root, collected) == "tool_missing: lane linux: the tool is not there"


def test_a_part_without_a_lane_stands_for_none(root: Path, collected: Path, tmp_path: Path) -> None:
    parts.collect(root, tmp_path / "whole", Laned)
    said = "the lanes linux and windows of laned are missing; a part without a lane stands for none"
    assert refused(root, tmp_path / "whole") == f"evidence_incomplete: {said}"
    parts.collect(root, collected, Laned)
    said = "a part of laned without a lane lies beside those of the lanes linux and windows"
    assert refused(root, collected) == f"evidence_foreign: {said}"


def test_a_gate_that_lanes_mean_nothing_to_is_collected_once(root: Path, tmp_path: Path) -> None:
    parts.collect(root, tmp_path / "parts", Notes)
    assert verdicts(parts.merged(root, tmp_path / "parts", Notes)) == {"notes": "passed"}


def test_it_may_be_collected_in_every_lane_too(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    parts.collect(root, folder, Notes, lane="linux")
    assert refused(root, folder, Notes) == "evidence_incomplete: the lane windows of notes is missing"
    parts.collect(root, folder, Notes, lane="windows")
    assert verdicts(parts.merged(root, folder, Notes)) == {"notes": "passed"}


def test_different_evidence_of_such_a_gate_is_undecided(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    for lane in ("linux", "windows"):
        parts.collect(root, folder, Notes, lane=lane)
    fewer = b'{"files":{"count":2,"items":["a.txt","b.txt"]},"notes":{"count":0,"items":[]}}'
    parts.altered(folder, "notes.windows.json", facts=fewer)
    assert refused(root, folder, Notes).startswith("evidence_foreign: lanes linux and windows have different evidence")


def test_what_failed_in_one_lane_is_failed(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    for lane in ("linux", "windows"):
        parts.collect(root, folder, Notes, lane=lane)
    todo = b'{"path":"a.txt","line":1,"text":"TODO"}'
    facts = b'{"files":{"count":1,"items":["a.txt"]},"notes":{"count":1,"items":[%b]}}' % todo
    parts.altered(folder, "notes.windows.json", facts=facts)
    judgement = parts.merged(root, folder, Notes)
    assert verdicts(judgement) == {"notes": "failed"}
    (gate,) = judgement.report.gates
    assert [(one.rule, one.path, one.line) for one in gate.findings] == [("XTD001", "a.txt", 1)]
    assert reasons(judgement) == {"notes": "evidence_foreign"}
    assert judgement.report.exit_code == 1


def test_a_join_that_refuses_and_a_decide_that_raises_leave_a_reason(root: Path, collected: Path) -> None:
    def no(self: Any, lanes: Any) -> Refusal:
        return refuse("evidence_foreign", "these do not go together", "collect again")

    broken = made("laned", merge=merge, join=no, decide=raising)
    assert refused(root, collected, broken) == "evidence_foreign: these do not go together"


@pytest.mark.parametrize("broken", [{"join": raising, "merge": merge}, {"join": join, "merge": raising}])
def test_a_gate_that_raises_is_undecided(root: Path, collected: Path, broken: dict[str, Any]) -> None:
    said = refused(root, collected, made("laned", **broken))
    assert "gate_crashed" in said
    assert "a bug in the gate" in said


def test_tools_and_commands_are_those_of_all_lanes(root: Path, collected: Path) -> None:
    for name, version in (("linux", "8.1"), ("windows.1-of-2", "9.0"), ("windows.2-of-2", "9.0")):
        tools = {"pytest": version, **({"win": "1"} if "windows" in name else {})}
        parts.altered(collected, f"laned.{name}.json", tools=tools, commands=(("run", name),))
    (gate,) = parts.merged(root, collected, Laned).report.gates
    assert gate.tools == {"pytest": "8.1, 9.0", "win": "1"}
    assert [one[1] for one in gate.commands] == ["linux", "windows.1-of-2", "windows.2-of-2"]


def test_without_expected_lanes_all_is_as_it_was(root: Path, tmp_path: Path) -> None:
    (root / "gates.toml").unlink()
    parts.collect(root, tmp_path / "parts", Laned)
    judgement = merging.judge(request(root, Laned), merging.load([tmp_path / "parts"]))
    assert verdicts(judgement) == {"laned": "passed"}
