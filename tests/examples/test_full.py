"""The example with every gate: green as it is, and red in the ways in which its script breaks it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gates.plugins.manager import BUILTIN
from support.commands import Result, check, environment, gates
from support.repositories import commit_all, git

EXAMPLE = Path(__file__).parents[2] / "examples" / "full"
README = (EXAMPLE / "README.md").read_text("utf-8")
LONG = {"bench", "bench-between", "repro", "packaging", "sbom"}
"""What is measured, built or read for many seconds."""


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A copy in a repository of its own, with two commits: a change needs something to be compared with."""
    root = tmp_path / "full"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".gates", "__pycache__", ".*cache", ".coverage*"))
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message=nothing")
    return root


def script(*words: str) -> Result:
    """What the script prints and how it ends."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / "break.py"), *words],
        cwd=EXAMPLE.parent,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def faults() -> dict[str, list[str]]:
    """What the script can break, with the rules that it names."""
    rows = [line.partition("  ") for line in script().out.splitlines()]
    return {name.strip(): [word for word in rest.split() if re.fullmatch(r"[A-Z]+\d+", word)] for name, _, rest in rows}


FAULTS = faults()


def test_every_gate_is_judged_and_green(full: Path) -> None:
    result = check(full, timeout=600)
    assert result.code == 0, result.out + result.err
    assert set(result.verdicts) == {*BUILTIN, "docs"}
    assert git(full, "status", "--porcelain") == ""


@pytest.mark.slow
def test_every_rule_of_every_gate_is_proved(full: Path) -> None:
    result = gates("prove", "--output-format", "json", cwd=full, timeout=1200)
    assert result.code == 0, result.out + result.err
    proved = {one["name"]: [rule["verdict"] for rule in one["rules"]] for one in result.report["gates"]}
    assert set(proved) == {*BUILTIN, "docs"}
    assert {verdict for verdicts in proved.values() for verdict in verdicts} == {"passed"}
    assert git(full, "status", "--porcelain") == ""


def test_the_readme_says_what_every_gate_shows_and_the_script_breaks_it() -> None:
    assert [name for name in (*BUILTIN, "docs") if f"| `{name}` |" not in README] == []
    assert {name.partition("-")[0] for name in FAULTS} == {*BUILTIN, "docs"}
    assert all(FAULTS.values())


@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in FAULTS]
)
def test_what_the_script_breaks_is_red_by_the_rules_that_it_names(fault: str) -> None:
    before = git(EXAMPLE, "status", "--porcelain", ".", check=False)
    result = script(fault)
    assert result.code == 1, result.out + result.err
    assert result.out.startswith("diff --git ")
    assert [rule for rule in FAULTS[fault] if f" {rule} " not in result.out] == []
    assert "UNDECIDED" not in result.out
    assert git(EXAMPLE, "status", "--porcelain", ".", check=False) == before


def test_a_copy_that_is_kept_is_named() -> None:
    result = script("lint", "--keep")
    (line,) = [line for line in result.out.splitlines() if line.startswith("the copy is ")]
    kept = Path(line.removeprefix("the copy is "))
    assert "import os\n" in (kept / "src" / "measures" / "text.py").read_text("utf-8")
    shutil.rmtree(kept.parent)


def test_a_fault_that_does_not_fit_is_told(full: Path) -> None:
    (full / "CHANGELOG.md").write_text("# Changelog\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "break.py", "packaging"], cwd=full, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "break.py: CHANGELOG.md has no '## 1.0' to be broken: it was changed\n"
