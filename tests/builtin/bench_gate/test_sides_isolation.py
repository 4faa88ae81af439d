"""Isolation of sides: from whatever is installed, from each other, and from the user's own tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gates.builtin.bench.sides import isolation
from gates.builtin.bench.sides import making as sides
from gates.builtin.bench.sides.making import Sides
from gates.errors import GitError
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from support.projects import write_project
from support.repositories import commit_all, git, make_repository
from support.sided import asking, changed, files, imported, made, refused
from support.unprivileged import public_folder, unprivileged

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "pkg"
version = "1"
[tool.hatch.build]
dev-mode-dirs = ["src"]
[tool.hatch.build.targets.wheel]
packages = ["src/pkg", "src/later"]
"""
OLD = {"pyproject.toml": PYPROJECT, "src/pkg/__init__.py": "VALUE = 1\n"}
NEW = {"src/pkg/__init__.py": "VALUE = 2\n", "src/later/__init__.py": "VALUE = 2\n"}

FINDER = """
import importlib.abc, importlib.util, sys
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_file_location(name, {file!r}) if name == "pkg" else None
sys.meta_path.insert(0, Finder())
"""
"""What scikit-build-core and meson-python put first, so that an editable installation is found before all else."""


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment without anything, to be left as it was."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(place)
    return place


@pytest.fixture
def site(empty: Path) -> Iterator[Path]:
    """The folder of installed distributions of that environment."""
    place = next(empty.rglob("site-packages"))
    yield place
    for path in sorted(place.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def python_of(site: Path) -> str:
    return str(
        next(one for up in site.parents for one in (up / "bin/python", up / "Scripts/python.exe") if one.exists())
    )


def editable(root: Path, site: Path) -> None:
    """Install the project for real, by the backend that is installed beside the tests."""
    import hatchling

    argv = [sys.executable, "-m", "pip", "--python", python_of(site), "install", "--quiet", "--no-deps", "--no-index"]
    env = {**os.environ, "PYTHONPATH": str(Path(hatchling.__file__).parents[1])}
    subprocess.run([*argv, "--no-build-isolation", "--editable", str(root)], env=env, check=True, capture_output=True)


def plainly(root: Path, site: Path) -> None:
    """What an installation of a copy leaves, beside another distribution."""
    shutil.copytree(root / "src", site, dirs_exist_ok=True)
    files = {
        "other-1.dist-info/RECORD": "other.py,,\n",
        "Pkg-1.dist-info/RECORD": "later/__init__.py,,\npkg/__init__.py,,\n",
    }
    write_project(site, files)


@pytest.mark.parametrize("install", [editable, plainly])
def test_what_is_installed_is_no_sides_product(
    tmp_path: Path, site: Path, install: Callable[[Path, Path], None]
) -> None:
    root = changed(tmp_path / "project", OLD, NEW)
    install(root, site)
    python = python_of(site)
    assert subprocess.run([python, "-c", "import pkg, later"], check=False, cwd=tmp_path).returncode == 0
    with made(root, python=python) as found:
        for swapped in (False, True):
            for name in found.names:
                side = found.side(name, swapped=swapped)
                told = imported(side, "pkg", "later", python=python)
                value = 2 if name == "head" else 1
                assert told["pkg"] == (value, str(side.folder / "src/pkg/__init__.py"))
                assert (told["later"][0] == 2) is (name == "head")
        assert found.original is not None
        assert imported(found.original, "later", python=python)["later"][1] is None


def test_a_package_that_another_distribution_installs_is_not_hidden_from_base(tmp_path: Path, site: Path) -> None:
    (site / "later").mkdir()
    (site / "later/__init__.py").write_text("VALUE = 'installed'\n")
    root = changed(tmp_path / "project", OLD, NEW)
    with made(root, python=python_of(site)) as found:
        base, head = (found.side(name, swapped=False) for name in ("base", "head"))
        assert imported(base, "later", python=python_of(site))["later"][0] == "installed"
        assert imported(head, "later", python=python_of(site))["later"][0] == 2


def test_an_installation_that_goes_before_any_copy_is_refused(tmp_path: Path, site: Path) -> None:
    root = changed(tmp_path / "project", OLD, NEW)
    file = root / "src/pkg/__init__.py"
    (site / "finder.py").write_text(FINDER.format(file=str(file)))
    (site / "finder.pth").write_text("import finder\n")
    reason = refused(root, python=python_of(site))
    assert reason.code == "tested_installed_copy"
    assert reason.message.endswith(f" is imported from {file}, and not from the folder of this side")
    assert reason.fix == "python -m pip install ."


def test_a_process_that_imported_something_else_is_known(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", OLD, NEW)
    with made(root) as found:
        base, head = (found.side(name, swapped=True) for name in ("base", "head"))
        own = {"pkg": str(base.folder / "src/pkg/__init__.py"), "else": "/x"}
        assert sides.strays(found, base, own) is None
        assert sides.strays(found, base, {"pkg": None}) is None
        wrong = sides.strays(found, base, {"pkg": str(head.folder / "src/pkg/__init__.py")})
        assert isinstance(wrong, Reason)
        assert wrong.code == "tested_installed_copy"


def test_a_python_that_says_nothing_is_a_refusal(tmp_path: Path) -> None:
    context = asking(make_repository(tmp_path / "project", OLD))
    for number, (text, code) in enumerate({"exit 1": "tool_crashed", "echo x": "unparsable_output"}.items()):
        python = tmp_path / f"python{number}"
        python.write_text(f"#!/bin/sh\n{text}\n")
        python.chmod(0o755)
        found = isolation.places(context, python, tmp_path, {}, ("pkg",))
        assert isinstance(found, Reason)
        assert found.code == code


def test_bytecode_is_beside_its_source_whatever_the_user_set(tmp_path: Path) -> None:
    environ = {"PYTHONPYCACHEPREFIX": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    root = changed(tmp_path / "project", OLD, NEW)
    with made(root, environ=environ) as found:
        base = found.side("base", swapped=False)
        subprocess.run([sys.executable, "-c", "import pkg"], env={**os.environ, **environ, **base.env}, check=True)
        assert list((base.folder / "src/pkg/__pycache__").glob("__init__.*.pyc"))


def state(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_nothing_is_left_and_nothing_of_the_users_changes(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", OLD, NEW)
    (root / "src/pkg/__init__.py").write_text("VALUE = 3\n")
    before, context = state(root), asking(root)
    base = git(root, "rev-parse", "HEAD~1")
    with sides.made(context, base) as found:
        assert isinstance(found, Sides)
        head = found.side("head", swapped=True).folder
        assert (head / "src/pkg/__init__.py").read_text() == "VALUE = 3\n"
        (head / "src/pkg/__init__.py").write_text("")
    assert list(context.scratch.iterdir()) == []
    with sides.made(context, "0" * 40) as refusal:
        assert isinstance(refusal, Refusal)
        assert refusal.reason.code == "unreadable"
    with pytest.raises(GitError), sides.made(context, base):
        # What goes wrong in the block is the caller's.
        raise GitError("mine")
    assert list(context.scratch.iterdir()) == []
    assert state(root) == before
    assert git(root, "worktree", "list").count("\n") == 0


@posix
def test_a_killed_run_leaves_no_worktree(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", OLD, NEW)
    before = state(root)
    script = (
        "import os, sys; from pathlib import Path; from support import sided\n"
        "with sided.made(Path(sys.argv[1])): os.kill(os.getpid(), 9)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.run([sys.executable, "-c", script, str(root)], env=env, check=False).returncode == -9
    assert state(root) == before
    assert git(root, "worktree", "list").count("\n") == 0


def test_markers_count_as_the_judged_python_has_them(tmp_path: Path, site: Path) -> None:
    asking = "dependencies = [\"nosuch; python_version < '3'\"]\n[tool.hatch.build]"
    root = changed(tmp_path / "project", OLD, {"pyproject.toml": PYPROJECT.replace("[tool.hatch.build]", asking, 1)})
    assert "nosuch" in (root / "pyproject.toml").read_text()
    with made(root, python=python_of(site)) as found:
        assert found.differing == ()


def test_a_sibling_that_is_installed_and_differs_is_said(tmp_path: Path, site: Path) -> None:
    names = {"project": "pkg", "core": "core", "same": "same"}
    top = changed(
        tmp_path / "top",
        {**{f"{one}/src/{name}/__init__.py": "" for one, name in names.items()}, "project/pyproject.toml": PYPROJECT},
        {"core/src/core/__init__.py": "VALUE = 2\n"},
    )
    for one, name in {**names, "nowhere": "gone"}.items():
        origin = {"url": (top / one).as_uri(), "dir_info": {"editable": one != "nowhere"}}
        write_project(site, {f"{name}-1.dist-info/direct_url.json": json.dumps(origin)})
    write_project(site, {"bad-1.dist-info/direct_url.json": "{"})
    with made(top / "project", python=python_of(site)) as found:
        assert found.notes == ("core differs from base, and both sides have it as it is in core now",)


def test_large_files_are_there_once_and_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.builtin.bench.sides.linking.LARGE", 1000)
    root = changed(tmp_path / "project", OLD, NEW)
    (root / "data.bin").write_bytes(b"x" * 1000)
    (root / "small.bin").write_bytes(b"x" * 999)
    (root / "src/pkg/own.bin").write_bytes(b"x" * 1000)
    with made(root) as found:
        folders = [found.side(name, swapped=False).folder for name in found.names]
        assert len({(one / "data.bin").stat().st_ino for one in folders}) == 1
        assert len({(one / "small.bin").stat().st_ino for one in folders}) == 3
        assert {(one / "data.bin").stat().st_mode & 0o222 for one in folders} == {0}
        assert "src/pkg/own.bin" not in files(folders[0])
        assert found.notes == ("these large files are there once for all sides, and cannot be written: data.bin",)
    assert (root / "data.bin").stat().st_nlink == 1
    assert (root / "data.bin").stat().st_mode & 0o200


def test_submodules_of_base_are_those_of_the_work_tree(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"value.py": "VALUE = 1\n"})
    root = make_repository(
        tmp_path / "project", {**OLD, "src/pkg/__init__.py": "from pkg.vendored.value import VALUE\n"}
    )
    git(root, "submodule", "--quiet", "add", str(other), "src/pkg/vendored")
    commit_all(root)
    commit_all(root)
    with made(root) as found:
        assert imported(found.side("base", swapped=False), "pkg")["pkg"][0] == 1
        assert found.notes == ()
    (root / "src/pkg/vendored/value.py").write_text("VALUE = 2\n")
    commit_all(root / "src/pkg/vendored")
    commit_all(root)
    with made(root) as found:
        assert imported(found.side("base", swapped=False), "pkg")["pkg"][0] == 2
        assert found.notes == ("base has the submodule src/pkg/vendored at another commit, and gets that of head",)


@posix
@pytest.mark.unprivileged
def test_a_file_that_cannot_be_read_is_named() -> None:
    with public_folder() as place:
        place.chmod(0o777)
        root = write_project(place / "project", {**OLD, "secret.txt": ""})
        (root / "secret.txt").chmod(0)
        context = asking(root)
        with unprivileged(), sides.made(context, None) as answer:
            assert isinstance(answer, Refusal)
            assert answer.reason.code == "unreadable"
            assert "secret.txt: Permission denied" in answer.reason.message
