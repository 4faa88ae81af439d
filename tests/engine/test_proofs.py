"""Receipts of proofs: which ones `gates check` takes when it asks for young proofs, and what it says of the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.config.general import Prove, SeverityOverride
from gates.config.settings import Config
from gates.engine import proofs
from gates.engine.proofs import Standing
from support import commands, provable
from support.sample_gates import Notes

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STANDING = Standing(gate="lint", revision="", settings="s" * 64, tools={"ruff": "0.17.5", "other": "1"})


def kept(root: Path, **changed: Any) -> None:
    receipt = proofs.receipt(STANDING, "LNT001", "passed", NOW - timedelta(days=30))
    proofs.write(root, msgspec.structs.replace(receipt, **changed))


def said(root: Path, standing: Standing = STANDING, max_age: float = 90) -> tuple[str, str] | None:
    reason = proofs.lacking(root, standing, ["LNT001"], NOW, max_age)
    if reason is None:
        return None
    assert reason.fix == "gates prove lint"
    return reason.code, reason.message


def test_a_young_proof_of_the_same_settings_and_tools_counts(tmp_path: Path) -> None:
    kept(tmp_path)
    assert said(tmp_path) is None
    assert (tmp_path / ".gates/.gitignore").read_text("utf-8") == "*\n"


def test_a_rule_that_was_not_judged_then_needs_no_proof_now(tmp_path: Path) -> None:
    kept(tmp_path, verdict=None)
    assert said(tmp_path) is None


def test_a_tool_that_this_run_did_not_start_says_nothing(tmp_path: Path) -> None:
    kept(tmp_path)
    assert said(tmp_path, msgspec.structs.replace(STANDING, tools={})) is None


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"verdict": "failed"}, "proof_missing", "the last proof of LNT001 of lint failed"),
        ({"verdict": "undecided"}, "proof_missing", "the last proof of LNT001 of lint came to no end"),
        ({"proved_at": "2026-08-01T00:00:00Z"}, "proof_stale", "is of 2026-08-01, and 90 days are allowed"),
        ({"proved_at": "2026-11-22T00:00:00Z"}, "proof_stale", "is of 2026-11-22, and 90 days are allowed"),
        ({"settings": "t" * 64}, "proof_stale", "was made with other settings"),
        ({"tools": {"ruff": "0.9.0"}}, "proof_stale", "was made with ruff 0.9.0, and 0.17.5 is judged"),
        ({"gates_version": "0.0.1"}, "proof_stale", "was made with another version of gates or of the plugin (0.0.1)"),
        ({"revision": "abc"}, "proof_stale", "was made with another version of gates or of the plugin"),
        ({"schema_version": 2}, "proof_missing", "cannot be read: it has schema version 2, this is 1"),
    ],
)
def test_a_proof_of_something_else_does_not_count(
    tmp_path: Path, changed: dict[str, Any], code: str, message: str
) -> None:
    kept(tmp_path, **changed)
    found = said(tmp_path)
    assert found is not None
    assert found[0] == code
    assert message in found[1]


def test_no_proof_and_one_of_another_rule_do_not_count(tmp_path: Path) -> None:
    assert said(tmp_path) == ("proof_missing", "it was never proved here that LNT001 can turn lint red")
    kept(tmp_path)
    place = tmp_path / ".gates/proofs/lint"
    (place / "LNT002.json").write_bytes((place / "LNT001.json").read_bytes())
    reason = proofs.lacking(tmp_path, STANDING, ["LNT002"], NOW, 90)
    assert reason is not None
    assert reason.message == "the proof of LNT002 of lint is one of something else"


def spoilt(data: bytes) -> Iterator[bytes]:
    yield from (data[:end] for end in range(0, len(data), 7))
    yield from (data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(0, len(data), 5))


def test_a_receipt_that_lost_or_changed_a_byte_does_not_count(tmp_path: Path) -> None:
    kept(tmp_path)
    path = tmp_path / ".gates/proofs/lint/LNT001.json"
    for data in spoilt(path.read_bytes()):
        path.write_bytes(data)
        assert said(tmp_path) is not None


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        (Config(), ["XTD001"]),
        (Config(severity=(SeverityOverride(rule="todo-left", level="off"),)), []),
        (Config(severity=(SeverityOverride(rule="XTD001", level="off", path="docs/**"),)), ["XTD001"]),
        (
            Config(
                severity=(
                    SeverityOverride(rule="XTD001", level="off"),
                    SeverityOverride(rule="XTD001", level="error"),
                )
            ),
            ["XTD001"],
        ),
        (Config(prove=Prove(excused={"todo-left": "why"})), []),
    ],
)
def test_rules_that_are_off_or_excused_need_no_proof(config: Config, asked: list[str]) -> None:
    assert [rule.code for rule in proofs.judged_rules(Notes(), config)] == asked


AGE = "max-age = 90\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = provable.write(tmp_path / "project", "todo")
    path = root / "pyproject.toml"
    path.write_text(
        path.read_text("utf-8").replace("[tool.gates.prove.", f"[tool.gates.prove]\n{AGE}\n[tool.gates.prove.")
    )
    return root


def todo(root: Path, *arguments: str) -> tuple[str, str | None]:
    report = commands.check(root, "todo", *arguments).report
    gate = next(one for one in report["gates"] if one["name"] == "todo")
    return gate["verdict"], None if gate["reason"] is None else gate["reason"]["code"]


def test_check_asks_for_a_proof_and_takes_it_until_it_is_old(project: Path) -> None:
    assert todo(project) == ("undecided", "proof_missing")
    proved = commands.gates("prove", "todo", cwd=project)
    assert proved.code == 0, proved.out
    assert todo(project) == ("passed", None)
    later = datetime.now(UTC) + timedelta(days=91)
    assert todo(project, "--as-of", later.isoformat()) == ("undecided", "proof_stale")
    (project / "notes.txt").write_text("TODO\n", "utf-8")
    assert todo(project, "--as-of", later.isoformat()) == ("failed", None)


def test_a_proof_of_one_rule_is_no_proof_of_the_starving(project: Path) -> None:
    assert commands.gates("prove", "--rule", "TDO001", cwd=project).code == 0
    assert todo(project) == ("undecided", "proof_missing")


@pytest.mark.requirement("EVD-5")
def test_proofs_that_came_with_the_change_do_not_count(project: Path) -> None:
    from support.repositories import git

    assert commands.gates("prove", "todo", cwd=project).code == 0
    git(project, "init", "--quiet")
    git(project, "add", "--force", ".")
    assert todo(project) == ("undecided", "proof_missing")
