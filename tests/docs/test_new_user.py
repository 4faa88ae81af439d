"""A new user with README alone: a few modules and tests, two commands by hand, and five lines in CI."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

from gates.cli.workflow import CHECKOUT
from support import action_jobs
from support.commands import environment, gates
from support.projects import write_project

README = Path(__file__).parents[2] / "README.md"
MODULES = {
    "till.py": "def total(prices):\n    return sum(prices)\n",
    "names.py": 'def full(first, last):\n    return f"{first} {last}"\n',
    "test_till.py": "from till import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
    "test_names.py": 'from names import full\n\n\ndef test_full():\n    assert full("Ada", "Byron") == "Ada Byron"\n',
}

in_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the action's steps are written for bash")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Modules and tests in one commit, and nothing that configures a tool."""
    root = write_project(tmp_path / "project", {**MODULES, ".gitignore": "__pycache__/\n"})
    action_jobs.git(root, "init", "--quiet", "--initial-branch=main")
    action_jobs.commit(root, "first")
    return root


def start() -> list[list[str]]:
    """The two commands with which README starts."""
    found = re.search(r"## Start\n.*?```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return [shlex.split(line) for line in found[1].splitlines()]


def workflow() -> str:
    """README's workflow, with the other action as `gates init --ci github` pins it: of the same major version."""
    text = README.read_text("utf-8")
    found = re.search(r"<!-- file: \.github/workflows/gates\.yml -->\s*```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    pinned, _, version = CHECKOUT.partition(" # ")
    moving = f"actions/checkout@{version.partition('.')[0]}"
    assert moving in found[1]
    return found[1].replace(moving, pinned)


def test_two_commands_come_to_a_verdict_and_a_fault_turns_it(project: Path) -> None:
    install, check = start()
    assert install == ["pip", "install", "pytest-vltair[lint,types]"]
    assert check[0] == "gates"
    green = gates(*check[1:], cwd=project)
    assert green.code == 0, green.out + green.err
    assert re.search(r"(?m)^  tests   passed   2 tests ", green.out)
    assert action_jobs.git(project, "status", "--porcelain") == ""
    (project / "till.py").write_text("def total(prices):\n    return 0\n", "utf-8")
    red = gates(*check[1:], cwd=project)
    assert red.code == 1
    assert "test_till.py:5  TST001" in red.out


def test_tests_in_a_folder_that_cannot_see_the_modules_are_told_what_is_missing(project: Path) -> None:
    """pytest by itself does not find them either, though `python -m pytest` does."""
    (project / "tests").mkdir()
    for name in ("test_till.py", "test_names.py"):
        (project / name).rename(project / "tests" / name)
    red = gates("check", cwd=project)
    assert red.code == 1
    assert "not installed in the judged environment, nor on pytest's `pythonpath`" in red.out
    (project / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n', "utf-8")
    assert gates("check", cwd=project).code == 0


@in_bash
def test_the_five_lines_show_the_verdict(project: Path, tmp_path: Path) -> None:
    told = yaml.safe_load(workflow())
    (job,) = told["jobs"].values()
    job["steps"][-1]["with"] = {"install": "false"}  # the Python that runs this test has gates
    ran = action_jobs.job(project, tmp_path / "runner")
    ran.workflow(yaml.safe_dump(told))
    assert ran.status == "success", ran.text
    assert "| tests | passed | 2 tests |" in ran.summary


@in_bash
@pytest.mark.slow
def test_the_five_lines_as_they_are_in_a_fresh_environment(project: Path, tmp_path: Path) -> None:
    """With everything installed that the action installs; needs a package index."""
    venv.create(tmp_path / "fresh", with_pip=True)
    binaries = tmp_path / "fresh" / ("Scripts" if sys.platform == "win32" else "bin")
    asked = [
        str(binaries / "python"),
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(tmp_path),
        "iniconfig",
    ]
    if subprocess.run(asked, env=environment(), capture_output=True, check=False).returncode:
        pytest.skip("the package index cannot be reached")
    ran = action_jobs.job(project, tmp_path / "runner", path=binaries)
    ran.workflow(workflow())
    assert ran.status == "success", ran.text
    assert "| tests | passed | 2 tests |" in ran.summary
