"""Leaving: who follows the page has nothing of gates left, in the project, at home or in the temporary folder."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from support.commands import environment, gates
from support.projects import write_project
from support.repositories import commit_all, git

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "leave.md"
PYPROJECT = '[project]\nname = "sample"\nversion = "1"\n\n[tool.ruff.lint]\nselect = ["F"]\n'
HOOK = """
repos:
  - repo: local
    hooks:
      - id: gates
        name: gates
        entry: gates check
        language: system
"""
FILES = {
    "pyproject.toml": PYPROJECT,
    "a.py": "import os\n",
    "test_a.py": "def test_a():\n    pass\n",
    ".gitignore": "__pycache__/\n.pytest_cache/\n",
}


def block(mark: str) -> str:
    """The command of the page after a mark."""
    found = re.search(rf"<!-- command: {mark} -->\s*```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return "\n".join(line.strip() for line in found[1].splitlines())


def shell(command: str, root: Path) -> str:
    words = ["sh", "-uc", command]
    return subprocess.run(words, cwd=root, env=environment(), capture_output=True, text=True, check=False).stdout


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """A home and a temporary folder of its own, to see what is left there."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    home = str(tmp_path / "home")
    return {"HOME": home, "USERPROFILE": home, "TMPDIR": str(tmp_path / "tmp"), "XDG_CACHE_HOME": f"{home}/.cache"}


def test_nothing_stays_that_the_page_does_not_name(tmp_path: Path, places: dict[str, str]) -> None:
    root = write_project(tmp_path / "project", FILES)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root, "before")
    adopted = gates("init", "--ci", "github", cwd=root, env=places)
    assert adopted.code == 0, adopted.err
    (root / ".pre-commit-config.yaml").write_text(HOOK, "utf-8")
    commit_all(root, "adopted")
    assert gates("prove", "--fast", "lint", cwd=root, env=places).code == 0
    looked = shell(block("look"), root)
    for line in (
        ".gitignore:3:.gates/",
        "pyproject.toml:",
        ".pre-commit-config.yaml:7:",
        ".github/workflows/gates.yml",
    ):
        assert line in looked

    shell(block("remove"), root)
    for path in ("pyproject.toml", ".gitignore"):
        (root / path).write_text(FILES[path], "utf-8")
    (root / ".pre-commit-config.yaml").unlink()
    assert shell(block("look"), root) == ""

    git(root, "add", "--all")
    assert shell("git diff --cached --name-only main~1", root) == ""
    left = {file.relative_to(root).parts[0] for file in root.rglob("*")}
    assert left == {*FILES, ".git", "__pycache__", ".pytest_cache", ".benchmarks"} & left
    assert not [path for place in ("home", "tmp") for path in (tmp_path / place).rglob("*vltair*")]
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_the_page_names_what_there_is() -> None:
    """Every folder and file in which gates keeps something, and each option that pytest would refuse."""
    from gates.project.git import STATE
    from pytest_vltair import options

    text = PAGE.read_text("utf-8")
    assert f"`{STATE}/`" in text
    for option in (*options.OPTIONS, options.CONTEXTS, *(key.option for key in options.KEYS)):
        assert option.startswith("--vltair")
    assert f"`{options.REQUIREMENT}`" in text
    assert all(one.startswith(("requirement", "covers", "vltair_")) for one in options.MARKERS)
