"""`gates runs backfill`: files become runs of the record, each once, wherever they are taken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gates.record import events
from support import healthy
from support.commands import Result, gates

JUNIT = """<testsuites><testsuite name="pytest" timestamp="2024-03-01T12:00:00" time="2.5">
<testcase classname="tests.test_a" name="test_good" time="1"/>
<testcase classname="tests.test_a" name="test_bad" time="1.5"><failure message="ann@example.com is not there">
&gt;   assert there("/home/ann/x")
tests/test_a.py:3: LookupError</failure></testcase></testsuite></testsuites>"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return healthy.write(tmp_path / "project")


def backfill(root: Path, *args: str | Path) -> tuple[Result, list[dict[str, Any]]]:
    result = gates("runs", "backfill", *map(str, args), "--output-format", "json", cwd=root)
    return result, result.report.get("files", [])


def logs(root: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (root / ".gates" / "events").glob("*-*.jsonl")}


@pytest.mark.requirement("REC-8")
def test_a_file_becomes_a_run_once(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "j.xml"
    file.write_text(JUNIT)
    result, (taken,) = backfill(project, file)
    assert result.code == 0
    assert (taken["state"], taken["kind"], taken["tests"]) == ("written", "junit", 2)
    assert taken["started"] == "2024-03-01T12:00:00.000000Z"
    assert taken["run"].startswith("20240301T120000Z-")
    before = logs(project)
    again, (taken,) = backfill(project, file)
    assert (again.code, taken["state"]) == (0, "already there")
    assert logs(project) == before
    start, tests, end = (events.decode(line) for line in before[f"{taken['run']}.jsonl"].splitlines())
    assert isinstance(start, events.CommandStart)
    assert isinstance(tests, events.TestsRecorded)
    assert isinstance(end, events.CommandEnd)
    assert (start.backfilled, start.command, start.at) == (True, "pytest", "2024-03-01T12:00:00.000000Z")
    assert (end.status, end.duration_ms, end.at) == ("failed", 2500, "2024-03-01T12:00:02.500000Z")
    recording = (project / ".gates" / "recordings" / f"{tests.recording}.jsonl").read_bytes()
    assert b"<email> is not there" in recording
    assert b"ann" not in recording.replace(b"channel", b"")


def test_the_record_answers_about_it(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "j.xml"
    file.write_text(JUNIT)
    _, (taken,) = backfill(project, file)
    shutil.rmtree(project / ".gates" / "recordings")
    listed = gates("runs", "list", "--test", "*test_bad", "--output-format", "json", cwd=project).report
    assert [one["run"] for one in listed["runs"]] == [taken["run"]]
    assert gates("runs", "verify", cwd=project).code == 0
    assert gates("runs", "reconcile", cwd=project).code == 0


def test_what_two_files_ran_over_is_not_taken_for_the_same(project: Path, tmp_path: Path) -> None:
    bad = (
        '<testsuite timestamp="2024-03-0{day}T12:00:00"><testcase classname="c" name="n">{said}</testcase></testsuite>'
    )
    for day, said in enumerate(("", "<failure/>"), start=1):
        (tmp_path / f"{day}.xml").write_text(bad.format(day=day, said=said))
    backfill(project, tmp_path / "1.xml", tmp_path / "2.xml")
    (one,) = gates("runs", "list", "--flaky", "--output-format", "json", cwd=project).report["tests"]
    assert (one["test"], one["flips"], one["same_tree"]) == ("c::n", 1, 0)


@pytest.mark.requirement("REC-8")
def test_two_machines_have_the_same_run(project: Path, tmp_path: Path) -> None:
    other = healthy.write(tmp_path / "other")
    for number, root in enumerate((project, other)):
        file = tmp_path / f"j{number}.xml"
        file.write_text(JUNIT)
        backfill(root, file)
    assert logs(project) == logs(other) != {}


def test_a_report_becomes_a_run_with_its_gates(project: Path, tmp_path: Path) -> None:
    (project / "src" / "sample" / "adder.py").write_text('"""Adds."""\n\nimport os\n')
    report = tmp_path / "report.json"
    checked = gates("check", "lint", "--output-format", "json", cwd=project)
    assert checked.code == 1
    report.write_text(checked.out)
    shutil.rmtree(project / ".gates")
    _, (taken,) = backfill(project, report)
    assert (taken["kind"], taken["state"], taken["tests"]) == ("report", "written", 0)
    run = [events.decode(line) for line in logs(project)[f"{taken['run']}.jsonl"].splitlines()]
    decided = {one.gate: one.verdict for one in run if isinstance(one, events.GateDecided)}
    assert decided == checked.verdicts
    assert {one.rule for one in run if isinstance(one, events.FindingMade)} == checked.rules


def test_a_dry_run_says_it_and_writes_nothing(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "j.xml"
    file.write_text(JUNIT)
    result, (taken,) = backfill(project, file, "--dry-run")
    assert (result.code, taken["state"], taken["tests"]) == (0, "would be written", 2)
    assert not (project / ".gates" / "events").exists()
    assert backfill(project, file)[1][0]["run"] == taken["run"]


NESTED = "[" * 100_000 + "]" * 100_000
SUITE = '<testsuite timestamp="{at}" time="1"><testcase classname="a" name="b"/></testsuite>'
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuite name="&b;"/>'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", f'{{"a":{NESTED}}}', "it is JSON that is nested too deeply"),
        ("a.json", f'{{"created":1.0,"exitcode":0,"environment":{NESTED}}}', "it is JSON that is nested too deeply"),
        ("a.json", '{"schema_version":2,"gates":{},"run":[]}', "it has schema version 2, and 1 is known"),
        ("a.xml", SUITE.format(at="9999-12-31T23:59:59"), "it began in the year 9999"),
        ("a.xml", SUITE.format(at="0001-01-01T00:00:00"), "it began in the year 1"),
        ("a.xml", LAUGHS, "it is XML that is not safe to read: EntitiesForbidden"),
    ],
)
def test_a_hostile_file_is_refused_in_a_sentence(
    project: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    result, (taken,) = backfill(project, file)
    assert (result.code, taken["state"], taken["reason"]) == (3, "unreadable", said)


def test_a_file_that_is_too_large_is_not_read(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    with file.open("wb") as large:
        large.truncate((256 << 20) + 1)
    _, (taken,) = backfill(project, file)
    assert (taken["state"], taken["reason"]) == ("unreadable", "it is larger than 256 MiB")


def test_a_file_in_utf_16_is_read(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    text = f'<?xml version="1.0" encoding="utf-16"?>{SUITE.format(at="2026-01-01T00:00:00")}'
    file.write_bytes(text.encode("utf-16"))
    _, (taken,) = backfill(project, file)
    assert (taken["state"], taken["tests"]) == ("written", 1)


def test_one_file_taken_by_several_processes_at_once_is_one_run(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text(JUNIT)
    words = [sys.executable, "-m", "gates", "runs", "backfill", str(file)]
    running = [subprocess.Popen(words, cwd=project, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [one.wait() for one in running] == [0] * 4
    assert len(logs(project)) == 1
    assert (project / ".gates/events/heads.jsonl").read_bytes().count(b'"kind":"closed"') == 1
    assert gates("runs", "verify", cwd=project).code == 0
    assert gates("runs", "reconcile", cwd=project).code == 0


def test_one_bad_file_does_not_keep_the_others_out(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.xml").write_text(JUNIT)
    (folder / "b.xml").write_text("<testsuite>\n<")
    (folder / "c.xml").write_text("<coverage/>")
    (folder / "package.json").write_text("{}")
    (folder / "notes.txt").write_text("notes")
    result, taken = backfill(project, folder)
    assert result.code == 3
    assert {Path(one["path"]).name: (one["state"], one["line"]) for one in taken} == {
        "a.xml": ("written", None),
        "b.xml": ("unreadable", 2),
        "c.xml": ("passed over", None),
        "package.json": ("passed over", None),
    }
    shown = gates("runs", "backfill", str(folder / "b.xml"), str(folder / "c.xml"), str(folder / "no"), cwd=project)
    assert shown.code == 3
    first, second, third, *_ = shown.out.splitlines()
    assert first.startswith(f"{(folder / 'b.xml').as_posix()}:2: it is not XML: ")
    assert second == f"{(folder / 'c.xml').as_posix()}: it is <coverage> and not <testsuites>"
    assert third == f"{(folder / 'no').as_posix()}: it cannot be read: No such file or directory"


def test_where_there_is_nothing_of_the_kind_nothing_is_said_to_be_there(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    assert gates("runs", "backfill", str(folder), cwd=project).code == 5
    (folder / "package.json").write_text("{}")
    assert gates("runs", "backfill", str(folder), cwd=project).code == 5


def test_a_run_that_was_cut_off_is_taken_again(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "j.xml"
    file.write_text(JUNIT)
    _, (taken,) = backfill(project, file)
    whole = project / ".gates" / "events" / f"{taken['run']}.jsonl"
    first = whole.read_bytes().splitlines(keepends=True)[0]
    shutil.rmtree(project / ".gates")
    (project / ".gates" / "events" / "open").mkdir(parents=True)
    (project / ".gates" / "events" / "open" / whole.name).write_bytes(first)
    _, (again,) = backfill(project, file)
    assert again["state"] == "written"
    assert again["run"] != taken["run"]
    assert backfill(project, file)[1][0]["state"] == "already there"
    assert gates("runs", "verify", cwd=project).code == 0


def test_a_file_without_a_time_is_told_one(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "j.xml"
    file.write_text("<testsuite><testcase name='a'/></testsuite>")
    result, (taken,) = backfill(project, file)
    assert (result.code, taken["reason"]) == (
        3,
        "it does not say when it ran; give that with --at 2026-01-31T10:00:00Z",
    )
    _, (taken,) = backfill(project, file, "--at", "2020-01-02T03:04:05Z")
    assert taken["started"] == "2020-01-02T03:04:05.000000Z"


def test_a_record_that_cannot_be_written_is_said(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "j.xml"
    file.write_text(JUNIT)
    (project / ".gates").write_text("mine")
    result, _ = backfill(project, file)
    assert (result.code, result.report["verdict"]) == (3, "undecided")
    assert (project / ".gates").read_text() == "mine"


def test_what_files_say_does_not_reach_the_terminal_raw(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "\x1b[31mj.xml"
    file.write_text("<a")
    assert "\x1b" not in gates("runs", "backfill", str(file), cwd=project).out


def test_a_json_file_of_another_kind_is_refused_by_name(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"tests": []}))
    result, (taken,) = backfill(project, file)
    assert result.code == 3
    assert taken["reason"] == "it is JSON, and neither a report of `gates check` nor one of pytest-json-report"
