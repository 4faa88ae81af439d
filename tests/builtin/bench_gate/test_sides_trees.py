"""Trees of sides: what stands in the way of base's files, and what cannot be done on every system."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from gates.builtin.bench.sides import installing, linking, product
from gates.builtin.bench.sides import making as sides
from gates.engine.context import GateContext
from gates.model.evidence import Refusal, refuse
from gates.model.reason import Reason
from gates.process.interpreter import Interpreter
from gates.project.layout import Layout
from support.projects import write_project
from support.sided import asking, changed, files, imported, made, refused

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
PYPROJECT = '[project]\nname = "pkg"\nversion = "1"\n'
BASE = {"pyproject.toml": PYPROJECT, "pkg/__init__.py": "VALUE = 1\n"}


def test_a_module_that_became_a_package_is_a_module_at_base(tmp_path: Path) -> None:
    root = changed(
        tmp_path / "project",
        {"pyproject.toml": PYPROJECT, "pkg.py": "VALUE = 1\n"},
        {"pkg.py": None, "pkg/__init__.py": "VALUE = 2\n", "pkg/more.py": ""},
    )
    with made(root) as found:
        base, head = (found.side(name, swapped=False) for name in ("base", "head"))
        assert files(base.folder) == ["pkg.py", "pyproject.toml"]
        assert [imported(one, "pkg")["pkg"][0] for one in (base, head)] == [1, 2]


@posix
def test_what_head_has_in_the_place_of_base_makes_way(tmp_path: Path) -> None:
    old = {**BASE, "pkg/a.py": "", "pkg/b/c.py": "", "pkg/d/e.py": "", "pkg/f.py": ""}
    test = "def test_a(): pass\n"
    gone = dict.fromkeys(("pkg/a.py", "pkg/b/c.py", "pkg/d/e.py", "pkg/f.py"))
    root = changed(tmp_path / "project", old, {**gone, "tests/test_a.py": test})
    for name in ("b", "d"):
        (root / "pkg" / name).rmdir()
    (root / "pkg/a.py/tests").mkdir(parents=True)
    (root / "pkg/a.py/tests/test_a.py").write_text(test)
    (root / "conftest.py").write_text("")
    (root / "pkg/d").symlink_to("../tests")
    (root / "pkg/f.py").symlink_to("../conftest.py")
    with made(root) as found:
        base = found.side("base", swapped=False).folder
        assert {name for name in files(base) if name.startswith("pkg/")} >= {*old} - {"pyproject.toml"}
        assert (base / "pkg/d").is_dir()
        assert not (base / "pkg/d").is_symlink()
        assert (base / "conftest.py").read_text() == ""


@posix
def test_nothing_behind_a_link_out_of_the_project_is_touched(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write_project(outside, {"a.py/keep.txt": "", "b/keep.txt": "", "c.txt": ""})
    (outside / "d.py").symlink_to("c.txt")
    old = {**BASE, "pkg/way/a.py": "", "pkg/way/b": "", "pkg/way/d.py": "", ".gitignore": "*.gen\n"}
    gone = dict.fromkeys(("pkg/way/a.py", "pkg/way/b", "pkg/way/d.py"))
    root = changed(tmp_path / "project", old, {**gone, "tests/test_a.py": ""})
    (root / "pkg/way").rmdir()
    (root / "pkg/way").symlink_to(outside)
    (root / "tests/out").symlink_to(outside)
    before = {path: path.lstat().st_mtime_ns for path in outside.rglob("*")}
    with made(root) as found:
        assert (found.side("base", swapped=False).folder / "pkg/way/a.py").is_file()
    assert {path: path.lstat().st_mtime_ns for path in outside.rglob("*")} == before


def test_without_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Path, target: Path) -> None:
        raise OSError

    monkeypatch.setattr(Path, "hardlink_to", broken)
    root = changed(tmp_path / "project", BASE, {"pkg/__init__.py": "VALUE = 2\n"})
    with made(root) as found:
        paths = [found.side(one, swapped=False).folder / "pkg/__init__.py" for one in ("base", "control")]
        assert [one.read_text() for one in paths] == ["VALUE = 1\n", "VALUE = 1\n"]
        assert len({one.stat().st_ino for one in paths}) == 2


def test_generated_files_of_a_package_that_base_lacks_stay_at_head(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", {**BASE, ".gitignore": "_v.py\n"}, {"new/__init__.py": "", "lost.txt": ""})
    (root / "new/_v.py").write_text("")
    (root / "lost.txt").unlink()
    with made(root) as found:
        assert "new/_v.py" in files(found.side("head", swapped=False).folder)
        assert not any("_v.py" in one for one in files(found.side("base", swapped=False).folder))
        assert found.notes == ()


def test_without_a_python_or_a_repository(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", BASE)
    with sides.made(asking(root), "HEAD") as found:
        assert not isinstance(found, Refusal)
        assert found.names == ("head",)
    context = asking(root)
    none = refuse("interpreter_missing", "there is none", "python3 -m venv .venv")
    context.world = msgspec.structs.replace(context.world, python=none)
    with sides.made(context, None) as found:
        assert found == none


def test_a_broken_configuration_of_base_is_a_refusal(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", {**BASE, "pyproject.toml": "[["}, {"pyproject.toml": PYPROJECT})
    reason = refused(root)
    assert reason.code == "unreadable"
    assert "pyproject.toml of base" in reason.message


@posix
@pytest.mark.parametrize(
    ("script", "timeout", "code"),
    [("sleep 9", 0.2, "tool_killed"), (None, 9.0, "tool_missing"), ("exit 1", 9.0, "tool_cr")],
)
def test_an_installer_that_does_not_end_well_is_a_reason(
    tmp_path: Path, script: str | None, timeout: float, code: str
) -> None:
    context: GateContext = asking(write_project(tmp_path / "project", BASE), timeout=timeout)
    program = tmp_path / "python"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    python = Interpreter(path=program, version="3.11.7", chosen_by="--python", prefix=tmp_path, site=())
    python.__dict__["distributions"] = {"pip": "23"}
    reason = installing.install(context, python, tmp_path / "target", ["x"], what="installing x", again=["x"])
    assert isinstance(reason, Reason)
    assert reason.code.startswith(code)
    assert "\n" not in reason.message


def test_the_names_of_a_product_are_those_that_can_be_imported() -> None:
    layout = Layout(import_roots=("src",), packages=("acme", "one", "two"), tests=(), python=())
    held = ("src/acme/a/__init__.py", "src/acme/b/c.py", "src/acme/x-y.py", "src/one.py", "src/two/__init__.pyi")
    assert product.modules(held, layout) == ("acme.a", "acme.b.c", "one")


@posix
def test_what_stands_in_the_way_of_a_file_is_removed_from_the_outside_inwards(tmp_path: Path) -> None:
    write_project(tmp_path, {"outside/f/keep.txt": "", "place/file": "", "place/folder/f/inner.txt": "", "place/g": ""})
    (tmp_path / "place/link").symlink_to("../outside")
    for name in ("file/f", "folder/f", "link/f", "g", "nothing/f"):
        linking.make_way(tmp_path / "place", name)
    assert files(tmp_path) == ["outside/f/keep.txt"]
    assert not linking.is_large(tmp_path / "nosuch")
    assert not linking.is_inside(tmp_path / "nosuch", tmp_path)
