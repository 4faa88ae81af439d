"""READMEs of the examples: each command is run, here or by the test that it names, and prints what is shown."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path

import pytest

from support import readmes
from support.repositories import commit_all, git

REPOSITORY = Path(__file__).parents[2]
PAGES = [REPOSITORY / "examples" / name / "README.md" for name in ("minimal", "full", "third_party_gate")]
LEFT = shutil.ignore_patterns(".gates", "__pycache__", ".*cache", ".coverage*")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pages are for a POSIX shell")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_every_command_is_run_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    root = tmp_path / page.parent.name
    shutil.copytree(page.parent, root, ignore=LEFT)
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / ".git" / "info" / "exclude").write_text(".gates/\n__pycache__/\n.*_cache/\n*.bak\n", "utf-8")
    commit_all(root)
    commit_all(root)
    found = [block for block in readmes.blocks(page) if block.test is None]
    assert found
    for block in found:
        for command in block.commands:
            done = readmes.run(command.words, root)
            where = f"{page.parent.name}/README.md:{block.line}: {command.words}\n{done.stdout}{done.stderr}"
            if command.shown is None:
                assert done.returncode == 0, where
            else:
                assert readmes.alike(done.stdout) == readmes.alike(command.shown), where
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_what_another_test_runs_is_run_by_one_that_is_there(page: Path) -> None:
    for block in readmes.blocks(page):
        if block.test is not None:
            path, _, name = block.test.partition("::")
            tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
            assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, block.test


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_no_command_is_outside_of_a_block_that_is_run(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.count("```sh\n") + text.count("```console\n") == len([*readmes.blocks(page)])
    assert "```bash" not in text
    assert "\n    $ " not in text
    assert "\n    gates " not in text


def test_what_is_alike_and_what_is_not() -> None:
    shown = "a @ 3f2c1ab  .venv/bin/python 3.11\n  lint   passed   2 files          0.3 s\n"
    assert readmes.alike(shown) == readmes.alike("a @ 0000000  /bin/python3 3.14\n  lint  passed  2 files  1 min 02 s")
    assert readmes.alike(shown) != readmes.alike(shown.replace("passed", "FAILED"))
    assert readmes.alike(shown) != readmes.alike(shown.replace("2 files", "3 files"))
    assert readmes.alike(shown) != readmes.alike(shown.replace("3f2c1ab", "3f2c1ab (dirty)"))
