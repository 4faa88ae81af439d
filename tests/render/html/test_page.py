"""What the page says, and in which order: the verdict, what to do first, and how much was cut."""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
import pytest

from gates.model.finding import Finding
from gates.model.measure import Measure
from gates.model.report import JudgedPython, Member, Report
from gates.model.section import Detail
from gates.render.html import findings, measures
from support import html_reports, reports
from support.html_reports import Parsed, page


def headed(text: str, tag: str = "h1") -> list[str]:
    """What stands in the headings of one level."""
    return [
        " ".join(re.sub("<[^>]*>", "", found).split())
        for found in re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.DOTALL)
    ]


@pytest.mark.parametrize(
    ("scenario", "verdict", "said"),
    [
        ("passed", "Passed", "All 3 judged gates passed."),
        ("many", "Failed", "3 of 3 gates failed."),
        ("undecided", "Undecided", "2 of 3 gates could not decide."),
        ("allowed", "Passed", "1 of 2 gates could not decide (1 of them allowed to)."),
        ("nothing", "Nothing was judged", "No gate applied to this project"),
        ("config_error", "Error", "pyproject.toml:12: unknown gate `lnt` (did you mean `lint`?)"),
        ("internal_error", "Internal error", "KeyError: 'x'"),
        ("internal_error", "Internal error", "please report it, with the log that is named above"),
    ],
)
def test_the_verdict_is_the_heading_and_one_sentence(scenario: str, verdict: str, said: str) -> None:
    text = page(reports.SCENARIOS[scenario]())
    assert headed(text) == [verdict]
    assert said in Parsed(text).words
    assert f"<title>{verdict}: " in text


def test_a_pass_with_another_exit_code_is_no_pass() -> None:
    text = page(msgspec.structs.replace(reports.passed(), exit_code=3))
    assert headed(text) == ["Undecided"]
    assert "the exit code is 3" in text


def test_what_to_do_first_is_a_step_for_each_red_gate_failed_ones_first() -> None:
    types = reports.gate("types", "undecided", reason=reports.MYPY_MISSING, denominator=None, evidence=None)
    report = reports.report(types, reports.gate("coverage", "failed", findings=(reports.MISSED,)))
    steps = page(report).partition('<ol class="steps">')[2].partition("</ol>")[0]
    words = Parsed(steps).words
    assert headed(steps, "h3") == ["coverage", "types"]
    assert words.index("10 changed lines of load() never ran gates explain COV004") < words.index("uv add --dev mypy")
    assert "src/io.py:88-97" in words


def test_green_needs_nothing() -> None:
    assert "Nothing: every gate that was judged passed." in page(reports.passed())
    assert "<ol" not in page(reports.passed())


def test_each_gate_has_a_row_that_leads_to_it() -> None:
    report, details = html_reports.rich()
    tags = Parsed(page(report, details)).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    targets = {str(attributes["href"])[1:] for _, attributes in tags if attributes.get("href")}
    assert len(set(ids)) == len(ids)
    assert {"gate-lint", "gate-types", "gate-word"} <= targets <= set(ids)


def test_gates_of_one_name_have_ids_of_their_own() -> None:
    two = (reports.gate("lint", project="a"), reports.gate("lint", project="b"))
    ids = [attributes["id"] for _, attributes in Parsed(page(reports.report(*two))).tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {"gate.1", "gate.2"} <= set(ids)


def test_waived_and_baselined_findings_are_told_apart_and_do_not_count() -> None:
    text = page(reports.excused())
    folded = text.partition("Waived and baselined: these do not count")[2].partition("</details>")[0]
    assert '<span class="tag">waived by' in folded
    assert '<span class="tag">baselined</span>' in folded
    assert "Warnings and notes (1)" in text
    assert headed(text) == ["Passed"]


@pytest.mark.requirement("RPT-3")
def test_findings_are_cut_by_rule_and_the_page_says_how_many() -> None:
    text = page(reports.report(reports.gate("lint", "failed", findings=reports.unused_imports(4000))))
    assert text.count("imported but unused") == findings.PER_RULE + 1  # and once in what to do next
    assert "3,900 more of ruff:F401 are not in this page" in text
    assert "3,900 findings are not in this page" in Parsed(text).words
    assert "gates check --output-file json=report.json" in text
    assert "are not in this page" not in page(reports.report(reports.gate("lint", findings=())))


def test_commands_are_cut_and_counted() -> None:
    many = tuple(("python", f"file_{at}.py") for at in range(57))
    words = Parsed(page(reports.report(reports.gate("lint", commands=many)))).words
    assert "python file_49.py" in words
    assert "python file_50.py" not in words
    assert "7 more are not in this page." in words


def test_a_page_that_is_full_counts_what_it_leaves_out() -> None:
    rules = [
        Finding(rule=f"R{at}", name="n", message=f"message {at}", fingerprint=str(at))
        for at in range(findings.MOST + 7)
    ]
    text = page(reports.report(reports.gate("lint", "failed", findings=tuple(rules))))
    assert text.count(">message ") == findings.MOST + 1
    assert "7 more findings of this gate are not in this page, which is full" in Parsed(text).words


@pytest.mark.parametrize(
    ("value", "limit", "direction", "room", "bar", "mark"),
    [
        (83.2, 85.0, "min", "1.8 short", 83.2, 85.0),
        (90.0, 85.0, "min", "5 to spare", 90.0, 85.0),
        (85.0, 85.0, "min", "at the limit", 85.0, 85.0),
        (12.0, 10.0, "max", "2 over", 80.0, 66.67),
        (4.0, 10.0, "max", "6 to spare", 32.0, 80.0),
        (0.0, 0.0, "max", "at the limit", None, None),
        (-3.0, 10.0, "max", "13 to spare", None, None),
        (float("inf"), 10.0, "max", "", None, None),
    ],
)
def test_room_between_value_and_limit_is_said_and_drawn(
    value: float, limit: float, direction: str, room: str, bar: float | None, mark: float | None
) -> None:
    item = Measure(name="m", value=value, unit="percent", limit=limit, limit_from="default", direction=direction)  # type: ignore[arg-type]
    drawn = measures.drawn(item)
    assert (drawn.room, drawn.bar, drawn.mark) == (room, bar, mark)


def outside_of_the_run(text: str) -> str:
    """The page without the elements that hold what differs between two runs."""
    return re.sub(r'<(\w+) class="(?:[a-z ]* )?run"[^>]*>.*?</\1>', "", text, flags=re.DOTALL)


def test_same_evidence_gives_the_same_bytes_outside_of_the_run() -> None:
    report, details = html_reports.rich()
    other = reports.run(
        started="2027-01-01T00:00:00Z",
        duration_s=99.0,
        durations_s={"lint": 77.0},
        receipts={"lint": "2027"},
        interpreter_version="3.14.1",
        notes=("another note",),
        host={"system": "Darwin"},
    )
    again = msgspec.structs.replace(report, run=other)
    assert page(report, details) == page(report, details)
    assert page(report, details) != page(again, details)
    assert outside_of_the_run(page(report, details)) == outside_of_the_run(page(again, details))


@pytest.mark.requirement("RPT-9")
def test_the_policy_allows_nothing_but_the_style_of_the_page() -> None:
    text = page(reports.design())
    (policy,) = [one["content"] for _, one in Parsed(text).tags if one.get("http-equiv") == "Content-Security-Policy"]
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert text.index("Content-Security-Policy") < text.index("<style>")
    assert "<script" not in text


def test_output_that_is_not_utf_8_has_character_references() -> None:
    report, details = html_reports.rich("schön →")
    text = page(report, details, encoding="ascii")
    assert text.isascii()
    assert "schön →" in Parsed(text).words


@pytest.mark.parametrize("report", [reports.design(), reports.many()])
def test_receipts_say_how_to_judge_again(report: Report) -> None:
    details = {(".", "coverage"): Detail(settings={"total": 85, "path": [{"glob": "src/**"}]})}
    words = Parsed(page(report, details)).words
    assert "gates check coverage" in words
    assert "total = 85" in words
    assert 'path = [{"glob":"src/**"}]' in words
    assert f"sha256:{'ab' * 32}" in words


def test_what_is_to_be_pasted_runs_nothing_else() -> None:
    found = msgspec.structs.replace(reports.MISSED, tool_rule="own:x; rm -rf ~")
    gate = reports.gate("own", "failed", project="a b; $(id)", findings=(found,), commands=(("tool", "a b"),))
    words = Parsed(page(reports.report(gate))).words
    assert "gates check own --package 'a b; $(id)'" in words
    assert "gates explain 'own:x; rm -rf ~'" in words
    assert "tool 'a b'" in words


def test_projects_of_a_workspace_are_told_apart() -> None:
    gates = (reports.gate("lint", "failed", project="a", findings=(reports.MISSED,)), reports.gate("lint", project="b"))
    members = (
        Member(project="a", name="first", verdict="failed", exit_code=1),
        Member(project="b", name="second", verdict="passed", exit_code=0),
        Member(project="c", name="third", verdict="undecided", exit_code=5),
    )
    python = JudgedPython(interpreter="b/.venv/bin/python", interpreter_version="3.13.1", interpreter_from=".venv")
    run = reports.run(durations_s={"a:lint": 0.7}, interpreters={"b": python})
    report = msgspec.structs.replace(reports.report(*gates, run=run), projects=members)
    text = page(report, {("b", "lint"): Detail(settings={"only": "of b"})})
    words = Parsed(text).words
    assert "lint [a]" in words
    assert "gates check lint --package b" in words
    assert "0.7 s" in words
    assert "third c Nothing was judged" in words
    assert "1 of 2 gates failed; nothing was judged in c." in words
    assert "b/.venv/bin/python 3.13.1" in words
    assert text.index("lint [b]") < text.index("only = &#34;of b&#34;")
    assert text.count("of b&#34;") == 1


def test_a_large_project_stays_below_a_megabyte() -> None:
    report, details = html_reports.large()
    text = page(report, details)
    assert 100_000 < len(text.encode()) < 1_000_000
    assert "RQ-0499" in text
    assert "test_case_0499_3" in text


def test_red_without_a_reason_is_never_nothing_to_do() -> None:
    silent = page(reports.report(reports.gate("lint", "undecided")))
    assert "It does not say why. gates check lint" in Parsed(silent).words
    odd = page(msgspec.structs.replace(reports.passed(), exit_code=3))
    for text in (silent, odd):
        assert "every gate that was judged passed" not in text
    assert "No gate says what to do." in odd
