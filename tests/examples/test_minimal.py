"""The smallest example: ten lines, no configuration, and every rule of what it is judged by can go red."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from support.commands import check, gates

EXAMPLE = Path(__file__).parents[2] / "examples" / "minimal"


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    root = tmp_path / "minimal"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".gates", "__pycache__", ".*cache"))
    return root


def test_it_has_ten_lines_of_code_at_most_and_no_configuration() -> None:
    code = [line for line in (EXAMPLE / "greeting.py").read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 10
    read = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))
    assert read.pop("tool") == {"ruff": {}, "mypy": {}, "pytest": {"ini_options": {}}}
    assert set(read) == {"project", "dependency-groups"}
    files = {path.name for path in EXAMPLE.iterdir() if path.suffix}
    assert files - {".gates"} == {"README.md", "greeting.py", "pyproject.toml", "test_greeting.py"}


def test_without_its_empty_tables_it_is_judged_the_same(minimal: Path) -> None:
    text = (minimal / "pyproject.toml").read_text("utf-8")
    (minimal / "pyproject.toml").write_text(text[: text.index("# No configuration.")], "utf-8")
    result = check(minimal)
    assert result.code == 0, result.out + result.err
    assert result.verdicts == dict.fromkeys(("lint", "types", "tests", "policy"), "passed")


@pytest.mark.slow
def test_every_rule_is_proved(minimal: Path) -> None:
    result = gates("prove", "--output-format", "json", cwd=minimal, timeout=600)
    assert result.code == 0, result.out + result.err
    assert {one["name"] for one in result.report["gates"]} == {"lint", "types", "tests", "policy"}
    assert {rule["verdict"] for one in result.report["gates"] for rule in one["rules"]} == {"passed"}
