"""What a command gate decides: every code, every report and every changed file, and the law over all of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.command.facts import Changed, CommandEvidence, Reported
from gates.builtin.command.gate import CommandGate, made
from gates.config.command import CommandTable
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from gates.testing import law

NOON = law.NOON


def table(**changes: Any) -> CommandTable:
    return CommandTable(**{"name": "spelling", "argv": ("spell", "docs"), "files": ("docs/**",), **changes})


def reported(**changes: Any) -> Reported:
    held = {"code": "E1", "message": "wrong", "path": "docs/a.md", "line": 3, "column": None, "subject": None}
    return Reported(**{**held, "source": "a line", "level": "error", **changes})


def evidence(*found: Reported, code: int = 0, changed: tuple[Changed, ...] = (), **changes: Any) -> CommandEvidence:
    held = {"words": "", "examined": 2, "compared": len(changed)}
    return CommandEvidence(code=code, reported=counted(found), changed=counted(changed), **{**held, **changes})


def decided(facts: CommandEvidence, **settings: Any) -> Decision:
    return CommandGate().decide(facts, table(**settings), NOON)


READS = {"parser": "regex", "pattern": "(?P<message>.+)"}
CHANGED = Changed(path="docs/api.md", how="changed", line=7, diff="@@ -7 +7 @@\n-a\n+b")


def test_an_accepted_code_without_findings_is_a_pass() -> None:
    decision = decided(evidence())
    assert verdict_of(decision) == "passed"
    assert (decision.denominator.count, decision.denominator.unit) == (2, "files")


def test_a_code_that_is_not_accepted_is_red_with_the_last_words() -> None:
    decision = decided(evidence(code=2, words="no such option"), exit_codes=(0, 1))
    assert [(one.rule, one.path) for one in decision.findings] == [("CMD001", None)]
    assert decision.findings[0].message == "spell ended with exit code 2 (accepted: 0, 1): no such option"


def test_where_no_code_is_accepted_every_run_is_red() -> None:
    decision = decided(evidence(), exit_codes=())
    assert [one.message for one in decision.findings] == ["spell ended with exit code 0 (accepted: none)"]


def test_a_crash_is_red_beside_the_findings_that_were_told_before_it() -> None:
    decision = decided(evidence(reported(), code=2), exit_codes=(0, 1), **READS)
    assert [one.rule for one in decision.findings] == ["CMD001", "CMD002"]


def test_a_report_is_red_whatever_the_code() -> None:
    for code in (0, 1):
        decision = decided(evidence(reported(), code=code), exit_codes=(0, 1), **READS)
        assert [(one.rule, one.path, one.line, one.tool_rule) for one in decision.findings] == [
            ("CMD002", "docs/a.md", 3, "spelling:E1")
        ]
        assert verdict_of(decision) == "failed"


def test_a_code_of_several_words_is_one_that_a_level_can_name() -> None:
    assert decided(evidence(reported(code="bad  link")), **READS).findings[0].tool_rule == "spelling:bad-link"


def test_notes_do_not_fail_and_what_is_suppressed_is_not_shown() -> None:
    facts = evidence(reported(level="note"), reported(level="suppressed"), code=1)
    decision = decided(facts, exit_codes=(0, 1), **READS)
    assert [one.severity for one in decision.findings] == ["note"]
    assert verdict_of(decision) == "passed"


def test_an_accepted_code_that_stands_for_findings_and_none_that_was_read_is_undecided() -> None:
    decision = decided(evidence(code=1), exit_codes=(0, 1), **READS)
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.code == "unparsable_output"
    assert verdict_of(decided(evidence(code=1), exit_codes=(0, 1))) == "passed"


@pytest.mark.parametrize("how", ["changed", "created", "deleted"])
def test_a_generated_file_that_is_not_as_committed_is_red(how: Any) -> None:
    one = Changed(path="docs/api.md", how=how, line=7, diff="-a\n+b")
    decision = decided(evidence(changed=(one,)), unchanged=("docs/api.md",))
    assert [(found.rule, found.path, found.line) for found in decision.findings] == [("CMD003", "docs/api.md", 7)]
    assert decision.findings[0].message.endswith("\n-a\n+b")


def test_generated_files_that_nobody_compared_are_undecided() -> None:
    assert verdict_of(decided(evidence(), unchanged=("docs/api.md",))) == "undecided"


def test_a_fingerprint_outlives_a_change_of_the_difference() -> None:
    other = Changed(path="docs/api.md", how="changed", line=9, diff="-c\n+d")
    first, second = (decided(evidence(changed=(one,)), unchanged=("x",)).findings[0] for one in (CHANGED, other))
    assert first.fingerprint == second.fingerprint


def test_the_gate_of_a_table_has_its_name_and_keeps_no_evidence_unless_told_what_it_reads() -> None:
    kind = made(table())
    assert (kind.name, kind.title, kind.tools) == ("spelling", "command: spell docs", ("spell",))
    assert kind.cache.kind == "never"
    assert made(table(inputs=("docs/**",))).cache.kind == "inputs"
    assert made(table(argv=("python", "-P", "-m", "codespell_lib"))).tools == ("codespell_lib",)


anything = st.builds(
    reported,
    code=st.sampled_from([None, "E1"]),
    path=st.sampled_from([None, "a.md"]),
    line=st.none() | st.integers(1, 9),
    level=st.sampled_from(["error", "note", "suppressed"]),
)


@given(
    st.lists(anything, max_size=2),
    st.integers(0, 2),
    st.sampled_from([(), (CHANGED,)]),
    st.integers(0, 2),
    st.sampled_from([{}, READS, {"unchanged": ("docs/api.md",)}, {**READS, "exit_codes": (0, 1)}]),
)
def test_losing_information_never_improves_the_verdict(
    found: list[Reported], code: int, changed: tuple[Changed, ...], examined: int, settings: dict[str, Any]
) -> None:
    facts = evidence(*found, code=code, changed=changed, examined=examined)
    assert law.breaches(CommandGate(), facts, table(**settings)) == []


@given(st.lists(anything, max_size=2), st.integers(0, 2), st.integers(0, 2))
def test_pass_means_an_accepted_code_over_some_files_and_no_error(found: list[Reported], code: int, seen: int) -> None:
    if verdict_of(decided(evidence(*found, code=code, examined=seen), **READS)) == "passed":
        assert code == 0
        assert seen > 0
        assert all(one.level != "error" for one in found)
