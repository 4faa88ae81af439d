"""What is said of measurements; pure, so every case is made up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.coverage.facts import CoverageEvidence, Lane
from gates.builtin.coverage.figures import Figure
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.settings import CoverageSettings, PathLimit
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from gates.testing import law
from support.coverage_facts import changed, evidence, file, subject

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def decided(facts: CoverageEvidence, **settings: Any) -> Decision:
    return CoverageGate().decide(facts, CoverageSettings(**settings), NOW)


def said(facts: CoverageEvidence, **settings: Any) -> list[str]:
    """Code, place and message of each finding."""
    found = []
    for one in decided(facts, **settings).findings:
        last = "" if one.end_line is None else f"-{one.end_line}"
        found.append(f"{one.path or '.'}:{one.line or ''}{last} {one.rule} {one.message}")
    return found


def test_a_limit_is_compared_exactly() -> None:
    """coverage 7.17.3 rounds 90.64 % to 91 and passes (C1); so does what pytest-cov 7.1.0 exits with (C2)."""
    facts = evidence(file(can=range(1, 1069), ran=range(1, 969)))  # 968 of 1068: 90.6367 %
    (one,) = said(facts, total=91.0)
    assert one.startswith(".: COV001 90.6367 % of 1,068 lines ran, and the limit is 91 %: 4 more are needed;")
    assert one.endswith("; most is missing in src/a.py (100)")
    assert said(facts, total=90.63) == []
    assert said(facts, total=90.6368) != []


def test_a_hundred_means_all() -> None:
    facts = evidence(file(can=range(1, 100_001), ran=range(1, 100_000)))
    (one,) = said(facts, total=100.0)
    assert "99.999 % of 100,000 lines ran, and the limit is 100 %: 1 more is needed" in one


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 10_000))
def test_a_figure_meets_what_the_rule_of_three_says(covered: int, more: int, hundredths: int) -> None:
    figure, limit = Figure(covered, covered + more), hundredths / 100
    exact = Decimal(hundredths) / 100
    assert figure.meets(limit) is (figure.of == 0 or Decimal(covered) * 100 / figure.of >= exact)
    assert Figure(covered + figure.short_of(limit), figure.of).meets(limit) or figure.of == 0
    if figure.short_of(limit):
        assert not Figure(covered + figure.short_of(limit) - 1, figure.of).meets(limit)
    assert figure.percent <= (100 * covered / figure.of if figure.of else 100)


def test_branches_count_where_the_project_counts_them() -> None:
    ways = {2: (2, ["4"]), 5: (2, ["7", "exit"])}
    facts = evidence(file(ways=ways))
    assert said(facts, total=100.0) == []
    (one,) = said(evidence(file(ways=ways), counted=True), total=100.0)
    assert one.startswith(".: COV001 78.5714 % of 14 lines and branches ran")
    (one,) = said(facts, branches=50.0)
    assert one.startswith(".: COV007 25 % of 4 branches were taken, and the limit is 50 %: 1 more is needed")


def test_each_glob_is_judged_by_itself() -> None:
    facts = evidence(file("src/core/a.py", ran=range(1, 10)), file("src/core/b.py"), file("src/c.py", ran=()))
    paths = (PathLimit(glob="src/core/**", minimum=96.0), PathLimit(glob="src/core/a.py", minimum=90.0))
    (one,) = said(facts, path=paths)
    assert one.startswith(".: COV002 src/core/**: 95 % of 20 lines ran, and the limit is 96 %: 1 more is needed;")
    assert one.endswith("; most is missing in src/core/a.py (1)")


def test_a_glob_that_names_nothing_is_undecided() -> None:
    found = decided(evidence(file("src/core/a.py")), path=(PathLimit(glob="src/cor/**", minimum=1.0),))
    assert verdict_of(found) == "undecided"
    assert found.reason is not None
    assert found.reason.message == "the glob 'src/cor/**' names none of the 1 measured file"


def test_a_floor_names_lines_and_functions() -> None:
    one = file(ran=[1, 2, 3, 9], functions=[("load", 4, 6), ("Reader.close", 8, 9)])
    (floor,) = said(evidence(one), file=50.0)
    assert floor == (
        "src/a.py:4 COV003 40 % of 10 lines ran, and the floor is 50 %; missing: 4-6 in load(), 7, 10 at module level,"
        " 8 in Reader.close()"
    )


def test_a_file_with_nothing_to_run_has_no_floor() -> None:
    assert said(evidence(file(can=[], ran=[]), file("src/b.py")), file=100.0) == []


def test_a_changed_function_is_not_hidden_by_others() -> None:
    """diff-cover 11.0.1 has one percentage for the whole change (C11)."""
    one = file(can=range(1, 101), ran=range(1, 98), functions=[("load", 1, 90), ("save", 91, 100)])
    (found,) = said(evidence(one, patch=[changed(touched=range(1, 101))]), patch=90.0)
    assert found == "src/a.py:98-100 COV004 3 changed lines of save() never ran (7 of 10 did, and the limit is 90 %)"


def test_what_was_missed_before_the_change_is_not_asked() -> None:
    one = file(ran=[1, 2], functions=[("load", 3, 10)])
    assert said(evidence(one, patch=[changed(touched=[1, 2])]), patch=100.0) == []


def test_the_nearest_tests_are_named() -> None:
    one = file(ran=[1, 2], functions=[("load", 3, 10)])
    near = {"load": ["tests/test_a.py::test_load"]}
    (found,) = said(evidence(one, patch=[changed(touched=[3, 5], near=near)]), patch=100.0)
    assert found == ("src/a.py:3 COV004 2 changed lines of load() never ran: 3, 5; nearest: tests/test_a.py::test_load")


def test_a_changed_line_must_go_every_way() -> None:
    one = file(ways={3: (2, ["exit"]), 5: (2, ["7"])}, functions=[("load", 3, 10)])
    assert said(evidence(one, patch=[changed(touched=[3, 4])]), patch=100.0) == [
        "src/a.py:3 COV005 the changed line in load() ran, and never went on to the end of the function"
    ]


def test_a_changed_file_that_nobody_measured() -> None:
    """diff-cover 11.0.1 says "No lines with coverage information" and exits with 0 (C9)."""
    facts = evidence(patch=[changed("src/new.py", range(1, 5), measured=False)])
    assert said(facts, patch=80.0) == [
        "src/new.py:1 COV006 nobody measured this file, and the change touches 4 lines that can run"
    ]
    assert said(evidence(patch=[changed("src/new.py", (), measured=False)]), patch=80.0) == []


def test_a_changed_file_that_the_project_leaves_out_is_said() -> None:
    facts = evidence(patch=[changed("src/gen.py", [1], measured=False, omitted="run.omit in pyproject.toml:7")])
    found = decided(facts, patch=80.0)
    assert found.findings == ()
    assert found.notes == ("changed files that nobody has to measure (run.omit in pyproject.toml:7): src/gen.py",)


def test_the_change_has_the_limit_of_everything_by_default() -> None:
    facts = evidence(file(ran=range(1, 10)), patch=[changed(touched=[9, 10])], limit=85.0)
    assert [one.split()[1] for one in said(facts)] == ["COV004"]
    assert said(facts, patch=0.0) == []


def test_without_a_base_the_change_is_not_judged_and_that_is_said() -> None:
    found = decided(evidence(), total=100.0)
    assert verdict_of(found) == "passed"
    assert found.notes == ("the change is not judged: HEAD is the first commit",)


def test_without_any_limit_there_is_no_verdict() -> None:
    found = decided(evidence())
    assert verdict_of(found) == "undecided"
    assert found.reason is not None
    assert found.reason.fix == "set total = 100 in [tool.gates.coverage]"
    assert verdict_of(decided(evidence(baselined=True))) == "passed"


def test_tests_that_failed_are_said() -> None:
    (note,) = decided(evidence(patch=[], failed=2), total=100.0).notes
    assert note == "2 tests that were measured failed: what they would have run besides is missing"


def test_roots_of_other_machines_are_said() -> None:
    roots = counted(["D:\\a\\app -> . (2 files)"])
    assert decided(evidence(patch=[], mapped=roots), total=1.0).notes == (
        "paths of the data: D:\\a\\app -> . (2 files)",
    )


def test_a_limit_of_branches_needs_branches() -> None:
    found = decided(evidence(arcs=False), branches=10.0)
    assert verdict_of(found) == "undecided"


def test_nothing_to_run_proves_nothing() -> None:
    assert verdict_of(decided(evidence(file(can=[], ran=[])), total=50.0)) == "undecided"


def test_pragmas_have_a_limit() -> None:
    facts = evidence(file(pragmas=3), file("src/b.py", pragmas=1))
    assert said(facts, pragmas=3) == [
        ".: COV008 4 lines bear an exclusion pragma, and the limit is 3; most are in src/a.py (3), src/b.py (1)"
    ]
    assert said(facts, pragmas=4) == []


def test_tests_keep_what_they_promise_of_a_module() -> None:
    facts = evidence(subjects=[subject("a", "src/a.py", range(1, 10)), subject("a", "src/a.py", range(1, 11), 100.0)])
    assert said(facts, total=1.0) == [
        "src/a.py:10 COV009 2 tests promise 95 % of a, and 90 % of 10 lines ran in them; missing: 10 at module level"
    ]
    (one,) = said(evidence(subjects=[subject("b", None, [])]), total=1.0)
    assert one == ".: COV009 2 tests promise 95 % of b, and nobody measured a module of that name"


def test_measures_are_cut_off_and_say_where_their_limit_is() -> None:
    lanes = [
        Lane(name=name, platform="Linux", statements=10, executed=9, ways=0, taken=0) for name in ("linux", "windows")
    ]
    facts = evidence(
        file(can=range(1, 4), ran=[1, 2], ways={1: (3, ["2"])}),
        limit=50.0,
        lanes=lanes,
        patch=[changed(touched=[1, 3])],
    )
    found = {one.name: one for one in decided(facts, path=(PathLimit(glob="src/**", minimum=10.0),)).measures}
    assert {name: one.value for name, one in found.items()} == {
        "coverage.total": 66.6666,
        "coverage.branches": 66.6666,
        "coverage.path.src/**": 66.6666,
        "coverage.pragmas": 0,
        "coverage.patch": 60.0,
        "coverage.lane.linux": 90.0,
        "coverage.lane.windows": 90.0,
    }
    assert found["coverage.total"].limit_from == "pyproject.toml:12"
    assert found["coverage.patch"].direction is None


@pytest.mark.parametrize(
    "damage",
    [
        {"statements": 9},
        {"executed": 11},
        {"ran": "fffff"},
        {"lines": ""},
        {"ways": 1},
        {"excluded": "x y"},
        {"pragmas": -1},
    ],
)
def test_a_file_that_contradicts_itself_proves_nothing(damage: dict[str, Any]) -> None:
    import msgspec

    found = decided(evidence(msgspec.structs.replace(file(), **damage)), total=1.0)
    assert verdict_of(found) == "undecided"
    assert found.reason is not None
    assert found.reason.message.startswith("the evidence is damaged: ")


def test_other_contradictions_prove_nothing() -> None:
    twice = evidence(file(), file())
    two_changes = evidence(patch=[changed("src/a.py", measured=False)])
    lined = evidence(file(ways={1: (2, [])}), arcs=False)
    for facts in (twice, two_changes, lined, evidence(no_base="")):
        assert verdict_of(decided(facts, total=1.0)) == "undecided"


EVERYTHING = evidence(
    file(ran=range(1, 10), ways={2: (2, ["4"])}, functions=[("load", 1, 5)], pragmas=2),
    file("src/core/b.py", can=range(1, 4), ran=[1]),
    patch=[changed(touched=[1, 2, 10], near={"load": ["t"]}), changed("src/new.py", [1, 2], measured=False)],
    limit=60.0,
    subjects=[subject("a", "src/a.py", [1, 2])],
    lanes=[Lane(name="linux", platform="Linux", statements=1, executed=1, ways=0, taken=0)],
)


@pytest.mark.requirement("VRD-3")
@pytest.mark.parametrize(
    "settings",
    [
        {"total": 1.0, "patch": 1.0},
        {"total": 99.0},
        {"patch": 0.0},
        {"path": (PathLimit(glob="src/core/**", minimum=1.0, file=1.0),), "patch": 0.0},
        {"pragmas": 2, "patch": 0.0, "total": 0.0},
        {"branches": 10.0, "file": 10.0, "patch": 0.0},
    ],
    ids=str,
)
def test_losing_information_never_helps(settings: dict[str, Any]) -> None:
    patch = EVERYTHING.patch.items[0].files.items
    unpromised = evidence(*EVERYTHING.files.items, patch=patch, limit=60.0)
    for facts in (EVERYTHING, unpromised):
        assert law.breaches(CoverageGate(), facts, CoverageSettings(**settings)) == []


def test_evidence_survives_json() -> None:
    import msgspec

    assert msgspec.json.decode(msgspec.json.encode(EVERYTHING), type=CoverageEvidence) == EVERYTHING
    assert counted(EVERYTHING.files.items) == EVERYTHING.files
