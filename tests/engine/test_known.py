from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NoReturn

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.config.baseline import Baseline, Figure, Known
from gates.engine import known
from gates.model.account import BASELINE_OUTDATED
from gates.model.decision import Decision, verdict_of
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.rule import Rule
from gates.project.moves import Moves

RULE = Rule(code="LNT001", name="lint-violation", summary="s", explanation="e", fix="f")
FILES = Denominator(count=10, unit="files")


def item(source: str, path: str = "a.py", line: int = 1, tool_rule: str = "ruff:F401") -> Finding:
    return finding(RULE, "m", path=path, line=line, tool_rule=tool_rule, source=source)


def decided(findings: Sequence[Finding]) -> Decision:
    return Decision(denominator=FILES, findings=tuple(findings))


def baseline(findings: Sequence[Finding] = (), **given: object) -> Baseline:
    facts = {"gate": "lint", "denominator": FILES, "known": known.listed(findings), **given}
    return msgspec.convert(facts, Baseline, from_attributes=True)


def unasked() -> NoReturn:
    raise AssertionError("git was asked though there was no need")


def new(findings: Sequence[Finding], held: Baseline, moves: Moves | None = None) -> list[Finding]:
    found = known.recognise(decided(findings), held, unasked if moves is None else lambda: moves)
    return [one for one in found.decision.findings if one.blocks]


@pytest.mark.requirement("RPT-7")
def test_what_was_there_is_known_wherever_its_line_is_now() -> None:
    held = baseline([item("import a", line=1), item("import b", line=2)])
    moved = [item("import b", line=700), item("  import   a", line=41)]
    assert new(moved, held) == []
    assert verdict_of(known.recognise(decided(moved), held, unasked).decision) == "passed"


def test_one_more_than_is_known_is_new() -> None:
    held = baseline([item("import a", line=1), item("import a", line=5)])
    found = new([item("import a", line=at) for at in (1, 5, 9)], held)
    assert [one.line for one in found] == [9]


@pytest.mark.parametrize(
    "other",
    [
        item("import a", path="b.py"),
        item("import a", tool_rule="ruff:F811"),
        item("import other"),
    ],
)
def test_another_path_rule_or_text_is_new(other: Finding) -> None:
    found = known.recognise(decided([other]), baseline([item("import a")]), Moves)
    assert (verdict_of(found.decision), len(found.gone)) == ("failed", 1)


def test_a_renamed_file_keeps_what_is_known_of_it() -> None:
    held = baseline([item("import a"), item("import b"), item("import c", path="gone.py")])
    moved = [item("import a", path="src/a.py"), item("import new", path="src/a.py")]
    found = known.recognise(decided(moved), held, lambda: Moves(renamed={"a.py": "src/a.py"}))
    assert [one.blocks for one in found.decision.findings] == [False, True]
    assert found.moved == 1
    assert sorted((one.path, one.count) for one in found.gone) == [("a.py", 1), ("gone.py", 1)]


def test_git_is_asked_only_where_something_is_missing_and_something_is_new() -> None:
    held = baseline([item("import a")])
    assert new([item("import a")], held) == []
    assert new([], held) == [], "gone and nothing new"
    assert len(new([item("import a"), item("import b")], held)) == 1, "new and nothing gone"


def test_a_waived_finding_uses_up_nothing_and_rules_about_excuses_are_never_known() -> None:
    waived = msgspec.structs.replace(item("import a"), waived_by="ada until 2026-12-31 [LNT001 **]")
    found = known.recognise(decided([waived]), baseline([item("import a")]), Moves)
    assert (found.decision.findings[0].baselined, len(found.gone)) == (False, 1)
    policy = msgspec.structs.replace(item("x"), rule="POL008")
    assert [one.rule for one in new([policy], baseline([policy]), Moves())] == ["POL008"]


FINDINGS = st.lists(
    st.builds(
        item,
        st.sampled_from(["import a", "import b"]),
        path=st.sampled_from(["a.py", "b.py"]),
        line=st.integers(1, 9),
        tool_rule=st.sampled_from(["ruff:F401", "ruff:E501"]),
    ),
    max_size=8,
)


@pytest.mark.requirement("EXC-4")
@given(FINDINGS, FINDINGS, st.data())
def test_losing_a_part_of_the_baseline_never_makes_less_red(
    before: list[Finding], now: list[Finding], draw: st.DataObject
) -> None:
    kept = draw.draw(st.lists(st.sampled_from(before), max_size=8, unique_by=id)) if before else []
    whole, lost = new(now, baseline(before), Moves()), new(now, baseline(kept), Moves())
    assert len(lost) >= len(whole)
    assert len(whole) >= len(now) - len(before), "nothing is excused twice"


@given(FINDINGS, st.randoms())
def test_what_is_listed_is_recognised_in_any_order(findings: list[Finding], shuffled: random.Random) -> None:
    again = list(findings)
    shuffled.shuffle(again)
    found = known.recognise(decided(again), baseline(findings), unasked)
    assert (new(again, baseline(findings)), found.gone) == ([], ())


def measure(value: float, name: str = "coverage.total") -> Measure:
    return Measure(name=name, value=value, unit="percent", direction="min")


@pytest.mark.requirement("EXC-4")
@pytest.mark.parametrize(
    ("direction", "before", "now", "worse"),
    [
        ("min", 83.2, 83.1, True),
        ("min", 83.2, 83.2, False),
        ("min", 83.2, 90.0, False),
        ("max", 3.0, 4.0, True),
        ("max", 3.0, 2.0, False),
        ("min", 0.1 + 0.2, 0.3, False),
        ("max", 0.0, 1e-12, True),
        ("max", 1.0, float("nan"), True),
    ],
)
def test_a_figure_may_only_get_better(direction: str, before: float, now: float, worse: bool) -> None:
    held = baseline(figures=[{"measure": "coverage.total", "value": before, "direction": direction}])
    found = list(known.regressed([measure(now)], held))
    assert [one.rule for one in found] == (["POL010"] if worse else [])


def test_a_figure_that_is_no_longer_measured_is_a_finding() -> None:
    held = baseline(figures=[Figure(measure="coverage.total", value=83.2, direction="min")])
    (found,) = known.regressed([measure(99.0, "coverage.files")], held)
    assert found.message == "coverage.total is no longer measured; the baseline has 83.2"


@pytest.mark.parametrize(
    ("now", "before", "deleted", "said"),
    [
        (("files", 10), ("files", 10), 0, ""),
        (("files", 12), ("files", 10), 0, ""),
        (("files", 8), ("files", 10), 2, ""),
        (("files", 7), ("files", 10), 2, "lint judged 7 files; its baseline has 10 files, and 2 were deleted since"),
        (("files", 9), ("files", 10), 0, "lint judged 9 files; its baseline has 10 files"),
        (("tests", 9), ("tests", 10), 5, "lint judged 9 tests; its baseline has 10 tests"),
        (("lines", 99), ("files", 10), 0, "lint counts lines now, and files in its baseline"),
    ],
)
def test_less_is_judged_than_before(now: tuple[str, int], before: tuple[str, int], deleted: int, said: str) -> None:
    held = baseline(denominator=Denominator(unit=before[0], count=before[1]))
    found = list(known.shrunk(Denominator(unit=now[0], count=now[1]), held, lambda: deleted))
    assert [one.message for one in found] == ([said] if said else [])


def test_only_deleted_sources_account_for_missing_files() -> None:
    moves = Moves(renamed={"x.py": "y.py"}, deleted=frozenset({"a.py", "b.pyi", "c.ipynb", "d.png"}))
    assert known.deleted_sources(moves) == 3


def test_what_is_gone_is_one_warning_with_the_command_that_settles_it() -> None:
    held = baseline([item("import a"), item("import a", line=2), item("import b")])
    found = known.recognise(decided([item("import a")]), held, unasked)
    (warning,) = known.outdated(found, held)
    assert (warning.rule, warning.severity) == (BASELINE_OUTDATED.code, "warning")
    assert "2 of the 3 known findings of lint are gone" in warning.message
    assert warning.message.endswith("gates baseline lint --prune")
    assert list(known.outdated(known.recognise(decided([]), baseline(), unasked), baseline())) == []


def test_known_findings_are_listed_with_how_many_there_are() -> None:
    listed = known.listed([item("import a", line=1), item("import a", line=9), item("import b")])
    assert sorted(one.count for one in listed) == [1, 2]
    assert all(isinstance(one, Known) for one in listed)
