"""Fake tools stand where the real ones would, and do what they are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gates.testing import tool
from support.commands import environment


def test_a_module_is_run_in_the_place_of_the_real_one(tmp_path: Path) -> None:
    env = tool.module(tmp_path, "mypy", tool.script("out", "err", 3))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mypy"], env=environment(env), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "out", "err")


def test_a_program_is_found_on_path_and_sees_its_arguments(tmp_path: Path) -> None:
    env = tool.program(tmp_path, "speller", "import sys; print(sys.argv[1:])")
    done = subprocess.run("speller 'a b'", shell=True, env=environment(env), capture_output=True, text=True, check=True)
    assert done.stdout == "['a b']\n"


def test_the_file_for_a_child_is_below_the_folder(tmp_path: Path) -> None:
    tool.module(tmp_path, "mypy", tool.BEHAVIOURS["leaves a child in a session of its own"])
    assert f"{tmp_path.as_posix()}/pid" in (tmp_path / "site-packages/mypy/__main__.py").read_text("utf-8")
