"""Sides: what beside the packages is measured has the code of its own side."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.builtin.bench.facts import Side
from gates.builtin.bench.sides import product
from gates.project.layout import Layout
from support.sided import changed, made

PYPROJECT = '[project]\nname = "pkg"\nversion = "1"\n'
TEST = "def test_a(): pass\n"


def test_a_script_beside_the_packages_is_that_of_its_side(tmp_path: Path) -> None:
    old = {"pyproject.toml": PYPROJECT, "pkg/__init__.py": "", "tests/test_a.py": TEST}
    scripts = ("scripts/convert.py", "tools/deep/more.py", "single.py")
    support = ("tests/helper.py", "benchmarks/load.py", "perf/data.py", "scripts/sample.csv")
    root = changed(
        tmp_path / "project",
        old | {"perf/test_p.py": TEST, "scripts/gone.py": "1\n"} | dict.fromkeys((*scripts, *support), "1\n"),
        {"scripts/gone.py": None, "scripts/fresh.py": "2\n"} | dict.fromkeys((*scripts, *support), "2\n"),
    )
    with made(root) as found:
        texts: dict[Side, str] = {"base": "1\n", "head": "2\n", "control": "1\n"}
        for name, text in texts.items():
            folder = found.side(name, swapped=False).folder
            assert {(folder / one).read_text() for one in scripts} == {text}
            assert {(folder / one).read_text() for one in support} == {"2\n"}
            assert (folder / "scripts/gone.py").exists() == (name != "head")
            assert (folder / "scripts/fresh.py").exists() == (name == "head")


@pytest.mark.parametrize(
    ("file", "left"),
    [
        ("scripts/convert.py", True),
        ("convert.py", True),
        ("scripts/convert.txt", False),
        ("scripts/conftest.py", False),
        ("perf/data.py", False),
        ("perf/deep/data.py", False),
        ("testing/data.py", False),
        ("given/data.py", False),
    ],
)
def test_code_beside_the_packages_is_no_tests_unless_it_lies_among_some(file: str, *, left: bool) -> None:
    layout = Layout(import_roots=(".",), packages=("pkg",), tests=(), python=())
    assert product.tests(["perf/test_p.py", "test_q.py"], layout, ["test_*.py"], ["given"]).leave(file) == left
