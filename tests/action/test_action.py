"""The action's own steps, run as a runner runs them, on a green project, a red one and one that cannot be judged."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from support import healthy, step_runner
from support.commands import environment

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "examples" / "minimal"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")


def run(workspace: Path, temporary: Path, **inputs: str) -> step_runner.Outcome:
    env = environment({"PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))})
    return step_runner.run(ROOT, workspace, temporary, {"install": "false", **inputs}, env)


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    target = tmp_path / "checkout"
    shutil.copytree(MINIMAL, target, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return target


def test_green(minimal: Path, tmp_path: Path) -> None:
    outcome = run(minimal, tmp_path / "runner")
    assert (outcome.code, outcome.outputs["verdict"], outcome.outputs["exit-code"]) == (0, "passed", "0"), outcome.log
    report = json.loads(Path(outcome.outputs["report"]).read_text("utf-8"))
    assert [one["name"] for one in report["gates"]] == ["lint", "types", "tests", "policy"]
    assert "tests" in outcome.summary


def test_red(minimal: Path, tmp_path: Path) -> None:
    (minimal / "greeting.py").write_text("import os\n\n\ndef greet(name: str) -> str:\n    return name\n", "utf-8")
    outcome = run(minimal, tmp_path / "runner")
    assert (outcome.code, outcome.outputs["verdict"], outcome.outputs["exit-code"]) == (1, "failed", "1")
    assert "::error file=greeting.py,line=1" in outcome.log
    assert "TST001" in outcome.summary


def test_undecided(minimal: Path, tmp_path: Path) -> None:
    (minimal / "test_greeting.py").write_text("", "utf-8")
    outcome = run(minimal, tmp_path / "runner")
    assert (outcome.code, outcome.outputs["verdict"]) == (3, "undecided")
    assert "nothing examined" in outcome.summary


def test_a_subdirectory_with_arguments(tmp_path: Path) -> None:
    healthy.write(tmp_path / "checkout" / "with a blank")
    outcome = run(tmp_path / "checkout", tmp_path / "runner", project="with a blank", args="--select lint -v")
    assert (outcome.code, outcome.outputs["verdict"]) == (0, "passed"), outcome.log


def test_arguments_are_not_a_script(minimal: Path, tmp_path: Path) -> None:
    outcome = run(minimal, tmp_path / "runner", args="; touch pwned $(touch pwned) `touch pwned`")
    assert outcome.code == 2
    assert not (minimal / "pwned").exists()


def test_an_error_of_configuration_is_red_with_a_report(minimal: Path, tmp_path: Path) -> None:
    with (minimal / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tool.gates]\nselect = ["lnt"]\n')
    outcome = run(minimal, tmp_path / "runner")
    assert (outcome.code, outcome.outputs["exit-code"]) == (2, "2")
    assert "did you mean" in outcome.log


def test_every_input_and_output_is_described() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    for one in (*action["inputs"].values(), *action["outputs"].values()):
        assert one["description"]


def test_the_hook_cannot_be_skipped_for_want_of_files() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (hook["always_run"], hook["pass_filenames"], hook["language"]) == (True, False, "system")
