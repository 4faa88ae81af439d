"""Before: the documents as a commit has them, and a project without a past."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.builtin.trace.documents import document
from gates.builtin.trace.gate import TraceGate
from gates.builtin.trace.gathering import before
from gates.builtin.trace.readers import registry
from gates.builtin.trace.readers.registry import Reading
from gates.project.facts import Project
from gates.testing import project, run
from support import repositories

TEXT = "# Tasks\n\n- [x] CE-1: the order is stable\n"


def facts(root: Path) -> Project:
    return run.context(root, TraceGate(), documents=("tasks.md",)).project


def now(text: str = TEXT) -> list[Reading]:
    return [registry.read(document.parse("tasks.md", text.encode()), registry.builtin())]


def committed(root: Path, data: bytes) -> str:
    project.write(root, {"pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\n'})
    (root / "tasks.md").write_bytes(data)
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.git(root, "add", "--all")
    repositories.git(root, "commit", "--quiet", "--message=first")
    return repositories.git(root, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (TEXT.encode(), ["CE-1"]),
        (b"# Tasks\n\n- [ ] CE-1: other words\n- [x] CE-2: more\n", ["CE-1", "CE-2"]),
        (b"\x7fELF\x00\x00- [x] CE-1: no text\n", []),
    ],
)
def test_a_document_is_read_as_the_commit_has_it(tmp_path: Path, data: bytes, ids: list[str]) -> None:
    commit = committed(tmp_path, data)
    (tmp_path / "tasks.md").write_text(TEXT + "\n", "utf-8")
    (then,) = before.readings(facts(tmp_path), commit, now(TEXT + "\n"), registry.builtin())
    assert then.document.path == "tasks.md"
    assert [one.id for _, one in then.found] == ids


def test_without_git_nothing_was_otherwise_before(tmp_path: Path) -> None:
    project.write(tmp_path, {"pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\n', "tasks.md": TEXT})
    here, readings = facts(tmp_path), now()
    assert here.git is None
    assert before.readings(here, "HEAD", readings, registry.builtin()) is readings
    assert list(before.changed(here, "HEAD", (), {}, {}, (), lambda _: readings)) == []
