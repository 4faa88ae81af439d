"""Each canary of `types`, planted in copies of projects that configure differently, fires its rule at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.builtin.types.gate import TypesGate
from gates.model.reason import Reason
from support.contexts import context, judge
from support.projects import write_project

GATE = TypesGate()
CANARIES = {canary.rule: canary for canary in GATE.canaries()}
CODE = '"""Code."""\n\n\ndef f(x: int) -> int:\n    return x\n'
PACKAGE = {"src/pkg/__init__.py": "", "src/pkg/a.py": CODE, "tests/test_a.py": "def test_a() -> None: ...\n"}
PROJECTS = {
    "no configuration": PACKAGE,
    "files and forgiven modules": {
        **PACKAGE,
        "src/pkg/b.py": CODE,
        "pyproject.toml": '[tool.mypy]\nfiles = ["src"]\nmypy_path = "src"\n[[tool.mypy.overrides]]\n'
        'module = ["pkg", "pkg.a"]\nignore_errors = true\n',
    },
    "packages": {**PACKAGE, "mypy.ini": "[mypy]\npackages = pkg\nmypy_path = src\n"},
    "no newline at the end": {"m.py": "x = 1", "setup.cfg": "[mypy]\nmodules = m\n"},
}


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("rule", CANARIES)
def test_planted_fault_is_found_at_its_place(tmp_path: Path, name: str, rule: str) -> None:
    root = write_project(tmp_path / "project", PROJECTS[name])
    if rule == "TYP001":
        assert judge(root, GATE).verdict == "passed"
    planted = CANARIES[rule].plant(context(root, GATE))
    assert not isinstance(planted, Reason), planted
    found = judge(root, GATE)
    assert found.verdict == "failed"
    assert (rule, planted.path, planted.line) in {item[:3] for item in found.found}


def test_there_is_a_canary_for_every_rule() -> None:
    assert set(CANARIES) == {rule.code for rule in GATE.rules}


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "", "mypy.ini": "[mypy]\n"},
        {"a.py": "", "mypy.ini": "[mypy]\nfiles = a.py\nexclude = a[.]py\n"},
        {"a.py": "# mypy: ignore-errors\n", "mypy.ini": "[mypy]\nfiles = a.py\n"},
        {"a.py": "", "mypy.ini": "[mypy]\nfiles = a.py\nignore_errors = true\n"},
    ],
)
def test_canary_that_does_not_fit_says_so(tmp_path: Path, files: dict[str, str]) -> None:
    root = write_project(tmp_path / "project", files)
    planted = CANARIES["TYP001"].plant(context(root, GATE))
    assert isinstance(planted, Reason)
    assert planted.code == "does_not_apply"


def test_the_settings_of_the_gate_decide_what_fits(tmp_path: Path) -> None:
    files = {"a.py": "", "b.py": "", "tests/test_a.py": "", "mypy.ini": "[mypy]\nfiles = a.py\n"}
    root = write_project(tmp_path / "project", files)
    planted = CANARIES["TYP001"].plant(context(root, GATE, paths=("b.py",), tests=False))
    assert not isinstance(planted, Reason), planted
    assert planted.path == "b.py"
    assert isinstance(CANARIES["TYP001"].plant(context(root, GATE, paths=("c.py",), tests=False)), Reason)
