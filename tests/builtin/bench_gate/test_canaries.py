"""The canaries of the gate bench: where they are planted, and what they show in projects of several shapes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.bench import canaries
from gates.builtin.bench.gate import BenchGate
from gates.builtin.bench.rules import IMPROVED, INCONCLUSIVE, NEW, OVER_BUDGET, REGRESSED, RULES
from gates.builtin.bench.sides import trees
from gates.builtin.suite import code
from gates.engine.request import Request
from gates.model.canary import Canary, Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.model.report import GateReport
from gates.testing import run
from support import repositories
from support.projects import write_project

PYPROJECT = '[project]\nname = "words"\nversion = "1"\n'
TEST = "def test_it():\n    pass\n"
SHAPES: Mapping[str, Mapping[str, str]] = {
    "package": {"src/words/__init__.py": "", "src/words/a.py": "A = 1\n", "tests/test_it.py": TEST},
    "module": {"words.py": "A = 1", "test_it.py": TEST},
    "modules of a list": {
        "pyproject.toml": f'{PYPROJECT}[tool.setuptools]\npy-modules = ["words"]\n',
        "words.py": "A = 1\n",
        "other.py": "",
        "tests/test_it.py": TEST,
    },
    "without tests": {"words/__init__.py": ""},
    "names of its own": {
        "pyproject.toml": f"{PYPROJECT}[tool.pytest.ini_options]\n"
        'python_files = ["check_*.py"]\npython_functions = ["bench_*"]\ntestpaths = ["check"]\n',
        "words/__init__.py": "",
        "check/check_it.py": "def bench_it():\n    pass\n",
    },
}


def written(root: Path, shape: str) -> Path:
    """A project of that shape, with a second commit, so that there is a base."""
    write_project(root, {"pyproject.toml": PYPROJECT, **SHAPES[shape]})
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)
    repositories.git(root, "commit", "--quiet", "--allow-empty", "--message=second")
    return root


def canary(rule: Any) -> Canary:
    return next(one for one in canaries.CANARIES if one.rule == rule.code)


def asked(root: Path, added: Mapping[str, Any]) -> Request:
    return run.request(root, BenchGate, added=added, python=sys.executable)


def planted(root: Path, rule: Any) -> Planted | Reason:
    one = canary(rule)
    return one.plant(run.planting(asked(root, one.settings), "bench"))


def judged(root: Path, rule: Any) -> GateReport:
    """What the gate says of what was planted, narrowed to it."""
    found = planted(root, rule)
    assert isinstance(found, Planted), found
    own = {**canary(rule).settings.get("bench", {}), **found.settings}
    judgement = run.judged(root, BenchGate, added={"bench": own}, python=sys.executable, named=("bench",))
    return next(one for one in judgement.report.gates if one.name == "bench")


def test_each_rule_has_one() -> None:
    assert [one.rule for one in canaries.CANARIES] == [rule.code for rule in RULES]


@pytest.mark.parametrize(
    ("shape", "file", "product"),
    [
        ("package", "tests/test_gates_canary_ben001.py", "src/words/gates_canary_ben001.py"),
        ("module", "test_gates_canary_ben001.py", "words.py"),
        ("modules of a list", "tests/test_gates_canary_ben001.py", "words.py"),
        ("without tests", "test_gates_canary_ben001.py", "words/gates_canary_ben001.py"),
        ("names of its own", "test_gates_canary_ben001.py", "words/gates_canary_ben001.py"),
    ],
)
def test_the_benchmark_lies_beside_tests_and_what_it_runs_in_the_product(
    tmp_path: Path, shape: str, file: str, product: str
) -> None:
    root = written(tmp_path, shape)
    found = planted(root, REGRESSED)
    assert isinstance(found, Planted)
    assert (found.path, found.settings["paths"]) == (file, [file])
    assert (root / file).read_text("utf-8").splitlines()[(found.line or 0) - 1].startswith("@pytest.mark.vltair_bench")
    assert "GATES_CANARY = 2.0" in (root / product).read_text("utf-8").splitlines()
    changed = repositories.git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert sorted(line[3:] for line in changed) == sorted([file, product])


@pytest.mark.parametrize("rule", [REGRESSED, NEW, INCONCLUSIVE], ids=lambda rule: rule.code)
def test_a_project_without_code_has_no_canary_for_what_only_head_has(tmp_path: Path, rule: Any) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT, "tests/test_it.py": TEST})
    found = planted(root, rule)
    assert isinstance(found, Reason)
    assert found.message == "the project has no package or module to which a canary could be added"


@pytest.mark.parametrize(
    ("shape", "file", "name"),
    [
        ("package", "src/words/new.py", "words.new"),
        ("module", "new.py", "new"),
        ("without tests", "words/new.py", "words.new"),
    ],
)
def test_new_code_lies_in_the_package_or_beside_the_modules(tmp_path: Path, shape: str, file: str, name: str) -> None:
    project = asked(written(tmp_path, shape), {}).project
    assert code.beside(project, "new") == code.Module(file, name)


def test_without_the_judged_python_no_history_is_written(tmp_path: Path) -> None:
    why = Reason(code="interpreter_missing", message="there is none", fix="make one")
    context = run.context(written(tmp_path, "package"), BenchGate(), python=Refusal(why))
    assert canary(IMPROVED).plant(context) == why


def test_every_planted_file_is_python(tmp_path: Path) -> None:
    root = written(tmp_path, "package")
    for rule in RULES:
        assert isinstance(planted(root, rule), Planted), rule.code
    for file in root.rglob("*gates_canary*.py"):
        compile(file.read_text("utf-8"), file, "exec")


def test_settings_of_the_project_are_not_those_of_what_is_planted(tmp_path: Path) -> None:
    root = written(tmp_path, "package")
    for rule in RULES:
        found = planted(root, rule)
        assert isinstance(found, Planted)
        keys = {"mode", "rule", "pairs", "most-pairs", "limits", "command", "imports", "data", "paths", "args"}
        assert keys <= set(found.settings), rule.code


@pytest.mark.parametrize("shape", ["module", pytest.param("names of its own", marks=pytest.mark.slow)])
def test_code_that_only_head_has_is_found_slower(tmp_path: Path, shape: str) -> None:
    report = judged(written(tmp_path, shape), REGRESSED)
    assert [(one.rule, one.path, one.line) for one in report.findings] == [
        ("BEN001", "test_gates_canary_ben001.py", 11)
    ], report.reason


def test_where_the_sides_are_not_apart_nothing_is_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def head_again(both: trees.Trees, place: Path, head: Path) -> None:
        shutil.copytree(head, place, dirs_exist_ok=True)

    monkeypatch.setattr(trees.Trees, "write_base", head_again)
    report = judged(written(tmp_path, "package"), REGRESSED)
    assert report.denominator is not None, report.reason
    assert report.denominator.count == 1, report.reason
    assert [one for one in report.findings if one.rule == "BEN001"] == []


def test_a_budget_and_a_cost_are_both_exceeded(tmp_path: Path) -> None:
    report = judged(written(tmp_path, "package"), OVER_BUDGET)
    over = [one.message for one in report.findings if one.rule == "BEN008"]
    assert len(over) == 2, report.findings
    assert any("budget" in one for one in over)
    assert any("longer than" in one for one in over)


@pytest.mark.parametrize(
    ("listed", "though"),
    [
        ("", ""),
        ('dev = ["pytest-benchmark>=5"]', ", though pyproject.toml lists pytest-benchmark"),
        ('dev = ["pytest-codspeed"]', ", though pyproject.toml lists pytest-codspeed"),
    ],
)
def test_nobody_is_judged_unasked_and_who_has_benchmarks_is_told(tmp_path: Path, listed: str, though: str) -> None:
    root = write_project(tmp_path, {"pyproject.toml": f"{PYPROJECT}[dependency-groups]\n{listed}\n"})
    gate = BenchGate()
    found = gate.applies(asked(root, {}).project, gate.Settings())
    assert found.reason is not None
    assert (found.reason.message, found.reason.fix) == (
        f"nobody asked for it{though}: it takes the machine for itself",
        "gates check bench",
    )
