"""What a recording says of its origin."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from pytest_vltair import modules, provenance, tree
from pytest_vltair.options import foreign

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *args: str) -> str:
    settings = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *settings, *args], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet")
    return root


@needs_git
def test_the_commit(repository: Path) -> None:
    assert provenance.commit(repository) is None
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "one")
    head = git(repository, "rev-parse", "HEAD")
    inner = repository / "some" / "folder"
    inner.mkdir(parents=True)
    assert provenance.commit(inner) == provenance.commit(repository) == head
    git(repository, "pack-refs", "--all")
    assert provenance.commit(repository) == head
    git(repository, "worktree", "add", "--quiet", "-b", "side", "../linked")
    linked = repository.parent / "linked"
    assert provenance.commit(linked) == head
    git(linked, "commit", "--quiet", "--allow-empty", "-m", "two")
    assert provenance.commit(linked) == git(linked, "rev-parse", "HEAD") != head
    git(repository, "checkout", "--quiet", "--detach")
    assert provenance.commit(repository) == head


def test_no_commit_outside_git(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / ".git").write_bytes(b"\xff\xfe")
    assert provenance.commit(broken) is None
    (broken / ".git").write_text("gitdir: elsewhere\n")
    assert provenance.commit(broken) is None


def test_plugins_are_named_by_their_distributions(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfig()
    named = provenance.plugins(config)
    distributions = [distribution for _, distribution in config.pluginmanager.list_plugin_distinfo()]
    assert named == sorted(
        {f"{one.project_name.replace('_', '-').replace('.', '-')}-{one.version}" for one in distributions}
    )

    class Manager:
        @staticmethod
        def list_plugin_distinfo() -> list[tuple[object, object]]:
            egg = SimpleNamespace(_path=Path("old_plugin.egg-info"), project_name="old-plugin", version="1.0")
            return [(None, egg), (None, SimpleNamespace(project_name="a", version="2"))]

    assert provenance.plugins(cast("pytest.Config", SimpleNamespace(pluginmanager=Manager()))) == [
        "a-2",
        "old-plugin-1.0",
    ]


def test_foreign_arguments() -> None:
    args = ["--vltair-record", "a", "-x", "--vltair-shard=1/2", "--vltair-durations", "-q", "tests", "--vltair-record"]
    assert foreign(args) == ["-x", "tests"]
    assert foreign(["-p", "vltair", "-pvltair", "-p=pytest_vltair.plugin", "-p", "no:x", "vltair", "-p"]) == [
        "-p",
        "no:x",
        "vltair",
        "-p",
    ]
    assert foreign([Path("tests"), "--vltairish"]) == ["tests", "--vltairish"]


def test_the_recording_itself_is_no_part_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text("")
    recording = tmp_path / "run.jsonl"
    recording.write_text("{}")
    (tmp_path / "other.jsonl").write_text("{}")
    (tmp_path / "latest").symlink_to(recording)
    assert provenance.source(tmp_path, recording) == ["mod.py", "other.jsonl"]


def module(name: str, file: object) -> ModuleType:
    made = ModuleType(name)
    made.__dict__["__file__"] = file
    return made


def test_the_environment_is_the_one_that_sysconfig_names(monkeypatch: pytest.MonkeyPatch) -> None:
    named = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    digest = tree.environment_digest(map(Path, named), platform.python_version())
    assert provenance.environment_digest() == digest
    whole, later = sysconfig.get_paths, dict.fromkeys(("purelib", "platlib"), "{base}/{a_variable_of_later_versions}")

    def get_paths(*given: Any, expand: bool = True) -> dict[str, str]:
        return whole(*given) if expand else later

    monkeypatch.setattr(sysconfig, "get_paths", get_paths)
    assert provenance.environment_digest() == digest


def test_modules_are_found_without_asking_them(tmp_path: Path) -> None:
    class Lazy(ModuleType):
        def __getattribute__(self, name: str) -> object:
            raise AssertionError(f"asked for {name}")

    lazy = Lazy("lazy")
    object.__getattribute__(lazy, "__dict__")["__file__"] = str(tmp_path / "lazy.py")
    held: dict[str, object] = {
        "pkg": module("pkg", str(tmp_path / "pkg" / "__init__.py")),
        "pkg.part": module("pkg.part", str(tmp_path / "pkg" / "part.py")),
        "space": module("space", None),
        "space.inner": module("space.inner", str(tmp_path / "space" / "inner" / "__init__.py")),
        "space.inner.deep": module("space.inner.deep", str(tmp_path / "space" / "inner" / "deep.py")),
        "json": sys.modules["json"],
        "json.decoder": sys.modules["json.decoder"],
        "__main__": module("__main__", str(tmp_path / "main.py")),
        "lazy": lazy,
        "nothing": None,
        "number": 3,
        "odd": module("odd", 3),
        "elsewhere": module("elsewhere", str(tmp_path.parent / "elsewhere.py")),
        "sibling": module("sibling", f"{tmp_path}-sibling/mod.py"),
    }
    assert modules.imported(held, tmp_path) == {
        "elsewhere": str(tmp_path.parent / "elsewhere.py"),
        "lazy": "lazy.py",
        "pkg": "pkg/__init__.py",
        "sibling": f"{tmp_path}-sibling/mod.py",
        "space.inner": "space/inner/__init__.py",
    }


def test_a_root_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert modules.relative(str(tmp_path / "real" / "mod.py"), tmp_path / "link") == "mod.py"
    assert modules.relative(str(tmp_path / "link" / "mod.py"), tmp_path / "real") == "mod.py"
