"""The gate over real repositories: what the base is, what it says, and what happens where it says nothing."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from gates.config import baseline as committed
from gates.config.baseline import Baseline, Figure, Known
from gates.model.approval import FILE
from gates.model.measure import Denominator
from support import changes
from support.changes import found, policy, repository
from support.projects import write_project
from support.repositories import commit_all, git, make_repository

STRICT = (
    '[tool.gates]\nselect = ["lint", "types"]\n[tool.mypy]\nstrict = true\n[tool.coverage.report]\nfail_under = 85\n'
)
LOOSE = STRICT.replace("85", "80")
WORKFLOW = """
on: pull_request
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: gates check
"""
CI = ".github/workflows/ci.yml"
FLAG = (("POL001", "coverage.fail_under"),)
LOWERED = [("POL001", "coverage.fail_under")]


def approved(subject: str = "coverage.fail_under", rule: str = "POL001", **more: str) -> str:
    keys = {"rule": rule, "subject": subject, "reason": "slow tests moved", "owner": "platform", **more}
    return "[[approved]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


def test_a_change_that_loosens_nothing_passes(tmp_path: Path) -> None:
    one = policy(repository(tmp_path, {"pyproject.toml": STRICT}, {"a.py": "x = 1\n"}))
    assert (one.verdict, one.findings) == ("passed", ())
    assert one.denominator is not None
    assert one.denominator.count > 100
    assert one.denominator.unit == "settings"


def test_a_change_that_loosens_fails_although_it_is_not_committed(tmp_path: Path) -> None:
    root = repository(tmp_path, {"pyproject.toml": STRICT}, {"a.py": "x = 1\n"})
    (root / "pyproject.toml").write_text(LOOSE, "utf-8")
    one = policy(root)
    assert (one.verdict, found(one)) == ("failed", LOWERED)


def test_several_commits_are_one_change(tmp_path: Path) -> None:
    root = repository(tmp_path, {"pyproject.toml": STRICT}, {"pyproject.toml": LOOSE})
    commit_all(root)
    assert found(policy(root)) == LOWERED


def test_what_was_merged_meanwhile_is_no_part_of_the_change(tmp_path: Path) -> None:
    root = repository(tmp_path, {"pyproject.toml": LOOSE}, {"a.py": "x = 1\n"})
    git(root, "checkout", "--quiet", "main")
    write_project(root, {"pyproject.toml": STRICT})
    commit_all(root)
    git(root, "checkout", "--quiet", "topic")
    assert policy(root).verdict == "passed"


def test_it_is_decided_anew_when_the_base_is_another(tmp_path: Path) -> None:
    root = repository(tmp_path, {"pyproject.toml": STRICT}, {"pyproject.toml": LOOSE})
    assert policy(root).verdict == "failed"
    assert policy(root).verdict == "failed"
    assert policy(root, base="HEAD").verdict == "failed"
    git(root, "branch", "--force", "main", "topic")
    commit_all(root)
    assert policy(root).verdict == "passed"


@pytest.mark.parametrize("commit", [False, True])
def test_without_a_base_nothing_is_compared_and_a_note_says_so(tmp_path: Path, commit: bool) -> None:
    root = make_repository(tmp_path, {"pyproject.toml": STRICT}, commit=commit)
    report = changes.report(root)
    one = next(one for one in report.gates if one.name == "policy")
    assert one.verdict == "passed"
    assert any(note.startswith("policy: compared with no base: ") for note in report.run.notes)


def test_no_git_is_no_base(tmp_path: Path) -> None:
    assert policy(write_project(tmp_path, {"pyproject.toml": STRICT})).verdict == "passed"


def test_a_pull_request_without_a_base_is_undecided(tmp_path: Path) -> None:
    root = repository(tmp_path, {"pyproject.toml": STRICT}, {"pyproject.toml": LOOSE})
    one = policy(root, environ={"GITHUB_BASE_REF": "release"})
    assert one.reason is not None
    assert (one.verdict, one.reason.code) == ("undecided", "no_base")
    assert one.reason.fix == "git fetch origin release:refs/remotes/origin/release"
    assert policy(root).verdict == "failed", "what holds for a pull request is not found again elsewhere"


def test_the_ci_s_target_goes_before_a_base_that_the_change_writes_down(tmp_path: Path) -> None:
    loose = LOOSE.replace("[tool.gates]\n", '[tool.gates]\nbase = "HEAD"\n')
    root = repository(tmp_path, {"pyproject.toml": STRICT}, {"pyproject.toml": loose})
    commit_all(root)
    one = policy(root, environ={"GITHUB_BASE_REF": "main"}, base="HEAD")
    assert found(one) == [*LOWERED, ("POL012", "base")]


def test_a_project_in_a_subdirectory_is_compared_there(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        {"pyproject.toml": LOOSE, "sub/pyproject.toml": STRICT, CI: WORKFLOW},
        {"sub/pyproject.toml": LOOSE, CI: WORKFLOW.replace("check", "check || true")},
    )
    assert found(policy(root / "sub")) == [*LOWERED, ("POL007", f"../{CI}: gates check || true")]


def test_a_caller_above_a_project_in_a_subdirectory_is_compared_too(tmp_path: Path) -> None:
    files = {"sub/pyproject.toml": STRICT, CI: WORKFLOW}
    root = repository(tmp_path / "same", files, {"sub/pyproject.toml": LOOSE})
    assert policy(root / "sub", approve=FLAG).verdict == "passed"
    gone = repository(tmp_path / "gone", files, {CI: WORKFLOW.replace("gates check", "make check")})
    assert found(policy(gone / "sub")) == [("POL007", f"../{CI}: gates check")]
    chosen = WORKFLOW.replace("    runs-on", "    env: {GATES_SELECT: lint}\n    runs-on")
    less = repository(tmp_path / "less", files, {CI: chosen})
    assert found(policy(less / "sub")) == [("POL007", f"../{CI}: env: {{GATES_SELECT: lint}}")]


def test_the_configuration_above_a_project_holds_on_both_sides(tmp_path: Path) -> None:
    own = "[project]\nname = 'sub'\n"
    root = repository(
        tmp_path,
        {"pyproject.toml": STRICT, "sub/pyproject.toml": own},
        {"pyproject.toml": STRICT.replace("strict = true", "strict = false")},
    )
    assert found(policy(root / "sub")) == [("POL001", "mypy.strict")]


@pytest.mark.parametrize("before", ["", "[tool.mypy]\nstrict = true\n[tool.coverage.report]\nfail_under = 85\n"])
def test_whoever_adopts_gates_loosens_nothing(tmp_path: Path, before: str) -> None:
    report = changes.report(repository(tmp_path, {"pyproject.toml": before}, {"pyproject.toml": LOOSE}))
    assert report.gates[0].verdict == "passed"
    assert any("it does not use gates yet" in note for note in report.run.notes)


def test_a_project_that_only_calls_gates_uses_it(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[tool.mypy]\nstrict = true\n", CI: WORKFLOW}
    assert ("POL001", "mypy.strict") in found(
        policy(repository(tmp_path, files, {"pyproject.toml": '[tool.gates]\nselect = ["lint"]\n[tool.mypy]\n'}))
    )


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (STRICT.replace("[tool.gates]", "[tool.gates]\nschema-version = 9"), "schema_version_mismatch"),
        (STRICT.replace('["lint", "types"]', "3"), "unreadable"),
        (STRICT + "[tool.gates.tests]\nmax-warnings = 'x'\n", "unreadable"),
        ("[tool.gates\n", "unreadable"),
    ],
)
def test_a_base_that_cannot_be_read_is_undecided(tmp_path: Path, before: str, code: str) -> None:
    root = repository(tmp_path, {"pyproject.toml": before}, {"pyproject.toml": STRICT})
    one = policy(root)
    assert one.reason is not None
    assert (one.verdict, one.reason.code) == ("undecided", code)
    assert "choose by --base a commit" in one.reason.message
    # What comes next can be pasted: it shows the commits that there are to choose from.
    first, *words = shlex.split(one.reason.fix)
    assert first == "git"
    assert len(git(root, *words).splitlines()) == 1


def test_approvals_that_cannot_be_read_are_undecided_and_what_comes_next_is_a_command(tmp_path: Path) -> None:
    root = repository(tmp_path, {"pyproject.toml": STRICT}, {FILE: "[[approval]\n"})
    one = policy(root)
    assert one.reason is not None
    assert (one.verdict, one.reason.code, one.reason.fix) == ("undecided", "unreadable", "gates check policy")
    assert FILE in one.reason.message
    assert one.reason.message.endswith("; mend it and judge again")


def test_a_base_that_asks_for_another_version_can_be_compared_with(tmp_path: Path) -> None:
    before = STRICT.replace("[tool.gates]", '[tool.gates]\nrequired-version = "<0.0.1"')
    assert found(policy(repository(tmp_path, {"pyproject.toml": before}, {"pyproject.toml": LOOSE}))) == LOWERED


def test_the_gates_of_a_plugin_that_is_gone_are_dropped(tmp_path: Path) -> None:
    before = (
        STRICT.replace("[tool.gates]", '[tool.gates]\nplugins = ["ci.units"]') + "[tool.gates.units]\nmaximum = 3\n"
    )
    one = policy(repository(tmp_path, {"pyproject.toml": before}, {"pyproject.toml": STRICT}))
    assert found(one) == [("POL002", "plugins: ci.units")]


def test_a_link_and_a_large_file_in_the_base(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {"ci/settings.toml": STRICT, "big.toml": "x = 1\n" * 500_000})
    (root / "pyproject.toml").symlink_to("ci/settings.toml")
    commit_all(root)
    git(root, "checkout", "--quiet", "-b", "topic")
    (root / "ci/settings.toml").write_text(LOOSE, "utf-8")
    commit_all(root)
    assert found(policy(root)) == LOWERED


def test_a_waiver_must_be_on_the_base(tmp_path: Path) -> None:
    waiver = (
        '[[tool.gates.waiver]]\nrule = "LNT001"\nsubject = "a.py"\nreason = "r"\nowner = "o"\nexpires = 2099-0{}-01\n'
    )
    held: dict[str, str | bytes] = {"pyproject.toml": STRICT + waiver.format(6)}
    root = repository(tmp_path / "new", {"pyproject.toml": STRICT}, held)
    assert found(policy(root)) == [("POL005", "waiver: LNT001 a.py")]
    longer = repository(tmp_path / "longer", held, {"pyproject.toml": STRICT + waiver.format(7)})
    assert found(policy(longer)) == [("POL005", "waiver: LNT001 a.py")]
    assert "on the base it lasts until 2099-06-01" in policy(longer).findings[0].message
    shorter = repository(tmp_path / "shorter", held, {"pyproject.toml": STRICT + waiver.format(5)})
    assert policy(shorter).findings == ()
    assert policy(repository(tmp_path / "gone", held, {"pyproject.toml": STRICT})).findings == ()


def known(path: str, text: str = "0" * 12, count: int = 1) -> Known:
    return Known(path=path, rule="LNT001", tool_rule="ruff:F401", fingerprint=text + "1" * 4, count=count)


def baseline(*held: Known, files: int = 9, value: float = 3.0) -> bytes:
    figure = Figure(measure="lint.muted", value=value, direction="max")
    over = Denominator(count=files, unit="files")
    return committed.encode(Baseline(gate="lint", denominator=over, figures=(figure,), known=held))


@pytest.mark.parametrize(
    ("before", "after", "subjects"),
    [
        (baseline(known("a")), baseline(known("b")), []),
        (baseline(known("a"), known("b")), baseline(known("a")), []),
        (baseline(known("a")), baseline(known("a", count=2)), ["lint ruff:F401"]),
        (baseline(known("a")), baseline(known("a", "2" * 12)), ["lint ruff:F401"]),
        (baseline(), baseline(value=4.0), ["lint lint.muted"]),
        (baseline(), baseline(value=2.0, files=10), []),
        (baseline(), baseline(files=8), ["lint denominator"]),
        (baseline(), None, ["lint"]),
        (None, baseline(known("a")), ["lint ruff:F401"]),
        (None, baseline(), []),
    ],
)
def test_a_baseline_may_only_get_better(
    tmp_path: Path, before: bytes | None, after: bytes | None, subjects: list[str]
) -> None:
    name = committed.name("lint")
    base: dict[str, str | bytes] = {"pyproject.toml": STRICT, **({} if before is None else {name: before})}
    one = policy(repository(tmp_path, base, {name: after}))
    assert found(one) == [("POL006", f"baseline: {subject}") for subject in subjects]


def test_a_gate_that_is_selected_now_may_bring_what_it_knows(tmp_path: Path) -> None:
    before = STRICT.replace('"lint", ', "")
    after: dict[str, str | bytes] = {"pyproject.toml": STRICT, committed.name("lint"): baseline(known("a"))}
    assert policy(repository(tmp_path, {"pyproject.toml": before}, after)).verdict == "passed"


def test_the_base_s_approver_file_lets_a_change_through(tmp_path: Path) -> None:
    entry = approved(expires="2099-01-01").replace('"2099-01-01"', "2099-01-01")
    files = {"pyproject.toml": STRICT, "gates-baseline/approved.toml": entry}
    one = policy(repository(tmp_path, files, {"pyproject.toml": LOOSE}))
    assert (one.verdict, found(one)) == ("passed", LOWERED)
    said = "approval of platform until 2099-01-01: slow tests moved (gates-baseline/approved.toml on the base)"
    assert one.findings[0].waived_by == said


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        (approved(expires="2099-01-01"), "passed"),
        (approved("coverage.*", expires="2099-01-01"), "passed"),
        (approved(rule="limit-lowered", expires="2099-01-01"), "passed"),
        (approved(expires="2099-01-01") + "to = 80\n", "passed"),
        (approved(expires="2099-01-01") + "to = 81\n", "failed"),
        (approved(expires="2020-01-01"), "failed"),
        (approved("mypy.*", expires="2099-01-01"), "failed"),
        (approved(rule="POL002", expires="2099-01-01"), "failed"),
        (approved(), "undecided"),
        (approved(expires="2099-01-01", odd="x"), "undecided"),
        ("[[approved]\n", "undecided"),
    ],
)
def test_which_entry_lets_which_change_through(tmp_path: Path, entry: str, verdict: str) -> None:
    entry = entry.replace('"2099-01-01"', "2099-01-01").replace('"2020-01-01"', "2020-01-01")
    files = {"pyproject.toml": STRICT, "gates-baseline/approved.toml": entry}
    assert policy(repository(tmp_path, files, {"pyproject.toml": LOOSE})).verdict == verdict


@pytest.mark.requirement("EXC-5")
def test_a_change_cannot_approve_itself(tmp_path: Path) -> None:
    entry = approved(expires="2099-01-01").replace('"2099-01-01"', "2099-01-01")
    after = {"pyproject.toml": LOOSE, "gates-baseline/approved.toml": entry}
    report = changes.report(repository(tmp_path, {"pyproject.toml": STRICT}, after))
    assert report.gates[0].verdict == "failed"
    assert any("gets an approval of POL001 for coverage.fail_under by platform" in note for note in report.run.notes)


def test_the_caller_lets_a_change_through(tmp_path: Path) -> None:
    files = {"pyproject.toml": STRICT, CI: WORKFLOW}
    root = repository(tmp_path, files, {"pyproject.toml": LOOSE})
    one = policy(root, approve=FLAG)
    assert (one.verdict, one.findings[0].waived_by) == ("passed", "approval of the caller: --approve")
    report = changes.report(root, approve=(*FLAG, ("POL002", "select: x")))
    assert report.gates[0].verdict == "passed"
    assert "policy: --approve POL002:select: x is about no finding" in report.run.notes


@pytest.mark.parametrize(
    "after",
    [
        {CI: WORKFLOW.replace("gates check", "gates check --approve POL001:coverage.fail_under")},
        {CI: WORKFLOW.replace("on:", "env: {GATES_BASE: HEAD}\non:")},
        {CI: None, ".github/workflows/other.yml": WORKFLOW},
        {"Makefile": "test:\n\tgates check --approve POL001:coverage.fail_under\n"},
    ],
)
def test_the_caller_s_word_counts_only_while_the_lines_are_the_base_s(
    tmp_path: Path, after: dict[str, str | None]
) -> None:
    root = repository(tmp_path, {"pyproject.toml": STRICT, CI: WORKFLOW}, {"pyproject.toml": LOOSE, **after})
    report = changes.report(root, approve=FLAG)
    assert report.gates[0].verdict == "failed"
    assert any(note.startswith("policy: --approve counts for nothing: ") for note in report.run.notes)


def test_without_a_base_the_caller_s_word_counts_for_nothing(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"run.sh": "#!/bin/sh\ngates check || true\n"})
    one = policy(root, approve=(("POL007", "*"),))
    assert (one.verdict, [item.rule for item in one.findings]) == ("failed", ["POL007"])


def test_deleting_the_tests_is_found_where_nothing_is_selected(tmp_path: Path) -> None:
    files = {"pyproject.toml": "", CI: WORKFLOW, "tests/test_a.py": "def test_a(): pass\n"}
    root = repository(tmp_path, files, {"tests/test_a.py": None})
    assert found(policy(root)) == [("POL002", "select: tests")]
