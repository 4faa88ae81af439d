"""What holds for any report in every format, however hostile or contradictory the report is."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.model.report import Report
from gates.render import escape, formats
from gates.render.formats import Options
from support import reports
from support.reports import PLAIN_WORDS, any_report

ANY = any_report()
FORMATS = st.sampled_from(formats.names())
ENCODINGS = st.sampled_from(["utf-8", "ascii", "cp1252", "shift_jis", "no-such-encoding"])
RELAXED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
OPTIONS = st.builds(
    Options,
    encoding=ENCODINGS,
    width=st.integers(-1, 200),
    verbosity=st.integers(-2, 2),
    prefix=st.sampled_from(["", "sub/dir/"]),
    rules=st.sampled_from([{}, reports.RULES]),
)


def runner_takes(text: str) -> list[str]:
    """The workflow commands that GitHub's runner sees: `::name …::` at the start, `##[name]` anywhere in a line."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        if match := re.match(r"::([^ :]+)(?: .*?)?::", line.lstrip()):
            found.append(match[1])
        found += re.findall(r"##\[([^\]]*)\]", line)
    return found


@pytest.mark.requirement("EVD-6")
@given(ANY, FORMATS, OPTIONS)
@RELAXED
def test_every_format_renders_deterministically_and_safely(report: Report, name: str, options: Options) -> None:
    text = formats.render(name, report, options)
    assert text == formats.render(name, report, options)
    assert text.endswith("\n")
    assert escape.line(text.replace("\n", "")) == text.replace("\n", "")
    assert set(runner_takes(text)) <= ({"error", "warning", "notice"} if name == "github" else set())
    text.encode("ascii" if options.encoding.startswith("no-") else options.encoding)


@pytest.mark.slow
@given(ANY, FORMATS, OPTIONS)
@settings(RELAXED, max_examples=1000)
def test_every_format_renders_a_long_series_of_reports(report: Report, name: str, options: Options) -> None:
    text = formats.render(name, report, options)
    assert escape.line(text.replace("\n", "")) == text.replace("\n", "")
    assert set(runner_takes(text)) <= ({"error", "warning", "notice"} if name == "github" else set())


@given(any_report(PLAIN_WORDS), ENCODINGS)
@RELAXED
def test_json_decodes_to_the_same_report(report: Report, encoding: str) -> None:
    text = formats.render("json", report, Options(encoding=encoding))
    assert msgspec.json.decode(text, type=Report) == report
    assert text.count("\n") == 1


@given(ANY)
@RELAXED
def test_json_of_names_that_json_cannot_hold_still_decodes(report: Report) -> None:
    decoded = msgspec.json.decode(formats.render("json", report, Options()), type=Report)
    assert len(decoded.gates) == len(report.gates)
    assert decoded.exit_code == report.exit_code


@given(ANY, ENCODINGS)
@RELAXED
def test_junit_is_well_formed_and_its_counts_agree(report: Report, encoding: str) -> None:
    text = formats.render("junit", report, Options(encoding=encoding))
    root = ET.fromstring(text.encode())
    for element in (root, *root.iter("testsuite")):
        cases = list(element.iter("testcase"))
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(key, "")) == sum(case.find(tag) is not None for case in cases)
        assert int(element.get("tests", "")) == len(cases)
    findings = sum(len(gate.findings) for gate in report.gates)
    assert len(list(root.iter("testcase"))) >= findings + len(report.gates) - sum(
        bool(g.findings) for g in report.gates
    )


@pytest.mark.requirement("VRD-5")
@given(ANY)
@RELAXED
def test_red_is_red_in_every_format(report: Report) -> None:
    if report.exit_code == 0:
        report = msgspec.structs.replace(report, exit_code=3)
    junit = ET.fromstring(formats.render("junit", report, Options()))
    assert junit.find(".//failure") is not None or junit.find(".//error") is not None
    assert "error" in runner_takes(formats.render("github", report, Options()))
    assert not formats.render("full", report, Options(verbosity=-2)).startswith("passed")
    assert not formats.render("markdown", report, Options()).startswith("## gates: passed")
    assert not any(line.startswith("passed") for line in formats.render("concise", report, Options()).splitlines())


@pytest.mark.parametrize("name", ["full", "concise", "sarif", "junit", "github", "markdown"])
def test_every_format_counts_the_waivers_and_names_the_one_that_is_about_to_end(name: str) -> None:
    text = formats.render(name, reports.excused(), formats.Options())
    assert "the waiver of AUD001 old 0.9 (platform) ends on 2026-12-01" in text
    assert "1 finding" in text
    assert "ends on 2026-12-01" not in formats.render(name, reports.passed(), formats.Options())
