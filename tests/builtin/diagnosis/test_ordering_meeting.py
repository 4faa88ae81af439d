"""Meeting: whom a test met, what ran before it in its worker, and the workers themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.fake_laboratory import FakeLaboratory
from gates.builtin.diagnosis.causes import Cause, Suite
from gates.builtin.diagnosis.ordering import met
from gates.builtin.diagnosis.ordering.meeting import neighbours
from gates.builtin.diagnosis.trial import Ran, Result, Trial, trial

TESTS = tuple(f"test_{name}.py::test_{one}" for name in "ab" for one in range(10))
Fails = Callable[[str, str, str, tuple[str, ...], int], bool]


class Workers(FakeLaboratory):
    """Two workers that take turns; `fails` is told a test, whom it meets, its worker, what ran there, the number."""

    def __init__(self, fails: Fails) -> None:
        super().__init__(TESTS, lambda _: "passed")
        self.fails = fails

    def ran(self, trial: Trial) -> Ran:
        workers = int(dict(trial.settings).get("parallel", "1"))
        tests = [one for one in (trial.tests or self.tests) if one in self.tests]
        results = []
        for place, one in enumerate(tests):
            mine = place % workers
            beside = next((tests[other] for other in (place ^ 1,) if workers > 1 and other < len(tests)), "")
            worker = f"gw{mine}" if workers > 1 else ""
            bad = self.fails(one, beside, worker, tuple(tests[mine:place:workers]), trial.number)
            results.append(
                Result(
                    nodeid=one,
                    ended="failed" if bad else "passed",
                    worker=worker,
                    began=float(place // workers),
                    seconds=0.9,
                )
            )
        return Ran(trial=trial, results=tuple(results))

    def all(self) -> tuple[Suite, Ran]:
        base = self.ran(trial())
        suite = Suite(tests=self.tests, base={one.nodeid: one for one in base.results})
        return suite, self.ran(trial((), {"parallel": "2"}))


def test_whom_it_meets_is_named() -> None:
    lab = Workers(lambda test, beside, *_: test == TESTS[4] and beside == TESTS[5])
    suite, ran = lab.all()
    found = met(lab, suite, TESTS[4], ran)
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("parallel",), "concurrency", (TESTS[5],))
    assert (found.flips, found.runs, found.back) == (5, 5, 10)
    assert found.settings == {"parallel": "2"}


def test_what_its_worker_ran_before_is_a_matter_of_order() -> None:
    lab = Workers(
        lambda test, _beside, _worker, before, _: test == TESTS[8] and TESTS[2] in before and TESTS[3] not in before
    )
    suite, ran = lab.all()
    found = met(lab, suite, TESTS[8], ran)
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("order",), "victim", (TESTS[2],))


def test_what_its_worker_did_not_run_is_a_matter_of_order() -> None:
    lab = Workers(lambda test, _beside, _worker, before, _: test == TESTS[8] and TESTS[3] not in before)
    suite, ran = lab.all()
    found = met(lab, suite, TESTS[8], ran)
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("order",), "brittle", (TESTS[3],))


def test_a_worker_alone_is_enough_and_nobody_is_named() -> None:
    lab = Workers(lambda test, _beside, worker, *_: test == TESTS[8] and bool(worker))
    suite, ran = lab.all()
    found = met(lab, suite, TESTS[8], ran)
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("parallel",), "concurrency", ())


def test_a_whole_run_is_named_where_no_single_meeting_repeats_it() -> None:
    lab = Workers(lambda test, beside, _worker, before, _: test == TESTS[18] and bool(beside) and len(before) > 5)
    suite, ran = lab.all()
    found = met(lab, suite, TESTS[18], ran)
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("parallel",), "concurrency", ())


@given(st.integers(0, 10**9), st.integers(1, 255))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_chance_is_no_meeting(salt: int, share: int) -> None:
    def fails(test: str, beside: str, worker: str, before: tuple[str, ...], number: int) -> bool:
        key = f"{salt} {beside} {worker} {before} {number}"
        return test == TESTS[8] and hashlib.sha256(key.encode()).digest()[0] < share

    lab = Workers(fails)
    suite, ran = lab.all()
    assert not isinstance(met(lab, suite, TESTS[8], ran), Cause)


def test_those_at_the_same_time_come_first_and_then_the_latest() -> None:
    def result(nodeid: str, worker: str, began: float, seconds: float) -> Result:
        return Result(nodeid=nodeid, ended="passed", worker=worker, began=began, seconds=seconds)

    mine = result("t", "gw0", 10, 5)
    others = (
        result("before", "gw1", 1, 2),
        result("just before", "gw1", 3, 6),
        result("beside a little", "gw1", 9, 2),
        result("beside", "gw1", 11, 3),
        result("after", "gw1", 16, 2),
        result("own", "gw0", 1, 2),
    )
    ran = Ran(trial=Trial(), results=(mine, *others))
    assert neighbours(mine, ran) == ("beside", "beside a little", "just before", "before")


def test_a_test_that_never_ran_met_nobody() -> None:
    lab = Workers(lambda *_: False)
    suite, ran = lab.all()
    assert not isinstance(met(lab, suite, "test_c.py::test_gone", ran), Cause)
