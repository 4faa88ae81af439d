"""A backend that calls another, and changes what that made."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from gates.builtin.built import system, wrapper
from gates.builtin.built.system import System
from gates.builtin.packaging.gate import PackagingGate
from gates.project import facts
from gates.testing import project
from support.contexts import context
from support.packaging_projects import ALONE, PYPROJECT

CHANGE = "def _change(kind, path):\n    with open(path, 'ab') as file:\n        file.write(kind.encode())\n"


def wrapped(root: Path) -> System:
    built_by = system.of(facts.find(root))
    assert isinstance(built_by, System)
    wrapper.wrap(root, built_by, "changing", CHANGE)
    found = system.of(facts.find(root))
    assert isinstance(found, System)
    return found


def test_both_kinds_are_changed_after_the_backend_made_them(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", ALONE)
    found = wrapped(root)
    assert (found.backend, found.backend_path) == ("changing", ("backend", wrapper.FOLDER))
    script = "import sys; sys.path[:0] = sys.argv[1:]; import changing as c; c.build_wheel('.'); c.build_sdist('.')"
    done = context(root, PackagingGate()).run([sys.executable, "-c", script, *found.backend_path], cwd=root)
    assert done.status == "OK", done.errors
    assert (root / "greeting-1.2-py3-none-any.whl").read_bytes().endswith(b"wheel")
    assert (root / "greeting-1.2.tar.gz").read_bytes().endswith(b"sdist")


def test_a_key_is_written_into_a_new_table(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", {"pyproject.toml": PYPROJECT})
    wrapper.written(root, "dependency-groups", "a", [1])
    text = (root / "pyproject.toml").read_text("utf-8")
    assert text.startswith(PYPROJECT)
    assert tomllib.loads(text)["dependency-groups"] == {"a": [1]}


def test_a_project_without_the_table_gets_one(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", {"setup.py": "from setuptools import setup\nsetup()\n"})
    found = wrapped(root)
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["build-system"]
    assert table["requires"] == list(system.LEGACY_REQUIRES)
    assert found.backend == "changing"


def test_what_is_there_keeps_its_form(tmp_path: Path) -> None:
    text = 'build-system.requires = [ # why\n]\nbuild-system.build-backend = "own_backend"\n'
    root = project.write(tmp_path / "project", {"pyproject.toml": text, "a.py": ""})
    wrapped(root)
    assert "# why" in (root / "pyproject.toml").read_text("utf-8")
