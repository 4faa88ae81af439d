"""Recordings: what the gate tests ran is kept for the record, cleaned, and named by an event."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from gates.model import recorded_run
from gates.record import events
from support import healthy
from support.commands import gates

FAILING = """
def test_told():
    assert "ann@example.com" == "/home/ann/x"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return healthy.write(tmp_path / "project")


def kept(root: Path) -> dict[str, bytes]:
    folder = root / ".gates" / "recordings"
    return {one.stem: one.read_bytes() for one in folder.iterdir()} if folder.is_dir() else {}


def named(root: Path) -> list[str]:
    logs = (root / ".gates" / "events").glob("*-*.jsonl")
    found = [events.decode(line) for log in logs for line in log.read_bytes().splitlines()]
    return [one.recording for one in found if isinstance(one, events.TestsRecorded)]


@pytest.mark.requirement("REC-7")
def test_what_ran_is_kept_cleaned_and_named(project: Path) -> None:
    (project / "tests" / "test_more.py").write_text(FAILING)
    assert gates("check", "tests", cwd=project).code == 1
    ((digest, data),) = kept(project).items()
    assert named(project) == [digest] == [hashlib.sha256(data).hexdigest()]
    lines = [msgspec.json.decode(line, type=recorded_run.RecordLine) for line in data.splitlines()]
    failed = [one for one in lines if isinstance(one, recorded_run.Phase) and one.outcome == "failed"]
    assert [(one.nodeid, one.error) for one in failed] == [("tests/test_more.py::test_told", "AssertionError")]
    assert "<email>" in failed[0].message
    assert b"ann" not in data


def test_tests_that_did_not_run_again_are_not_named_again(project: Path) -> None:
    gates("check", "tests", cwd=project)
    assert gates("check", "tests", cwd=project).code == 0
    assert len(named(project)) == len(kept(project)) == 1


def test_nothing_is_kept_where_no_record_is(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("\n[tool.gates.record]\nenabled = false\n")
    assert gates("check", "tests", cwd=project).code == 0
    assert kept(project) == {}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_changes_no_verdict(project: Path) -> None:
    folder = project / ".gates" / "recordings"
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    try:
        assert gates("check", "tests", cwd=project).code == 0
    finally:
        folder.chmod(0o700)
    assert named(project) == []


def test_a_file_in_the_place_of_the_folder_changes_no_verdict(project: Path) -> None:
    (project / ".gates").mkdir(exist_ok=True)
    (project / ".gates" / "recordings").write_text("mine")
    assert gates("check", "tests", cwd=project).code == 0
    assert named(project) == []
    assert (project / ".gates" / "recordings").read_text() == "mine"
