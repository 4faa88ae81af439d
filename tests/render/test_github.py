"""Annotations: GitHub's limits, what comes first, and what is said of the rest."""

from __future__ import annotations

import pytest

from gates.model.finding import Finding
from gates.model.report import Report
from gates.model.rule import Severity
from gates.render import formats
from gates.render.formats import Options
from support import reports


def commands(report: Report, *, prefix: str = "") -> list[str]:
    lines = formats.render("github", report, Options(prefix=prefix)).splitlines()
    return [line for line in lines if line.startswith("::")]


def of(severity: Severity, count: int, rule: str = "LNT001") -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule=rule, name="n", message=f"{severity} {at}", fingerprint="0", severity=severity, path="a.py", line=at
        )
        for at in range(count)
    )


@pytest.mark.requirement("RPT-3")
@pytest.mark.parametrize(("count", "shown", "more"), [(9, 9, None), (10, 10, None), (11, 10, "2 more errors")])
def test_ten_of_a_kind_and_the_last_counts_the_rest(count: int, shown: int, more: str | None) -> None:
    lines = commands(reports.report(reports.gate("lint", "failed", findings=of("error", count))))
    assert len(lines) == shown
    assert (more in lines[-1]) if more else ("more" not in lines[-1])


def test_each_kind_has_its_own_ten_and_the_most_severe_come_first() -> None:
    findings = (*of("note", 30), *of("warning", 30), *of("error", 30))
    lines = commands(reports.report(reports.gate("lint", "failed", findings=findings)))
    assert [line.split(" ")[0].split("::")[1] for line in lines] == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert [line for line in lines if "21 more" in line] == [lines[9], lines[19], lines[29]]


def test_what_could_not_be_decided_comes_before_findings() -> None:
    report = reports.report(
        reports.gate("lint", "failed", findings=of("error", 30)),
        reports.gate("types", "undecided", reason=reports.MYPY_MISSING),
    )
    assert commands(report)[0].startswith("::error title=types%3A undecided (tool_missing)::")


def test_every_rule_is_shown_before_any_is_repeated() -> None:
    findings = (*of("error", 30), *of("error", 1, "LNT009"))
    lines = commands(reports.report(reports.gate("lint", "failed", findings=findings)))
    assert "LNT009" in lines[1]


def test_paths_are_counted_from_the_repository() -> None:
    assert commands(reports.design(), prefix="sub/")[0].startswith("::error file=sub/src/io.py,line=88,endLine=97,")


def test_waived_and_baselined_findings_are_not_annotated() -> None:
    shown = commands(reports.excused())
    assert shown[1:] == ["::notice title=AUD001 known-vulnerability::PYSEC-2024-1 is withdrawn"]


def test_a_waiver_that_is_about_to_end_is_a_warning_where_it_is_written() -> None:
    (first, _) = commands(reports.excused())
    assert first.startswith("::warning file=pyproject.toml,line=40,title=waiver ends soon::the waiver of AUD001 old")


def test_a_red_run_in_which_no_gate_is_red_has_an_error() -> None:
    types = reports.gate("types", "undecided", reason=reports.MYPY_MISSING, allowed_undecided=True)
    lines = commands(reports.report(types, verdict="undecided", exit_code=3))
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning"]
