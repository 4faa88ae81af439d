"""Globs, against a definition that is slow and plain."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gates.errors import ProjectError
from gates.project import tree
from gates.project.tree import Tree
from pytest_vltair import tree as source
from support.projects import write_project
from support.unprivileged import public_folder, unprivileged

FILES = (
    "README.md",
    "a.py",
    "docs/a.md",
    "src/.hidden.py",
    "src/a.py",
    "src/core/a.py",
    "src/core/deep/b.txt",
    "tests/t.py",
)


def name_matches(pattern: str, name: str) -> bool:
    """One name against one pattern of `*` and `?`, character by character."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return name_matches(pattern[1:], name) or (bool(name) and name_matches(pattern, name[1:]))
    return bool(name) and pattern[0] in {"?", name[0]} and name_matches(pattern[1:], name[1:])


def path_matches(pattern: list[str], path: list[str]) -> bool:
    """One path against one pattern, folder by folder."""
    if not pattern:
        return not path
    if pattern == ["**"]:
        return bool(path)
    if pattern[0] == "**":
        return any(path_matches(pattern[1:], path[start:]) for start in range(len(path) + 1))
    return bool(path) and name_matches(pattern[0], path[0]) and path_matches(pattern[1:], path[1:])


PARTS = st.one_of(
    st.just("**"), st.text("ab*?.[\n", min_size=1, max_size=4).filter(lambda part: part not in {".", "**"})
)
PATHS = st.lists(st.text("ab.[\n", min_size=1, max_size=4), min_size=1, max_size=5)


@settings(max_examples=200)
@example(["**", "\n"], ["[\n"])
@given(st.lists(PARTS, min_size=1, max_size=5), PATHS)
def test_globs_are_what_their_definition_says(pattern: list[str], path: list[str]) -> None:
    matched = re.fullmatch(tree.translate("/".join(pattern)), "/".join(path), re.DOTALL)
    assert (matched is not None) == path_matches(pattern, path)


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["**"], FILES),
        (["."], FILES),
        (["./"], FILES),
        (["src/"], ("src/.hidden.py", "src/a.py", "src/core/a.py", "src/core/deep/b.txt")),
        (["./src/*"], ("src/.hidden.py", "src/a.py")),
        (["*.py"], ("a.py",)),
        (["**/a.py"], ("a.py", "src/a.py", "src/core/a.py")),
        (["**/core/**"], ("src/core/a.py", "src/core/deep/b.txt")),
        (["**/**/t.py"], ("tests/t.py",)),
        (["src/**", "!src/core/**"], ("src/.hidden.py", "src/a.py")),
        (["!src/**", "!**/*.md"], ("a.py", "tests/t.py")),
        (["?.py", "docs/a.md"], ("a.py", "docs/a.md")),
        (["src"], ()),
        (["/a.py", "../a.py", "a.p[y]", ""], ()),
        ([], ()),
    ],
)
def test_what_globs_choose(tmp_path: Path, globs: list[str], expected: tuple[str, ...]) -> None:
    assert Tree(tmp_path, FILES).matching(globs) == expected


def test_the_digest_is_that_of_the_plugin(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert tree.read(tmp_path).digest() == source.digest(tmp_path, source.files(tmp_path))


def test_the_digest_is_over_the_files_that_the_globs_choose(tmp_path: Path) -> None:
    write_project(tmp_path, {"a.py": "1", "b.txt": "1"})
    before = tree.read(tmp_path)
    code, text, whole = before.digest(["*.py"]), before.digest(["*.txt"]), before.digest()
    (tmp_path / "b.txt").write_text("2")
    after = tree.read(tmp_path)
    assert after.digest(["*.py"]) == code
    assert after.digest(["*.txt"]) != text
    assert after.digest() != whole
    assert (before.digest(["*.txt"]), before.digest()) == (text, whole)


def test_configuration_above_the_root_counts_when_it_is_named(tmp_path: Path) -> None:
    root = write_project(tmp_path / "a/b", {"x.py": ""})
    before = tree.read(root).digest(parents=["ruff.toml"])
    assert before == tree.read(root).digest()
    (tmp_path / "a/mypy.ini").write_text("")
    assert tree.read(root).digest(parents=["ruff.toml"]) == before
    (tmp_path / "ruff.toml").write_text("")
    far = tree.read(root).digest(parents=["ruff.toml"])
    (tmp_path / "ruff.toml").rename(tmp_path / "a/ruff.toml")
    near = tree.read(root).digest(parents=["ruff.toml"])
    assert len({before, far, near}) == 3
    assert tree.read(root).digest() == before


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.unprivileged
@pytest.mark.parametrize(("path", "shown"), [("closed", "closed"), ("new\nline", "new\\nline")])
def test_what_cannot_be_read_is_one_sentence(path: str, shown: str) -> None:
    with public_folder() as root:
        write_project(root, {f"{path}/a.py": "", "b.py": ""})
        (root / "b.py").chmod(0)
        with unprivileged(), pytest.raises(ProjectError, match=r"^b\.py: it cannot be read: Permission denied$"):
            tree.read(root).digest()
        (root / path).chmod(0)
        with unprivileged(), pytest.raises(ProjectError) as caught:
            tree.read(root)
    assert str(caught.value) == f"{shown}: it cannot be read: Permission denied"


def test_names_are_shown_so_that_every_console_can() -> None:
    assert tree.printable(os.fsdecode(b"a\xff/\x1b[31m\n\xc3\xbc.py")) == "a\\xff/\\x1b[31m\\nü.py"
