"""The Code Quality report: what GitLab asks of each entry, and that nothing red is lost in it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from gates.model.finding import Finding
from gates.model.report import Report
from gates.model.rule import Severity
from gates.render import formats
from gates.render.formats import Options
from support import reports

# What https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format says, as a schema.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def issues(report: Report, *, prefix: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(formats.render("gitlab", report, Options(prefix=prefix)))
    return found


def of(severity: Severity, count: int, **given: Any) -> tuple[Finding, ...]:
    one = Finding(
        rule="LNT001", name="n", message=severity, fingerprint="f", severity=severity, path="a.py", line=3, **given
    )
    return (one,) * count


def judged(*findings: Finding) -> Report:
    return reports.report(reports.gate("lint", "failed", findings=findings))


@pytest.mark.parametrize("scenario", reports.SCENARIOS)
def test_every_entry_has_what_gitlab_asks_for(scenario: str) -> None:
    report = reports.SCENARIOS[scenario]()
    found = issues(report)
    jsonschema.validate(found, SCHEMA)
    assert len({one["fingerprint"] for one in found}) == len(found)
    red = {"blocker", "major"} & {one["severity"] for one in found}
    assert bool(red) == (report.exit_code != 0)


@given(reports.any_report())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_two_entries_of_any_report_have_one_fingerprint_and_red_is_in_it(report: Report) -> None:
    found = issues(report)
    assert len({one["fingerprint"] for one in found}) == len(found)
    if report.exit_code != 0:
        assert {"blocker", "major"} & {one["severity"] for one in found}


@pytest.mark.parametrize(("severity", "level"), [("error", "major"), ("warning", "minor"), ("note", "info")])
def test_a_severity_has_one_on_gitlab(severity: Severity, level: str) -> None:
    assert [one["severity"] for one in issues(judged(*of(severity, 1), *of("error", 1)))] == sorted(
        ["major", level], key=["major", "minor", "info"].index
    )


def test_equal_findings_are_told_apart_and_the_first_keeps_its_name() -> None:
    assert [one["fingerprint"] for one in issues(judged(*of("error", 3)))] == ["f", "f-2", "f-3"]


def test_what_is_excused_is_not_in_it() -> None:
    (kept,) = of("error", 1)
    waived = msgspec.structs.replace(kept, waived_by="LNT001 a.py")
    baselined = msgspec.structs.replace(kept, baselined=True)
    assert len(issues(judged(waived, baselined, kept))) == 1


def test_an_undecided_gate_blocks_with_its_reason_and_fix_at_the_project() -> None:
    report = reports.report(reports.gate("types", "undecided", reason=reports.MYPY_MISSING))
    (one,) = issues(report, prefix="sub/dir/")
    assert one["severity"] == "blocker"
    assert one["check_name"] == "tool_missing"
    assert one["description"].startswith("types undecided: ")
    assert reports.MYPY_MISSING.fix in one["description"]
    assert one["location"] == {"path": "sub/dir", "lines": {"begin": 1}}


def test_paths_are_counted_from_the_repository() -> None:
    assert {one["location"]["path"] for one in issues(reports.design(), prefix="sub/")} == {"sub/src/io.py"}


def test_a_green_run_is_a_report_without_entries() -> None:
    assert formats.render("gitlab", reports.passed(), Options()) == "[]\n"
