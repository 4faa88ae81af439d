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
    result = check(full, timeout=600)
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


def swap(root: Path, name: str, before: str, after: str) -> None:
    """Put `after` into a file for all that it has of `before`."""
    text = (root / name).read_text("utf-8")
    assert before in text
    (root / name).write_text(text.replace(before, after), "utf-8")


def unused_import(root: Path) -> None:
    swap(root, "src/measures/text.py", "import re\n", "import os\nimport re\n")


def light_tonne(root: Path) -> None:
    swap(root, "src/measures/units.py", '"mass", 1000.0', '"mass", 100.0')


def renamed_page(root: Path) -> None:
    (root / "docs/units.md").rename(root / "docs/unit.md")


def broken_link(root: Path) -> None:
    with (root / "docs/index.md").open("a", encoding="utf-8") as page:
        page.write("\n[Nowhere](nowhere.md)\n")


def left_variable(root: Path) -> None:
    with (root / "tests/test_text.py").open("a", encoding="utf-8") as suite:
        suite.write(LEAVES)


def added_twice(root: Path) -> None:
    swap(root, "src/measures/ledger.py", "found += parse(line)", "found += parse(line) and parse(line)")


def account_of_each_line(root: Path) -> None:
    swap(root, "src/measures/ledger.py", "PAGE = 50", "PAGE = 1")
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message=long since")


def without_tests(root: Path) -> None:
    swap(root, "pyproject.toml", '"tests", "determinism"', '"determinism"')
    commit_all(root)


def unreproducible(root: Path) -> None:
    swap(root, "pyproject.toml", "reproducible = true", "reproducible = false")


def unlogged(root: Path) -> None:
    swap(root, "CHANGELOG.md", "## 1.0", "## 0.9")


def unmarked(root: Path) -> None:
    swap(root, "tests/test_text.py", '@pytest.mark.requirement("MS-2")\n', "")


def swallowed(root: Path) -> None:
    swap(root, ".github/workflows/ci.yml", "run: gates check", "run: gates check || true")


def with_key(root: Path) -> None:
    with (root / "src/measures/units.py").open("a", encoding="utf-8") as module:
        module.write('\nKEY = "AKIA' + 'ZYXWVUTSRQPONMLK"\n')


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
        (swallowed, "workflows", {"WFL003", "POL007"}),
        (with_key, "secrets", {"SEC001"}),
        (without_tests, "policy", {"POL002"}),
    ],
)
def test_what_the_readme_breaks_is_red(full: Path, edit: Callable[[Path], None], judged: str, rules: set[str]) -> None:
    assert all(f"`{rule}`" in README for rule in rules)
    edit(full)
    result = check(full, *judged.split(","), timeout=600)
    assert result.code == 1, result.out + result.err
    assert result.rules == rules
