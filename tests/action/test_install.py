"""How the action installs a project: what it finds, what it says, and a new user's first workflow, for real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support import action_jobs
from support.steps.job import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")

GUIDE = action_jobs.ROOT / "docs/how-to/github.md"
EMPTY = {
    "basket.py": '"""A basket."""\n\n\ndef total(prices: list[int]) -> int:\n    return sum(prices)\n',
    "test_basket.py": "from basket import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
}
BUILT = '[build-system]\nrequires = ["hatchling"]\n'


def wrote(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def planned(checkout: Path, temporary: Path, **inputs: str) -> Job:
    """A job whose installation cannot begin, after it was planned."""
    job = action_jobs.job(checkout, temporary, env={"PIP_NO_INDEX": "1"})
    step = {"command": "check", "args": "", "project": ".", "python-version": "", "version": "", "base": ""}
    switches = {"install": "auto", "sarif": "false", "summary": "true", "cache": "true", "export-env": "false"}
    text = json.dumps({**step, **switches, **inputs})
    env = {"ACTION_INPUTS": text, "GITHUB_ACTION_PATH": str(action_jobs.ROOT)}
    job.env.update(env)
    job.workflow(
        "jobs: {one: {steps: [{id: plan, shell: bash, run: 'bash $GITHUB_ACTION_PATH/ci/action/start.sh plan'}]}}"
    )
    assert job.status == "success", job.text
    return job


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "pip (no lock, group, extra or requirements file: nothing but the gates)"),
        ({"uv.lock": "", "poetry.lock": "", "requirements.txt": ""}, "uv (uv.lock)"),
        ({"poetry.lock": "", "requirements.txt": ""}, "poetry (poetry.lock)"),
        (
            {"pyproject.toml": "[dependency-groups]\ndev = []\ndocs = []\n", "requirements.txt": ""},
            "pip (the dependency group dev)",
        ),
        (
            {"pyproject.toml": "[project.optional-dependencies]\ntest = []\n[dependency-groups]\ntesting = []\n"},
            "pip (the dependency group testing and the extra test)",
        ),
        (
            {"requirements.txt": "", "requirements-dev.txt": "", "constraints.txt": "", "requirements/test.txt": ""},
            "pip (requirements-dev.txt, requirements.txt, requirements/test.txt)",
        ),
        ({"pyproject.toml": BUILT}, "pip (no lock, group, extra or requirements file: nothing but the gates)"),
        ({"pyproject.toml": "tool = 3\nproject = []\n"}, "pip (no lock, group, extra or requirements file: nothing"),
    ],
)
def test_the_choice_is_said(tmp_path: Path, files: dict[str, str], said: str) -> None:
    (tmp_path / "checkout").mkdir()
    job = planned(wrote(tmp_path / "checkout", files), tmp_path / "runner")
    assert f"install: {said}" in job.text


def test_a_lock_above_the_project_counts(tmp_path: Path) -> None:
    checkout = wrote(tmp_path / "checkout", {"uv.lock": "", "member/pyproject.toml": ""})
    assert "install: uv (uv.lock)" in planned(checkout, tmp_path / "runner", project="member").text


def test_a_command_and_false_go_before_what_is_there(tmp_path: Path) -> None:
    checkout = wrote(tmp_path / "checkout", {"uv.lock": ""})
    assert "install: command (" in planned(checkout, tmp_path / "one", install="make venv").text
    job = planned(checkout, tmp_path / "two", install="false")
    assert "install: nothing (the input install is false)" in job.text
    assert job.ended[0].outputs["cached"] == "false"


def test_the_key_of_the_cache_is_of_all_that_says_what_is_installed(tmp_path: Path) -> None:
    keys = set()
    changes: list[dict[str, str]] = [
        {"basket.py": ""},
        {"uv.lock": "1"},
        {"uv.lock": "2"},
        {"requirements/dev.txt": "a"},
        {"gates.toml": 'select = ["sbom"]\n'},
    ]
    for number, files in enumerate(changes):
        job = planned(wrote(tmp_path / "checkout", files), tmp_path / str(number))
        keys.add(job.ended[0].outputs["lock"])
    assert len(keys) == len(changes)


@pytest.mark.requirement("ACT-1")
def test_five_lines_in_an_empty_repository(tmp_path: Path) -> None:
    """As a new user would: the workflow of the guide, a module and a test, nothing configured, all installed."""
    found = re.search(r"## Five lines.*?```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    workflow = found[1]
    lines = workflow.strip().splitlines()
    assert len([line for line in lines if line.strip()]) == 5
    checkout = wrote(
        tmp_path / "checkout", {**EMPTY, ".gitignore": "__pycache__/\n", ".github/workflows/gates.yml": workflow}
    )
    action_jobs.git(checkout, "init", "--quiet", "--initial-branch=main")
    action_jobs.commit(checkout, "first")
    job = action_jobs.job(checkout, tmp_path / "runner")
    job.workflow(workflow)
    assert job.status == "success", job.text
    assert re.search(r"^  tests +passed +1 test ", job.text, re.MULTILINE), job.text
    assert "| tests | passed | 1 test |" in job.summary
    assert [one.action.partition("@")[0] for one in job.used] == ["actions/checkout", "actions/cache"]
    assert action_jobs.git(checkout, "status", "--porcelain") == ""
    # The environment that it made judges the same project red, and without installing again.
    wrote(checkout, {"basket.py": "import os\n\n\ndef total(prices):\n    return len(prices) + os.getpid() * 0 - 1\n"})
    place = tmp_path / "runner/gates-environment/bin"
    again = action_jobs.job(checkout, tmp_path / "again", path=place)
    outputs = again.action(action_jobs.ROOT, {"install": "false", "args": "tests"})
    assert (again.status, outputs["verdict"]) == ("failure", "failed"), again.text
    assert "TST001" in again.summary


GROUP = """\
[project]
name = "basket"
version = "1.0"
requires-python = ">=3.11"

[dependency-groups]
dev = ["pytest", "iniconfig==2.0.0"]

[tool.uv]
package = false
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["uv", "pip", "command"])
def test_each_way_makes_an_environment_with_the_project_and_gates(tmp_path: Path, kind: str) -> None:
    """An old version of something harmless stands for what the project pins."""
    checkout = wrote(tmp_path / "checkout", {**EMPTY, "pyproject.toml": GROUP})
    action_jobs.git(checkout, "init", "--quiet", "--initial-branch=main")
    if kind == "uv":
        uv = shutil.which("uv") or pytest.skip("uv is not on the path: nothing makes the lock file")
        subprocess.run([uv, "lock", "--project", str(checkout)], check=True, capture_output=True)
    action_jobs.commit(checkout, "first")
    job = action_jobs.job(checkout, tmp_path / "runner")
    install = "pip install iniconfig==2.0.0" if kind == "command" else "auto"
    outputs = job.action(action_jobs.ROOT, {"install": install, "args": "tests"})
    assert (job.status, outputs["verdict"]) == ("success", "passed"), job.text
    assert f"install: {kind} (" in job.text
    python = tmp_path / "runner/gates-environment/bin/python"
    ask = "import importlib.metadata as m; print(m.version('iniconfig'))"
    assert subprocess.run([str(python), "-c", ask], capture_output=True, check=True).stdout == b"2.0.0\n"
