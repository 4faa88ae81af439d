"""What is imported from outside the project is seen: evidence of it is not used again."""

from __future__ import annotations

import json
import sys
import venv
from pathlib import Path

import pytest

from gates.builtin.suite.options import FILES
from gates.builtin.tests import siblings
from gates.builtin.tests.gate import TestsGate
from gates.builtin.tests.settings import TestsSettings
from gates.model.reason import Reason
from gates.process import interpreter
from gates.process.interpreter import Interpreter
from gates.project import facts
from support import suites
from support.projects import write_project


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment") / "env"
    venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
    return folder


@pytest.fixture
def python(environment: Path, tmp_path: Path) -> Interpreter:
    program = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    found = interpreter.choose(tmp_path, flag=str(program), configured=None, environ={}, state=tmp_path / "state")
    assert not isinstance(found, Reason)
    for path in found.site[0].iterdir():
        if path.suffix in {".pth", ".egg-link"}:
            path.unlink()
        elif path.suffix == ".dist-info":
            (path / "direct_url.json").unlink()
            path.rmdir()
    return found


def installed(python: Interpreter, name: str, text: str) -> None:
    info = python.site[0] / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text(text)


def origin(folder: Path, *, editable: bool) -> str:
    return json.dumps({"url": folder.as_uri(), "dir_info": {"editable": editable}})


def test_an_editable_sibling(python: Interpreter, tmp_path: Path) -> None:
    root, sibling = tmp_path / "project", tmp_path / "the sibling"
    root.mkdir()
    sibling.mkdir()
    assert siblings.outside(python, root) is None
    installed(python, "mine", origin(root, editable=True))
    installed(python, "copied", origin(sibling, editable=False))
    installed(python, "broken", "{")
    installed(python, "remote", json.dumps({"url": "https://example.org/a.whl", "archive_info": {}}))
    assert siblings.outside(python, root) is None
    installed(python, "the_sibling", origin(sibling, editable=True))
    assert siblings.outside(python, root) == "the-sibling"


@pytest.mark.parametrize("name", ["sibling.pth", "sibling.egg-link"])
def test_a_folder_put_on_the_path(python: Interpreter, tmp_path: Path, name: str) -> None:
    root, sibling = tmp_path / "project", tmp_path / "sibling"
    (root / "src").mkdir(parents=True)
    (python.site[0] / "more").mkdir(exist_ok=True)
    link = python.site[0] / name
    link.write_text(f"# said\nimport sys\n\nmore\n{root / 'src'}\n{sibling}\n")
    assert siblings.outside(python, root) is None
    sibling.mkdir()
    assert siblings.outside(python, root) == "sibling"


def test_gates_itself_is_no_sibling(python: Interpreter, tmp_path: Path) -> None:
    own = tmp_path / "own" / "src"
    own.mkdir(parents=True)
    (python.site[0] / "own.pth").write_text(f"{own}\n")
    installed(python, "pytest_vltair", origin(own.parent, editable=True))
    assert siblings.outside(python, tmp_path / "project") is None


def test_evidence_beside_a_sibling_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path / "project", {"pyproject.toml": "", "test_a.py": "def test_a():\n    pass\n"})
    monkeypatch.setattr(siblings, "OWN", "something-else")
    monkeypatch.setattr(siblings, "_editable", lambda _: iter([("beside", tmp_path / "beside")]))
    found = suites.judged(root, tmp_path)
    assert (found.verdict, found.unkept) == ("passed", "beside is installed from outside the project")


@pytest.mark.parametrize("name", [*FILES, "conftest.py"])
def test_what_pytest_reads_above_the_project_is_part_of_the_key(tmp_path: Path, name: str) -> None:
    project = facts.find(write_project(tmp_path / "above" / "project", {"pyproject.toml": ""}))
    inputs = TestsGate().inputs(project, TestsSettings())
    before = project.tree.digest(inputs.globs, inputs.parents)
    (tmp_path / "above" / name).write_text("")
    assert facts.find(project.root).tree.digest(inputs.globs, inputs.parents) != before
