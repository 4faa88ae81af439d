"""Projects to measure on, made of plain functions, so that a figure is about gates and not about one code base."""

from __future__ import annotations

import subprocess
from pathlib import Path

MODULE = '''\
"""Module {number}."""


def double{number}(value: int) -> int:
    """Twice the value."""
    total = 0
    for _ in range(2):
        total += value
    return total
'''

TEST = """\
import pytest

from package.module{number} import double{number}


@pytest.mark.parametrize("value", range({cases}))
def test_double{number}(value: int) -> None:
    assert double{number}(value) == 2 * value
"""

PYPROJECT = """\
[project]
name = "package"
version = "1.0"

[tool.ruff]
line-length = 100

[tool.mypy]
strict = true

[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
"""


def make(root: Path, modules: int, tests: int, cases: int = 5) -> Path:
    """A committed project with so many modules, and so many test files of `cases` tests each."""
    package = root / "src" / "package"
    package.mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT, "utf-8")
    (root / ".gitignore").write_text(".gates/\n__pycache__/\n.*_cache/\n", "utf-8")
    (package / "__init__.py").write_text('"""A package."""\n', "utf-8")
    for number in range(modules):
        (package / f"module{number}.py").write_text(MODULE.format(number=number), "utf-8")
    for number in range(tests):
        (root / "tests" / f"test_module{number}.py").write_text(TEST.format(number=number, cases=cases), "utf-8")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root
