"""Each canary of `lint`, planted in copies of projects that select differently, fires its rule at its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.builtin.lint.gate import LintGate
from gates.model.reason import Reason
from support.contexts import context, judge
from support.projects import write_project

GATE = LintGate()
CANARIES = {canary.rule: canary for canary in GATE.canaries()}
PACKAGE = {"src/pkg/__init__.py": '"""A package."""\n', "tests/test_pkg.py": '"""Tests."""\n'}
PROJECTS = {
    "defaults": {**PACKAGE, "pyproject.toml": "[tool.ruff.format]\n"},
    "one rule": {**PACKAGE, "ruff.toml": 'lint.select = ["E722"]\nformat.quote-style = "double"\n'},
    "one folder": {**PACKAGE, "ruff.toml": 'extend-exclude = ["src"]\nlint.select = ["E501"]\n[format]\n'},
    "flat": {"module.py": "", "ruff.toml": 'lint.select = ["I"]\n[format]\n'},
}


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("rule", CANARIES)
def test_planted_fault_is_found_at_its_place(tmp_path: Path, name: str, rule: str) -> None:
    root = write_project(tmp_path / "project", PROJECTS[name])
    assert judge(root, GATE).verdict == "passed"
    planted = CANARIES[rule].plant(context(root, GATE))
    assert not isinstance(planted, Reason), planted
    found = judge(root, GATE)
    assert found.verdict == "failed"
    assert any(
        (code, path) == (rule, planted.path) and planted.line in (None, line) for code, path, line, _ in found.found
    )


def test_there_is_a_canary_for_every_rule() -> None:
    assert set(CANARIES) == {rule.code for rule in GATE.rules}


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ("LNT001", {"a.py": "", "ruff.toml": "lint.select = []\n"}),
        ("LNT002", {"a.py": "", "ruff.toml": 'exclude = ["*.py"]\n[format]\n'}),
        ("LNT003", {"a.py": "", "ruff.toml": 'exclude = ["*.py"]\n'}),
        ("LNT004", {"a.py": "", "ruff.toml": 'exclude = ["*.py"]\n'}),
    ],
)
def test_canary_that_does_not_fit_says_so_and_leaves_nothing(
    tmp_path: Path, rule: str, files: Mapping[str, str]
) -> None:
    root = write_project(tmp_path / "project", files)
    planted = CANARIES[rule].plant(context(root, GATE))
    assert isinstance(planted, Reason)
    assert planted.code == "does_not_apply"
    assert {path.name for path in root.iterdir()} == set(files)


def test_canary_without_ruff_says_so(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", PROJECTS["defaults"])
    for rule in ("LNT001", "LNT004"):
        planted = CANARIES[rule].plant(context(root, GATE, environ={"GATES_HIDE": "ruff"}))
        assert isinstance(planted, Reason)
        assert planted.code == "tool_missing"


def test_the_settings_of_the_gate_decide_what_fits(tmp_path: Path) -> None:
    files = {**PACKAGE, "etc/ruff.toml": 'lint.select = ["E722"]\n', "ruff.toml": "lint.select = []\n[format]\n"}
    root = write_project(tmp_path / "project", files)
    formatting = CANARIES["LNT002"].plant(context(root, GATE, format=False))
    assert isinstance(formatting, Reason)
    assert formatting.code == "not_configured"
    assert isinstance(CANARIES["LNT001"].plant(context(root, GATE)), Reason)
    planted = CANARIES["LNT001"].plant(context(root, GATE, config_file="etc/ruff.toml"))
    assert not isinstance(planted, Reason), planted
    assert judge(root, GATE, config_file="etc/ruff.toml").verdict == "failed"


def test_what_a_user_keeps_at_home_has_no_say(tmp_path: Path) -> None:
    home = write_project(tmp_path / "home", {".config/ruff/ruff.toml": 'exclude = ["*.py"]\n'})
    root = write_project(tmp_path / "project", {"a.py": ""})
    around = context(root, GATE, environ={"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")})
    assert not isinstance(CANARIES["LNT001"].plant(around), Reason)
