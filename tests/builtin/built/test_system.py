"""System: what builds a project, and what is said where nothing does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.built import system
from gates.builtin.built.system import System
from gates.model.evidence import Refusal
from gates.project import facts
from gates.project.facts import Project
from support.projects import write_project


def of(root: Path, files: dict[str, str]) -> System | Refusal:
    return system.of(facts.find(write_project(root / "p", files)))


def test_a_table_is_read_with_its_line(tmp_path: Path) -> None:
    table = '[build-system]\nrequires = ["a>=1", "b"]\nbuild-backend = "a.b:c.d"\nbackend-path = ["."]\n'
    text = f'[project]\nname = "x"\n\n{table}'
    found = of(tmp_path, {"pyproject.toml": text})
    assert found == System(requires=("a>=1", "b"), backend="a.b:c.d", backend_path=(".",), line=6)


@pytest.mark.parametrize(
    ("files", "requires"),
    [
        ({"setup.py": ""}, ("setuptools>=40.8.0",)),
        ({"setup.cfg": "[metadata]\nname = x\n"}, ("setuptools>=40.8.0",)),
        ({"pyproject.toml": '[project]\nname = "x"\n'}, ("setuptools>=40.8.0",)),
        ({"pyproject.toml": "[tool.x]\n", "setup.py": ""}, ("setuptools>=40.8.0",)),
        ({"pyproject.toml": '[build-system]\nrequires = ["setuptools>=61"]\n'}, ("setuptools>=61",)),
    ],
)
def test_without_a_backend_it_is_that_of_setuptools(
    tmp_path: Path, files: dict[str, str], requires: tuple[str, ...]
) -> None:
    assert of(tmp_path, files) == System(requires=requires, backend="setuptools.build_meta:__legacy__")


@pytest.mark.parametrize(
    "files",
    [{"gates.toml": ""}, {"pyproject.toml": "[tool.ruff]\n"}, {"setup.cfg": "[flake8]\n"}, {"pyproject.toml": ""}],
)
def test_there_may_be_nothing_to_build(tmp_path: Path, files: dict[str, str]) -> None:
    found = of(tmp_path, files)
    assert isinstance(found, Refusal)
    assert found.reason.code == "does_not_apply"
    assert found.reason.message.startswith("there is nothing to build: ")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('build-backend = "a"', ":2: [build-system] has no requires, which it must have"),
        ("requires = 3", ":3: requires is 3, and not a list of strings"),
        ("requires = [1]", ":3: requires is [1], and not a list of strings"),
        ('requires = [\n"a",\n"b c d"]', ":5: requires names 'b c d', which is no requirement"),
        ('requires = []\nbuild-backend = "a b"', ":4: build-backend is 'a b', and not the name of a module"),
        ("requires = []\nbuild-backend = 7", ":4: build-backend is 7, and not the name of a module"),
        ('requires = []\nbackend-path = ["."]', ":4: backend-path is there and build-backend is not"),
        (
            'requires = []\nbuild-backend = "a"\nbackend-path = [".", "../x"]',
            ":5: backend-path names '../x', which leads out of the project",
        ),
        (
            'requires = []\nbuild-backend = "a"\nbackend-path = ["/"]',
            ":5: backend-path names '/', which leads out of the project",
        ),
        (
            'requires = []\nbuild-backend = "a"\nbackend-path = ["link"]',
            ":5: backend-path names 'link', which leads out of the project",
        ),
        (
            'requires = []\nbuild-backend = "a"\nbackend-path = ["none"]',
            ":5: backend-path names 'none', which is no fol",
        ),
        ('requires = []\nbuild-backend = "a"\nbackend-path = ["\\u0000"]', "which leads out of the project"),
        ('requires = []\nbuild-backend = "a"\nbackend-path = "."', ":5: backend-path is '.', and not a list"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_line(tmp_path: Path, table: str, said: str) -> None:
    write_project(tmp_path / "p", {"pyproject.toml": f"# the first line\n[build-system]\n{table}\n"})
    (tmp_path / "p/link").symlink_to(tmp_path)
    found = system.of(facts.find(tmp_path / "p"))
    assert isinstance(found, Refusal)
    assert found.reason.code == "tool_config_invalid"
    assert said in found.reason.message
    assert found.reason.message.startswith("pyproject.toml:")


def test_something_else_than_a_table_is_refused(tmp_path: Path) -> None:
    found = of(tmp_path, {"pyproject.toml": "build-system = 3\n"})
    assert isinstance(found, Refusal)
    assert found.reason.message == "pyproject.toml:1: build-system is no table"


def test_a_file_that_is_gone_since_it_was_read_costs_only_the_lines(tmp_path: Path) -> None:
    project = facts.find(write_project(tmp_path / "p", {"pyproject.toml": "[build-system]\nrequires = 1\n"}))
    (tmp_path / "p/pyproject.toml").write_bytes(b"\0")
    found = system.of(project)
    assert isinstance(found, Refusal)
    assert found.reason.message == "pyproject.toml: requires is 1, and not a list of strings"


def test_a_setup_cfg_that_cannot_be_read_is_a_refusal(tmp_path: Path) -> None:
    found = of(tmp_path, {"pyproject.toml": "", "setup.cfg/x": ""})
    assert isinstance(found, Refusal)
    assert found.reason.code in ("unreadable", "does_not_apply")


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([".", "..", "a.b", "a:b"])
)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)
tables = st.dictionaries(st.sampled_from(["requires", "build-backend", "backend-path", "other"]), values) | values


@given(table=tables)
def test_no_value_of_the_table_raises(tmp_path_factory: pytest.TempPathFactory, table: Any) -> None:
    root = tmp_path_factory.getbasetemp()
    found = system.of(Project(root=root, name="x", pyproject={"build-system": table}))
    if isinstance(found, Refusal):
        assert found.reason.message.isprintable()
        assert len(found.reason.message) < 200
    else:
        assert set(found.requires) <= set(table["requires"])
