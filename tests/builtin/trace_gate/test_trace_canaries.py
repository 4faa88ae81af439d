"""The canaries of the gate trace: where they are planted, and that each makes its rule fire there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.tests.gate import TestsGate
from gates.builtin.trace import canaries
from gates.builtin.trace.gate import TraceGate
from gates.builtin.trace.rules import RULES
from gates.model.canary import Canary, Planted
from gates.model.finding import Finding
from gates.model.report import GateReport
from gates.prove import overlay
from gates.testing import run
from support.projects import write_project

PYPROJECT = '[project]\nname = "words"\nversion = "1"\n[tool.gates.trace]\ndocuments = ["TASKS.md"]\n'
TRACKER = "- [ ] WD-1: the longest word\n"
TEST = "def test_it():\n    pass\n"
SHAPES: Mapping[str, Mapping[str, str]] = {
    "package": {"src/words/__init__.py": "", "tests/test_it.py": TEST},
    "without tests": {"words/__init__.py": ""},
    "levels and readers of its own": {
        "pyproject.toml": f'{PYPROJECT}readers = ["table"]\njunit = ["gone.xml"]\ndone = ["test", "code"]\n'
        '[[tool.gates.trace.levels]]\nname = "spec"\ndocuments = ["TASKS.md"]\nneeds = ["code"]\n'
        '[tool.pytest.ini_options]\npython_files = ["check_*.py"]\npython_functions = ["check_*"]\n'
        'addopts = ["--strict-markers"]\n',
        "words/__init__.py": "",
        "check/check_it.py": "def check_it():\n    pass\n",
    },
}


def written(root: Path, shape: str) -> Path:
    return write_project(root, {"pyproject.toml": PYPROJECT, "TASKS.md": TRACKER, **SHAPES[shape]})


def planted(root: Path, *rules: str) -> tuple[list[Canary], list[Planted]]:
    """The canaries of these rules, and where each is."""
    held = [one for one in canaries.CANARIES if one.rule in rules]
    found = []
    for one in held:
        asked = run.request(root, TestsGate, TraceGate, added=one.settings, python=sys.executable)
        plant = one.plant(run.planting(asked, "trace"))
        assert isinstance(plant, Planted), plant
        found.append(plant)
    return held, found


def judged(root: Path, held: list[Canary], found: list[Planted]) -> GateReport:
    """What the gate says of all that was planted, narrowed to it."""
    narrowed = overlay.narrowing("trace", found)
    assert narrowed is not None
    added: dict[str, Any] = {"severity": [one for canary in held for one in canary.settings.get("severity", ())]}
    config = root / "pyproject.toml"
    text = overlay.written(config.read_text("utf-8"), "pyproject.toml", without={}, added=added)
    config.write_text(overlay.narrowed(text, "pyproject.toml", narrowed), "utf-8")
    judgement = run.judged(root, TestsGate, TraceGate, python=sys.executable, named=("trace",))
    return next(one for one in judgement.report.gates if one.name == "trace")


def fired(report: GateReport, plant: Planted, rule: str) -> list[Finding]:
    """The findings that the canary must bring."""
    return [
        one
        for one in report.findings
        if one.rule == rule and one.path == plant.path and plant.line in {None, one.line} and one.blocks
    ]


@pytest.mark.requirement("TRA-13")
def test_each_rule_has_one() -> None:
    assert [one.rule for one in canaries.CANARIES] == [rule.code for rule in RULES]


@pytest.mark.parametrize("shape", SHAPES)
def test_all_that_share_a_run_fire_in_it(tmp_path: Path, shape: str) -> None:
    root = written(tmp_path / "project", shape)
    held, found = planted(root, *(one.rule for one in canaries.CANARIES if one.shares))
    report = judged(root, held, found)
    silent = [one.rule for one, plant in zip(held, found, strict=True) if not fired(report, plant, one.rule)]
    assert silent == [], [(one.rule, one.path, one.line, one.message) for one in report.findings]


@pytest.mark.requirement("TRA-13")
@pytest.mark.parametrize("rule", [rule.code for rule in RULES])
def test_each_fires_alone(tmp_path: Path, rule: str) -> None:
    root = written(tmp_path / "project", "package")
    held, found = planted(root, rule)
    report = judged(root, held, found)
    assert report.verdict == "failed", report.reason
    assert fired(report, found[0], rule), [(one.rule, one.path, one.line, one.message) for one in report.findings]


@pytest.mark.parametrize("rule", [rule.code for rule in RULES])
def test_only_files_of_its_own_are_written(tmp_path: Path, rule: str) -> None:
    root = written(tmp_path / "project", "package")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    _, (found,) = planted(root, rule)
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert {path: after.get(path) for path in before} == before
    assert {"documents", "levels", "readers", "done", "junit", "tests"} <= set(found.settings)
    assert all(f"gates_canary_{rule.lower()}" in path.relative_to(root).as_posix() for path in set(after) - set(before))
