"""Own: a project's modules are told from its tests and from what others wrote."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from pytest_vltair.leaks.own import Own, classes


def module(name: str, file: Path | None) -> types.ModuleType:
    made = types.ModuleType(name)
    if file is not None:
        made.__file__ = str(file)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("flat", "src/inner", "tests", "venv/lib"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "src" / "single.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "file", "owned"),
    [
        ("flat.a", "flat/a.py", True),
        ("inner", "src/inner/__init__.py", True),
        ("flat.tests.help", "flat/tests/help.py", False),
        ("flat.test_a", "flat/test_a.py", False),
        ("conftest", "conftest.py", False),
        ("other", ".venv/lib/site-packages/other.py", False),
        ("flat", "venv/lib/site-packages/flat.py", True),
        ("inner.x", "/usr/lib/python/inner/x.py", True),
        ("single", "/usr/lib/python/single.py", True),
        ("lib", "/usr/lib/python/lib.py", False),
        ("inner.test_x", "/usr/lib/python/inner/test_x.py", False),
        ("__main__", "flat/a.py", False),
    ],
)
def test_whose_a_module_is(root: Path, name: str, file: str, owned: bool) -> None:
    assert Own(root).has(name, module(name, root / file)) is owned


def test_what_has_no_file_is_nobodys(root: Path) -> None:
    assert not Own(root).has("flat", module("flat", None))
    assert not Own(root / "missing").has("flat", module("flat", Path("/x/flat.py")))


def test_a_link_to_the_project_is_the_project(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    assert Own(root.parent / "link").has("flat.a", module("flat.a", root / "flat" / "a.py"))
    assert Own(root).has("odd", module("odd", root.parent / "link" / "flat" / "odd.py"))


def test_each_module_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = module("flat.a", root / "flat" / "a.py")
    monkeypatch.setitem(sys.modules, "flat.a", made)
    known: set[str] = set()
    own = Own(root)
    assert list(own.modules(known)) == [made]
    assert list(own.modules(known)) == []


def test_classes_are_those_that_a_module_defines() -> None:
    made = module("m", None)
    exec("import pathlib\nfrom enum import Enum\nclass A:\n class B:\n  class C: pass\nAlias = A\n", vars(made))
    assert [one.__qualname__ for one in classes(made)] == ["A", "A.B", "A.B.C"]
