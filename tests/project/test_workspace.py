"""Throwaway copies: complete, independent of the original, and gone afterwards."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from gates.errors import GitError, ProjectError
from gates.project import base, facts, workspace
from gates.project import git as repository
from gates.project.base import Base
from support.projects import write_project
from support.repositories import commit_all, git, make_repository
from support.unprivileged import public_folder, unprivileged

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


def state(root: Path) -> dict[str, bytes | None]:
    """Everything below a folder with its content."""
    paths = sorted(root.rglob("*"))
    return {path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None for path in paths}


def test_a_folder_is_named_numbered_and_removed(tmp_path: Path) -> None:
    with workspace.folder(tmp_path) as one, workspace.folder(tmp_path) as two:
        assert [one.name, two.name] == [f"vltair-{os.getpid()}-1", f"vltair-{os.getpid()}-2"]
        (one / "a").mkdir()
    assert list(tmp_path.iterdir()) == []
    with workspace.folder() as place:
        assert place.parent == Path(tempfile.gettempdir())
    assert not place.exists()


@posix
@pytest.mark.unprivileged
def test_what_is_read_only_is_removed_too() -> None:
    with public_folder() as root:
        root.chmod(0o777)
        with unprivileged(), workspace.folder(root) as place:
            write_project(place, {"a/b/c.txt": "", "a/d.txt": "", "closed/e/f.txt": ""})
            (place / "a/b/c.txt").chmod(0o400)
            (place / "a/b").chmod(0o500)
            (place / "a").chmod(0o500)
            (place / "closed/e").chmod(0)
            (place / "closed").chmod(0)
        assert list(root.iterdir()) == []


def test_a_copy_is_removed_when_its_block_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), workspace.folder(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_copy_has_the_same_files_and_digest(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project")
    write_project(root, {".gates/x.json": "", "new.py": "", "tool.sh": "#!/bin/sh\n"})
    (root / "tool.sh").chmod(0o755)
    (root / "new.py").chmod(0o444)
    project = facts.find(root)
    before = state(root)
    with workspace.copy(project, tmp_path) as place:
        copied = facts.find(place)
        assert copied.tree.files == project.tree.files
        assert copied.tree.digest() == project.tree.digest()
        assert copied.git is None
        (place / "new.py").write_text("changed")
        assert not any((root / name).samefile(place / name) for name in project.tree.files)
        assert (root / "new.py").read_text() == ""
    assert not place.exists()
    assert state(root) == before


@posix
def test_links_in_a_copy_stay_in_the_copy(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a/x.py": "x", "a/y.py": "y", "lib/b/z.py": "z"})
    (root / "a/inside.py").symlink_to("x.py")
    (root / "a/absolute.py").symlink_to(root / "a/y.py")
    (root / "a/folder").symlink_to(root / "lib/b")
    (root / "a/broken").symlink_to("nowhere")
    (tmp_path / "outside.txt").write_text("outside")
    (root / "a/outside.txt").symlink_to(tmp_path / "outside.txt")
    with workspace.copy(facts.find(root), tmp_path) as place:
        (place / "a/x.py").write_text("new x")
        (place / "a/y.py").write_text("new y")
        (place / "lib/b/z.py").write_text("new z")
        (place / "a/outside.txt").write_text("new")
        assert (place / "a/inside.py").read_text() == "new x"
        assert (place / "a/absolute.py").read_text() == "new y"
        assert (place / "a/folder/z.py").read_text() == "new z"
        assert (place / "a/broken").is_symlink()
        assert all(Path(os.path.realpath(path)).is_relative_to(place) for path in place.rglob("*"))
    assert (tmp_path / "outside.txt").read_text() == "outside"


@posix
def test_what_lies_behind_a_link_out_of_the_project_is_copied(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "top", {"shared/s.py": "s", "app/pyproject.toml": ""})
    (top / "app/lib").symlink_to("../shared")
    with workspace.copy(facts.find(top / "app"), tmp_path) as place:
        (place / "lib/s.py").write_text("new")
    assert (top / "shared/s.py").read_text() == "s"


def test_a_project_in_a_subdirectory_keeps_the_configuration_above_it(tmp_path: Path) -> None:
    files = {"ruff.toml": "", "x.py": "", "a/mypy.ini": "", "a/b/pyproject.toml": "", "a/b/c.py": ""}
    make_repository(tmp_path / "top", files)
    with workspace.copy(facts.find(tmp_path / "top/a/b"), tmp_path) as place:
        top = place.parent.parent
        found = sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())
    assert found == ["a/b/c.py", "a/b/pyproject.toml", "a/mypy.ini", "ruff.toml"]


def test_a_file_that_vanishes_is_not_copied(tmp_path: Path) -> None:
    project = facts.find(write_project(tmp_path / "p", {"a.py": "", "b.py": ""}))
    assert project.tree.files == ("a.py", "b.py")
    (tmp_path / "p/a.py").unlink()
    with workspace.copy(project, tmp_path) as place:
        assert facts.find(place).tree.files == ("b.py",)


def test_what_cannot_be_copied_is_one_sentence(tmp_path: Path) -> None:
    project = facts.find(write_project(tmp_path / "p", {"a.py": ""}))
    assert project.tree.files
    (tmp_path / "p/a.py").unlink()
    (tmp_path / "p/a.py").mkdir()
    with pytest.raises(ProjectError, match=r"^a\.py: it cannot be copied: "), workspace.copy(project, tmp_path):
        pytest.fail("there is no copy")
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize("kind", ["usual", "subdirectory", "detached", "worktree", "shallow", "unborn"])
def test_a_copy_with_history_is_a_repository_of_its_own(tmp_path: Path, kind: str) -> None:
    origin = make_repository(tmp_path / "origin", {"a.py": "", "sub/pyproject.toml": "", "sub/b.py": ""}, commits=3)
    depth = ["--depth=2"] if kind == "shallow" else []
    git(tmp_path, "clone", "--quiet", *depth, origin.as_uri(), "clone")
    root = tmp_path / "clone"
    if kind == "unborn":
        root = make_repository(tmp_path / "new", commit=False)
    elif kind == "detached":
        git(root, "checkout", "--quiet", "--detach", "HEAD~1")
    elif kind == "worktree":
        git(root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
        root = tmp_path / "linked"
    elif kind == "subdirectory":
        root = root / "sub"
        (root / "b.py").unlink()
    (root / "changed.py").write_text("")
    project = facts.find(root)
    status = ("--no-optional-locks", "status", "--porcelain")
    before = state(tmp_path / "clone/.git")
    with workspace.copy(project, tmp_path, history=True) as place:
        copied = facts.find(place)
        assert project.git is not None
        assert copied.git is not None
        assert copied.tree.digest() == project.tree.digest()
        assert (copied.git.head, copied.git.branch) == (project.git.head, project.git.branch)
        assert (copied.git.shallow, copied.git.prefix) == (project.git.shallow, project.git.prefix)
        assert git(place, *status) == git(root, *status)
        there, here = (base.resolve(one.git, flag=None, environ={}) for one in (copied, project))
        assert isinstance(there, Base) == isinstance(here, Base)
        if isinstance(there, Base) and isinstance(here, Base):
            assert there.commit == here.commit
        commit_all(place, "only here")
    assert state(tmp_path / "clone/.git") == before


def test_a_base_worktree_is_what_the_commit_holds(tmp_path: Path) -> None:
    files = {".gitattributes": "tests/ export-ignore\na.py export-subst\n", "a.py": "$Format:%H$\n", "tests/t.py": "1"}
    root = make_repository(tmp_path / "p", files)
    first = git(root, "rev-parse", "HEAD")
    write_project(root, {"tests/t.py": "2", "sub/new.py": ""})
    commit_all(root)
    (root / "tests/t.py").write_text("3")
    facts_of_git = repository.find(root)
    assert facts_of_git is not None
    before = state(root)
    with workspace.worktree(facts_of_git, first, tmp_path) as place:
        assert facts.find(place).tree.files == (".gitattributes", "a.py", "tests/t.py")
        assert (place / "a.py").read_text() == "$Format:%H$\n"
        assert (place / "tests/t.py").read_text() == "1"
    assert not place.exists()
    assert state(root) == before
    below = repository.find(root / "sub")
    assert below is not None
    with workspace.worktree(below, first, tmp_path) as place:
        assert not place.exists()
    with workspace.worktree(below, "HEAD", tmp_path) as place:
        assert (place / "new.py").exists()


def test_a_base_that_is_no_commit_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    found = repository.find(make_repository(tmp_path / "p"))
    assert found is not None
    with pytest.raises(GitError, match="git read-tree failed: "), workspace.worktree(found, "nothing", tmp_path):
        pytest.fail("there is no worktree")
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
