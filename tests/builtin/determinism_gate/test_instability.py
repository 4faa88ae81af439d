"""What a full screen says: a finding for each factor of an unstable test, and no pass without an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.determinism import collect
from gates.builtin.determinism.facts import DeterminismEvidence, Diagnosed, Diagnosis, Flips, Unvaried
from gates.builtin.determinism.gate import DeterminismGate
from gates.builtin.determinism.settings import VARIED, DeterminismSettings
from gates.builtin.diagnosis.factors import HELD
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from gates.testing import law
from support import suites

A, B = (f"tests/test_a.py::test_{name}" for name in "ab")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
AGAIN = f"gates diagnose {A} --try timezone=Asia/Tokyo"
Maker = Callable[..., DeterminismEvidence]


class Needing:
    """As much of a context as a collection without a run of its own uses."""

    shard = None
    settings = DeterminismSettings()

    def __init__(self, tests: Any) -> None:
        self.needs = {"tests": tests}


def said(nodeid: str, stable: bool | None = True, **more: Any) -> Diagnosed:
    factors = counted(Flips(name=name, flips=3, runs=3) for name in more.pop("factors", ()))
    given_keys: dict[str, Any] = {
        "reason": "",
        "kind": None,
        "path": None,
        "line": None,
        "reproduce": "",
        "culprits": counted(()),
        "sites": counted(()),
    }
    return Diagnosed(id=nodeid, stable=stable, factors=factors, **{**given_keys, **more})


def screened(
    tests: Sequence[Diagnosed],
    varied: Sequence[str] = VARIED,
    missing: Mapping[str, str] | None = None,
    reason: str = "",
) -> Diagnosis:
    left = [Unvaried(name=name, reason=why) for name, why in (missing or {}).items()]
    return Diagnosis(
        tests=counted(tests), varied=counted(varied), not_varied=counted(left), done=not reason, reason=reason
    )


@pytest.fixture
def base(tmp_path: Path) -> DeterminismEvidence:
    lines = suites.lines([A, B], *suites.phases(A), *suites.phases(B), held=suites.fixed())
    context: Any = Needing(suites.evidence(lines, tmp_path))
    found = collect.collect(context)
    assert isinstance(found, DeterminismEvidence)
    return found


def decided(base: DeterminismEvidence, diagnosis: Diagnosis | None, **keys: Any) -> Decision:
    evidence = msgspec.structs.replace(base, diagnosis=diagnosis)
    return DeterminismGate().decide(evidence, DeterminismSettings(screen="full", **keys), NOW)


def test_a_suite_in_which_nothing_moved_passes(base: DeterminismEvidence) -> None:
    decision = decided(base, screened([said(A), said(B)]))
    assert (decision.findings, decision.reason, verdict_of(decision)) == ((), None, "passed")


def test_a_finding_for_each_factor_of_each_unstable_test(base: DeterminismEvidence) -> None:
    moved = said(
        A,
        stable=False,
        factors=("clock+timezone", "order"),
        culprits=counted([B]),
        sites=counted(["a.py:3"]),
        reproduce=AGAIN,
        line=7,
    )
    decision = decided(base, screened([moved, said(B)]))
    first, second = decision.findings
    assert verdict_of(decision) == "failed"
    assert first.message == f"{A} is unstable: clock+timezone (3 of 3 runs), with {B}, read at a.py:3: {AGAIN}"
    assert (first.rule, first.path, first.line, first.subject) == ("DET006", "tests/test_a.py", 7, A)
    assert (first.tool_rule, second.tool_rule) == ("factor:clock+timezone", "factor:order")
    assert first.fingerprint != second.fingerprint, "a baseline of one factor must not cover another"


def test_an_unstable_test_without_a_factor_is_found_as_well(base: DeterminismEvidence) -> None:
    (found,) = decided(base, screened([said(A, stable=False), said(B)])).findings
    assert found.message == f"{A} is unstable: nobody knows why"


@pytest.mark.parametrize(
    ("diagnosis", "message"),
    [
        (None, "the suite was not screened"),
        (screened([said(A)]), "the screen does not say of every test whether it is stable"),
        (screened([said(A), said(B)], reason="no time was left"), "the screen is not whole: no time was left"),
        (
            screened([said(A, stable=None, reason="it hung"), said(B, stable=None)]),
            f"the screen could not decide of {A}, and of 1 more: it hung",
        ),
        (
            screened(
                [said(A), said(B)], varied=[one for one in VARIED if one != "umask"], missing={"umask": "Windows"}
            ),
            "the screen did not vary umask: Windows",
        ),
    ],
)
def test_what_a_screen_leaves_open_is_no_pass(
    base: DeterminismEvidence, diagnosis: Diagnosis | None, message: str
) -> None:
    decision = decided(base, diagnosis)
    assert verdict_of(decision) == "undecided"
    assert decision.reason is not None
    assert decision.reason.message == message


def test_a_factor_that_need_not_be_varied_may_be_left_out(base: DeterminismEvidence) -> None:
    diagnosis = screened([said(A), said(B)], varied=["order"], missing={"umask": "Windows"})
    assert verdict_of(decided(base, diagnosis, vary=["order"])) == "passed"


def test_a_factor_that_the_project_holds_need_not_be_varied(base: DeterminismEvidence) -> None:
    others = [one for one in VARIED if one != "timezone"]
    diagnosis = screened([said(A), said(B)], varied=others, missing={"timezone": f"{HELD}: vltair_timezone"})
    assert verdict_of(decided(base, diagnosis)) == "passed"


TESTS = st.tuples(
    st.sampled_from([said(A), said(A, stable=None), said(A, stable=False, factors=("order", "clock"))]),
    st.sampled_from([said(B), said(B, stable=False, factors=("load",), culprits=counted([A]))]),
)


@pytest.mark.requirement("VRD-3")
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(TESTS, st.sampled_from(["", "no time was left"]), st.sampled_from([VARIED, VARIED[1:]]))
def test_losing_evidence_never_makes_it_better(
    base: DeterminismEvidence, tests: Sequence[Diagnosed], reason: str, varied: Sequence[str]
) -> None:
    evidence = msgspec.structs.replace(base, diagnosis=screened(tests, varied, reason=reason))
    assert law.breaches(DeterminismGate(), evidence, DeterminismSettings(screen="full")) == []
