"""Proofs of small gates through the command line: what is proved, what is not, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support import commands, provable
from support.commands import Result

GATES = (
    "todo", "several", "tooled", "fearless", "reader", "forgetful", "always-green", "always-red", "crashing",
    "no-canary", "stranger", "idle", "touching", "elsewhere", "another", "unfit", "unset", "excused", "broken",
    "warning", "off", "open",
)  # fmt: skip


def prove(root: Path, *arguments: str, **more: Any) -> Result:
    return commands.gates("prove", "--output-format", "json", *arguments, cwd=root, **more)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Result:
    root = provable.write(tmp_path_factory.mktemp("provable"), *GATES)
    before = {path: path.read_bytes() for path in root.iterdir() if path.is_file()}
    temporary = tmp_path_factory.mktemp("temporary")
    result = prove(root, *GATES, env={"TMPDIR": str(temporary)})
    assert {path: path.read_bytes() for path in root.iterdir() if path.is_file()} == before
    assert [path.name for path in root.iterdir() if path.is_dir() and path.name != "__pycache__"] == [".gates"]
    assert sorted(path.name for path in (root / ".gates").iterdir()) == [".gitignore", "events", "proofs"]
    assert list(temporary.iterdir()) == []
    return result


def gate(proved: Result, name: str) -> Any:
    return next(one for one in proved.report["gates"] if one["name"] == name)


def rules(proved: Result, name: str) -> dict[str, tuple[str | None, str]]:
    return {one["rule"]: (one["verdict"], one["seen"]) for one in gate(proved, name)["rules"]}


def starved(proved: Result, name: str) -> dict[tuple[str, str], tuple[str | None, str]]:
    return {(one["kind"], one["of"]): (one["verdict"], one["seen"]) for one in gate(proved, name)["starved"]}


def test_the_worst_verdict_is_the_verdict(proved: Result) -> None:
    assert (proved.code, proved.report["exit_code"], proved.report["verdict"]) == (1, 1, "failed")
    assert [one["name"] for one in proved.report["gates"] if one["verdict"] == "passed"] == [
        "todo", "several", "tooled", "forgetful", "unset", "excused", "warning", "off", "open", "reader",
    ]  # fmt: skip
    assert [one["name"] for one in proved.report["gates"] if one["verdict"] == "undecided"] == ["always-red", "unfit"]


@pytest.mark.requirement("PRF-1")
def test_a_rule_is_proved_at_its_place(proved: Result) -> None:
    found = gate(proved, "todo")["rules"]
    assert (found[0]["planted"]["path"], found[0]["planted"]["line"]) == ("planted.txt", 1)
    assert found[0]["expected"] == "TDO001 at planted.txt:1, the gate failed and exit code 1"
    assert rules(proved, "todo") == {"TDO001": ("passed", "red at planted.txt:1")}


def test_a_rule_that_undecides_is_proved_by_an_undecided_gate(proved: Result) -> None:
    assert rules(proved, "open") == {"OPE001": ("passed", "undecided (too_noisy) at planted.txt:1")}
    (told,) = gate(proved, "open")["rules"]
    assert told["expected"] == "a finding of OPE001 at planted.txt:1, the gate undecided and exit code 3"


def test_base_has_what_a_plant_says_that_was_there_before(tmp_path: Path) -> None:
    root = provable.write(tmp_path / "project", "gone")
    found = prove(root, "gone")
    assert rules(found, "gone") == {"GONE001": ("passed", "red at was.txt:1")}, found.err


def test_plants_that_share_a_run_are_proved_together_and_a_warning_by_itself(proved: Result) -> None:
    assert rules(proved, "several") == {
        "SEV001": ("passed", "red at first.txt:1"),
        "SEV002": ("passed", "red at second.txt:1"),
        "SEV003": ("passed", "warning at third.txt:1"),
    }


@pytest.mark.requirement("PRF-2")
@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("always-green", "it passed, without a finding of ALWAYSGREEN001"),
        (
            "crashing",
            "it was undecided (gate_crashed): the gate crashing raised RuntimeError: a bug, without a finding",
        ),
        ("no-canary", "no-canary has no canary for it"),
        ("idle", "the canary changed nothing that the gate reads (it changed readme.md)"),
        ("touching", "the canary changed nothing that the gate reads (it changed nothing)"),
        ("elsewhere", "ELSEWHERE001 was found elsewhere: ELSEWHERE001 at planted.txt:1"),
        ("another", "it was red for another reason: ANO002 at planted.txt:1"),
        ("broken", "the canary could not be planted: RuntimeError: a bug in the canary"),
    ],
)
def test_a_gate_that_cannot_fail_for_its_rule_is_not_proved(proved: Result, name: str, seen: str) -> None:
    verdict, said = next(iter(rules(proved, name).values()))
    assert verdict == "failed"
    assert said.startswith(seen)


@pytest.mark.requirement("PRF-2")
def test_a_gate_that_is_always_red_proves_nothing(proved: Result) -> None:
    found = gate(proved, "always-red")
    assert (found["reason"]["code"], found["reason"]["fix"]) == ("not_green", "gates check always-red")
    assert "it failed: ALWAYSRED001 at notes.txt:1" in found["reason"]["message"]
    assert (found["rules"], found["starved"], found["clean"]) == ([], [], None)


def test_a_canary_for_a_rule_that_nobody_has_is_not_proved(proved: Result) -> None:
    assert rules(proved, "stranger")["XYZ999"] == (
        "failed", "the gate stranger has a canary for XYZ999, and no such rule",
    )  # fmt: skip


def test_a_canary_that_does_not_fit_leaves_the_proof_open_unless_it_is_excused(proved: Result) -> None:
    assert rules(proved, "unfit") == {"UNFIT001": ("undecided", "there is no such place here")}
    first, second = gate(proved, "excused")["rules"]
    assert (first["verdict"], first["excused"]) == (None, "there is no such place in this project")
    assert second["verdict"] == "passed"


def test_what_is_switched_off_is_not_judged_and_says_so(proved: Result) -> None:
    off, unset = gate(proved, "off")["rules"][0], gate(proved, "unset")["rules"][0]
    assert (off["verdict"], off["reason"]["message"]) == (None, "its severity is `off` in [[tool.gates.severity]]")
    assert (unset["verdict"], unset["reason"]["message"]) == (None, "the limit is not set")


@pytest.mark.requirement("PRF-3")
def test_a_gate_without_its_tool_is_undecided_or_not_proved(proved: Result) -> None:
    assert starved(proved, "tooled")["tool", "hammer"] == ("passed", "undecided (tool_missing)")
    verdict, seen = starved(proved, "fearless")["tool", "hammer"]
    assert (verdict, gate(proved, "fearless")["verdict"]) == ("failed", "failed")
    assert seen.startswith("it passed")
    assert rules(proved, "fearless") == {"FEARLESS001": ("passed", "red at planted.txt:1")}


@pytest.mark.requirement("PRF-3")
def test_evidence_that_is_absent_or_changed_starves_its_readers(proved: Result) -> None:
    assert starved(proved, "reader") == {
        ("tool", "tools"): (None, "it declares no tool that could be missing"),
        ("evidence changed", "reader"): ("passed", "undecided (evidence_corrupt)"),
        ("evidence changed", "tooled"): ("passed", "undecided (needed_gate_undecided)"),
        ("evidence absent", "tooled"): ("passed", "undecided (needed_gate_undecided)"),
    }


def test_what_cannot_be_starved_is_listed_with_the_reason(proved: Result) -> None:
    assert starved(proved, "forgetful") == {
        ("tool", "tools"): (None, "it declares no tool that could be missing"),
        ("evidence changed", "forgetful"): (None, "it keeps no evidence of such a run"),
        ("evidence absent", "other gates"): (None, "it reads the evidence of no other gate"),
    }


def test_one_rule_one_gate_and_one_rule_of_each(tmp_path: Path) -> None:
    root = provable.write(tmp_path / "project", "several", "todo")
    alone = prove(root, "--rule", "SEV002")
    assert [[rule["rule"] for rule in one["rules"]] for one in alone.report["gates"]] == [["SEV002"]]
    assert alone.report["gates"][0]["starved"] == []
    fast = prove(root, "todo", "several", "--fast")
    assert [[rule["rule"] for rule in one["rules"]] for one in fast.report["gates"]] == [["TDO001"], ["SEV001"]]
    assert fast.code == alone.code == 0
    named = prove(root, "todo")
    assert [one["name"] for one in named.report["gates"]] == ["todo"]


def test_a_passing_check_is_the_green_half(tmp_path: Path) -> None:
    root = provable.write(tmp_path / "project", "todo")
    assert commands.check(root).code == 0
    after = prove(root, "todo")
    assert (after.code, after.report["gates"][0]["clean"]) == (0, "receipt")
    assert after.report["run"]["multiple"] is None
    assert after.report["gates"][0]["starved"][1]["verdict"] == "passed"
    (root / "notes.txt").write_text("still nothing\n", "utf-8")
    assert prove(root, "todo").report["gates"][0]["clean"] == "run"
    assert prove(root, "todo", "--no-cache").report["run"]["multiple"] > 0


def test_errors_are_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    root = provable.write(tmp_path / "project", "todo")
    for arguments, message in (
        (("--rule", "TDO002"), "--rule: there is no rule 'TDO002', did you mean 'TDO001'?"),
        (("todoo",), "there is no gate 'todoo', did you mean 'todo'?"),
    ):
        found = prove(root, *arguments)
        assert (found.code, found.report["exit_code"], found.report["verdict"]) == (2, 2, "undecided")
        assert found.report["error"]["message"].startswith(message)
        assert message in commands.gates("prove", *arguments, cwd=root).err


def test_nothing_to_prove_is_red(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.gates]\nselect = []\n", "utf-8")
    found = commands.gates("prove", cwd=tmp_path)
    assert (found.code, found.out) == (5, "nothing was proved: no gate is judged here. Next: gates list\n")
