"""Source: copies in which backends and git say what they say of the original."""

from __future__ import annotations

import os
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.builtin.built import hooks, source, system
from gates.builtin.built.artifact import Artifact
from gates.builtin.built.environment import Environment
from gates.builtin.built.system import System
from gates.errors import ProjectError
from gates.project import facts
from support.building import VERSIONED, real, site, versioned
from support.environments import Made
from support.projects import write_project
from support.repositories import commit_all, git, make_repository

posix = pytest.mark.skipif(os.name != "posix", reason="needs links and permission bits of POSIX")
STATUS = ("--no-optional-locks", "status", "--porcelain")
DESCRIBE = ("--no-optional-locks", "describe", "--tags", "--long", "--dirty", "--always")


def tagged(root: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with an annotated tag, one commit after it and a tag without a note there."""
    make_repository(root, files or {"a.py": "", "sub/pyproject.toml": "", "sub/b.py": "", "sub/c.py": ""})
    git(root, "tag", "--annotate", "--message", "first", "v1.0")
    write_project(root, {"second.txt": "2\n"})
    commit_all(root)
    git(root, "tag", "v1.1")
    write_project(root, {"third.txt": "3\n"})
    commit_all(root)
    return root


def clean(root: Path, place: Path) -> Path:
    return root


def at_tag(root: Path, place: Path) -> Path:
    git(root, "checkout", "--quiet", "v1.1")
    return root


def dirty(root: Path, place: Path) -> Path:
    (root / "second.txt").write_text("other")
    return root


def staged(root: Path, place: Path) -> Path:
    (root / "new.txt").write_text("new")
    (root / "third.txt").unlink()
    git(root, "add", "--all")
    return root


def untracked(root: Path, place: Path) -> Path:
    write_project(root, {"new.py": "", "old.log": "", ".gates/x.json": ""})
    return root


def excluded(root: Path, place: Path) -> Path:
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("secret.py\n")
    (root / "secret.py").write_text("")
    return root


def below(root: Path, place: Path) -> Path:
    return root / "sub"


def dirty_above(root: Path, place: Path) -> Path:
    (root / "second.txt").write_text("other")
    return root / "sub"


def shallow(root: Path, place: Path) -> Path:
    git(place, "clone", "--quiet", "--depth=2", root.as_uri(), "clone")
    return place / "clone"


def linked(root: Path, place: Path) -> Path:
    git(root, "worktree", "add", "--quiet", "-b", "side", str(place / "linked"))
    return place / "linked"


def sparse(root: Path, place: Path) -> Path:
    git(root, "sparse-checkout", "set", "--no-cone", "/*", "!/third.txt", "!/.gates")
    return root


def assumed(root: Path, place: Path) -> Path:
    git(root, "update-index", "--assume-unchanged", "second.txt")
    (root / "second.txt").write_text("other")
    return root


def modes_ignored(root: Path, place: Path) -> Path:
    git(root, "config", "core.filemode", "false")
    (root / "second.txt").chmod(0o755)
    return root


def with_submodule(root: Path, place: Path) -> Path:
    make_repository(place / "other", {"o.py": ""})
    git(root, "submodule", "--quiet", "add", (place / "other").as_uri(), "docs")
    commit_all(root)
    return root


def with_dirty_submodule(root: Path, place: Path) -> Path:
    (with_submodule(root, place) / "docs/o.py").write_text("changed")
    return root


def with_linked_folder(root: Path, place: Path) -> Path:
    write_project(root, {"shared/s.py": "", "shared/t.py": ""})
    (root / "sub/lib").symlink_to("../shared")
    commit_all(root)
    return root / "sub"


def replaced(root: Path, place: Path) -> Path:
    (root / "second.txt").unlink()
    write_project(root, {"second.txt/inside.txt": ""})
    return root


def partial(root: Path, place: Path) -> Path:
    git(root, "config", "uploadpack.allowFilter", "true")
    git(place, "clone", "--quiet", "--filter=blob:none", root.as_uri(), "clone")
    return place / "clone"


def unborn(root: Path, place: Path) -> Path:
    return make_repository(place / "unborn", commit=False)


@posix
@pytest.mark.parametrize(
    "kind",
    [
        clean, at_tag, dirty, staged, untracked, excluded, below, dirty_above, shallow, linked, sparse, assumed,
        modes_ignored, with_submodule, with_dirty_submodule, with_linked_folder, replaced,
        partial, unborn,
    ],
)  # fmt: skip
def test_git_says_in_a_copy_what_it_says_of_the_original(tmp_path: Path, kind: Callable[[Path, Path], Path]) -> None:
    root = kind(tagged(tmp_path / "p"), tmp_path)
    project = facts.find(root)
    before = git(root, *STATUS), git(root, *DESCRIBE, check=False), git(root, "tag")
    copy = source.write(project, tmp_path / "copy")
    assert facts.find(copy).tree.digest() == project.tree.digest()
    for path in copy.rglob("*"):
        if ".git" not in path.parts and not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)
    assert not (copy / ".gates").exists()
    expected = "\n".join(line for line in before[0].splitlines() if ".gates" not in line)
    assert (git(copy, *STATUS), git(copy, *DESCRIBE, check=False), git(copy, "tag")) == (expected, *before[1:])
    assert git(copy, "ls-files", "--stage") == git(root, "ls-files", "--stage")
    assert git(copy, "symbolic-ref", "HEAD", check=False) == git(root, "symbolic-ref", "HEAD", check=False)
    commit_all(copy, "only here")
    (copy / "new.txt").write_text("only here")
    assert (git(root, *STATUS), git(root, *DESCRIBE, check=False), git(root, "tag")) == before


@posix
def test_permission_bits_make_nothing_dirty_even_where_git_is_not_told_to_look_again(tmp_path: Path) -> None:
    copy = source.write(facts.find(tagged(tmp_path / "p")), tmp_path / "copy")
    time.sleep(1.1)  # git compares the times of an inode in whole seconds
    for path in copy.glob("*.txt"):
        path.chmod(0o666)
    assert git(copy, "diff-files", "--name-only") == git(copy, "diff-index", "--name-only", "HEAD") == ""


@posix
def test_a_link_to_the_folder_above_stays_a_link(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "p", {"LICENSE": "free", "sub/pyproject.toml": ""})
    (root / "sub/LICENSE").symlink_to("../LICENSE")
    (root / "sub/again").symlink_to("LICENSE")
    commit_all(root)
    copy = source.write(facts.find(root / "sub"), tmp_path / "copy")
    assert git(copy, *STATUS) == ""
    assert (copy / "LICENSE").readlink() == Path("../LICENSE")
    assert (copy / "again").readlink() == Path("LICENSE")
    assert (copy / "again").read_text() == "free"


@posix
def test_a_link_by_way_of_the_originals_name_does_not_lead_back(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "p", {"a.txt": "old", "pyproject.toml": ""})
    (root / "b.txt").symlink_to("../p/a.txt")
    (root / "c.txt").symlink_to(root / "a.txt")
    copy = source.write(facts.find(root), tmp_path / "copy")
    (copy / "a.txt").write_text("new")
    assert (copy / "b.txt").read_text() == (copy / "c.txt").read_text() == "new"
    assert (root / "a.txt").read_text() == "old"


def test_tracked_files_count_whatever_they_are_called(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": "",
        "node_modules/x.js": "",
        "dist/y.txt": "",
        "ignored.log": "",
        ".gitignore": "*.log\n",
    }
    root = make_repository(tmp_path / "p", files)
    git(root, "add", "--force", "ignored.log")
    commit_all(root)
    copy = source.write(facts.find(root), tmp_path / "copy")
    assert git(copy, *STATUS) == ""
    assert (copy / "ignored.log").exists()
    assert (copy / "node_modules/x.js").exists()


def test_the_list_of_files_of_an_unpacked_source_distribution_is_source(tmp_path: Path) -> None:
    files = {"setup.py": "", "a.egg-info/SOURCES.txt": "x", "src/b.egg-info/PKG-INFO": "y", ".gates/z": ""}
    project = facts.find(write_project(tmp_path / "p", files))
    left = source.write(project, tmp_path / "without")
    assert sorted(one.name for one in left.rglob("*")) == ["setup.py"]
    (tmp_path / "p/PKG-INFO").write_text("")
    unpacked = source.write(facts.find(tmp_path / "p"), tmp_path / "with")
    found = sorted(one.relative_to(unpacked).as_posix() for one in unpacked.rglob("*") if one.is_file())
    assert found == ["PKG-INFO", "a.egg-info/SOURCES.txt", "setup.py", "src/b.egg-info/PKG-INFO"]


def test_what_cannot_be_copied_is_one_sentence(tmp_path: Path) -> None:
    project = facts.find(write_project(tmp_path / "p", {"a.py": ""}))
    assert project.tree.files
    (tmp_path / "p/a.py").unlink()
    (tmp_path / "p/a.py").mkdir()
    with pytest.raises(ProjectError, match=r"^a\.py: it cannot be copied: "):
        source.write(project, tmp_path / "copy")


def test_the_time_is_that_of_the_commit(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "p", {"pyproject.toml": ""})
    assert source.epoch(facts.find(root)) == source.Epoch(seconds=1_767_225_600, place="commit")


@pytest.mark.parametrize("repository", [False, True])
def test_without_a_commit_the_time_is_that_of_the_newest_file(tmp_path: Path, repository: bool) -> None:
    root = write_project(tmp_path / "p", {"pyproject.toml": "", "a.py": "", "b.py": ""})
    if repository:
        make_repository(root, {}, commit=False)
    for number, path in enumerate(one for one in sorted(root.iterdir()) if one.is_file()):
        os.utime(path, (1, 1_500_000_000 + number + 0.75))
    count = sum(1 for one in root.iterdir() if one.is_file())
    project = facts.find(root)
    assert len(project.tree.files) == count
    (root / "a.py").unlink()
    assert source.epoch(project) == source.Epoch(seconds=1_500_000_000 + count - 1, place="tree")


def version_of(environment: Environment, name: str, root: Path) -> str:
    """What the backend itself says of the version, called in the folder `root`."""
    words = {"setuptools-scm": ("setuptools_scm",), "hatch-vcs": ("hatchling", "version")}[name]
    done = subprocess.run(
        [environment.python, "-m", *words], cwd=root, capture_output=True, text=True, check=True, timeout=600
    )
    return done.stdout.strip()


@posix
@pytest.mark.parametrize("name", VERSIONED)
@pytest.mark.parametrize("kind", [clean, at_tag, dirty, untracked, shallow, with_submodule])
def test_a_version_from_git_is_that_of_the_original(
    tmp_path: Path, environments: Made, name: str, kind: Callable[[Path, Path], Path]
) -> None:
    _, environment = environments(name)
    root = kind(tagged(tmp_path / "p", versioned(name)), tmp_path)
    _same_version(environment, name, root, tmp_path)


@posix
@pytest.mark.parametrize("kind", [below, dirty_above])
def test_a_version_from_git_is_that_of_the_repository_above(
    tmp_path: Path, environments: Made, kind: Callable[[Path, Path], Path]
) -> None:
    _, environment = environments("setuptools-scm")
    files = {f"sub/{path}": text for path, text in versioned("setuptools-scm", '\nroot = ".."').items()}
    _same_version(environment, "setuptools-scm", kind(tagged(tmp_path / "p", files), tmp_path), tmp_path)


def _same_version(environment: Environment, name: str, root: Path, place: Path) -> None:
    before = sorted(root.rglob("*"))
    expected = version_of(environment, name, root)
    context = site(root)
    of = system.of(context.project)
    assert isinstance(of, System)
    copy = source.write(context.project, place / "copy")
    made = hooks.build(context, environment, of, copy, place / "out", "sdist")
    assert isinstance(made, Artifact), made
    assert made.name == f"sample-{expected}.tar.gz"
    assert sorted(one for one in root.rglob("*") if "__pycache__" not in one.parts) == before


@posix
def test_flit_packs_what_git_tracks(tmp_path: Path, environments: Made) -> None:
    _, environment = environments("flit")
    root = make_repository(real(tmp_path / "p", "flit", {"notes/more.txt": "kept"}), {})
    (root / "pyproject.toml").write_text(
        (root / "pyproject.toml").read_text() + '\n[tool.flit.sdist]\ninclude = ["notes/"]\n'
    )
    commit_all(root)
    context = site(root)
    of = system.of(context.project)
    assert isinstance(of, System)
    copy = source.write(context.project, tmp_path / "copy")
    made = hooks.build(context, environment, of, copy, tmp_path / "out", "sdist")
    assert isinstance(made, Artifact), made
    with tarfile.open(made.path) as held:
        assert "sample-1.0/notes/more.txt" in held.getnames()
