"""The example with every gate: green as it is, and red in the ways that its README tells."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.plugins.manager import BUILTIN
from support.commands import check, gates
from support.repositories import commit_all, git

EXAMPLE = Path(__file__).parents[2] / "examples" / "full"
LEAVES = '\n\ndef test_that_leaves_a_variable() -> None:\n    __import__("os").environ["MEASURES"] = "left"\n'
README = (EXAMPLE / "README.md").read_text("utf-8")


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A copy in a repository of its own, with two commits: a change needs something to be compared with."""
    root = tmp_path / "full"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".gates", "__pycache__", ".*cache", ".coverage*"))
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message=nothing")
    return root


def test_every_gate_is_judged_and_green(full: Path) -> None:
    result = check(full)
    assert result.code == 0, result.out + result.err
    assert set(result.verdicts) == {*BUILTIN, "docs"}
    assert git(full, "status", "--porcelain") == ""


@pytest.mark.slow
def test_every_rule_of_every_gate_is_proved(full: Path) -> None:
    result = gates("prove", "--output-format", "json", cwd=full, timeout=1200)
    assert result.code == 0, result.out + result.err
    proved = {one["name"]: [rule["verdict"] for rule in one["rules"]] for one in result.report["gates"]}
    assert set(proved) == {*BUILTIN, "docs"}
    assert {verdict for verdicts in proved.values() for verdict in verdicts} == {"passed"}
    assert git(full, "status", "--porcelain") == ""


def test_the_readme_says_what_every_gate_shows() -> None:
    assert [name for name in (*BUILTIN, "docs") if f"| `{name}` |" not in README] == []


def unused_import(root: Path) -> None:
    module = root / "src/measures/text.py"
    module.write_text(module.read_text("utf-8").replace("import re\n", "import os\nimport re\n"), "utf-8")


def light_tonne(root: Path) -> None:
    module = root / "src/measures/units.py"
    module.write_text(module.read_text("utf-8").replace('"mass", 1000.0', '"mass", 100.0'), "utf-8")


def renamed_page(root: Path) -> None:
    (root / "docs/units.md").rename(root / "docs/unit.md")


def broken_link(root: Path) -> None:
    page = root / "docs/index.md"
    page.write_text(page.read_text("utf-8") + "\n[Nowhere](nowhere.md)\n", "utf-8")


def left_variable(root: Path) -> None:
    suite = root / "tests/test_text.py"
    suite.write_text(suite.read_text("utf-8") + LEAVES, "utf-8")


def added_twice(root: Path) -> None:
    module = root / "src/measures/ledger.py"
    text = module.read_text("utf-8").replace("found += parse(line)", "found += parse(line) and parse(line)")
    module.write_text(text, "utf-8")


def account_of_each_line(root: Path) -> None:
    module = root / "src/measures/ledger.py"
    module.write_text(module.read_text("utf-8").replace("PAGE = 50", "PAGE = 1"), "utf-8")
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message=long since")


def without_tests(root: Path) -> None:
    settings = root / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace('"tests", "determinism"', '"determinism"'), "utf-8")
    commit_all(root)


def unreproducible(root: Path) -> None:
    settings = root / "pyproject.toml"
    text = settings.read_text("utf-8").replace("reproducible = true", "reproducible = false")
    settings.write_text(text, "utf-8")


def unlogged(root: Path) -> None:
    log = root / "CHANGELOG.md"
    log.write_text(log.read_text("utf-8").replace("## 1.0", "## 0.9"), "utf-8")


def unmarked(root: Path) -> None:
    suite = root / "tests/test_text.py"
    suite.write_text(suite.read_text("utf-8").replace('@pytest.mark.requirement("MS-2")\n', ""), "utf-8")


@pytest.mark.parametrize(
    ("edit", "judged", "rules"),
    [
        (unused_import, "lint", {"LNT001"}),
        (light_tonne, "tests,docs", {"TST001", "CMD003"}),
        (renamed_page, "docs", {"CMD003"}),
        (broken_link, "docs", {"CMD002"}),
        (left_variable, "determinism", {"DET003"}),
        (added_twice, "bench", {"BEN001"}),
        (account_of_each_line, "bench", {"BEN008"}),
        (unreproducible, "repro", {"REP002", "REP003"}),
        (unlogged, "packaging", {"PKG011"}),
        (unmarked, "trace", {"TRC004"}),
        (without_tests, "policy", {"POL002"}),
    ],
)
def test_what_the_readme_breaks_is_red(full: Path, edit: Callable[[Path], None], judged: str, rules: set[str]) -> None:
    assert all(f"`{rule}`" in README for rule in rules)
    edit(full)
    result = check(full, *judged.split(","))
    assert result.code == 1, result.out + result.err
    assert result.rules == rules
