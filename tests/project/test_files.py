"""Which files count as a project's source: what is left out wrongly is a change that nobody sees."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from pytest_vltair import tree
from support.projects import write_project
from support.repositories import commit_all, git, make_repository
from support.unprivileged import public_folder, unprivileged

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


@pytest.mark.parametrize(
    "path",
    [
        ".git/config", ".hg/x", ".svn/x", ".gates/x.json", "__pycache__/a.pyc", "a/__pycache__/a.pyc", ".venv/x.py",
        "node_modules/a/b.py", ".mypy_cache/x", ".ruff_cache/x", ".pytest_cache/x", ".hypothesis/x", ".tox/x", ".nox/x",
        ".eggs/x", "p.egg-info/PKG-INFO", "htmlcov/i.html", ".coverage", ".coverage.host.123",
        "pytest-cache-files-k3_/README.md", "src/.gates/x.py",
    ],
)  # fmt: skip
def test_disposable_files_do_not_count(tmp_path: Path, path: str) -> None:
    write_project(tmp_path, {path: "x", "kept.py": ""})
    assert tree.files(tmp_path) == ["kept.py"]


@pytest.mark.parametrize(
    "path", [".coveragerc", "venv/__init__.py", "build/a.py", "dist/a.py", ".github/w.yml", "a b/ü.py"]
)
def test_everything_else_counts_outside_git(tmp_path: Path, path: str) -> None:
    write_project(tmp_path, {path: "x"})
    assert tree.files(tmp_path) == [path]


@pytest.mark.parametrize("marker", ["pyvenv.cfg", "conda-meta/history"])
def test_an_environment_of_any_name_does_not_count(tmp_path: Path, marker: str) -> None:
    write_project(tmp_path, {f"env3/{marker}": "", "env3/lib/a.py": "", "b.py": ""})
    assert tree.files(tmp_path) == ["b.py"]


def test_a_marker_of_an_environment_hides_nothing_that_git_tracks(tmp_path: Path) -> None:
    make_repository(tmp_path, {"pkg/__init__.py": ""})
    (tmp_path / "pkg/pyvenv.cfg").write_text("")
    assert "pkg/__init__.py" in tree.files(tmp_path)


def test_a_root_that_looks_like_an_environment_is_still_a_project(tmp_path: Path) -> None:
    write_project(tmp_path, {"pyvenv.cfg": "", "a.py": ""})
    assert tree.files(tmp_path) == ["a.py", "pyvenv.cfg"]


def test_what_git_ignores_does_not_count_unless_it_can_change_what_runs(tmp_path: Path) -> None:
    make_repository(
        tmp_path,
        {
            ".gitignore": "*.log\n_version.py\n*.so\npytest.ini\n/data/\n*.json\n!kept.json\n",
            "a.log": "", "pkg/_version.py": "", "pkg/fast.so": b"\0", "pytest.ini": "", "data/a.csv": "",
            "data/b.py": "", "x.json": "", "kept.json": "", "a.py": "",
        },
    )  # fmt: skip
    (tmp_path / "new.txt").write_text("not known to git yet")
    expected = [
        ".gitignore",
        "a.py",
        "data/b.py",
        "kept.json",
        "new.txt",
        "pkg/_version.py",
        "pkg/fast.so",
        "pytest.ini",
    ]
    assert tree.files(tmp_path) == expected


def test_what_git_tracks_counts_even_if_it_is_ignored(tmp_path: Path) -> None:
    make_repository(tmp_path, {"a.log": "x", "b.py": ""})
    (tmp_path / ".gitignore").write_text("*.log\n")
    assert "a.log" in tree.files(tmp_path)


def test_a_folder_in_a_work_tree_sees_its_own_files(tmp_path: Path) -> None:
    make_repository(tmp_path, {"a/x.py": "", "b/.gitignore": "*.txt\n", "b/y.py": "", "b/z.txt": ""})
    assert tree.files(tmp_path / "b") == [".gitignore", "y.py"]


def test_a_root_that_git_ignores_as_a_whole_counts_as_a_whole(tmp_path: Path) -> None:
    make_repository(tmp_path, {".gitignore": "/output/\n", "output/a.txt": "", "output/b.py": ""})
    assert tree.files(tmp_path / "output") == ["a.txt", "b.py"]


@pytest.mark.parametrize("name", ["build", "dist"])
def test_output_of_a_build_does_not_count(tmp_path: Path, name: str) -> None:
    make_repository(tmp_path, {"a.py": ""})
    write_project(tmp_path, {f"{name}/lib/a.py": ""})
    assert tree.files(tmp_path) == ["a.py"]


@pytest.mark.parametrize("tracked", [True, False])
def test_a_package_called_build_counts(tmp_path: Path, tracked: bool) -> None:
    make_repository(tmp_path, {"a.py": ""})
    write_project(tmp_path, {"src/build/__init__.py": "", "src/build/b.py": ""})
    if tracked:
        commit_all(tmp_path)
        (tmp_path / "src/build/__init__.py").unlink()
    assert "src/build/b.py" in tree.files(tmp_path)


def test_submodules_and_nested_work_trees_count(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"m.py": "", "m.txt": ""})
    main = make_repository(tmp_path / "main", {"a.py": ""})
    git(main, "submodule", "--quiet", "add", str(other), "sub")
    make_repository(main / "nested", {"n.txt": ""})
    assert tree.files(main) == [".gitmodules", "a.py", "nested/n.txt", "sub/m.py", "sub/m.txt"]


def test_a_linked_worktree_is_read_like_any_other(tmp_path: Path) -> None:
    main = make_repository(tmp_path / "main", {"a.py": "", ".gitignore": "*.log\n"})
    git(main, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    (tmp_path / "linked/x.log").write_text("")
    assert tree.files(tmp_path / "linked") == [".gitignore", "a.py"]


def test_a_hook_s_variables_do_not_redirect_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_repository(tmp_path / "other", {"a.txt": ""})
    main = make_repository(tmp_path / "main", {"tracked.log": ""})
    write_project(main, {".gitignore": "*.log\n", "a.log": ""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert tree.files(main) == [".gitignore", "tracked.log"]


@pytest.mark.parametrize("how", ["missing", "failing"])
def test_everything_counts_where_git_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    make_repository(tmp_path / "main", {".gitignore": "*.log\n", "a.log": ""})
    (tmp_path / "bin").mkdir()
    if how == "failing":
        (tmp_path / "bin/git").write_text("#!/bin/sh\nexit 128\n")
        (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert tree.files(tmp_path / "main") == [".gitignore", "a.log"]


def test_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "main", {".gitignore": "*.log\n", "a.log": ""})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("pytest_vltair.worktree.TIMEOUT", 0.2)
    assert tree.files(tmp_path / "main") == [".gitignore", "a.log"]


@posix
@pytest.mark.parametrize("name", [b"new\nline.py", b"latin-\xe9.txt", b"tab\t.py", b" leading.py", "ü.py".encode()])
@pytest.mark.parametrize("repository", [True, False])
def test_any_name_works(tmp_path: Path, name: bytes, repository: bool) -> None:
    if sys.platform == "darwin" and b"\xe9" in name:
        pytest.skip("the file system refuses names that are not UTF-8")
    root = tmp_path / "a folder with ümläuts"
    root.mkdir()
    (root / os.fsdecode(name)).write_text("x")
    if repository:
        make_repository(root, {})
    found = tree.files(root)
    assert [os.fsencode(path) for path in found] == [name]
    assert tree.digest(root, found) != tree.digest(root, [])


@posix
def test_links_count_and_lead_nowhere(tmp_path: Path) -> None:
    write_project(tmp_path, {"pkg/a.py": "", "data.txt": ""})
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "pkg/up").symlink_to("..")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "file").symlink_to("data.txt")
    assert tree.files(tmp_path) == ["broken", "data.txt", "file", "loop", "pkg/a.py", "pkg/up", "self"]
    assert tree.digest(tmp_path, tree.files(tmp_path))


@posix
def test_a_link_to_an_environment_is_disposable(tmp_path: Path) -> None:
    write_project(tmp_path, {"elsewhere/pyvenv.cfg": "", "main/a.py": ""})
    (tmp_path / "main/.venv").symlink_to(tmp_path / "elsewhere")
    assert tree.files(tmp_path / "main") == ["a.py"]


@posix
def test_files_behind_a_link_into_the_rest_of_the_work_tree_count(tmp_path: Path) -> None:
    make_repository(tmp_path, {"shared/lib/s.py": "", "shared/lib/big.bin": b"\0", "app/a.py": ""})
    (tmp_path / "shared/lib/again").symlink_to("..")
    (tmp_path / "app/lib").symlink_to("../shared/lib")
    (tmp_path / "app/all").symlink_to("..")
    assert tree.files(tmp_path / "app") == ["a.py", "all", "lib", "lib/again", "lib/big.bin", "lib/s.py"]


@posix
def test_pipes_and_sockets_do_not_count(tmp_path: Path) -> None:
    write_project(tmp_path, {"a.py": ""})
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(tmp_path / "socket"))
        assert tree.files(tmp_path) == ["a.py"]


@posix
@pytest.mark.unprivileged
def test_a_folder_that_may_not_be_listed_is_an_error() -> None:
    with public_folder() as root:
        write_project(root, {"a.py": "", "sub/closed/b.py": ""})
        (root / "sub/closed").chmod(0)
        with unprivileged(), pytest.raises(tree.UnreadableTree) as caught:
            tree.files(root)
    assert caught.value.path == "sub/closed"
    assert "Permission denied" in str(caught.value)


@posix
@pytest.mark.unprivileged
def test_a_folder_that_may_not_be_listed_and_is_ignored_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    monkeypatch.setenv("HOME", "/nonexistent")
    with public_folder() as root:
        make_repository(root, {".gitignore": "/database/\n", "a.py": "", "database/b.py": ""})
        (root / "database").chmod(0)
        # git honours safe.directory from files alone, so the repository has to belong to whom git runs as.
        if os.geteuid() == 0:
            for path in [root, *root.rglob("*")]:
                os.chown(path, 65534, 65534, follow_symlinks=False)
        with unprivileged():
            assert tree.files(root) == [".gitignore", "a.py"]


@posix
@pytest.mark.unprivileged
def test_a_file_that_may_not_be_read_is_an_error() -> None:
    with public_folder() as root:
        write_project(root, {"a.py": "", "closed.py": ""})
        (root / "closed.py").chmod(0)
        with unprivileged():
            found = tree.files(root)
            with pytest.raises(tree.UnreadableTree) as caught:
                tree.digest(root, found)
    assert caught.value.path == "closed.py"


def test_a_folder_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    assert tree.files(tmp_path / "gone") == []
