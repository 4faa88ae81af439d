from __future__ import annotations

from pathlib import Path

from gates.project import git as repository
from gates.project import moves
from gates.project.git import Git
from support.repositories import commit_all, git, make_repository

FILES = {f"src/m{number}.py": f"x = {number}\n" * 20 for number in range(4)}


def found(root: Path) -> Git:
    held = repository.find(root)
    assert held is not None
    return held


def below_git(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in (root / ".git").rglob("*")}


def test_renames_and_deletions_of_the_work_tree_are_seen_before_git_knows_the_new_files(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", FILES)
    commit, before = git(root, "rev-parse", "HEAD"), below_git(root)
    (root / "src/m0.py").rename(root / "src/new.py")
    (root / "src/m1.py").unlink()
    (root / "src/m2.py").write_text("x = 2\n" * 20 + "y = 1\n", "utf-8")
    seen = moves.since(found(root), commit)
    assert seen == moves.Moves(renamed={"src/m0.py": "src/new.py"}, deleted=frozenset({"src/m1.py"}))
    assert below_git(root) == before, "nothing is written below .git"


def test_a_rename_counts_from_the_commit_asked_for_and_relative_to_the_project(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"sub/a.py": "a\n" * 30, "sub/pyproject.toml": "", "b.py": "b\n" * 30})
    first = git(root, "rev-parse", "HEAD")
    (root / "sub/a.py").rename(root / "sub/c.py")
    (root / "b.py").unlink()
    second = commit_all(root)
    assert moves.since(found(root / "sub"), first).renamed == {"a.py": "c.py"}
    assert moves.since(found(root / "sub"), first).deleted == frozenset(), "outside of the project"
    assert moves.since(found(root), second) == moves.Moves()


def test_the_commit_that_last_changed_a_path(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a": "1", "b": "1"})
    first = git(root, "rev-parse", "HEAD")
    (root / "b").write_text("2", "utf-8")
    second = commit_all(root)
    held = found(root)
    assert [moves.written(held, name) for name in ("a", "b", "none")] == [first, second, None]
    unborn = make_repository(tmp_path / "unborn", {"a": ""}, commit=False)
    assert moves.written(found(unborn), "a") is None


def test_a_repository_inside_is_no_new_file(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": "a\n" * 30})
    make_repository(root / "inner", {"x.py": "x\n"})
    assert moves.since(found(root), git(root, "rev-parse", "HEAD")) == moves.Moves()
