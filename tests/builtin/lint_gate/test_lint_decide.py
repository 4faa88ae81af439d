"""Deciding over what ruff said: agreement of output and exit code, findings, fingerprints, and the law."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.lint.facts import Check, Diagnostic, Format, FormatNotAsked, LintEvidence, Unread
from gates.builtin.lint.gate import LintGate
from gates.builtin.lint.settings import LintSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from gates.testing import law

GATE = LintGate()
NOT_ASKED = FormatNotAsked(because="the project does not format with ruff")


def diagnostic(code: str = "F401", path: str = "a.py", line: int | None = 1, source: str = "import os") -> Diagnostic:
    return Diagnostic(
        code=code, message=f"{code} said", path=path, line=line, column=None if line is None else 8, source=source
    )


def check(
    *found: Diagnostic, code: int | None = None, examined: int = 3, muted: int = 0, unread: tuple[Unread, ...] = ()
) -> Check:
    return Check(
        code=bool(found) if code is None else code,
        examined=examined,
        muted=muted,
        diagnostics=counted(found),
        unread=counted(unread),
    )


def formatted(*found: Diagnostic, code: int = 0, examined: int = 3, **lists: Any) -> Format:
    held = {key: counted(items) for key, items in {"unparsed": (), "unread": (), **lists}.items()}
    return Format(code=code, examined=examined, unformatted=counted(found), **held)


def evidence(checked: Check, formatting: Format | FormatNotAsked = NOT_ASKED) -> LintEvidence:
    return LintEvidence(ruff="0.17.5", check=checked, formatting=formatting)


def decided(checked: Check, formatting: Format | FormatNotAsked = NOT_ASKED, **settings: Any) -> Decision:
    return GATE.decide(evidence(checked, formatting), LintSettings(**settings), law.NOON)


def test_clean_project_passes_over_the_files_that_were_examined() -> None:
    decision = decided(check(examined=212), formatted(examined=215))
    assert verdict_of(decision) == "passed"
    assert str(decision.denominator) == "212 files"


def test_diagnostic_becomes_a_finding_under_our_rule_with_ruffs_code_beside_it() -> None:
    (item,) = decided(check(diagnostic())).findings
    assert (item.rule, item.name, item.tool_rule) == ("LNT001", "lint-violation", "ruff:F401")
    assert (item.path, item.line, item.column, item.message) == ("a.py", 1, 8, "F401 said")


def test_fingerprint_outlives_a_moved_line_and_changes_with_its_text() -> None:
    here = decided(check(diagnostic(line=1))).findings[0].fingerprint
    assert decided(check(diagnostic(line=70))).findings[0].fingerprint == here
    assert decided(check(diagnostic(source="import sys"))).findings[0].fingerprint != here
    assert decided(check(diagnostic(code="F811"))).findings[0].fingerprint != here


def test_fingerprint_of_an_unformatted_file_outlives_what_is_in_it() -> None:
    one = decided(check(), formatted(diagnostic("unformatted", line=3), code=1)).findings[0]
    other = decided(check(), formatted(diagnostic("unformatted", line=9, source="y"), code=1)).findings[0]
    assert one.rule == "LNT002"
    assert (one.fingerprint, one.line, other.line) == (other.fingerprint, 3, 9)


def test_syntax_error_is_told_once_and_by_the_linter() -> None:
    broken = diagnostic("invalid-syntax")
    decision = decided(check(broken), formatted(code=2, unparsed=(diagnostic("invalid-syntax", source="other"),)))
    assert [(item.rule, item.tool_rule) for item in decision.findings] == [("LNT003", None)]


def test_syntax_error_that_only_the_formatter_saw_counts() -> None:
    decision = decided(check(), formatted(code=2, unparsed=(diagnostic("invalid-syntax", path="b.py"),)))
    assert [(item.rule, item.path) for item in decision.findings] == [("LNT003", "b.py")]


def test_unreadable_file_is_told_once_by_whichever_command_noticed() -> None:
    unread = Unread(path="a.py", message="stream did not contain valid UTF-8")
    other = Unread(path="b.py", message="Permission denied\n  Cause: something")
    decision = decided(check(diagnostic("E902", line=1)), formatted(code=2, unread=(unread, other)))
    assert [(item.rule, item.path, item.line) for item in decision.findings] == [
        ("LNT004", "a.py", None),
        ("LNT004", "b.py", None),
    ]
    assert decision.findings[1].message == "nothing in this file was judged: Permission denied"


def test_file_that_ruff_only_warns_about_fails() -> None:
    decision = decided(check(unread=(Unread(path="a.py", message="gone"),)))
    assert verdict_of(decision) == "failed"


def test_exit_code_and_output_that_contradict_each_other_are_undecided() -> None:
    cases: list[tuple[Check, Format | FormatNotAsked]] = [
        (check(diagnostic(), code=0), NOT_ASKED),
        (check(code=1), NOT_ASKED),
        (check(diagnostic(), code=2), NOT_ASKED),
        (check(), formatted(code=1)),
        (check(), formatted(code=2)),
        (check(), formatted(diagnostic("unformatted"), code=0)),
        (check(), formatted(diagnostic("unformatted"), code=2)),
        (check(), formatted(code=0, unread=(Unread(path="a.py", message="gone"),))),
    ]
    for checked, formatting in cases:
        decision = decided(checked, formatting)
        assert verdict_of(decision) == "undecided"
        assert decision.reason is not None
        assert decision.reason.code == "unparsable_output"
        assert "contradict" in decision.reason.message


def test_zero_files_are_undecided_for_the_linter_and_for_the_formatter() -> None:
    for decision in (decided(check(examined=0)), decided(check(), formatted(examined=0))):
        assert verdict_of(decision) == "undecided"
        assert decision.reason is not None
        assert decision.reason.code == "nothing_examined"


def test_formatting_that_was_asked_for_and_is_not_in_the_evidence_is_undecided() -> None:
    assert verdict_of(decided(check(), NOT_ASKED, format=True)) == "undecided"
    assert verdict_of(decided(check(), NOT_ASKED, format=None)) == "passed"


codes = st.sampled_from(["F401", "E902", "invalid-syntax", "io"])
diagnostics = st.builds(
    diagnostic, code=codes, path=st.sampled_from(["a.py", "b.py"]), line=st.none() | st.integers(1, 9)
)
unreads = st.builds(Unread, path=st.sampled_from(["a.py", "c.py"]), message=st.sampled_from(["", "gone"]))
checks = st.builds(
    Check,
    code=st.integers(0, 2),
    examined=st.integers(0, 3),
    muted=st.integers(0, 2),
    diagnostics=st.lists(diagnostics, max_size=2).map(counted),
    unread=st.lists(unreads, max_size=1).map(counted),
)
formats = st.builds(
    Format,
    code=st.integers(0, 2),
    examined=st.integers(0, 3),
    unformatted=st.lists(st.builds(diagnostic, code=st.just("unformatted")), max_size=2).map(counted),
    unparsed=st.lists(diagnostics, max_size=1).map(counted),
    unread=st.lists(unreads, max_size=1).map(counted),
)


@pytest.mark.requirement("VRD-3")
@given(checks, formats | st.just(NOT_ASKED), st.sampled_from([None, True, False]))
def test_losing_information_never_improves_the_verdict(checked: Check, formatting: Any, wanted: bool | None) -> None:
    assert law.breaches(GATE, evidence(checked, formatting), LintSettings(format=wanted)) == []


@given(checks, formats | st.just(NOT_ASKED))
def test_pass_means_both_commands_ended_with_zero_over_some_files(checked: Check, formatting: Any) -> None:
    decision = decided(checked, formatting)
    if verdict_of(decision) == "passed":
        assert (checked.code, checked.diagnostics.count, checked.unread.count) == (0, 0, 0)
        assert checked.examined > checked.muted
        assert not isinstance(formatting, Format) or (formatting.code == 0 and formatting.examined > 0)


@given(checks, formats)
def test_findings_are_sorted_and_told_once(checked: Check, formatting: Format) -> None:
    places = [(item.path or "", item.line or 0) for item in decided(checked, formatting).findings]
    assert places == sorted(places)
