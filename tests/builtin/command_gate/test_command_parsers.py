"""What is read out of a report, and what cannot be believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.command import junit, pattern, sarif
from gates.builtin.command.facts import Reported
from gates.builtin.command.report import Places, UnreadableReport
from gates.project.source_lines import Names, SourceLines
from gates.render import formats
from support import reports

HERE = Places(Names(Path("/nowhere"), ()), SourceLines(Path("/nowhere")))


def places(root: Path) -> Places:
    (root / "docs").mkdir()
    (root / "docs" / "a b.md").write_text("one\n  two\n", "utf-8")
    return Places(Names(root, ("docs/a b.md",)), SourceLines(root))


def shape(found: list[Reported]) -> list[tuple[Any, ...]]:
    return [(one.path, one.line, one.column, one.code, one.message, one.level) for one in found]


# regex

LINE = r"^(?P<path>[^:\n]+):(?P<line>\d+)(?::(?P<column>\d+))?: (?:(?P<code>[A-Z]+\d+) )?(?P<message>.+)$"


def test_a_pattern_is_matched_line_by_line(tmp_path: Path) -> None:
    text = "checking\ndocs/a b.md:2:3: E1 wrong\r\n./docs/a b.md:9: odd\nall done: 2 found\n"
    found = pattern.read(text, LINE, places(tmp_path))
    assert shape(found) == [
        ("docs/a b.md", 2, 3, "E1", "wrong", "error"),
        ("docs/a b.md", 9, None, None, "odd", "error"),
    ]
    assert found[0].source == "two"


def test_a_file_outside_of_the_project_is_no_place(tmp_path: Path) -> None:
    found = pattern.read("/etc/passwd:1: E1 wrong\n../x:1: E2 wrong\n", LINE, places(tmp_path))
    assert [(one.path, one.line, one.subject) for one in found] == [
        (None, None, "/etc/passwd"),
        (None, None, "../x"),
    ]


def test_a_number_that_is_none_is_no_line(tmp_path: Path) -> None:
    words = r"(?P<path>\S+) (?P<line>\S+) (?P<message>\S*)"
    found = pattern.read("a 0 m\na x m\na ٣ m\n", words, places(tmp_path))
    assert [one.line for one in found] == [None, None, None]


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert all(one.message for one in pattern.read(text, LINE, HERE))


# SARIF


def log(*results: Any, **run: Any) -> bytes:
    rules = [{"id": "R0"}, {"id": "R1", "defaultConfiguration": {"level": "note"}}]
    driver = {"name": "tool", "rules": rules}
    whole = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}
    return json.dumps(whole).encode()


def result(**more: Any) -> dict[str, Any]:
    where = {"artifactLocation": {"uri": "docs/a%20b.md"}, "region": {"startLine": 2, "startColumn": 3}}
    return {"message": {"text": "wrong"}, "ruleId": "R0", "locations": [{"physicalLocation": where}], **more}


def test_a_result_is_a_finding_at_its_first_place(tmp_path: Path) -> None:
    assert shape(sarif.read(b"\xef\xbb\xbf" + log(result()), places(tmp_path))) == [
        ("docs/a b.md", 2, 3, "R0", "wrong", "error")
    ]


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({}, "error"),
        ({"level": "warning"}, "error"),
        ({"level": "note"}, "note"),
        ({"level": "none"}, "note"),
        ({"ruleId": "R1"}, "note"),
        ({"ruleId": None, "ruleIndex": 1}, "note"),
        ({"ruleId": None, "rule": {"index": 1}, "level": "error"}, "error"),
        ({"suppressions": [{"kind": "inSource"}]}, "suppressed"),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, "error"),
        ({"kind": "open"}, "error"),
    ],
)
def test_levels(tmp_path: Path, more: dict[str, Any], level: str) -> None:
    assert [one.level for one in sarif.read(log(result(**more)), places(tmp_path))] == [level]


@pytest.mark.parametrize("more", [{"kind": "pass"}, {"kind": "informational"}, {"baselineState": "absent"}])
def test_what_is_no_fault_is_passed_over(tmp_path: Path, more: dict[str, Any]) -> None:
    assert sarif.read(log(result(**more)), places(tmp_path)) == []


def test_places_by_index_by_address_and_none(tmp_path: Path) -> None:
    known = places(tmp_path)
    absolute = (tmp_path / "docs" / "a b.md").as_uri()
    listed = [{"location": {"uri": "docs/a%20b.md"}}]
    results = [
        result(locations=[{"physicalLocation": {"artifactLocation": {"index": 0}}}]),
        result(locations=[{"physicalLocation": {"artifactLocation": {"uri": absolute}}}]),
        result(locations=[{"physicalLocation": {"artifactLocation": {"uri": "https://example.org/a"}}}]),
        result(locations=[]),
    ]
    found = sarif.read(log(*results, artifacts=listed), known)
    assert [one.path for one in found] == ["docs/a b.md", "docs/a b.md", None, None]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unparsable_output"),
        (b"{}", "unparsable_output"),
        (b"[]", "unparsable_output"),
        (log(result())[:-3], "unparsable_output"),
        (b'{"version": "2.0.0", "runs": []}', "schema_version_mismatch"),
        (b'{"version": "2.1.0", "runs": []}', "nothing_examined"),
        (log(results=None), "evidence_incomplete"),
        (log(externalPropertyFileReferences={"results": []}), "evidence_incomplete"),
        (log(invocations=[{"executionSuccessful": False}]), "tool_crashed"),
        (
            log(
                invocations=[
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [{"message": {"text": "a.c"}, "level": "error"}],
                    }
                ]
            ),
            "tool_crashed",
        ),
    ],
)
def test_a_log_that_cannot_be_believed(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(UnreadableReport) as caught:
        sarif.read(data, places(tmp_path))
    assert caught.value.code == code


def test_our_own_log_is_read(tmp_path: Path) -> None:
    report = reports.design()
    count = sum(len(gate.findings) for gate in report.gates)
    found = sarif.read(formats.render("sarif", report, formats.Options(rules={})).encode(), places(tmp_path))
    assert len(found) == count > 0


# JUnit


def suite(*cases: str, counts: str = "") -> bytes:
    return f"<testsuites><testsuite {counts}>{''.join(cases)}</testsuite></testsuites>".encode()


GOOD = '<testcase classname="t" name="ok"/>'
BAD = '<testcase classname="t" name="bad" file="docs/a b.md" line="2"><failure message="no">at</failure></testcase>'
ERROR = '<testcase name="worse"><error>it broke\nhere</error></testcase>'


def test_failures_and_errors_are_findings(tmp_path: Path) -> None:
    found = junit.read(suite(GOOD, BAD, ERROR, counts='failures="1" errors="1"'), places(tmp_path))
    assert shape(found) == [
        ("docs/a b.md", 2, None, "failure", "t::bad: no", "error"),
        (None, None, None, "error", "worse: it broke", "error"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unparsable_output"),
        (suite(GOOD)[:-5], "unparsable_output"),
        (b"<html/>", "unparsable_output"),
        (suite(), "nothing_examined"),
        (suite(GOOD, counts='failures="2"'), "evidence_incomplete"),
        (b'<testsuites errors="1"><testsuite>' + GOOD.encode() + b"</testsuite></testsuites>", "evidence_incomplete"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>', "unparsable_output"),
    ],
)
def test_a_report_of_tests_that_cannot_be_believed(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(UnreadableReport) as caught:
        junit.read(data, places(tmp_path))
    assert caught.value.code == code


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (sarif.read, junit.read):
        with pytest.raises(UnreadableReport):
            read(data, HERE)
