"""Every canary makes its rule fire where it says, in projects of several shapes, as `gates prove` plants it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.builtin.determinism.canaries import CANARIES
from gates.builtin.determinism.gate import DeterminismGate
from support.commands import gates
from support.projects import write_project
from support.repositories import commit_all, git

RULES = ["DET001", "DET002", "DET003", "DET004", "DET005", "DET006"]
PROJECT = '[project]\nname = "sample"\n\n[tool.gates]\nselect = ["determinism"]\n\n'
TEST = "from sample import ONE\n\n\ndef test_one():\n    assert ONE == 1\n"
FILES: Mapping[str, str] = {"src/sample/__init__.py": "ONE = 1\n", "tests/test_sample.py": TEST}
INI = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\npythonpath = ["src"]\n'
FEW = '"-p", "no:benchmark", "-p", "no:anyio", "-p", "no:rerunfailures", "-p", "no:time_machine", '
"""A suite that runs some hundred times loads no plugin that has no part in it."""
STRICT = (
    f'addopts = [{FEW}"--strict-markers", "--strict-config", "-n", "2", "--cov=sample", "--cov-fail-under=90", "-x"]\n'
    'filterwarnings = ["error"]\nxfail_strict = true\n'
)
ALLOWING = 'vltair = "guard"\nvltair_leaks_allow = ["environment"]\nvltair_timezone = "Asia/Kathmandu"\n'
NOTHING = "[tool.gates.determinism]\nrequire = []\nleaks = false\n"
SCREEN = (
    '[tool.gates.determinism]\nscreen = "reverse"\nrequire = ["seed"]\nallow = ["environment"]\n\n'
    '[tool.gates.tests]\npackages = ["sample"]\n'
)


def test_every_rule_has_a_canary() -> None:
    assert [one.rule for one in CANARIES] == [rule.code for rule in DeterminismGate.rules] == RULES


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(INI + 'vltair = "guard"\n', id="plain", marks=pytest.mark.slow),
        pytest.param(INI + 'vltair = "guard"\n' + STRICT, id="strict, xdist, coverage"),
        pytest.param(INI + NOTHING, id="nothing configured", marks=pytest.mark.slow),
        pytest.param(INI + ALLOWING + SCREEN, id="settings of its own", marks=pytest.mark.slow),
    ],
)
def test_all_rules_are_proved(tmp_path: Path, settings: str) -> None:
    root = write_project(tmp_path / "project", {**FILES, "pyproject.toml": PROJECT + settings})
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    done = gates("prove", "determinism", "--output-format", "json", cwd=root, timeout=600)
    (proof,) = done.report["gates"]
    assert {one["rule"]: one["verdict"] for one in proof["rules"]} == dict.fromkeys(RULES, "passed"), done.out
    assert {one["verdict"] for one in proof["starved"]} <= {"passed", None}
    assert done.code == 0


def test_a_suite_without_a_test_file_is_no_place_for_a_canary(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PROJECT + INI + NOTHING})
    done = gates("prove", "determinism", cwd=root)
    assert done.code == 3, done.out
