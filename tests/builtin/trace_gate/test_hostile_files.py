"""Files that are none, that lead elsewhere or that nobody can read: one sentence each, and nothing waits for ever."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.builtin.trace.facts import TraceEvidence
from gates.builtin.trace.gate import TraceGate
from gates.model.evidence import Refusal, encode
from gates.testing import project, run
from support import repositories
from support.traced import trace
from support.unprivileged import public_folder, unprivileged

TEXT = "- [ ] AB-1: a\n- [ ] AB-2: b\n"
SETTINGS = '[project]\nname = "w"\nversion = "1"\n[tool.gates.trace]\ndocuments = ["{}"]\ntests = false\n'
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="pipes and names that are no text are of POSIX")


def collected(root: Path, *documents: str) -> TraceEvidence | Refusal:
    return TraceGate().collect(run.context(root, TraceGate(), documents=documents))


def pipe(root: Path) -> None:
    os.mkfifo(root / "a.md")


def piped(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "a.md").symlink_to("pipe")


def endless(root: Path) -> None:
    (root / "a.md").symlink_to("/dev/zero")


def loop(root: Path) -> None:
    (root / "a.md").symlink_to("a.md")


def dangling(root: Path) -> None:
    (root / "a.md").symlink_to("nowhere.md")


def folder(root: Path) -> None:
    project.write(root, {"a.md/b.md": TEXT})


def linked(root: Path) -> None:
    folder(root)
    (root / "a.md").rename(root / "there")
    (root / "a.md").symlink_to("there")


@pytest.mark.requirement("TRA-9")
@POSIX
@pytest.mark.parametrize("git", [False, True])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (pipe, "names the document a.md, and that is no regular file, or a link that leads to none"),
        (piped, "a.md: cannot be read: it is a pipe, a socket or a device"),
        (endless, "a.md: cannot be read: it is a pipe, a socket or a device"),
        (loop, "a.md: cannot be read: Too many levels of symbolic links"),
        (dangling, "a.md: cannot be read: No such file or directory"),
        (folder, "names the document a.md, and that is a folder: name the documents in it, such as a.md/*.md"),
        (linked, "a.md: cannot be read: it is a folder"),
    ],
)
def test_what_is_no_document_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], None], said: str, git: bool
) -> None:
    root = project.write(tmp_path / "p", {"pyproject.toml": ""})
    make(root)
    if git:
        repositories.git(root, "init", "--quiet")
        repositories.git(root, "add", "--all")
    found = collected(root, "a.md")
    assert isinstance(found, Refusal)
    assert found.reason.message.endswith(said)
    assert "\n" not in found.reason.message


@POSIX
def test_pipes_beside_a_document_are_not_waited_for(tmp_path: Path) -> None:
    files = {"pyproject.toml": SETTINGS.format("*.md"), "a.md": TEXT, "code.py": "# implements: AB-1\n"}
    root = project.write(tmp_path / "p", files)
    os.mkfifo(root / "pipe")
    (root / "b.py").symlink_to("pipe")
    (root / "test_b.py").symlink_to("pipe")
    found = trace(root, "--output-format", "json").report
    assert [one["id"] for one in found["items"]] == ["AB-1", "AB-2"]
    assert found["items"][0]["code"] == [{"path": "code.py", "line": 1}]


@POSIX
def test_a_file_that_may_not_be_read_is_one_sentence() -> None:
    with public_folder() as place:
        root = project.write(place / "p", {"a.md": TEXT, "b.md": TEXT})
        (root / "b.md").chmod(0)
        asked = run.context(root, TraceGate(), documents=("*.md",))
        with unprivileged():
            found = TraceGate().collect(asked)
    assert isinstance(found, Refusal)
    assert found.reason.message == "b.md: cannot be read: Permission denied"


def test_a_document_outside_of_the_project_is_read_anew_each_time(tmp_path: Path) -> None:
    root = project.write(tmp_path / "p", {"in.md": TEXT, "docs/in.md": TEXT})
    outside = tmp_path / "out.md"
    outside.write_text(TEXT, "utf-8")
    names = {"in.md": False, "docs/*.md": False, str(outside): True, "../out.md": True}
    if sys.platform != "win32":
        (root / "link.md").symlink_to(outside)
        (root / "near.md").symlink_to("in.md")
        names |= {"link.md": True, "near.md": True}
    for name, anew in names.items():
        asked = run.context(root, TraceGate(), documents=(name,))
        found = TraceGate().collect(asked)
        assert isinstance(found, TraceEvidence)
        assert [one.id for one in found.items.items] == ["AB-1", "AB-2"]
        assert (asked.unkept is not None) == anew, name


@pytest.mark.requirement("TRA-9")
def test_an_empty_document_is_a_finding_and_so_is_one_beside_others(tmp_path: Path) -> None:
    root = project.write(tmp_path / "p", {"pyproject.toml": SETTINGS.format("*.md"), "a.md": "", "b.md": TEXT})
    (root / "c.md").write_bytes(b"\xef\xbb\xbf\r\n\r\n")
    found = trace(root, "--output-format", "json")
    assert [(one["rule"], one["path"]) for one in found.report["findings"] if one["rule"] == "TRC015"] == [
        ("TRC015", "a.md"),
        ("TRC015", "c.md"),
    ]
    assert found.code == 1


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take no such name")
def test_names_that_are_no_text_are_escaped(tmp_path: Path) -> None:
    root = project.write(tmp_path / "p", {"pyproject.toml": "", "a.md": f"{TEXT}  - Files: src/*.py\n"})
    (root / "src").mkdir()
    for name, text in ((b"\xff.md", "- [ ] AB-3: c\n"), (b"src/\xfe.py", "# implements: AB-1\n"), (b"a\nb.md", "")):
        Path(os.fsdecode(bytes(root) + b"/" + name)).write_text(text, "utf-8")
    found = collected(root, "*.md")
    assert isinstance(found, TraceEvidence), found
    assert encode(found)
    assert {one.place.path for one in found.items.items} == {"a.md", "\\xff.md"}
    assert [one.path for one in found.code.items] == ["src/\\xfe.py"]
    assert found.items.items[1].files.items[0].paths.items == ("src/\\xfe.py",)


def test_links_of_an_item_that_lead_out_of_the_project_are_not_followed(tmp_path: Path) -> None:
    text = (
        "- [x] AB-1: a\n  - Files: ../../etc/passwd, /etc/passwd, file:///etc/passwd, ~/.ssh/id_rsa, out/secret.txt, "
        "[page](../../../etc/hosts), C:\\Windows\\win.ini, a/../../b.txt\n"
    )
    root = project.write(tmp_path / "p", {"a.md": text})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.txt").write_text("", "utf-8")
    if sys.platform != "win32":
        (root / "out").symlink_to(tmp_path / "elsewhere")
    found = collected(root, "a.md")
    assert isinstance(found, TraceEvidence)
    (item,) = found.items.items
    assert not [one.token for one in item.files.items if one.exists], item.files
    assert not [one.paths for one in item.files.items if one.paths.count]
