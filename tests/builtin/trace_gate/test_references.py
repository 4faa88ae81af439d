"""References: what is a file, whether it is there, and that nothing outside of the project is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace import globs, making
from gates.builtin.trace.naming.validation import Validation
from gates.builtin.trace.references import Files, read
from support import trace_evidence as made

PATHS = (
    "README.md",
    "docs/plan.md",
    "docs/shots/one.png",
    "src/core/dag.py",
    "src/core/http_adapter.py",
    "src/core/grpc_adapter.py",
    "tests/unit/dag_test.py",
)
FILES = Files(Path("/nowhere/at/all"), PATHS)


def found(text: str, document: str = "docs/plan.md") -> list[tuple[str, bool | None, tuple[str, ...]]]:
    return [(one.token, one.exists, one.paths.items) for one in read(text, 3, FILES, document=document)]


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("src/core/dag.py", [("src/core/dag.py", True, ("src/core/dag.py",))]),
        ("`src/core/dag.py:44`; README.md#usage",
         [("src/core/dag.py", True, ("src/core/dag.py",)), ("README.md", True, ("README.md",))]),
        ("core/dag.py:_build", [("core/dag.py", True, ("src/core/dag.py",))]),
        ("dag.py", [("dag.py", True, ("src/core/dag.py",))]),
        ("src/core/dag.py:10-20, ./README.md", [("src/core/dag.py", True, ("src/core/dag.py",)),
                                                 ("README.md", True, ("README.md",))]),
        ("src\\core\\dag.py", [("src/core/dag.py", True, ("src/core/dag.py",))]),
        ("core/{http_adapter.py,grpc_adapter.py}; CI",
         [("core/{http_adapter.py,grpc_adapter.py}", True, ("src/core/http_adapter.py", "src/core/grpc_adapter.py"))]),
        ("src/core/{dag.py,none.py}", [("src/core/{dag.py,none.py}", False, ("src/core/dag.py",))]),
        ("tests/unit/dag_*", [("tests/unit/dag_*", True, ("tests/unit/dag_test.py",))]),
        ("core/*_adapter.py", [("core/*_adapter.py", True, ("src/core/http_adapter.py", "src/core/grpc_adapter.py"))]),
        ("docs/**", [("docs/**", True, ("docs/plan.md", "docs/shots/one.png"))]),
        ("src/none/*", [("src/none/*", False, ())]),
        ("src/core/", [("src/core/", True, ("src/core",))]),
        ("shots", []),
        ('[the plan](plan.md "title") and more', [("plan.md", True, ("docs/plan.md",))]),
        ("shots/one.png", [("shots/one.png", True, ("docs/shots/one.png",))]),
        ("../README.md", [("../README.md", True, ("README.md",))]),
        ("/etc/passwd; ~/.ssh/id; C:\\x\\y.py", [("/etc/passwd", None, ()), ("~/.ssh/id", None, ()),
                                                ("C:/x/y.py", None, ())]),
        ("../../../etc/hosts.txt", [("../../../etc/hosts.txt", None, ())]),
        ("https://example.org/a.md, mailto:a@b.org, CI, and/or, docs, Medium", []),
        ("src/new_thing", [("src/new_thing", False, ())]),
        ("src/core/dag.py, src/core/dag.py", [("src/core/dag.py", True, ("src/core/dag.py",))]),
        ("Dockerfile", [("Dockerfile", False, ())]),
        ("**src/core/dag.py**.", [("src/core/dag.py", True, ("src/core/dag.py",))]),
    ],
)  # fmt: skip
def test_what_is_named_and_where_it_is(text: str, refs: list[tuple[str, bool | None, tuple[str, ...]]]) -> None:
    assert found(text) == refs


@pytest.mark.parametrize("mark", ["(new)", "(NEW, 2025)", "(to be written)", "(planned)"])
def test_what_is_to_be_made_is_planned(mark: str) -> None:
    (one,) = read(f"src/core/versioning.py {mark}", 9, FILES)
    assert (one.token, one.planned, one.exists, one.line) == ("src/core/versioning.py", True, False, 9)


def test_a_remark_is_no_plan() -> None:
    (one,) = read("src/core/dag.py (the old one)", 9, FILES)
    assert not one.planned


def test_files_that_git_ignores_are_there_and_links_out_of_the_project_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "build").mkdir(parents=True)
    (root / "build" / "out.txt").write_text("made", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("outside", encoding="utf-8")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    files = Files(root, ())
    assert [(one.token, one.exists) for one in read("build/out.txt; link.txt; build/none.txt", 1, files)] == [
        ("build/out.txt", True),
        ("link.txt", None),
        ("build/none.txt", False),
    ]


@given(st.text(alphabet="ab/.*{},`()[]: ;\\~\u00e9\x00", max_size=40))
def test_any_text_is_read(text: str) -> None:
    for one in read(text, 1, FILES, document="docs/plan.md"):
        assert one.token
        assert one.exists or set(one.paths.items) <= set(PATHS)


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("a/{b,c}.py", ["a/b.py", "a/c.py"]),
        ("{a,b}/{c,d}", ["a/c", "a/d", "b/c", "b/d"]),
        ("a{b}c", ["a{b}c"]),
        ("", [""]),
    ],
)
def test_brace_groups(word: str, words: list[str]) -> None:
    assert sorted(globs.braces(word)) == sorted(words)


def test_brace_groups_do_not_explode() -> None:
    assert len(globs.braces("{a,b}" * 60)) <= 2 * globs.MOST


def test_a_file_that_an_item_names_twice_is_one() -> None:
    item = made.item(files=[made.file("dag.py", 2), made.file("`dag.py:44`", 5), made.file("README.md", 6)])
    (one,) = making.made([item], Validation(None), FILES)
    assert [(ref.token, ref.line) for ref in one.files.items] == [("dag.py", 2), ("README.md", 6)]
