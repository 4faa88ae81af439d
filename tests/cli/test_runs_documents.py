"""JSON of the commands that look after the record: whatever they come to, it is what the shipped schema says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from jsonschema import Draft202012Validator

from gates.record.asked import schemas
from gates.record.maintenance import AnyMaintenance
from gates.record.stored.ingest import Ingested
from pytest_vltair import heads
from support import event_logs, stored
from support.commands import gates
from support.event_logs import closed, history

CHECKER = Draft202012Validator(schemas.maintenance())
JUNIT = '<testsuite name="s" timestamp="2024-03-01T12:00:00"><testcase name="a" time="1"/></testsuite>'
MAINTAINING = ("verify", "checkpoint", "ingest", "reconcile", "backfill", "retire", "replay")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return event_logs.project(tmp_path / "project")


@pytest.fixture
def folder(root: Path) -> Path:
    history(root / ".gates" / "events")
    return root / ".gates" / "events"


def said(root: Path, code: int, *words: str) -> dict[str, Any]:
    """What `gates runs WORDS` prints as JSON, which fits the schema, with the verdict that fits the exit code."""
    done = gates("runs", *words, "--output-format", "json", cwd=root)
    assert done.code == code, done
    document: dict[str, Any] = json.loads(done.out)
    CHECKER.validate(document)
    assert document["command"] == words[0]
    assert document["verdict"] == {0: "passed", 1: "failed", 3: "undecided", 5: "undecided"}[code]
    assert (document["reason"] is None) == (code in {0, 1})
    if code == 5:
        assert document["reason"]["code"] == "nothing_examined"
    return document


def edit(folder: Path) -> None:
    """Change the log as nobody should."""
    path = min(folder.glob("2*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b'"value":1.0', b'"value":9.0'))


def test_verify(root: Path) -> None:
    assert said(root, 5, "verify")["found"]["runs"] == 0
    history(root / ".gates" / "events")
    assert said(root, 0, "verify")["found"]["runs"] == 3
    document = said(root, 3, "verify", "--key", "nowhere.pem")
    assert document["reason"]["message"] == document["found"]["unread"][0]
    edit(root / ".gates" / "events")
    assert said(root, 1, "verify")["found"]["faults"][0]["kind"] == "changed"


def test_checkpoint(root: Path, folder: Path) -> None:
    assert gates("provenance", "key", "signing", cwd=root.parent).code == 0
    key = ("--key", "../signing.key")
    assert said(root, 3, "checkpoint")["written"] == []
    kept, copy = said(root, 0, "checkpoint", *key, "--output", "copy.json")["written"]
    assert kept.startswith(".gates/events/checkpoints/3")
    assert copy == "copy.json"
    edit(folder)
    assert said(root, 1, "checkpoint", *key)["written"] == []


def test_ingest(root: Path) -> None:
    said(root, 5, "ingest")
    (path,) = history(root / ".gates" / "events", runs=1)
    assert said(root, 0, "ingest")["ingested"]["inserted"] == 4
    path.write_bytes(path.read_bytes() + b"noise\n")
    assert said(root, 1, "ingest")["ingested"]["parse_errors"] == 1
    elsewhere = root / "elsewhere" / "events"
    (other,) = history(elsewhere, runs=1)
    event_logs.rechained(other, 0, schema_version=7)
    document = said(root, 3, "ingest", "elsewhere")
    assert document["reason"]["message"] == document["ingested"]["refused"][0]
    (root / ".gates" / "record.sqlite").write_bytes(b"no database at all " * 500)
    assert said(root, 3, "ingest")["ingested"] is None
    path.write_bytes(path.read_bytes().removesuffix(b"noise\n"))
    assert said(root, 0, "ingest", "--rebuild")["damaged"] == ".gates/record.sqlite.damaged"


def test_reconcile(root: Path) -> None:
    assert said(root, 5, "reconcile")["found"]["events"] == 0
    history(root / ".gates" / "events")
    assert said(root, 0, "reconcile")["found"]["runs"] == 3
    stored.change(root, "UPDATE runs SET status = 'failed' WHERE id = 2")
    assert len(said(root, 1, "reconcile")["found"]["drifts"]) == 1
    document = said(root, 0, "reconcile", "--repair")
    assert document["repaired"]
    (root / ".gates" / "record.sqlite").write_bytes(b"no database at all " * 500)
    assert said(root, 3, "reconcile")["found"] is None


def test_backfill(root: Path) -> None:
    (root / "empty").mkdir()
    said(root, 5, "backfill", "empty")
    (root / "junit.xml").write_text(JUNIT, "utf-8")
    assert [one["state"] for one in said(root, 0, "backfill", "junit.xml", "--dry-run")["files"]] == [
        "would be written"
    ]
    assert [one["state"] for one in said(root, 0, "backfill", "junit.xml")["files"]] == ["written"]
    (root / "torn file.xml").write_text(JUNIT[:-20], "utf-8")
    document = said(root, 3, "backfill", "junit.xml", "torn file.xml")
    assert [one["state"] for one in document["files"]] == ["already there", "unreadable"]
    assert document["reason"]["fix"] == "gates runs backfill 'torn file.xml'"
    (root / ".gates" / "record.sqlite").write_bytes(b"no database at all " * 500)
    (root / "other.xml").write_text(JUNIT.replace('"s"', '"t"').replace("12:00", "13:00"), "utf-8")
    assert said(root, 3, "backfill", "other.xml")["files"] == []


def test_retire(root: Path) -> None:
    now = datetime.now(UTC)
    folder = root / ".gates" / "events"
    for days in (400, 200, 0):
        closed(folder, now - timedelta(days=days))
    document = said(root, 0, "retire", "--dry-run")
    assert (document["dry_run"], len(document["retired"])) == (True, 1)
    assert (document["staying"], document["waiting"]) == (2, 0)
    assert len(said(root, 0, "retire")["retired"]) == 1
    assert said(root, 5, "retire")["reason"]["code"] == "nothing_examined"
    (folder / heads.NAME).rename(folder / "aside")
    (folder / heads.NAME).mkdir()
    assert said(root, 3, "retire", "--older-than", "90d")["reason"]["code"] == "unreadable"
    (folder / heads.NAME).rmdir()
    (folder / "aside").rename(folder / heads.NAME)
    edit(folder)
    assert said(root, 1, "retire", "--older-than", "90d")["retired"] == []


def test_a_run_that_cannot_be_decided_again_has_no_report(root: Path, folder: Path) -> None:
    name = min(folder.glob("2*.jsonl")).stem
    document = said(root, 3, "replay", name)
    assert document["run"] == name
    done = gates("runs", "replay", name, cwd=root)
    assert done.out == ""
    assert done.err == f"gates: {document['reason']['message']}\n"


def test_each_command_has_a_form_of_its_own() -> None:
    kinds = get_args(AnyMaintenance)
    assert tuple(kind.__struct_config__.tag for kind in kinds) == MAINTAINING


def contradictions() -> Iterator[tuple[str, dict[str, Any]]]:
    reason = {"code": "unreadable", "message": "m", "fix": "f"}
    head = {"schema_version": 1, "verdict": "passed", "reason": None}
    counts = (field.name for field in msgspec.structs.fields(Ingested) if field.type is int)
    ingested = {**dict.fromkeys(counts, 0), "refused": []}
    ingest = {**head, "command": "ingest", "ingested": ingested, "carried": 0, "damaged": None}
    reconciled = {"runs": 1, "events": 1, "elsewhere": 0, "bad_lines": 0, "drifts": []}
    reconcile = {**head, "command": "reconcile", "repaired": False, "found": reconciled}
    signing = {**head, "command": "checkpoint", "message": "m", "written": ["a"]}
    yield "", ingest
    yield "", reconcile
    yield "", signing
    yield "a key too many", {**ingest, "more": 1}
    yield "a key too few", {key: one for key, one in ingest.items() if key != "carried"}
    yield "another version", {**ingest, "schema_version": 2}
    yield "no such command", {**ingest, "command": "list"}
    yield "the form of another command", {**ingest, "command": "reconcile"}
    yield "a reason for what passed", {**ingest, "reason": reason}
    yield "undecided without a reason", {**ingest, "verdict": "undecided"}
    yield "passed with bad lines", {**ingest, "ingested": {**ingested, "parse_errors": 1}}
    yield "passed with lines put aside before", {**ingest, "ingested": {**ingested, "quarantined": 1}}
    yield "passed and read nothing", {**ingest, "ingested": None}
    yield "no drift and bad lines", {**reconcile, "found": {**reconciled, "bad_lines": 1}}
    yield "drift without drift", {**reconcile, "verdict": "failed"}
    yield "signed nothing", {**signing, "written": []}
    yield "undecided and signed", {**signing, "verdict": "undecided", "reason": reason}
    yield "a replay that passed", {**head, "command": "replay", "run": "r"}


@pytest.mark.requirement("RPT-2")
@pytest.mark.parametrize(("what", "document"), list(contradictions()))
def test_what_contradicts_itself_does_not_fit(what: str, document: dict[str, Any]) -> None:
    assert CHECKER.is_valid(document) == (not what), what
