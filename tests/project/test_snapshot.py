"""The project as it is in another commit: its configuration, and the names of all else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.config.tool_settings import mypy_settings
from gates.errors import GitError
from gates.project import facts, snapshot
from gates.project.git import Git
from support.repositories import commit_all, make_repository


def taken(root: Path, folder: Path, commit: str = "HEAD") -> snapshot.Snapshot:
    git = facts.find(root).git
    assert isinstance(git, Git)
    return snapshot.take(git, commit, folder, lambda path: path.endswith(".toml") and not path.startswith("../"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "snapshot"
    place.mkdir()
    return place


def test_wanted_texts_are_there_and_all_names_are_known(tmp_path: Path, folder: Path) -> None:
    root = make_repository(
        tmp_path / "a", {"pyproject.toml": "[project]\nname = 'x'\n", "src/x/a.py": "", "ü b.txt": ""}
    )
    (root / "pyproject.toml").unlink()
    found = taken(root, folder)
    assert (found.name, set(found.tree.files)) == ("x", {"pyproject.toml", "src/x/a.py", "ü b.txt"})
    assert found.layout.packages == ("x",)
    assert sorted(path.name for path in folder.rglob("*")) == ["pyproject.toml"]


def test_the_configuration_above_a_project_in_a_subdirectory_counts(tmp_path: Path, folder: Path) -> None:
    files = {"setup.cfg": "[mypy]\nstrict = true\n", "sub/dir/gates.toml": "", "other/gates.toml": ""}
    root = make_repository(tmp_path / "a", files)
    found = taken(root / "sub" / "dir", folder)
    assert found.tree.files == ("gates.toml",)
    settings = mypy_settings(found)
    assert settings is not None
    assert settings.where == "[mypy] in ../../setup.cfg"
    assert not (folder / "other").exists()


def test_a_commit_without_the_folder_is_an_empty_project(tmp_path: Path, folder: Path) -> None:
    root = make_repository(tmp_path / "a", {"a.txt": ""})
    (root / "sub").mkdir()
    (root / "sub" / "gates.toml").write_text("", "utf-8")
    commit_all(root)
    assert taken(root / "sub", folder, "HEAD~1").tree.files == ()


@pytest.mark.parametrize(
    "target", ["conf/real.toml", "conf/more.toml", "../outside.toml", "/etc/hostname", "link.toml"]
)
def test_a_link_is_followed_inside_the_commit(tmp_path: Path, folder: Path, target: str) -> None:
    (tmp_path / "outside.toml").write_text("x = 1\n", "utf-8")
    root = make_repository(tmp_path / "a", {"conf/real.toml": "x = 2\n"})
    (root / "conf" / "more.toml").symlink_to("real.toml")
    (root / "link.toml").symlink_to(target)
    commit_all(root)
    taken(root, folder)
    inside = target.startswith("conf/")
    assert (folder / "link.toml").exists() is inside
    assert not inside or (folder / "link.toml").read_text("utf-8") == "x = 2\n"


def test_what_is_too_large_is_left_out(tmp_path: Path, folder: Path) -> None:
    root = make_repository(tmp_path / "a", {"big.toml": b"#" * (snapshot.LIMIT + 1), "small.toml": b"#"})
    found = taken(root, folder)
    assert [path.name for path in folder.iterdir()] == ["small.toml"]
    assert set(found.tree.files) == {"big.toml", "small.toml"}


def test_a_commit_that_is_missing_is_one_sentence(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(GitError, match="git ls-tree failed"):
        taken(make_repository(tmp_path / "a", {"a.txt": ""}), folder, "0" * 40)
