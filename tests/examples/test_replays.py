"""Each example's runs are decided again from what they left, and come to the same, byte for byte."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import check, environment, gates
from support.repositories import commit_all, git

EXAMPLES = Path(__file__).parents[2] / "examples"
BROKEN = ("lint", "types", "coverage", "trace", "policy")
"""What the script of the example with every gate breaks within seconds."""


def copied(name: str, folder: Path) -> Path:
    """A copy of an example in a repository of its own, with a base to compare with."""
    root = folder / name
    shutil.copytree(EXAMPLES / name, root, ignore=shutil.ignore_patterns(".gates", "__pycache__", ".*cache"))
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message=nothing")
    return root


def replayed(root: Path) -> str:
    """What a replay of the last run says, in a project of which only what gates keeps is left."""
    shutil.rmtree(root / ".git")
    for path in root.rglob("*.py"):
        path.unlink()
    done = gates("runs", "replay", "last", cwd=root, env={"PATH": ""})
    assert done.code == 0, done.out + done.err
    return done.out


@pytest.mark.requirement("REC-5")
@pytest.mark.parametrize("name", ["minimal", "third_party_gate", "monorepo"])
def test_a_run_of_an_example_comes_to_the_same(name: str, tmp_path: Path) -> None:
    root = copied(name, tmp_path)
    first = check(root, "--python", sys.executable)
    again = check(root, "--python", sys.executable)
    assert first.code == again.code, first.out + again.out
    said = replayed(root)
    assert f"(exit {first.code})" in said
    assert f"{len(first.report['gates'])} gates were decided again, byte for byte as recorded" in said


@pytest.mark.slow
def test_a_run_of_every_gate_comes_to_the_same(tmp_path: Path) -> None:
    root = copied("full", tmp_path)
    result = check(root, timeout=600)
    assert result.code == 0, result.out + result.err
    assert "16 gates were decided again, byte for byte as recorded" in replayed(root)
    asked = gates("runs", "replay", "last", "--set", "coverage.total=101", cwd=root)
    assert asked.code == 2, asked.out
    asked = gates("runs", "replay", "last", "--set", "tests.max-warnings=-1", cwd=root)
    assert asked.code == 2, asked.out


@pytest.mark.requirement("REC-5")
@pytest.mark.parametrize("fault", BROKEN)
def test_a_red_run_comes_to_the_same(fault: str) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "full" / "break.py"), fault, "--keep"],
        cwd=EXAMPLES,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("the copy is ")]
    kept = Path(line.removeprefix("the copy is "))
    try:
        assert "failed (exit 1)" in replayed(kept)
    finally:
        shutil.rmtree(kept.parent)
