"""Quarantine: a test that passes only when it is run again is excused by waivers, and only until their day."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import check, gates
from support.projects import write_project
from support.repositories import commit_all, git

PYPROJECT = """
[project]
name = "sample"

[tool.pytest.ini_options]
testpaths = ["tests"]
vltair = "guard"

[tool.gates]
select = ["tests", "determinism"]

[tool.gates.tests]
packages = []
"""
AGAIN = """
import pytest


def pytest_runtest_call(item):
    if item.name == "test_flaky":
        tried = pytest.TestReport(item.nodeid, item.location, {}, "rerun", "the first try", "call", duration=0.0)
        item.ihook.pytest_runtest_logreport(report=tried)
"""
FLAKY = "tests/test_a.py::test_flaky"
FILES = {
    ".gitignore": ".gates/\n__pycache__/\n",
    "pyproject.toml": PYPROJECT,
    "tests/conftest.py": AGAIN,
    "tests/test_a.py": "def test_flaky():\n    pass\n\n\ndef test_steady():\n    pass\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = write_project(tmp_path / "project", FILES)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    return root


def waive(project: Path, rule: str, expires: str) -> None:
    words = ("--reason", "the fake server is slow, #412", "--owner", "ada", "--expires", expires)
    done = gates("waive", rule, FLAKY, *words, cwd=project)
    assert done.code == 0, done.err


def test_waivers_of_both_rules_are_green_until_their_day_and_red_after_it(project: Path) -> None:
    found = check(project)
    assert (found.code, found.rules) == (1, {"TST001", "DET004"})
    waive(project, "DET004", "2999-01-01")
    assert (check(project).verdicts["determinism"], check(project).verdicts["tests"]) == ("passed", "failed")
    waive(project, "TST001", "2999-01-01")
    found = check(project)
    assert found.code == 0, found.out
    assert {one["rule"] for one in found.report["waivers"]} == {"DET004", "TST001"}
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace("2999-01-01", "2020-01-01"), "utf-8")
    found = check(project)
    assert (found.code, found.verdicts["determinism"]) == (1, "failed")
    assert found.rules == {"TST001", "DET004", "POL008"}
