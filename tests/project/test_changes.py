"""Real repositories: what git's own answer holds, whatever the names, the contents and the user's configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gates.errors import GitError
from gates.project import changes, index
from gates.project import git as repository
from gates.project.changes import ChangedFile
from support.repositories import commit_all, git, make_repository

TEN = "".join(f"line{number} = {number}\n" for number in range(1, 11))


def since(root: Path, commit: str = "HEAD") -> dict[str, ChangedFile]:
    held = repository.find(root)
    assert held is not None
    found = changes.since(held, git(root, "rev-parse", commit))
    assert [one.path for one in found] == sorted(one.path for one in found)
    return {one.path: one for one in found}


def changed(path: str, status: changes.Status, *lines: tuple[int, int], old: str | None = None) -> ChangedFile:
    return ChangedFile(path=path, old=old, status=status, lines=lines)


def edited(text: str, **lines: str) -> str:
    """`text` with whole lines replaced, `l3="x"`; a value may hold several lines, or none."""
    held = text.splitlines(keepends=True)
    for name, line in lines.items():
        held[int(name[1:]) - 1] = line
    return "".join(held)


def test_added_and_altered_lines_by_status(tmp_path: Path) -> None:
    root = make_repository(
        tmp_path / "project",
        {
            "a.py": TEN,
            "moved.py": TEN * 2,
            "pure.py": TEN * 3,
            "gone.py": "x = 1\n",
            "cut.py": TEN,
            ".gitignore": "ig*",
        },
    )
    (root / "a.py").write_text(edited(TEN, l3="x = 1\ny = 2\n", l4="", l9="z = 3\n"), "utf-8")
    (root / "moved.py").unlink()
    (root / "sub").mkdir()
    (root / "sub/new.py").write_text(edited(TEN * 2, l5="other = 5\n"), "utf-8")
    (root / "pure.py").rename(root / "sub/pure.py")
    (root / "gone.py").unlink()
    (root / "cut.py").write_text(edited(TEN, l4="", l5=""), "utf-8")
    (root / "staged.py").write_text("s = 1\n", "utf-8")
    git(root, "add", "staged.py")
    (root / "fresh.py").write_text("f = 1\nf = 2", "utf-8")
    (root / "ignored.py").write_text("i = 1\n", "utf-8")
    assert since(root) == {
        "a.py": changed("a.py", "modified", (3, 4), (9, 9)),
        "cut.py": changed("cut.py", "modified"),
        "fresh.py": changed("fresh.py", "untracked", (1, 2)),
        "staged.py": changed("staged.py", "added", (1, 1)),
        "sub/new.py": changed("sub/new.py", "renamed", (5, 5), old="moved.py"),
        "sub/pure.py": changed("sub/pure.py", "renamed", old="pure.py"),
    }


def test_it_is_the_same_after_the_change_was_committed(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN, "b.py": TEN * 2})
    (root / "b.py").rename(root / "c.py")
    (root / "c.py").write_text(edited(TEN * 2, l20="x = 1\n"), "utf-8")
    (root / "a.py").write_text(edited(TEN, l1="x = 1\n"), "utf-8")
    before = since(root)
    commit_all(root)
    assert since(root, "HEAD^") == before
    assert since(root) == {}


def test_nothing_is_written_below_git_even_with_a_split_index(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    git(root, "config", "core.splitIndex", "true")
    git(root, "update-index", "--split-index")
    (root / "new.py").write_text(TEN, "utf-8")
    before = {path: path.read_bytes() for path in (root / ".git").rglob("*") if path.is_file()}
    assert list(since(root)) == ["new.py"]
    assert {path: path.read_bytes() for path in (root / ".git").rglob("*") if path.is_file()} == before


def test_an_edit_in_the_second_of_the_commit_that_leaves_the_size_as_it_was(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": "x = 1\n"}, commit=False)
    git(root, "config", "core.checkStat", "minimal")
    git(root, "config", "core.trustctime", "false")
    os.utime(root / "a.py", (10**9, 10**9))
    commit_all(root)
    (root / "a.py").write_text("x = 2\n", "utf-8")
    for path in ("a.py", ".git/index"):
        os.utime(root / path, (10**9, 10**9))
    assert since(root) == {"a.py": changed("a.py", "modified", (1, 1))}


def test_copies_are_new(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    git(root, "config", "diff.renames", "copies")
    (root / "b.py").write_text(TEN, "utf-8")
    (root / "a.py").write_text(edited(TEN, l1="x = 1\n"), "utf-8")
    assert since(root)["b.py"] == changed("b.py", "untracked", (1, 10))


def test_a_file_whose_mode_changed_a_link_and_a_binary_file_have_no_lines(tmp_path: Path) -> None:
    root = make_repository(
        tmp_path / "project", {"mode.py": TEN, "link.py": TEN, "unlink.py": "", "b.bin": b"\0\n\n" * 9}
    )
    (root / "unlink.py").unlink()
    (root / "unlink.py").symlink_to("mode.py")
    commit_all(root)
    (root / "mode.py").chmod(0o755)
    (root / "link.py").unlink()
    (root / "link.py").symlink_to("mode.py")
    (root / "new_link.py").symlink_to("mode.py")
    (root / "unlink.py").unlink()
    (root / "unlink.py").write_text(TEN, "utf-8")
    (root / "b.bin").write_bytes(b"\0\na\n" * 9)
    (root / "empty.py").write_text("", "utf-8")
    assert since(root) == {
        "b.bin": changed("b.bin", "modified"),
        "empty.py": changed("empty.py", "untracked"),
        "link.py": changed("link.py", "modified"),
        "mode.py": changed("mode.py", "modified"),
        "new_link.py": changed("new_link.py", "untracked"),
        "unlink.py": changed("unlink.py", "modified", (1, 10)),
    }


def test_nothing_but_binary_files_changed(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"b.bin": b"\0\n\n" * 9})
    (root / "b.bin").write_bytes(b"\0\na\n" * 9)
    assert since(root) == {"b.bin": changed("b.bin", "modified")}


def test_without_an_index_the_answer_is_the_same(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN, "b.py": TEN * 2})
    (root / "a.py").write_text(edited(TEN, l2="x = 1\n"), "utf-8")
    (root / "new.py").write_text("x = 1\n", "utf-8")
    (root / ".git/index").unlink()
    assert since(root) == {
        "a.py": changed("a.py", "modified", (2, 2)),
        "new.py": changed("new.py", "untracked", (1, 1)),
    }


def test_submodules_and_repositories_inside_are_no_files(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"x.py": TEN})
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    git(root, "submodule", "--quiet", "add", str(other), "sub")
    commit_all(root)
    (root / "sub/x.py").write_text("x = 1\n", "utf-8")
    make_repository(root / "inner", {"y.py": TEN})
    git(root, "config", "diff.submodule", "diff")
    assert since(root) == {}
    commit_all(root / "sub")
    assert since(root) == {}


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    root = make_repository(
        tmp_path / "project",
        {"sub/pyproject.toml": "", "sub/a.py": TEN, "sub/b.py": TEN * 2, "out.py": TEN * 3, "in.py": TEN * 4},
    )
    (root / "sub/a.py").write_text(edited(TEN, l2="x = 1\n"), "utf-8")
    (root / "sub/b.py").rename(root / "sub/c.py")
    (root / "in.py").rename(root / "sub/in.py")
    (root / "out.py").write_text("x = 1\n", "utf-8")
    (root / "sub/new.py").write_text(TEN, "utf-8")
    assert since(root / "sub") == {
        "a.py": changed("a.py", "modified", (2, 2)),
        "c.py": changed("c.py", "renamed", old="b.py"),
        "in.py": changed("in.py", "untracked", (1, 40)),
        "new.py": changed("new.py", "untracked", (1, 10)),
    }


def test_whitespace_counts_and_line_ends_do_not(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"unix.py": TEN, "dos.py": TEN.replace("\n", "\r\n"), "space.py": TEN})
    (root / "unix.py").write_bytes(edited(TEN, l7="x = 1\n").replace("\n", "\r\n").encode())
    (root / "dos.py").write_bytes(TEN.encode())
    (root / "space.py").write_text(edited(TEN, l3="line3 =  3\n", l4="line4 = 4 \n"), "utf-8")
    assert since(root) == {
        "dos.py": changed("dos.py", "modified"),
        "space.py": changed("space.py", "modified", (3, 4)),
        "unix.py": changed("unix.py", "modified", (7, 7)),
    }


def test_lines_are_counted_as_python_counts_them(tmp_path: Path) -> None:
    root = make_repository(
        tmp_path / "project", {"mac.py": b"a = 1\rb = 2\rc = 3\nd = 4\r\ne = 5\n", "all.py": b"a = 1\n"}
    )
    (root / "mac.py").write_bytes(b"a = 1\rb = 2\rc = 3\nd = 4\r\ne = 6\n")
    (root / "all.py").write_bytes(b"a = 2\rb = 2\r\x0cc = 3\r")
    assert since(root)["mac.py"].lines == ((5, 5),)
    assert since(root)["all.py"].lines == ((1, 3),)


def own(number: int, **lines: str) -> str:
    """Ten lines that no other file has, so that it is known which one was moved."""
    return edited(TEN.replace("line", f"own{number}_"), **lines)


HOSTILE = [
    "a b.py",
    'quote"d.py',
    "back\\slash.py",
    "new\nline.py",
    "tab\tbed.py",
    "é.py",
    "\udcff.py",
    ":(glob)x.py",
    "-dash.py",
    "new\n@@ -0,0 +1,99 @@\n+.py",
    "new/+++ b.py",
    " lead.py",
    "trail.py ",
    "\x7f\x01.py",
    "a => b.py",
    '"whole"',
]


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse these names")
def test_hostile_names(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": "1\n"})
    for number, name in enumerate(HOSTILE):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(own(number), "utf-8")
    assert since(root) == {name: changed(name, "untracked", (1, 10)) for name in HOSTILE}
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("* -diff\n", "utf-8")
    assert since(root) == {name: changed(name, "untracked", (1, 10)) for name in HOSTILE}
    commit_all(root)
    for number, name in enumerate(HOSTILE):
        (root / name).unlink()
        (root / f"moved{name.replace('/', '')}").write_text(own(number, l5="x = 1\n"), "utf-8")
    found = since(root)
    assert sorted(found) == sorted(f"moved{name.replace('/', '')}" for name in HOSTILE)
    assert {one.status for one in found.values()} == {"renamed"}
    assert {one.old for one in found.values()} == set(HOSTILE)
    assert {one.lines for one in found.values()} == {((5, 5),)}


CONFIGURED = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "color.ui": "always",
    "color.diff": "always",
    "diff.colorMoved": "zebra",
    "diff.wsErrorHighlight": "all",
    "diff.external": "false",
    "diff.shout.command": "false",
    "diff.shout.textconv": "tr a-z A-Z | sort <",
    "diff.shout.binary": "true",
    "diff.shout.xfuncname": "^(.*)$",
    "core.quotePath": "true",
    "core.pager": "false",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.context": "12",
    "diff.interHunkContext": "9",
    "diff.algorithm": "patience",
    "diff.indentHeuristic": "false",
    "diff.suppressBlankEmpty": "true",
    "diff.relative": "true",
    "diff.orderFile": "/nowhere/order",
    "diff.ignoreSubmodules": "none",
    "diff.submodule": "log",
    "diff.autoRefreshIndex": "false",
    "diff.wordRegex": ".",
    "core.attributesFile": "ATTRIBUTES",
    "diff.dstPrefix": "other/",
}


def a_change(root: Path) -> None:
    """One of each kind, with empty lines around and a file whose time alone changed."""
    text = "\n".join(TEN.splitlines(keepends=True))
    files: dict[str, str | bytes] = {
        "a.py": text,
        "m.py": text * 2,
        "p.py": text * 3,
        "touched.py": TEN,
        "b.dat": b"\0\n" * 9,
        "x.dat": b"\0",
    }
    make_repository(root, files)
    (root / "a.py").write_text(edited(text, l3="x = 1\n", l7="y\n\n"), "utf-8")
    (root / "m.py").unlink()
    (root / "n.py").write_text(edited(text * 2, l3="x = 1\n"), "utf-8")
    (root / "p.py").rename(root / "q.py")
    (root / "b.dat").write_bytes(b"\n\0\n" * 9)
    (root / "x.dat").write_text(TEN, "utf-8")
    (root / "é new.py").write_text(text, "utf-8")
    os.utime(root / "touched.py", (1, 1))


@pytest.mark.parametrize("key", [*CONFIGURED, "all"])
def test_user_configuration_changes_nothing(tmp_path: Path, key: str) -> None:
    root = tmp_path / "project"
    a_change(root)
    plain = since(root)
    assert plain == EXPECTED
    attributes = tmp_path / "attributes"
    attributes.write_text("*.py -diff\n", "utf-8")
    if key.startswith("diff.shout") or key == "all":
        (root / ".git/info").mkdir(exist_ok=True)
        (root / ".git/info/attributes").write_text("a.py diff=shout\nn.py diff=shout\n", "utf-8")
    for name, value in CONFIGURED.items():
        if key in {name, "all"}:
            git(root, "config", name, value.replace("ATTRIBUTES", str(attributes)))
    assert since(root) == plain


EXPECTED = {
    "a.py": changed("a.py", "modified", (3, 3), (7, 8)),
    "b.dat": changed("b.dat", "modified"),
    "n.py": changed("n.py", "renamed", (3, 3), old="m.py"),
    "q.py": changed("q.py", "renamed", old="p.py"),
    "x.dat": changed("x.dat", "modified", (1, 10)),
    "é new.py": changed("é new.py", "untracked", (1, 19)),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIFF_OPTS", "--unified=7"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_CONFIG_PARAMETERS", "'color.ui'='always' 'diff.noprefix'='true'"),
    ],
)
def test_the_environment_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    a_change(tmp_path / "project")
    monkeypatch.setenv(name, value)
    assert since(tmp_path / "project") == EXPECTED


SHUFFLED = (b"a\n    x\nc\n}\nd\nb\n    x\n}\n", b"b\n    x\n}\na\n    x\n}\n    y\n}\n")
"""Text in which patience, histogram and myers without the heuristic of indents each find other lines added."""


@pytest.mark.parametrize("algorithm", ["myers", "minimal", "patience", "histogram"])
def test_the_algorithm_is_always_the_same(tmp_path: Path, algorithm: str) -> None:
    before, after = SHUFFLED
    root = make_repository(tmp_path / "project", {"a.py": before})
    (root / "a.py").write_bytes(after)
    git(root, "config", "diff.algorithm", algorithm)
    git(root, "config", "diff.indentHeuristic", "true" if algorithm == "patience" else "false")
    assert since(root)["a.py"].lines == ((1, 1), (4, 4), (6, 7))


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=shout", "diff=python", "diff", "-text"])
def test_attributes_hide_no_line(tmp_path: Path, attribute: str) -> None:
    root = make_repository(
        tmp_path / "project", {".gitattributes": f"*.py {attribute}\n", "a.py": TEN, "m.py": TEN * 2}
    )
    git(root, "config", "diff.shout.binary", "true")
    (root / "a.py").write_text(edited(TEN, l3="x = 1\n"), "utf-8")
    (root / "m.py").unlink()
    (root / "n.py").write_text(edited(TEN * 2, l4="x = 1\n"), "utf-8")
    (root / "new.py").write_text(TEN, "utf-8")
    assert since(root) == {
        "a.py": changed("a.py", "modified", (3, 3)),
        "n.py": changed("n.py", "renamed", (4, 4), old="m.py"),
        "new.py": changed("new.py", "untracked", (1, 10)),
    }


def test_a_merge_that_is_not_finished(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    git(root, "checkout", "-q", "-b", "side")
    (root / "a.py").write_text(edited(TEN, l5="side = 1\n"), "utf-8")
    commit_all(root)
    git(root, "checkout", "-q", "main")
    (root / "a.py").write_text(edited(TEN, l5="main = 1\n"), "utf-8")
    commit_all(root)
    git(root, "merge", "side", check=False)
    assert since(root)["a.py"].lines == ((5, 5), (7, 9))


def test_a_commit_that_is_not_here_is_a_failure_of_git(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    held = repository.find(root)
    assert held is not None
    with pytest.raises(GitError, match="git diff failed: bad object"):
        changes.since(held, "1" * 40)


@pytest.mark.parametrize(
    "written", [b":100644 bad\n", b"+++ new/a\n@@ nonsense\n", b"+++ new/a\n@@ -1 +1,2 @@\n-x\n+y"]
)
def test_output_that_is_not_git_s_is_a_failure_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    monkeypatch.setattr(index.Index, "run", lambda *_: written)
    with pytest.raises(GitError, match="git diff did not write what it should"):
        since(root)


def test_a_changed_file_that_cannot_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repository(tmp_path / "project", {"a.py": TEN})
    said = b":100644 100644 1 2 M\tgone.py\n\ndiff --git old/gone.py new/gone.py\n--- old/gone.py\n+++ new/gone.py\n"
    monkeypatch.setattr(index.Index, "run", lambda *_: said + b"@@ -1 +1 @@\n-x\n+y\n")
    with pytest.raises(GitError, match=r"the changed file 'gone\.py' cannot be read: No such file"):
        since(root)


LINES = st.lists(
    st.sampled_from(["a", "b", "c", "", "    ", "+x", "++ y", "-- z", "@@ -1 +1 @@", "\\ No", "diff --git"])
)


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edits=st.lists(st.tuples(LINES, LINES, st.booleans()), min_size=20, max_size=40))
def test_lines_are_those_that_git_counts(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[list[str], list[str], bool]]
) -> None:
    before = {f"f{number}.py": "".join(f"{line}\n" for line in old) for number, (old, _, _) in enumerate(edits)}
    files = {path: text.encode() for path, text in before.items()}
    root = make_repository(tmp_path_factory.mktemp("edits") / "project", {"keep": "", **files})
    for number, (_, new, ended) in enumerate(edits):
        (root / f"f{number}.py").write_text("\n".join(new) + ("\n" if ended and new else ""), "utf-8")
    found = since(root)
    said = git(root, "diff", "--numstat", "--no-renames", "--ignore-cr-at-eol").splitlines()
    numbered = {path: int(added) for added, _, path in (line.split("\t") for line in said)}
    touched = {
        path: {number for first, last in one.lines for number in range(first, last + 1)} for path, one in found.items()
    }
    assert {path: len(lines) for path, lines in touched.items() if lines} == {
        path: added for path, added in numbered.items() if added
    }
    for path, lines in touched.items():
        old = iter(before[path].splitlines())
        new = (root / path).read_text("utf-8").splitlines()
        left = [line for number, line in enumerate(new, start=1) if number not in lines]
        assert all(any(line == one for one in old) for line in left), "what is left is a part of what was there"


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_was_told_to_take_for_unchanged_is_looked_at(tmp_path: Path, flag: str) -> None:
    root = make_repository(tmp_path / "repo", {"a.py": "one\n", "sub/b.py": "two\n"}, commits=2)
    git(root, "update-index", flag, "a.py", "sub/b.py")
    (root / "a.py").write_text("one\nmore\n")
    (root / "sub/b.py").unlink()
    found = since(root, "HEAD^")
    assert {path: one.lines for path, one in found.items()} == {"a.py": ((2, 2),), "history.txt": ((1, 1),)}
    assert git(root, "ls-files", "-v").splitlines()[0] != "H a.py"


def test_what_git_wrote_itself_is_looked_at_with_ignore_stat(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "repo", {"a.py": "one\n"})
    git(root, "config", "core.ignoreStat", "true")
    git(root, "checkout", "--quiet", "HEAD", "--", "a.py")
    (root / "a.py").write_text("one\nmore\n")
    assert {path: one.lines for path, one in since(root).items()} == {"a.py": ((2, 2),)}
