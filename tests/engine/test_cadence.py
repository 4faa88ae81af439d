"""The plan says of each gate how old its evidence and its proofs may be, how old they are, and what to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gates.engine import receipt
from gates.engine.receipt import SCHEMA_VERSION, Receipt
from support import commands, provable
from support.repositories import git


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = provable.write(tmp_path / "project", "todo")
    path = root / "pyproject.toml"
    text = path.read_text("utf-8").replace(
        "[tool.gates.prove.", "[tool.gates.prove]\nmax-age = 90\n\n[tool.gates.prove."
    )
    path.write_text(text + "\n[tool.gates.todo]\nmax-age = 7200\n", "utf-8")
    return root


def planned(root: Path) -> dict[str, Any]:
    done = commands.gates("check", "--plan", "--output-format", "json", cwd=root)
    assert done.code == 0, done.err
    found: dict[str, dict[str, Any]] = {one["name"]: one["cadence"] for one in done.report["planned"]}
    return found["todo"]


def said(root: Path) -> list[str]:
    lines = commands.gates("check", "--plan", cwd=root).out.splitlines()
    return [line.strip() for line in lines if line.startswith("    ") and (" may be " in line or "due: " in line)]


def aged(root: Path, **changed: str) -> None:
    """Write the gate's newest receipt anew."""
    path = max((root / ".gates/receipts/todo").glob("*.json"), key=lambda path: path.stat().st_mtime)
    held = json.loads(path.read_bytes())["receipt"]
    path.write_bytes(receipt.seal(Receipt(**{**held, **changed, "schema_version": SCHEMA_VERSION})))


def test_nothing_was_taken_yet(project: Path) -> None:
    found = planned(project)
    assert (found["max_age"], found["evidence_at"], found["is_evidence_fresh"]) == (7200.0, None, None)
    assert (found["proof_max_age"], found["proof_at"]) == (90 * 86400.0, None)
    assert found["run"] == ["gates prove todo"]
    assert not (project / ".gates").exists()
    assert said(project)[0] == "evidence may be 2 hours old: there is none"
    assert said(project)[1].startswith("proofs may be 90 days old: it was never proved here that ")


def test_what_is_fresh_and_what_is_due(project: Path) -> None:
    assert commands.gates("prove", "todo", cwd=project).code == 0
    assert commands.check(project, "todo").verdicts["todo"] == "passed"
    found = planned(project)
    assert (found["is_evidence_fresh"], found["owing"], found["run"]) == (True, None, [])
    assert found["proof_at"] is not None
    aged(project, taken_at="2020-01-01T00:00:00Z")
    found = planned(project)
    assert (found["evidence_at"], found["is_evidence_fresh"]) == ("2020-01-01T00:00:00Z", False)
    assert found["run"] == ["gates check todo"]
    assert said(project)[0] == "evidence may be 2 hours old: it is of 2020-01-01T00:00:00Z, too old"
    assert "due: gates check todo" in said(project)


def test_what_came_with_the_change_counts_for_nothing(project: Path) -> None:
    assert commands.gates("prove", "todo", cwd=project).code == 0
    assert commands.check(project, "todo").verdicts["todo"] == "passed"
    (project / ".gates/.gitignore").unlink()
    git(project, "init", "--quiet")
    git(project, "add", "--force", ".gates/proofs")
    found = planned(project)
    assert (found["evidence_at"], found["proof_at"]) == (None, None)
    assert found["owing"].startswith("git tracks .gates/, ")


def test_proofs_of_other_settings_are_due(project: Path) -> None:
    assert commands.gates("prove", "todo", cwd=project).code == 0
    path = project / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace("max-age = 7200", "max-age = 3600"), "utf-8")
    found = planned(project)
    assert found["owing"].endswith(" was made with other settings")
    assert found["run"] == ["gates prove todo"]
