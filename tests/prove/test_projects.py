"""Proofs in projects that are hard to copy: the right answer, or one sentence that says why there is none."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from support import commands, healthy, provable
from support.commands import Result
from support.projects import write_project
from support.repositories import commit_all, git, make_repository

PACKAGE = {"src/sample/__init__.py": "ONE = 1\n"}


def prove(root: Path, *arguments: str, **more: Any) -> Result:
    found = commands.gates("prove", "--output-format", "json", *arguments, cwd=root, **more)
    assert found.code in {0, 1, 2, 3}, found.err
    return found


def proved(root: Path, *arguments: str, **more: Any) -> bool:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".gates" not in path.parts}
    found = prove(root, *arguments, **more)
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".gates" not in path.parts}
    assert {path: data for path, data in after.items() if path.suffix != ".pyc"} == {
        path: data for path, data in before.items() if path.suffix != ".pyc"
    }
    return found.code == 0


def editable(folder: Path, root: Path, code: str) -> Path:
    """A Python in whose environment the project is installed in such a way."""
    venv.create(folder, symlinks=sys.platform != "win32")
    place = next(folder.glob("lib/python*/site-packages"), folder / "Lib/site-packages")
    (place / "_editable_finder.py").write_text(code.replace("ROOT", str(root / "src")), "utf-8")
    (place / "_editable.pth").write_text("import _editable_finder\n", "utf-8")
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


FINDER = """
import importlib.util, sys

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "sample":
            return importlib.util.spec_from_file_location(name, "ROOT/sample/__init__.py")

"""
EDITABLE = {
    "a path": "import sys; sys.path.append('ROOT')\n",
    "a finder after all others": FINDER + "sys.meta_path.append(Finder)\n",
    "a finder before all others": FINDER + "sys.meta_path.insert(0, Finder)\n",
}


@pytest.mark.parametrize("how", EDITABLE)
def test_an_editable_install_does_not_stand_in_for_the_copy(tmp_path: Path, how: str) -> None:
    root = write_project(provable.write(tmp_path / "project", "todo"), PACKAGE)
    python = editable(tmp_path / "environment", root, EDITABLE[how])
    found = prove(root, "todo", "--python", str(python))
    if how != "a finder before all others":
        assert found.code == 0, found.out
        return
    (gate,) = found.report["gates"]
    assert (found.code, gate["verdict"], gate["reason"]["code"]) == (3, "undecided", "tested_installed_copy")
    assert gate["reason"]["message"] == (
        "nothing can be proved in a copy of the project: sample is imported from an installed copy and not from the"
        " tree under test"
    )


def test_a_project_in_a_folder_of_a_repository_with_a_submodule_is_proved(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"notes.txt": "nothing\n"})
    top = make_repository(tmp_path / "top", {"readme.txt": "TODO, and not of the project\n"})
    root = provable.write(top / "in/side", "todo", "policy")
    (root / ".gitignore").write_text("__pycache__/\n", "utf-8")
    git(root, "submodule", "--quiet", "add", str(other), "sub")
    commit_all(top)
    (root / "not-committed.txt").write_text("nothing\n", "utf-8")
    before = git(top, "status", "--porcelain")
    assert proved(root, "todo")
    assert git(top, "status", "--porcelain") == before
    assert git(top, "log", "--format=%s", "--all") == "change\ncommit 1"


def test_a_repository_without_a_commit_and_a_detached_head_are_proved(tmp_path: Path) -> None:
    root = make_repository(provable.write(tmp_path / "project", "todo"), {}, commit=False)
    assert proved(root, "todo")
    commit_all(root)
    git(root, "checkout", "--quiet", "--detach")
    assert proved(root, "todo")


def test_hooks_signatures_and_names_of_the_user_have_no_say_in_the_copy(tmp_path: Path) -> None:
    root = make_repository(provable.write(tmp_path / "project", "todo"), {})
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-commit").write_text("#!/bin/sh\ntouch " + str(tmp_path / "called") + "\nexit 1\n", "utf-8")
    (hooks / "post-commit").chmod(0o755)
    settings = {"core.hooksPath": str(hooks), "commit.gpgsign": "true", "user.useConfigOnly": "true"}
    env = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    assert proved(root, "todo", env=env)
    assert not (tmp_path / "called").exists()


def test_generated_files_that_git_ignores_are_part_of_the_copy(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project", **{"src/sample/__init__.py": "from sample._version import version\n"})
    (root / ".gitignore").write_text("_version.py\n.gates/\n", "utf-8")
    make_repository(root, {})
    (root / "src/sample/_version.py").write_text('version = "1.0"\n', "utf-8")
    assert proved(root, "tests", "--fast")


def test_files_that_the_tests_write_are_taken_out_again(tmp_path: Path) -> None:
    test = "from pathlib import Path\n\n\ndef test_writes() -> None:\n    Path('written.py').write_text('x = (')\n"
    root = healthy.write(tmp_path / "project", **{"tests/test_adder.py": test})
    found = prove(root, "tests", "--rule", "TST001")
    assert found.code == 3 or found.report["gates"][0]["verdict"] == "passed"
    assert not (root / "written.py").exists()


def test_a_project_that_is_itself_a_part_of_gates_does_not_replace_it(tmp_path: Path) -> None:
    root = provable.write(tmp_path / "project", "todo")
    write_project(root, {"click/__init__.py": "raise RuntimeError('the copy')\n", "msgspec.py": "1 / 0\n"})
    (root / "pyproject.toml").write_text(
        (root / "pyproject.toml").read_text().replace('"provable"', '"click"'), "utf-8"
    )
    python = editable(tmp_path / "environment", root, "import sys; sys.path.append('ROOT/..')\n")
    assert proved(root, "todo", "--python", str(python))


def test_a_project_without_settings_is_proved_with_those_that_a_canary_needs(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    found = prove(root, "tests", "--rule", "TST007")
    assert [one["verdict"] for one in found.report["gates"][0]["rules"]] == ["passed"]


@pytest.mark.slow
def test_twenty_thousand_files(tmp_path: Path) -> None:
    root = provable.write(tmp_path / "project", "todo", "several")
    for folder in range(200):
        place = root / f"data/{folder}"
        place.mkdir(parents=True)
        for number in range(100):
            (place / f"{number}.h").write_text(f"{folder} {number}\n", "utf-8")
    (root / ".gitignore").write_text("__pycache__/\n", "utf-8")
    make_repository(root, {})
    found = prove(root, "todo", "several")
    assert found.code == 0, found.out
    assert not git(root, "status", "--porcelain", "--", ".", ":!.gates")


def test_a_recorded_run_is_the_green_half_and_no_more(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tool.gates.tests]\nrecord = ".gates/tests.jsonl"\n')
    make_repository(root, {})
    recording = [sys.executable, "-P", "-m", "pytest", "--vltair-record", ".gates/tests.jsonl"]
    subprocess.run(recording, cwd=root, env=commands.environment(), check=True, stdout=subprocess.DEVNULL)
    found = prove(root, "tests", "--fast")
    (gate,) = found.report["gates"]
    assert (found.code, gate["clean"], found.report["run"]["multiple"]) == (0, "run", None), found.out
    assert {one["verdict"] for one in gate["starved"]} == {"passed", None}
    (root / "src/sample/adder.py").write_text('"""Nothing is left."""\n', "utf-8")
    stale = prove(root, "tests", "--fast").report["gates"][0]["reason"]
    assert stale["code"] == "not_green"
    assert "(evidence_stale)" in stale["message"]
