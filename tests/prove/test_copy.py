"""The throwaway copy: what is planted comes out again, whatever it was, and the project is never touched."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gates.errors import ProjectError
from gates.project import facts
from gates.prove import copy
from gates.prove.copy import Copy
from support.projects import write_project

FILES = {
    "pyproject.toml": "[project]\nname = 'sample'\n",
    "src/sample/__init__.py": "ONE = 1\n",
    "src/sample/data/a.txt": "a\n",
    "tests/test_one.py": "def test_one():\n    pass\n",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Copy]:
    root = write_project(tmp_path / "project", FILES)
    with copy.made(facts.find(root)) as one:
        yield one


def content(root: Path) -> dict[str, tuple[bytes, int]]:
    found = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def append(root: Path) -> None:
    with (root / "src/sample/__init__.py").open("a") as file:
        file.write("TWO = 2\n")


def same_size_and_time(root: Path) -> None:
    path = root / "src/sample/__init__.py"
    before = path.stat()
    path.write_text("ONE = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(root: Path) -> None:
    (root / "new").write_text("x\n")
    (root / "new").replace(root / "src/sample/data/a.txt")


def add_folder(root: Path) -> None:
    (root / "src/sample/in/deep").mkdir(parents=True)
    (root / "src/sample/in/deep/b.py").touch()
    (root / "src/sample/in/c.py").touch()


def remove_folder(root: Path) -> None:
    (root / "src/sample/data/a.txt").unlink()
    (root / "src/sample/data").rmdir()


def turn_into_a_link(root: Path) -> None:
    (root / "tests/test_one.py").unlink()
    (root / "tests/test_one.py").symlink_to("../src/sample/__init__.py")


def make_executable(root: Path) -> None:
    (root / "tests/test_one.py").chmod(0o755)


PLANTS: dict[Callable[[Path], None], list[str]] = {
    append: ["src/sample/__init__.py"],
    same_size_and_time: ["src/sample/__init__.py"],
    replace: ["src/sample/data/a.txt"],
    add_folder: ["src/sample/in/c.py", "src/sample/in/deep/b.py"],
    remove_folder: ["src/sample/data/a.txt"],
    turn_into_a_link: ["tests/test_one.py"],
}


@pytest.mark.requirement("PRF-4")
@pytest.mark.parametrize("plant", [*PLANTS, make_executable], ids=lambda plant: plant.__name__)
def test_what_was_planted_comes_out_again(made: Copy, plant: Callable[[Path], None]) -> None:
    before = content(made.root)
    plant(made.root)
    assert content(made.root) != before or plant is make_executable
    made.restore()
    assert content(made.root) == before == content(made.original.root)
    assert made.marks() == made.clean
    assert not (made.root / "src/sample/in").exists()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_what_was_planted_is_named(made: Copy, plant: Callable[[Path], None]) -> None:
    before = made.marks()
    assert made.changed(before) == []
    plant(made.root)
    assert made.changed(before) == PLANTS[plant]


def test_a_file_that_was_only_touched_has_not_changed(made: Copy) -> None:
    before = made.marks()
    (made.root / "tests/test_one.py").touch()
    assert made.changed(before) == []


def test_what_tools_keep_stays(made: Copy) -> None:
    kept = made.root / ".mypy_cache/3.11/sample.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    made.restore()
    assert kept.is_file()


def test_settings_of_the_proof_belong_to_the_clean_copy(made: Copy) -> None:
    made.settle("pyproject.toml", "[project]\nname = 'other'\n")
    (made.root / "pyproject.toml").write_text("spoilt")
    made.restore()
    assert (made.root / "pyproject.toml").read_text() == "[project]\nname = 'other'\n"
    assert "sample" in (made.original.root / "pyproject.toml").read_text()


def test_a_project_that_changes_meanwhile_ends_the_proof(made: Copy) -> None:
    append(made.root)
    append(made.original.root)
    with pytest.raises(ProjectError, match="changed while it was being proved") as raised:
        made.restore()
    assert raised.value.path == "src/sample/__init__.py"


def test_a_copy_of_what_is_read_only_can_be_planted_in_and_goes(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", FILES)
    for path in sorted(root.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with copy.made(facts.find(root)) as made:
            home = made.home
            append(made.root)
            add_folder(made.root)
            made.restore()
            assert (made.root / "src/sample/__init__.py").read_text() == "ONE = 1\n"
        assert not home.exists()
    finally:
        for path in root.rglob("*"):
            path.chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_names_that_are_no_text_and_links_in_circles_are_copied(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", FILES)
    (root / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")
    (root / "round").symlink_to(".")
    (root / "nowhere").symlink_to("gone")
    with copy.made(facts.find(root)) as made:
        before = made.marks()
        (made.root / os.fsdecode(b"caf\xe9.py")).write_text("x = 2\n")
        (made.root / "nowhere").unlink()
        assert len(made.changed(before)) == 2
        made.restore()
        assert {path: mark[1] for path, mark in made.marks().items()} == {
            path: mark[1] for path, mark in before.items()
        }
