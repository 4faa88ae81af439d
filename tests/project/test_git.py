"""What git says of a project, in every state that a repository can be in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gates.errors import GitError
from gates.project import git as facts
from gates.project.git import Git
from support.projects import write_project
from support.repositories import commit_all, git, make_repository


def found(root: Path) -> Git:
    """The facts of a folder that is in a work tree."""
    result = facts.find(root)
    assert result is not None
    return result


def head(root: Path) -> str:
    return git(root, "rev-parse", "HEAD")


def test_a_usual_repository(tmp_path: Path) -> None:
    make_repository(tmp_path, commits=2)
    assert found(tmp_path) == Git(
        toplevel=tmp_path,
        prefix="",
        head=head(tmp_path),
        branch="main",
        shallow=False,
        parents=(git(tmp_path, "rev-parse", "HEAD~1"),),
    )


def test_outside_of_git(tmp_path: Path) -> None:
    assert facts.find(tmp_path) is None


def test_a_folder_below_the_top(tmp_path: Path) -> None:
    make_repository(tmp_path, {"a/b c/ü/x.py": ""})
    below = found(tmp_path / "a/b c/ü")
    assert (below.toplevel, below.prefix, below.root) == (tmp_path, "a/b c/ü/", tmp_path / "a/b c/ü")


def test_names_with_a_newline(tmp_path: Path) -> None:
    root = tmp_path / "new\nline"
    make_repository(root, {"sub\nfolder/x.py": ""})
    below = found(root / "sub\nfolder")
    assert (below.toplevel, below.prefix) == (root, "sub\nfolder/")


def test_before_the_first_commit(tmp_path: Path) -> None:
    make_repository(tmp_path, commit=False, branch="trunk")
    unborn = found(tmp_path)
    assert (unborn.head, unborn.branch, unborn.parents, unborn.dirty()) == (None, "trunk", (), True)


def test_a_detached_head(tmp_path: Path) -> None:
    make_repository(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--detach")
    assert (found(tmp_path).head, found(tmp_path).branch) == (head(tmp_path), None)


def test_a_merge_has_two_parents(tmp_path: Path) -> None:
    make_repository(tmp_path, commits=2)
    git(tmp_path, "checkout", "--quiet", "-b", "side", "HEAD~1")
    side = commit_all(tmp_path)
    git(tmp_path, "checkout", "--quiet", "main")
    first = head(tmp_path)
    git(tmp_path, "merge", "--quiet", "--no-ff", "side")
    assert found(tmp_path).parents == (first, side)


def test_a_shallow_clone(tmp_path: Path) -> None:
    origin = make_repository(tmp_path / "origin", commits=3)
    git(tmp_path, "clone", "--quiet", "--depth=1", origin.as_uri(), "clone")
    clone = found(tmp_path / "clone")
    assert (clone.head, clone.shallow, clone.parents) == (head(origin), True, ())


def test_a_submodule_is_a_work_tree_of_its_own(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    main = make_repository(tmp_path / "main")
    git(main, "submodule", "--quiet", "add", str(other), "sub")
    assert found(main / "sub").toplevel == main / "sub"
    assert found(main / "sub").head == head(other)


def test_a_linked_worktree_has_its_own_branch(tmp_path: Path) -> None:
    main = make_repository(tmp_path / "main")
    git(main, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    assert (found(tmp_path / "linked").toplevel, found(tmp_path / "linked").branch) == (tmp_path / "linked", "side")


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    make_repository(tmp_path / "main")
    git(tmp_path, "clone", "--quiet", "--bare", str(tmp_path / "main"), "bare.git")
    assert facts.find(tmp_path / "bare.git") is None
    assert facts.find(tmp_path / "main/.git") is None


def test_a_folder_called_git_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert facts.find(tmp_path) is None


def test_a_link_to_a_repository_that_is_gone_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
    with pytest.raises(GitError, match="git rev-parse failed: not a git repository: "):
        facts.find(tmp_path)


def test_a_hook_s_variables_do_not_redirect_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_repository(tmp_path / "other", commits=2)
    main = make_repository(tmp_path / "main")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
    assert (found(main).toplevel, found(main).head, found(main).dirty()) == (main, head(main), False)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
def test_another_user_s_repository_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path)
    for path in (tmp_path, tmp_path / ".git"):
        os.chown(path, 65534, 65534)
    monkeypatch.setenv("HOME", "/nonexistent")
    with pytest.raises(GitError) as caught:
        facts.find(tmp_path)
    assert str(caught.value) == (
        "git refuses to read a repository that belongs to another user; if you trust it: "
        f"git config --global --add safe.directory {tmp_path}"
    )


def test_git_that_is_not_installed_is_an_error_only_where_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path / "main")
    (tmp_path / "plain").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert facts.find(tmp_path / "plain") is None
    with pytest.raises(GitError, match="git is not installed; install git"):
        facts.find(tmp_path / "main")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exec /bin/sleep 60", "git rev-parse did not answer within 0 seconds"),
        ("exit 7", "git rev-parse failed: it gave no reason"),
        ("echo nonsense >&2; exit 7", "git rev-parse failed: nonsense"),
        (None, "git cannot be started: "),
    ],
)
def test_git_that_misbehaves_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, message: str
) -> None:
    make_repository(tmp_path / "main")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text("no program" if script is None else f"#!/bin/sh\n{script}\n")
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    if "did not answer" in message:
        monkeypatch.setattr(facts, "TIMEOUT", 0.2)
    with pytest.raises(GitError) as caught:
        facts.find(tmp_path / "main")
    assert str(caught.value).startswith(message)


def test_what_makes_a_work_tree_dirty(tmp_path: Path) -> None:
    make_repository(tmp_path, {"a.py": "", "sub/b.py": "", ".gitignore": "*.log\n"})
    assert not found(tmp_path).dirty()
    write_project(tmp_path, {"x.log": "", ".gates/cache/a.json": "", "sub/.gates/b.json": ""})
    assert not found(tmp_path).dirty()
    write_project(tmp_path, {"sub/new\nfile.py": ""})
    assert found(tmp_path).dirty()
    (tmp_path / "sub/new\nfile.py").unlink()
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    git(tmp_path, "add", "--all")
    assert found(tmp_path / "sub").dirty()


def test_dirty_is_asked_once(tmp_path: Path) -> None:
    make_repository(tmp_path)
    once = found(tmp_path)
    assert not once.dirty()
    shutil.rmtree(tmp_path / ".git")
    assert not once.dirty()


def test_asking_and_running(tmp_path: Path) -> None:
    make_repository(tmp_path, {"sub/ü.py": "", "sub/b.py": ""})
    below = found(tmp_path / "sub")
    assert below.run("ls-files").splitlines() == ["b.py", "ü.py"]
    assert below.ask("ls-files") == "b.py"
    assert below.ask("ls-files", "nothing") is None
    assert below.ask("rev-parse", "--verify", "nothing") is None
    with pytest.raises(GitError, match=r"^git rev-parse failed: Needed a single revision$"):
        below.run("rev-parse", "--verify", "nothing")


@pytest.mark.requirement("PLN-5")
def test_nothing_in_the_repository_changes(tmp_path: Path) -> None:
    make_repository(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / ".git").rglob("*")}
    found(tmp_path).dirty()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / ".git").rglob("*")} == before
