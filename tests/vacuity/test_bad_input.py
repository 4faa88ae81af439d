"""Input that no tool expects: one clear sentence, the right exit code, and nothing written outside `.gates/`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support import healthy
from support.commands import Result, check, environment

TOOLS_WRITE = {".pytest_cache", "__pycache__", ".benchmarks"}
"""What pytest and its plugins leave in a tree, as it does when it is run by hand."""


def listing(root: Path) -> set[str]:
    found = set()
    for folder, folders, files in os.walk(os.fsencode(root)):
        folders[:] = [one for one in folders if os.fsdecode(one) not in {".gates", ".git", *TOOLS_WRITE}]
        found |= {os.fsdecode(folder + b"/" + name) for name in (*folders, *files)}
    return found


def judged(root: Path, *arguments: str, code: int = 0, gates: str = "lint,types,tests") -> Result:
    before = listing(root)
    result = check(root, "--select", gates, *arguments)
    assert "Traceback" not in result.err
    assert result.code == code, result.out + result.err
    assert listing(root) == before
    return result


def sentence(result: Result) -> str:
    message: str = result.report["error"]["message"]
    assert "\n" not in message.strip()
    return f"{result.report['error']['path']}:{result.report['error']['line']} {message}"


def test_a_binary_pyproject(tmp_path: Path) -> None:
    healthy.write(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(bytes(range(256)) * 4)
    assert "pyproject.toml" in sentence(judged(tmp_path, code=2))


def test_a_huge_pyproject(tmp_path: Path) -> None:
    healthy.write(tmp_path)
    (tmp_path / "pyproject.toml").write_text(healthy.PYPROJECT + "# filler\n" * 1_200_000, "utf-8")
    assert "pyproject.toml" in sentence(judged(tmp_path, code=2))


def test_an_invalid_pyproject(tmp_path: Path) -> None:
    healthy.write(tmp_path, **{"pyproject.toml": "[project]\nname = \n"})
    assert sentence(judged(tmp_path, code=2)).startswith("pyproject.toml:2 ")


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_symlink_loop(tmp_path: Path) -> None:
    healthy.write(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "data")
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    (tmp_path / "broken").symlink_to("nowhere")
    judged(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="names of arbitrary bytes")
@pytest.mark.parametrize(
    "name", [b"new\nline.txt", b"latin\xe9.txt", b"tab\t.txt", b"\x1b[31mred.txt", b"caf\xc3\xa9.txt"]
)
def test_a_strange_file_name(tmp_path: Path, name: bytes) -> None:
    healthy.write(tmp_path)
    (tmp_path / os.fsdecode(name)).write_text("data", "utf-8")
    judged(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="names of arbitrary bytes")
@pytest.mark.parametrize("name", [b"new\nline.py", b"latin\xe9.py"])
def test_a_strange_module_with_a_fault(tmp_path: Path, name: bytes) -> None:
    healthy.write(tmp_path)
    (tmp_path / "src" / os.fsdecode(name)).write_text("import os\n", "utf-8")
    result = check(tmp_path, "--select", "lint", "--output-format", "full")
    assert result.code in {1, 3}
    assert "Traceback" not in result.err
    for part in (result.out, result.err):
        assert "\udce9" not in part
    assert "\\n" in result.out or "\\xe9" in result.out or result.code == 3


def test_blanks_and_letters_of_other_scripts_in_the_path(tmp_path: Path) -> None:
    judged(healthy.write(tmp_path / "mit Leerzeichen" / "проект 项目 é"))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")
@pytest.mark.unprivileged
def test_a_directory_without_read_permission(tmp_path: Path) -> None:
    root = healthy.write(tmp_path)
    (root / "src" / "secret").mkdir()
    (root / "src" / "secret").chmod(0)
    try:
        done = _without_the_rights_of_root(root)
    finally:
        (root / "src" / "secret").chmod(0o755)
    assert done.returncode in {2, 3}, done.stdout + done.stderr
    assert "secret" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def _without_the_rights_of_root(root: Path) -> subprocess.CompletedProcess[str]:
    """`gates check lint` by a process that file permissions hold for."""
    dropped = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]
    return subprocess.run(
        [*(dropped if os.geteuid() == 0 else []), sys.executable, "-P", "-m", "gates", "check", "lint"],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def git(root: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", *words],
        cwd=root,
        check=True,
        capture_output=True,
    )


def committed(root: Path) -> Path:
    healthy.write(root)
    (root / ".gitignore").write_text("__pycache__/\n.gates/\n.pytest_cache/\n", "utf-8")
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-qm", "one"],
        ["commit", "-q", "--allow-empty", "-m", "two"],
    ):
        git(root, *words)
    return root


def plain(folder: Path) -> Path:
    return healthy.write(folder / "plain")


def unborn(folder: Path) -> Path:
    root = healthy.write(folder / "unborn")
    git(root, "init", "-q")
    return root


def detached(folder: Path) -> Path:
    root = committed(folder / "detached")
    git(root, "checkout", "-q", "--detach", "HEAD~1")
    return root


def shallow(folder: Path) -> Path:
    origin = committed(folder / "origin")
    git(folder, "clone", "-q", "--depth", "1", origin.as_uri(), "shallow")
    return folder / "shallow"


def submodule(folder: Path) -> Path:
    inner, outer = committed(folder / "inner"), committed(folder / "outer")
    git(outer, "submodule", "--quiet", "add", inner.as_uri(), "vendor/inner")
    git(outer, "commit", "-qm", "submodule")
    return outer / "vendor" / "inner"


def worktree(folder: Path) -> Path:
    root = committed(folder / "main")
    git(root, "worktree", "add", "-q", str(folder / "linked"), "-b", "other")
    return folder / "linked"


def subdirectory(folder: Path) -> Path:
    root = committed(folder / "whole")
    return healthy.write(root / "packages" / "one")


@pytest.mark.parametrize("place", [plain, unborn, detached, shallow, submodule, worktree, subdirectory])
def test_every_kind_of_checkout(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    result = judged(place(tmp_path))
    assert result.report["verdict"] == "passed"
    assert (result.report["project"]["commit"] is None) == (place in {plain, unborn})


def test_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    assert "nosuch" in sentence(judged(tmp_path, "--project", "nosuch", code=2))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_project_that_is_read_only(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    root.chmod(0o555)
    try:
        assert check(root, "--select", "lint").code == 0
    finally:
        root.chmod(0o755)
