"""Repetition: a test that spoils itself, one that a later one spoils, and what only looks like it."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.fake_laboratory import FakeLaboratory, Situation
from gates.builtin.diagnosis.causes import Cause, Suite
from gates.builtin.diagnosis.ordering import repeated
from gates.builtin.diagnosis.trial import Ended, trial


def suite_of(lab: FakeLaboratory) -> Suite:
    return Suite(tests=lab.tests, base={one.nodeid: one for one in lab.ran(trial()).results})


def names(number: int) -> tuple[str, ...]:
    return tuple(f"test_a.py::test_{one}" for one in range(number))


@given(st.integers(1, 200), st.data())
@settings(deadline=None)
def test_a_test_that_spoils_itself_is_not_idempotent(number: int, data: st.DataObject) -> None:
    tests = names(number)
    target = data.draw(st.sampled_from(tests))
    lab = FakeLaboratory(tests, lambda here: "failed" if here.nodeid == target in here.before else "passed")
    found = repeated(lab, suite_of(lab), target)
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("repeat",), "non-idempotent", ())
    assert (found.flips, found.runs, found.back, found.settings) == (5, 5, 5, {"repeat": "2"})
    assert len(lab.trials) <= 18


@given(st.integers(2, 200), st.data())
@settings(deadline=None)
def test_a_test_that_a_later_one_spoils_is_a_victim(number: int, data: st.DataObject) -> None:
    tests = names(number)
    target = data.draw(st.integers(0, number - 2))
    polluter = tests[data.draw(st.integers(target + 1, number - 1))]
    lab = FakeLaboratory(
        tests, lambda here: "failed" if here.nodeid == tests[target] and polluter in here.before else "passed"
    )
    found = repeated(lab, suite_of(lab), tests[target])
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("order",), "victim", (polluter,))


@given(st.integers(0, 10**9), st.integers(1, 255))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_chance_is_no_repetition(salt: int, share: int) -> None:
    tests = names(40)

    def truth(here: Situation) -> Ended:
        key = f"{salt} {here.nodeid} {here.number} {here.turn} {len(here.before)}"
        unlucky = here.nodeid == tests[9] and hashlib.sha256(key.encode()).digest()[0] < share
        return "failed" if unlucky else "passed"

    lab = FakeLaboratory(tests, truth)
    assert not isinstance(repeated(lab, suite_of(lab), tests[9]), Cause)


def test_a_generator_seeded_at_import_is_a_matter_of_the_seed() -> None:
    tests = names(10)

    def truth(here: Situation) -> Ended:
        first = here.nodeid not in here.before and not here.settings["rngseed"].startswith("each:")
        return "failed" if here.nodeid == tests[4] and not first else "passed"

    lab = FakeLaboratory(tests, truth)
    found = repeated(lab, suite_of(lab), tests[4])
    assert isinstance(found, Cause)
    assert (found.factors, found.kind) == (("rngseed",), "random")


def test_a_test_that_passes_the_second_time_only_is_not_idempotent() -> None:
    tests = names(10)
    lab = FakeLaboratory(tests, lambda here: "failed" if here.nodeid == tests[4] not in here.before else "passed")
    found = repeated(lab, suite_of(lab), tests[4])
    assert isinstance(found, Cause)
    assert (found.factors, found.kind) == (("repeat",), "non-idempotent")


def test_another_test_that_spoils_it_by_its_own_second_turn_is_named_beside_it() -> None:
    tests = names(40)
    lab = FakeLaboratory(
        tests, lambda here: "failed" if here.nodeid == tests[20] and here.before.count(tests[3]) > 1 else "passed"
    )
    found = repeated(lab, suite_of(lab), tests[20])
    assert isinstance(found, Cause)
    assert (found.factors, found.culprits) == (("repeat",), (tests[3],))


def test_a_test_that_is_stable_has_no_cause() -> None:
    tests = names(10)
    lab = FakeLaboratory(tests, lambda _: "passed")
    assert not isinstance(repeated(lab, suite_of(lab), tests[4]), Cause)
