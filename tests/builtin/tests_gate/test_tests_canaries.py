"""Every canary makes its rule fire where it says, in projects of several shapes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.tests.canaries import CANARIES
from gates.builtin.tests.gate import TestsGate
from gates.config.general import SeverityOverride
from gates.engine import verdict
from gates.model.canary import Canary, Planted
from gates.model.decision import verdict_of
from gates.model.reason import Reason
from support import suites
from support.projects import write_project

PYPROJECT = """
    [project]
    name = "sample"

    [tool.pytest.ini_options]
    testpaths = ["tests"]
    pythonpath = ["src"]
"""
TEST = "from sample import ONE\n\n\ndef test_one():\n    assert ONE == 1\n"
PLAIN: Mapping[str, str] = {
    "pyproject.toml": PYPROJECT,
    "src/sample/__init__.py": "ONE = 1\n",
    "tests/unit/test_sample.py": TEST,
}
BY_RULE = {canary.rule: canary for canary in CANARIES}


def planted(tmp_path: Path, canary: Canary, files: Mapping[str, str], **settings: Any) -> tuple[Path, Planted | Reason]:
    """A copy of the project with the canary in it."""
    project, copy = write_project(tmp_path / "project", files), tmp_path / "copy"
    shutil.copytree(project, copy)
    return copy, canary.plant(suites.context(copy, tmp_path, **settings))


def fires(tmp_path: Path, canary: Canary, files: Mapping[str, str], **settings: Any) -> None:
    root, place = planted(tmp_path, canary, files, **settings)
    assert isinstance(place, Planted), place
    clean = suites.judged(tmp_path / "project", tmp_path, **settings)
    assert (clean.verdict, clean.rules) == ("passed", [])
    levels = msgspec.convert(canary.settings.get("severity", ()), tuple[SeverityOverride, ...])
    decision = verdict.settle(suites.judged(root, tmp_path, **settings).decision, levels)
    assert verdict_of(decision) == "failed"
    found = [one for one in decision.findings if one.rule == canary.rule and one.blocks]
    assert found
    if place.path is not None:
        assert place.path in {one.path for one in found}
    if place.line is not None:
        assert place.line in {one.line for one in found}


def test_every_rule_has_a_canary() -> None:
    gate = TestsGate()
    assert [one.rule for one in gate.canaries()] == [rule.code for rule in gate.rules]


@pytest.mark.parametrize("rule", ["TST001", "TST002", "TST003", "TST004", "TST007", "TST008"])
def test_the_rule_fires(tmp_path: Path, rule: str) -> None:
    fires(tmp_path, BY_RULE[rule], PLAIN)


def test_a_crash_of_a_worker(tmp_path: Path) -> None:
    options = PYPROJECT + '    addopts = "-p xdist -n 2"\n'
    fires(tmp_path, BY_RULE["TST005"], {**PLAIN, "pyproject.toml": options})


@pytest.mark.parametrize("limit", [0, 2])
def test_one_warning_too_many(tmp_path: Path, limit: int) -> None:
    table = f"{PYPROJECT}    filterwarnings = ['error']\n"
    fires(tmp_path, BY_RULE["TST006"], {**PLAIN, "pyproject.toml": table}, max_warnings=limit)


def test_names_that_the_project_gives_its_tests_are_kept_to(tmp_path: Path) -> None:
    options = PYPROJECT + '    python_files = ["check_*.py"]\n    python_functions = ["check_*"]\n'
    files = {
        "pyproject.toml": options,
        "src/sample/__init__.py": "ONE = 1\n",
        "tests/check_one.py": "def test_helper():\n    pass\n\n\ndef check_one():\n    pass\n",
    }
    _, place = planted(tmp_path, BY_RULE["TST001"], files)
    path = "tests/check_gates_canary_tst001.py"
    assert place == Planted(path=path, line=3, settings={"args": [path]})
    assert suites.judged(tmp_path / "copy", tmp_path).rules == ["TST001"]


def test_arguments_of_the_gate_decide_where(tmp_path: Path) -> None:
    files = {**PLAIN, "tests/other/other_test.py": TEST}
    _, place = planted(tmp_path, BY_RULE["TST001"], files, args=("-p", "no:cacheprovider", "tests/other"))
    path = "tests/other/test_gates_canary_tst001.py"
    assert place == Planted(path=path, line=3, settings={"args": ["-p", "no:cacheprovider", path]})


def test_plants_that_share_a_run_have_files_of_their_own(tmp_path: Path) -> None:
    sharing = [canary for canary in CANARIES if canary.shares]
    places = [planted(tmp_path / canary.rule, canary, PLAIN)[1] for canary in sharing if canary.rule != "TST006"]
    files = [place.settings["args"][-1] for place in places if isinstance(place, Planted)]
    assert len(set(files)) == len(places) == 5


@pytest.mark.parametrize(
    ("rule", "files", "code"),
    [
        ("TST005", PLAIN, "not_configured"),
        ("TST006", PLAIN, "not_configured"),
        ("TST004", {**PLAIN, "tests/unit/conftest.py": "def pytest_runtest_protocol(): ...\n"}, "does_not_apply"),
        ("TST007", {**PLAIN, "tests/unit/conftest.py": "def pytest_collection_modifyitems(): ...\n"}, "does_not_apply"),
        ("TST001", {"pyproject.toml": "", "a.py": ""}, "does_not_apply"),
    ],
)
def test_what_does_not_fit_says_why(tmp_path: Path, rule: str, files: Mapping[str, str], code: str) -> None:
    _, place = planted(tmp_path, BY_RULE[rule], files)
    assert isinstance(place, Reason)
    assert place.code == code
