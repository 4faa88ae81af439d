"""The example of a workspace: what its README shows is what its commands print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commands import check, environment, gates
from support.repositories import commit_all, git

EXAMPLE = Path(__file__).parents[2] / "examples" / "monorepo"
README = (EXAMPLE / "README.md").read_text("utf-8")
DIFFERS = (
    (r"@ [0-9a-f]{7}", "@ 3f2c1ab"),
    (r" \d+\.\d s\b|\bcached\b", " 0.0 s"),
    (r"(?<=  )/\S+(?= 3\.\d+)", "/usr/bin/python3"),
    (r" 3\.\d+\b", " 3.11"),
    (r"\b\d+ settings", "200 settings"),
    (r"\band \d+ more", "and 9 more"),
    (r" +", " "),
)
"""What may differ between two machines, or will when gates gets another setting or gate."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its README is written for a POSIX shell")


def shown(text: str) -> list[str]:
    for pattern, instead in DIFFERS:
        text = re.sub(pattern, instead, text)
    return [line.strip() for line in text.strip().splitlines()]


def lend(python_of: Path, *, without: tuple[str, ...] = ()) -> None:
    """An environment with what is installed here, but for some distributions, in place of what pip would install."""
    venv.create(python_of, with_pip=False, symlinks=True)
    (site,) = python_of.glob("lib/python*/site-packages")
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if not one.name.lower().startswith(without) and not (site / one.name).exists():
            (site / one.name).symlink_to(one)


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in a repository of its own, with an environment for each member as its README makes them."""
    root = committed(tmp_path_factory.mktemp("example") / "monorepo")
    lend(root / "packages/greeting/.venv")
    lend(root / "packages/counting/.venv", without=("mypy", "numpy"))
    return root


def committed(root: Path) -> Path:
    """A copy of the example in a repository of its own, with two commits."""
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".gates", ".venv", "__pycache__", ".*cache"))
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message=nothing")
    return root


def test_the_readme_shows_what_its_commands_print(monorepo: Path) -> None:
    """Each block is run as a whole by a shell, in the order of the page; then all is as it was."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 3
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for block in blocks:
        commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
        printed = [line for line in block.splitlines() if not line.startswith("$ ")]
        done = subprocess.run(
            ["sh", "-c", "\n".join(commands)],
            cwd=monorepo,
            env=environment({"PATH": programs}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert shown(done.stdout) == shown("\n".join(printed)), done.stdout + done.stderr
    assert git(monorepo, "status", "--porcelain") == ""


def lower(root: Path) -> None:
    table = root / "packages/greeting/pyproject.toml"
    table.write_text(table.read_text("utf-8").replace("total = 100", "total = 90"), "utf-8")


def lose(root: Path) -> None:
    (root / "packages/counting/pyproject.toml").unlink()


def remove(root: Path) -> None:
    shutil.rmtree(root / "packages/counting")


def select_nothing(root: Path) -> None:
    table = root / "packages/counting/pyproject.toml"
    table.write_text(table.read_text("utf-8").replace('select = ["lint", "tests"]', "select = []"), "utf-8")


@pytest.mark.parametrize(
    ("change", "asked", "code", "said"),
    [
        (lower, "policy", 1, "POL001"),
        (lose, "policy", 2, "packages/counting is a member"),
        (remove, "policy", 1, "POL002"),
        (select_nothing, "policy", 1, "packages/counting/pyproject.toml:15  POL002"),
    ],
    ids=["lower", "lose", "remove", "select_nothing"],
)
def test_what_else_the_readme_says_is_red(
    tmp_path: Path, change: Callable[[Path], None], asked: str, code: int, said: str
) -> None:
    root = committed(tmp_path / "monorepo")
    for name in ("counting", "greeting"):
        # Nothing is run in them here.
        venv.create(root / "packages" / name / ".venv", with_pip=False, symlinks=True)
    change(root)
    if code == 1:
        commit_all(root, "looser")
    done = gates("check", *asked.split(), cwd=root)
    assert (done.code, said in done.out) == (code, True), done.out + done.err


@pytest.mark.requirement("MCH-4")
def test_each_member_has_its_table_and_its_interpreter(monorepo: Path) -> None:
    result = check(monorepo)
    assert result.code == 0, result.out + result.err
    assert [(one["project"], one["name"]) for one in result.report["gates"]] == [
        (".", "policy"),
        ("packages/counting", "lint"),
        ("packages/counting", "tests"),
        ("packages/counting", "policy"),
        ("packages/greeting", "lint"),
        ("packages/greeting", "types"),
        ("packages/greeting", "tests"),
        ("packages/greeting", "coverage"),
        ("packages/greeting", "policy"),
    ]
    used = result.report["run"]["interpreters"]
    assert {one["interpreter"] for one in used.values()} == {
        f"packages/{name}/.venv/bin/python" for name in ("counting", "greeting")
    }
    asked = check(monorepo, "types", "--package", "counting")
    assert (asked.code, asked.reasons["types"]) == (3, "tool_missing")
