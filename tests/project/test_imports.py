"""That the copy is imported and not what is installed: else a broken copy passes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gates.project import facts, imports, workspace
from gates.project.layout import Layout
from support.projects import write_project


@dataclass
class Ended:
    status: str
    text: str


def run(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> Ended:
    done = subprocess.run(argv, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    return Ended("OK" if done.returncode == 0 else "FAILED", done.stdout)


HOOK = """
import importlib.util, sys

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "sample":
            return importlib.util.spec_from_file_location(name, {place!r})

sys.meta_path.insert({index}, Finder)
"""


def environment(place: Path, original: Path, hook: str) -> Path:
    """A Python environment that has `original` installed for editing, in the way of `hook`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    if hook == "path":
        (site / "editable.pth").write_text(f"{original}\n")
    else:
        index = "len(sys.meta_path)" if hook == "last" else "0"
        code = HOOK.format(index=index, place=str(original / "sample/__init__.py"))
        (site / "hook_finder.py").write_text(code)
        (site / "editable.pth").write_text("import hook_finder\n")
    return python


@pytest.mark.parametrize(("hook", "code"), [("path", None), ("last", None), ("first", "tested_installed_copy")])
def test_an_editable_install_is_imported_only_if_it_insists(tmp_path: Path, hook: str, code: str | None) -> None:
    project = facts.find(write_project(tmp_path / "p"))
    python = environment(tmp_path / "env", project.root / "src", hook)
    with workspace.copy(project, tmp_path) as place:
        reason = imports.verify(place, project.layout, python=python, run=run)
    assert (reason.code if reason else None) == code


def layout(*packages: str) -> Layout:
    return Layout(import_roots=(".",), packages=packages, tests=(), python=())


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        (("one", "space"), None),
        (("one", "gone"), "package_missing"),
        (("one", "json"), "tested_installed_copy"),
        (("sys",), "package_missing"),
        ((), "nothing_examined"),
    ],
)
def test_every_package_is_asked_for(tmp_path: Path, packages: tuple[str, ...], code: str | None) -> None:
    write_project(tmp_path, {"one/__init__.py": "raise SystemExit('not to be run')", "space/a.py": ""})
    reason = imports.verify(tmp_path, layout(*packages), python=Path(sys.executable), run=run)
    assert (reason.code if reason else None) == code


def test_a_namespace_that_another_folder_shares_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path, {"copy/space/a.py": "", "installed/space/b.py": ""})
    reason = imports.verify(
        tmp_path / "copy", layout("space"), python=Path(sys.executable), run=run, before=str(tmp_path / "installed")
    )
    assert reason is not None
    assert reason.code == "tested_installed_copy"
    assert reason.message.startswith("space is imported as a namespace package, of which a part comes from outside")


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (Ended("FAILED", ""), "tool_crashed"),
        (Ended("OK", ""), "unparsable_output"),
        (Ended("OK", "{"), "unparsable_output"),
        (Ended("OK", "[]"), "package_missing"),
    ],
)
def test_an_interpreter_that_does_not_answer_proves_nothing(tmp_path: Path, ended: Ended, code: str) -> None:
    def answer(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> Ended:
        return ended

    reason = imports.verify(tmp_path, layout("one"), python=Path(sys.executable), run=answer)
    assert reason is not None
    assert reason.code == code


def test_import_roots_come_first(tmp_path: Path) -> None:
    found = Layout(import_roots=(".", "src"), packages=(), tests=(), python=())
    expected = [str(tmp_path), str(tmp_path / "src")]
    assert imports.import_paths(tmp_path, found).split(os.pathsep) == expected
    assert imports.import_paths(tmp_path, found, os.pathsep.join("xy")).split(os.pathsep) == [*expected, "x", "y"]
