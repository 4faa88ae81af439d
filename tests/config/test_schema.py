from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from gates.config import report_schema, schema
from gates.config.settings import resolve
from gates.config.source import Source
from gates.errors import GatesError, UsageError
from gates.model.evidence import Counted, Facts, counted, encode
from gates.model.gate import GateSettings
from gates.model.report import Report
from gates.render import formats
from support import reports


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit
    for a glob."""

    glob: str
    minimum: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0


class Settings(GateSettings, frozen=True, kw_only=True):
    """What coverage is judged by."""

    total: Annotated[float, msgspec.Meta(ge=0, le=100, description="The least total, in percent.")] | None = None
    path: tuple[Threshold, ...] = ()
    whole: Threshold | None = None
    pair: tuple[int, int] = (0, 0)
    mode: Literal["lines", "branches"] = "lines"


GATES: dict[str, type[GateSettings]] = {"lint": GateSettings, "coverage": Settings}


def configuration() -> Draft7Validator:
    made = schema.configuration(GATES, {"lint": "Lint with ruff"})
    Draft7Validator.check_schema(made)
    return Draft7Validator(made)


def test_the_schema_of_the_configuration() -> None:
    made = configuration().schema
    assert made["properties"]["lint"]["title"] == "Lint with ruff"
    assert made["properties"]["select"]["items"] == {"enum": ["coverage", "lint"]}
    assert made["definitions"]["Threshold"]["description"] == "A limit for a glob."
    assert made["definitions"]["Settings"]["properties"]["total"] == {
        "description": "The least total, in percent.",
        "type": "number",
        "minimum": 0,
        "maximum": 100,
    }
    assert "null" not in json.dumps(made)


def test_every_general_key_is_described() -> None:
    made = configuration().schema
    undescribed = [name for name, one in made["properties"].items() if name not in GATES and "description" not in one]
    assert undescribed == []


VALUES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"schema-version": 1, "select": ["lint"], "jobs": 2, "lint": {"timeout": 3}}, True),
    (
        {"coverage": {"total": 85, "path": [{"glob": "x", "minimum": 2.5}], "pair": [1, 2], "whole": {"glob": "y"}}},
        True,
    ),
    ({"severity": [{"rule": "LNT001", "level": "off"}], "redact": {"patterns": ["x"]}}, True),
    ({"selct": []}, False),
    ({"schema-version": 2}, False),
    ({"select": ["lnt"]}, False),
    ({"select": "lint"}, False),
    ({"jobs": 0}, False),
    ({"python": 3}, False),
    ({"coverage": {"total": 101}}, False),
    ({"coverage": {"totl": 1}}, False),
    ({"coverage": {"path": [{"minimum": 1}]}}, False),
    ({"coverage": {"whole": {}}}, False),
    ({"coverage": {"pair": [1, 2, 3]}}, False),
    ({"coverage": {"mode": "both"}}, False),
    ({"severity": [{"rule": "LNT001", "level": "of"}]}, False),
]


@pytest.mark.requirement("CFG-4")
@pytest.mark.parametrize(("table", "valid"), VALUES)
def test_what_the_schema_accepts_is_what_gates_accepts(table: dict[str, Any], valid: bool) -> None:
    assert configuration().is_valid(table) is valid
    assert _resolves(table) is valid


words = st.sampled_from(["select", "ignore", "lint", "coverage", "total", "path", "glob", "minimum", "jobs", "timeout"])
anything = st.recursive(
    st.integers(-2, 120) | st.text("ab", max_size=3) | st.booleans() | st.sampled_from(["lint", "coverage", "off"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.requirement("CFG-4")
@settings(max_examples=120, deadline=None)
@given(st.dictionaries(words, anything, max_size=3))
def test_schema_and_types_agree_on_any_table(table: dict[str, Any]) -> None:
    assert configuration().is_valid(table) is _resolves(table)


def _resolves(table: Mapping[str, Any]) -> bool:
    try:
        resolve(Source(table=table), GATES, environ={}, flags={}, rules=("LNT001",))
    except GatesError:
        return False
    return True


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    lines: Counted[int]


class Evidence(Facts, frozen=True, kw_only=True):
    files: Counted[Unit]
    skipped: str | None


def test_the_schema_of_evidence_accepts_it_and_nothing_less() -> None:
    made = schema.evidence("lint", Evidence)
    Draft202012Validator.check_schema(made)
    validator = Draft202012Validator(made)
    written = json.loads(encode(Evidence(files=counted([Unit("a", counted([1, 2]))]), skipped=None)))
    validator.validate(written)
    for key in written:
        assert not validator.is_valid({name: one for name, one in written.items() if name != key})
    assert not validator.is_valid({**written, "more": 1})
    assert not validator.is_valid({**written, "files": {"count": 1, "items": [{"name": "a"}]}})


def report_validator() -> Draft202012Validator:
    made = report_schema.report()
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


REPORT = report_validator()


def as_json(report: Report) -> dict[str, Any]:
    """A report as `--output-format json` prints it."""
    value: dict[str, Any] = json.loads(formats.render("json", report, formats.Options()))
    return value


@pytest.mark.requirement("RPT-2")
@pytest.mark.parametrize("name", sorted(reports.SCENARIOS))
def test_reports_of_every_situation_are_valid(name: str) -> None:
    report = as_json(reports.SCENARIOS[name]())
    if report["project"]["commit"] is not None:
        report["project"]["commit"] = report["project"]["commit"].ljust(40, "0")
    REPORT.validate(report)


def test_the_report_of_an_error_is_valid() -> None:
    from gates.engine import failure
    from gates.process.redact import redactor

    error = UsageError("there is no gate 'x'", path="pyproject.toml", line=3)
    REPORT.validate(as_json(failure.report(error, redactor({}))))


def changed(report: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a report with one value replaced (`...` removes the key)."""
    copy: dict[str, Any] = json.loads(json.dumps(report))
    *parents, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    inner: Any = copy
    for one in parents:
        inner = inner[one]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return copy


@pytest.mark.requirement("RPT-2")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("verdict", "green"),
        ("verdict", "failed"),
        ("exit_code", 1),
        ("exit_code", 3),
        ("exit_code", 5),
        ("exit_code", 7),
        ("exit_code", ...),
        ("waivers", ...),
        ("extra", 1),
        ("gates", []),
        ("gates.0.verdict", "failed"),
        ("gates.0.verdict", "undecided"),
        ("gates.0.denominator", None),
        ("gates.0.denominator.count", 0),
        ("gates.0.reason", {"code": "timeout", "message": "m", "fix": "f"}),
        ("gates.0.allowed_undecided", True),
        ("gates.0.evidence.sha256", "abc"),
        ("gates.0.extra", 1),
        ("project.root", "/work"),
        ("project.commit", "3f2c1ab"),
        ("project.scope", {"shard": "0/2"}),
        ("error", {"code": "usage", "message": "m", "path": None, "line": None}),
        ("run.started", "2026-11-20 10:00"),
        ("schema_version", 2),
    ],
)  # fmt: skip
def test_a_green_report_that_does_not_hold_together_is_refused(path: str, value: Any) -> None:
    green = as_json(reports.passed())
    REPORT.validate(green)
    assert not REPORT.is_valid(changed(green, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gates.0.findings", []),
        ("gates.0.findings.0.severity", "fatal"),
        ("gates.0.findings.0.line", 0),
        ("gates.0.findings.0.path", "/etc/passwd"),
        ("gates.0.findings.0.path", "C:\\x.py"),
        ("gates.0.findings.0.fingerprint", "xyz"),
        ("gates.0.findings.0.subject", ...),
        ("exit_code", 0),
    ],
)
def test_a_red_report_that_does_not_hold_together_is_refused(path: str, value: Any) -> None:
    red = as_json(reports.report(reports.gate("lint", "failed", findings=reports.unused_imports(1))))
    REPORT.validate(red)
    assert not REPORT.is_valid(changed(red, path, value))


def test_a_pass_with_a_finding_that_blocks_is_refused() -> None:
    excused = as_json(reports.excused())
    REPORT.validate(excused)
    assert not REPORT.is_valid(changed(excused, "gates.0.findings.0.waived_by", None))
    assert not REPORT.is_valid(changed(excused, "gates.0.findings.2.severity", "error"))


def test_a_gate_that_may_be_undecided_is_accepted_and_no_other() -> None:
    reason = reports.MYPY_MISSING
    accepted = reports.gate("types", "undecided", reason=reason, denominator=None, allowed_undecided=True)
    green = as_json(reports.report(reports.gate("lint"), accepted))
    assert green["exit_code"] == 0
    REPORT.validate(green)
    assert not REPORT.is_valid(changed(green, "gates.1.allowed_undecided", False))
    assert not REPORT.is_valid(changed(green, "gates.1.reason", None))


def test_lines_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    from gates.cli.progress import JsonLog

    made = report_schema.log()
    Draft202012Validator.check_schema(made)
    validator = Draft202012Validator(made)
    log = JsonLog()
    log.planned((("lint", None),))
    log.started("lint")
    log.progressed("lint", "ruff check")
    log.collected("lint", 1.25, cached=False)
    log.decided("lint", "passed")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 5
    for line in lines:
        validator.validate(line)
        assert not validator.is_valid({**line, "ts": "2026-11-20T10:00:00+01:00"})
        assert not validator.is_valid({**line, "host": "x"})
