"""Joining: one report out of many; losing a project, or anything of its report, never makes the whole better."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.engine import joining
from gates.engine.joining import WORST_FIRST, Part, join
from gates.model.finding import finding
from gates.model.measure import Measure
from gates.model.reason import Reason
from gates.model.report import NotJudged, ProjectFacts, Report, ReportError
from gates.model.waiver import WaiverReport
from support import reports
from support.reports import LNT001, gate, report, run

CODES = {"passed": 0, "failed": 1, "undecided": 3}
WHY = Reason(code="tool_missing", message="there is no mypy", fix="gates check types")
FOUND = finding(LNT001, "an import is unused", path="src/a.py", line=3)


def judged(verdict: str, name: str = "lint", **more: Any) -> Any:
    facts: dict[str, dict[str, Any]] = {
        "passed": {},
        "failed": {"findings": (FOUND,)},
        "undecided": {"reason": WHY, "denominator": None},
    }
    return gate(name, verdict, **{**facts[verdict], **more})


def part(project: str, *verdicts: str, **more: Any) -> Part:
    gates = tuple(judged(one, f"gate-{at}") for at, one in enumerate(verdicts))
    return Part(project=project, name=project.rpartition("/")[2], report=report(*gates), **more)


def joined(*parts: Part) -> Report:
    return join(parts, "whole")


@pytest.mark.parametrize(
    ("codes", "whole"),
    [
        ([0, 0], 0),
        ([0, 1], 1),
        ([3, 1], 1),
        ([3, 0], 3),
        ([5, 0], 5),
        ([5, 3], 3),
        ([5, 5], 5),
        ([1, 2], 2),
        ([2, 4], 4),
        ([0, 77], 4),
    ],
)
def test_the_worst_code_is_that_of_the_whole(codes: Sequence[int], whole: int) -> None:
    verdicts = {0: "passed", 1: "failed", 3: "undecided"}
    parts = []
    for at, code in enumerate(codes):
        gates = (judged(verdicts[code]),) if code in verdicts else ()
        error = ReportError(code="project", message="it cannot be read", path="pyproject.toml", line=2)
        broken = {"error": error, "gates": ()} if code in {2, 4} else {}
        parts.append(Part(project=f"p{at}", name="p", report=report(*gates, exit_code=code, **broken)))
    made = joined(*parts)
    assert made.exit_code == whole
    assert made.verdict == {0: "passed", 1: "failed"}.get(whole, "undecided")
    assert (made.error is not None) == (whole in {2, 4})


def test_paths_places_and_commands_are_those_of_the_workspace() -> None:
    up = finding(LNT001, "the workflow", path="../../.github/ci.yml", line=1)
    found = judged(
        "failed",
        findings=(FOUND, up, finding(LNT001, "nowhere")),
        measures=(
            Measure(name="a", value=1, unit="files", limit=1, limit_from="pyproject.toml:12", direction="max"),
            Measure(name="b", value=1, unit="files", limit=1, limit_from="default", direction="max"),
        ),
    )
    waiver = WaiverReport(
        rule="LNT001",
        subject="src/a.py",
        reason="r",
        owner="o",
        expires=date(2026, 12, 31),
        state="active",
        uses=1,
        path="pyproject.toml",
        line=4,
        label="l",
    )
    fixes = ("gates check types", "pip install mypy", "gates check --project x")
    why = [msgspec.structs.replace(WHY, fix=fix) for fix in fixes]
    left = tuple(NotJudged(name=f"n{at}", reason=one) for at, one in enumerate(why))
    ran = run(
        cached=("lint",),
        receipts={"lint": "then"},
        durations_s={"lint": 0.5},
        notes=("same", "own"),
        interpreter=".venv/bin/python",
    )
    member = report(found, not_judged=left, waivers=(waiver,), run=ran)
    root = report(judged("passed"), run=run(notes=("same",), durations_s={"lint": 0.1}))
    made = joined(Part(project="packages/a", name="a", report=member), Part(project=".", name="whole", report=root))
    assert [one.project for one in made.gates] == [".", "packages/a"]
    assert [one.path for one in made.gates[1].findings] == ["packages/a/src/a.py", ".github/ci.yml", None]
    assert [one.limit_from for one in made.gates[1].measures] == ["packages/a/pyproject.toml:12", "default"]
    assert made.waivers[0].path == "packages/a/pyproject.toml"
    assert [(one.project, one.reason.fix) for one in made.not_judged] == [
        ("packages/a", "gates check types --project packages/a"),
        ("packages/a", "in packages/a: pip install mypy"),
        ("packages/a", "in packages/a: gates check --project x"),
    ]
    assert made.run.cached == ("packages/a:lint",)
    assert made.run.receipts == {"packages/a:lint": "then"}
    assert made.run.durations_s == {"lint": 0.1, "packages/a:lint": 0.5}
    assert made.run.notes == ("same", "packages/a: own")
    assert made.run.interpreters["packages/a"].interpreter == "packages/a/.venv/bin/python"  # type: ignore[index]
    assert [(one.project, one.name, one.exit_code) for one in made.workspace] == [
        (".", "whole", 0),
        ("packages/a", "a", 1),
    ]


def test_an_error_in_a_member_names_its_file() -> None:
    error = ReportError(code="git", message="git failed", path="pyproject.toml", line=2)
    broken = Part(project="packages/a", name="a", report=report(error=error, exit_code=2))
    made = joined(part(".", "passed"), broken)
    assert made.error == msgspec.structs.replace(error, path="packages/a/pyproject.toml")
    assert (made.gates, made.exit_code) == ((), 2)


def test_one_project_that_differs_from_its_commit_is_enough() -> None:
    """A member may be a submodule, which has a commit of its own."""
    at_its_commit, changed = (
        msgspec.structs.replace(report(judged("passed")), project=ProjectFacts(name="a", commit="c", dirty=dirty))
        for dirty in (False, True)
    )
    parts = (Part(project=".", name=".", report=at_its_commit), Part(project="a", name="a", report=changed))
    assert joined(*parts).project.dirty is True
    assert joined(parts[0]).project.dirty is False


def test_a_root_without_code_of_its_own_needs_no_verdict() -> None:
    made = joined(part(".", owed=False), part("a", "passed"))
    assert (made.exit_code, [one.project for one in made.workspace]) == (0, ["a"])
    assert joined(part(".", owed=False)).exit_code == 5
    red = joined(part(".", "failed", owed=False), part("a", "passed"))
    assert (red.exit_code, [one.project for one in red.workspace]) == (1, [".", "a"])


def test_only_what_was_chosen_is_not_the_whole() -> None:
    assert joined(part("a", "passed")).project.scope == "full"
    assert join([part("b", "passed"), part("a", "passed")], "whole", chosen=("b", "a")).project.scope == {
        "packages": "a, b"
    }
    sharded = part("a", "passed")
    assert sharded.report is not None
    facts = msgspec.structs.replace(sharded.report.project, scope={"shard": "1/2"})
    some = msgspec.structs.replace(sharded, report=msgspec.structs.replace(sharded.report, project=facts))
    assert joined(some, part("b", "passed")).project.scope == {"shard": "1/2"}


PARTS = st.lists(
    st.builds(
        lambda verdicts, owed, aside: (verdicts, owed, aside and not owed),
        st.lists(st.sampled_from(sorted(CODES)), max_size=3),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def built(drawn: Any) -> list[Part]:
    # Only the root may be owed nothing, and one that is aside has no report.
    parts = [
        part(f"p{at}" if at else ".", *verdicts, owed=owed or bool(at), aside=False)
        for at, (verdicts, owed, _) in enumerate(drawn)
    ]
    return parts or [part(".", "passed")]


def less(one: Part) -> list[Part]:
    """The part with something lost."""
    whole = one.report
    assert whole is not None
    found: list[Report | None] = [None]
    found += [msgspec.structs.replace(whole, gates=whole.gates[:at]) for at in range(len(whole.gates))]
    found += [msgspec.structs.replace(whole, gates=whole.gates[at + 1 :]) for at in range(len(whole.gates))]
    found += [msgspec.structs.replace(whole, exit_code=code) for code in (0, 5, 99)]
    found += [msgspec.structs.replace(whole, verdict="passed"), msgspec.structs.replace(whole, verdict="undecided")]
    return [msgspec.structs.replace(one, report=each) for each in found]


@pytest.mark.requirement("VRD-3")
@given(PARTS)
@settings(max_examples=60, deadline=None)
@pytest.mark.requirement("MCH-4")
def test_the_law(drawn: Any) -> None:
    parts = built(drawn)
    before = joined(*parts)
    for at, one in enumerate(parts):
        for lost in less(one):
            rest = [*parts[:at], lost, *parts[at + 1 :]]
            if all(each.report is None for each in rest):
                continue
            after = joined(*rest)
            # An exit code that was lost is not believed against the gates; gates that were lost not against the code.
            assert not (after.verdict == "passed" and before.verdict != "passed"), (one, lost)
            assert not (after.exit_code == 0 and before.exit_code != 0), (one, lost)
            assert WORST_FIRST.index(after.exit_code) >= 0


@given(PARTS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_it_passes_only_where_each_project_does_and_in_whatever_order(drawn: Any, random: Any) -> None:
    parts = built(drawn)
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert msgspec.json.encode(joined(*parts)) == msgspec.json.encode(joined(*shuffled))
    owing = [one for one in parts if one.owed or (one.report is not None and one.report.gates)]
    codes = [one.report.exit_code for one in owing if one.report is not None]
    assert (joined(*parts).exit_code == 0) == (bool(codes) and set(codes) == {0})


@pytest.mark.parametrize(("verdicts", "whole"), [(["failed"], 1), (["undecided"], 3), ([], 5), (["passed"], 0)])
def test_a_code_is_not_believed_against_the_gates(verdicts: Sequence[str], whole: int) -> None:
    gates = [judged(one) for one in verdicts]
    said = report(*gates, exit_code=0, verdict="passed")
    assert joined(Part(project="a", name="a", report=said)).exit_code == whole


def test_an_allowed_gate_stays_allowed() -> None:
    allowed = report(judged("undecided", allowed_undecided=True), judged("passed", "types"))
    assert allowed.exit_code == 0
    assert joined(Part(project="a", name="a", report=allowed)).exit_code == 0


def test_paths() -> None:
    assert joining.path(".", "a.py") == "a.py"
    assert joining.path("p/a", None) is None
    assert reports.passed().workspace == ()
