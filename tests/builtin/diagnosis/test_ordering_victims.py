"""Order: whatever the truth is, the right tests are named, in few trials, and nobody where there is nobody."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diagnose.fake_laboratory import FakeLaboratory, Situation, Truth
from gates.builtin.diagnosis.causes import Cause, Suite, Undecided
from gates.builtin.diagnosis.ordering import explain
from gates.builtin.diagnosis.trial import Ended, Ran, Result, Trial, trial


def suite_of(lab: FakeLaboratory) -> Suite:
    base = lab.ran(trial())
    return Suite(tests=lab.tests, base={one.nodeid: one for one in base.results})


def names(number: int, files: int = 1) -> tuple[str, ...]:
    """Tests in as many files of equal size."""
    return tuple(f"test_{chr(97 + one * files // number)}.py::test_{one}" for one in range(number))


def fails_if(victim: str, condition: Callable[[Situation], bool]) -> Truth:
    def truth(here: Situation) -> Ended:
        return "failed" if here.nodeid == victim and condition(here) else "passed"

    return truth


@st.composite
def crowds(draw: st.DrawFn, most: int = 3) -> tuple[tuple[str, ...], int, tuple[int, ...]]:
    """Tests, the place of one of them, and the places of a few that run before it."""
    number = draw(st.integers(2, 300))
    tests = names(number, draw(st.integers(1, min(5, number))))
    target = draw(st.integers(1, number - 1))
    few = draw(st.sets(st.integers(0, target - 1), min_size=1, max_size=min(most, target)))
    return tests, target, tuple(sorted(few))


def bound(number: int, culprits: int) -> float:
    return 3 * culprits * (math.log2(number) + 4) + 30


@given(crowds())
@settings(deadline=None)
def test_the_tests_that_are_needed_together_are_named_and_no_others(
    crowd: tuple[tuple[str, ...], int, tuple[int, ...]],
) -> None:
    tests, target, few = crowd
    polluters = {tests[one] for one in few}
    lab = FakeLaboratory(tests, fails_if(tests[target], lambda here: polluters <= set(here.before)))
    base = Suite(tests=tests, base={tests[target]: Result(nodeid=tests[target], ended="failed")})
    found = explain(lab, base, tests[target], tests[: target + 1], {})
    assert isinstance(found, Cause)
    assert (found.factors, found.kind) == (("order",), "victim")
    assert found.culprits == found.before == tuple(tests[one] for one in few)
    assert (found.flips, found.runs, found.back) == (4, 4, 4)
    assert len(lab.trials) <= bound(len(tests), len(few))


@given(crowds())
@settings(deadline=None)
def test_a_brittle_test_is_told_from_a_victim(crowd: tuple[tuple[str, ...], int, tuple[int, ...]]) -> None:
    tests, target, few = crowd
    setters = {tests[one] for one in few}
    lab = FakeLaboratory(tests, fails_if(tests[target], lambda here: not setters <= set(here.before)))
    found = explain(lab, suite_of(lab), tests[target], tests[::-1], {})
    assert isinstance(found, Cause)
    assert (found.factors, found.kind) == (("order",), "brittle")
    assert found.culprits == tuple(tests[one] for one in few)
    assert (found.flips, found.back) == (4, 4)
    assert len(lab.trials) <= bound(len(tests), len(few))


@given(crowds(1), st.data())
@settings(deadline=None)
def test_a_cleaner_between_them_hides_only_what_is_before_it(
    crowd: tuple[tuple[str, ...], int, tuple[int, ...]], data: st.DataObject
) -> None:
    tests, target, (polluter,) = crowd
    cleaners = {tests[one] for one in data.draw(st.sets(st.integers(0, polluter), max_size=4))} - {tests[polluter]}
    polluters = {tests[one] for one in data.draw(st.sets(st.integers(0, polluter), max_size=4))} - cleaners | {
        tests[polluter]
    }

    def dirty(here: Situation) -> bool:
        last = next((one for one in reversed(here.before) if one in polluters | cleaners), None)
        return last in polluters

    lab = FakeLaboratory(tests, fails_if(tests[target], dirty))
    found = explain(lab, suite_of(lab), tests[target], tests, {})
    assert isinstance(found, Cause)
    assert len(found.culprits) == 1
    assert set(found.culprits) <= polluters


def luck(here: Situation, salt: int) -> int:
    key = f"{salt} {here.nodeid} {here.number} {here.turn} {here.before}"
    return hashlib.sha256(key.encode()).digest()[0]


@given(crowds(), st.integers(0, 10**9), st.integers(1, 255))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_chance_is_no_order(crowd: tuple[tuple[str, ...], int, tuple[int, ...]], salt: int, share: int) -> None:
    tests, target, _ = crowd
    lab = FakeLaboratory(tests, fails_if(tests[target], lambda here: luck(here, salt) < share))
    found = explain(lab, suite_of(lab), tests[target], tests[::-1], {})
    assert not isinstance(found, Cause)


@given(crowds(), st.integers(0, 10**9), st.integers(40, 215))
@example((names(181, 2), 132, (127,)), 9557392, 131)
@settings(deadline=None, derandomize=True)
def test_a_polluter_of_chance_is_not_named_for_sure(
    crowd: tuple[tuple[str, ...], int, tuple[int, ...]], salt: int, share: int
) -> None:
    tests, target, few = crowd
    polluters = {tests[one] for one in few}
    lab = FakeLaboratory(
        tests, fails_if(tests[target], lambda here: polluters <= set(here.before) and luck(here, salt) < share)
    )
    found = explain(lab, suite_of(lab), tests[target], tests, {})
    if isinstance(found, Cause):
        assert set(found.culprits) == polluters


@pytest.mark.parametrize("ended", ["passed", "failed", "skipped", "error", "hang"])
def test_what_ends_alike_in_every_order_has_no_culprit(ended: Ended) -> None:
    tests = names(20)
    lab = FakeLaboratory(tests, lambda here: ended if here.nodeid == tests[9] else "passed")
    assert not isinstance(explain(lab, suite_of(lab), tests[9], tests[::-1], {}), Cause)


def test_a_polluter_that_only_skips_it_is_not_accused() -> None:
    tests = names(20)
    lab = FakeLaboratory(
        tests, lambda here: "skipped" if here.nodeid == tests[9] and tests[3] in here.before else "passed"
    )
    assert not isinstance(explain(lab, suite_of(lab), tests[9], tests, {}), Cause)


def test_a_test_that_fails_in_the_base_is_a_victim_where_it_passes_alone() -> None:
    tests = names(50, 5)
    lab = FakeLaboratory(tests, fails_if(tests[40], lambda here: tests[7] in here.before))
    found = explain(lab, suite_of(lab), tests[40], tests[::-1], {})
    assert isinstance(found, Cause)
    assert (found.kind, found.culprits) == ("victim", (tests[7],))


def test_a_test_that_fails_in_the_base_and_passes_after_later_ones_is_brittle() -> None:
    tests = names(50, 5)
    lab = FakeLaboratory(tests, fails_if(tests[10], lambda here: tests[37] not in here.before))
    found = explain(lab, suite_of(lab), tests[10], tests[::-1], {})
    assert isinstance(found, Cause)
    assert (found.kind, found.culprits) == ("brittle", (tests[37],))


def test_a_polluter_that_does_harm_under_one_hash_seed_only_is_a_pair() -> None:
    tests = names(30, 3)
    both = fails_if(tests[20], lambda here: tests[2] in here.before and here.settings["hashseed"] == "3")
    lab = FakeLaboratory(tests, both)
    found = explain(lab, suite_of(lab), tests[20], tests, {"hashseed": "3", "timezone": "Asia/Tokyo"})
    assert isinstance(found, Cause)
    assert found.factors == ("hashseed", "order")
    assert found.settings == {"hashseed": "3"}
    assert (found.kind, found.culprits, found.flips, found.back) == ("victim", (tests[2],), 4, 8)


def test_settings_that_do_it_alone_are_no_matter_of_order() -> None:
    tests = names(30)
    lab = FakeLaboratory(tests, fails_if(tests[20], lambda here: here.settings["timezone"] == "Asia/Tokyo"))
    assert explain(lab, suite_of(lab), tests[20], tests[::-1], {"timezone": "Asia/Tokyo"}) is None


def test_an_order_that_does_it_without_the_settings_is_no_pair() -> None:
    tests = names(30)
    lab = FakeLaboratory(tests, fails_if(tests[20], lambda here: tests[25] in here.before))
    found = explain(lab, suite_of(lab), tests[20], tests[::-1], {"timezone": "Asia/Tokyo"})
    assert isinstance(found, Cause)
    assert (found.factors, found.culprits) == (("order",), (tests[25],))


def test_draws_that_others_use_up_are_a_matter_of_the_seed() -> None:
    tests = names(30)

    def unlucky(here: Situation) -> bool:
        seed = here.settings["rngseed"]
        drawn = 0 if seed.startswith("each:") else len(here.before)
        return (int(seed.removeprefix("each:") if seed != "none" else 0) * 7 + drawn) % 5 == 2

    lab = FakeLaboratory(tests, fails_if(tests[20], unlucky))
    found = explain(lab, suite_of(lab), tests[20], tests[13:21], {})
    assert isinstance(found, Cause)
    assert (found.factors, found.kind, found.culprits) == (("rngseed",), "random", ())


def test_a_victim_that_seeds_sway_as_well_is_still_a_victim() -> None:
    tests = names(30)
    truth = fails_if(tests[20], lambda here: tests[3] in here.before or here.settings["rngseed"] == "5")
    lab = FakeLaboratory(tests, truth)
    found = explain(lab, suite_of(lab), tests[20], tests, {})
    assert isinstance(found, Cause)
    assert (found.kind, found.culprits) == ("victim", (tests[3],))


def test_a_crowd_of_polluters_is_named_by_its_class() -> None:
    tests = tuple(f"test_{name}.py::TestAll::test_{one}" for name in "ab" for one in range(20))
    crowd = set(tests[:20])
    lab = FakeLaboratory(tests, fails_if(tests[30], lambda here: crowd <= set(here.before)))
    found = explain(lab, suite_of(lab), tests[30], tests, {})
    assert isinstance(found, Cause)
    assert found.culprits == ("test_a.py::TestAll",)
    assert found.before == tests[:20]


def test_nobody_is_named_where_it_takes_tests_of_many_files() -> None:
    tests = tuple(f"test_{one}.py::test_it" for one in range(60))
    lab = FakeLaboratory(tests, fails_if(tests[59], lambda here: len(here.before) > 40))
    assert isinstance(explain(lab, suite_of(lab), tests[59], tests, {}), Undecided)


def test_examples_of_a_document_are_one_unit() -> None:
    examples = tuple(f"docs/guide.rst::line:{one},column:1" for one in range(1, 9))
    tests = (*names(10), *examples)
    lab = FakeLaboratory(
        tests, lambda here: "failed" if here.nodeid in examples[3:] and examples[0] not in here.before else "passed"
    )
    assert explain(lab, suite_of(lab), examples[5], tests[::-1], {}) is None


def test_a_document_is_named_as_a_whole() -> None:
    examples = tuple(f"docs/guide.rst::line:{one},column:1" for one in range(1, 9))
    tests = (*examples, *names(10))
    lab = FakeLaboratory(
        tests, fails_if(tests[-1], lambda here: examples[6] in here.before and examples[5] in here.before)
    )
    found = explain(lab, suite_of(lab), tests[-1], tests, {})
    assert isinstance(found, Cause)
    assert found.culprits == ("docs/guide.rst",)
    assert found.before == examples


class Importing(FakeLaboratory):
    """A laboratory whose tests see which files are collected."""

    files: frozenset[str] = frozenset()

    def ran(self, trial: Trial) -> Ran:
        self.files = frozenset(one.partition("::")[0] for one in trial.tests or self.tests)
        return super().ran(trial)


@pytest.mark.parametrize("target", [5, 55])
@pytest.mark.parametrize("brittle", [False, True])
def test_a_file_that_does_it_as_it_is_imported_is_named_and_none_of_its_tests(target: int, brittle: bool) -> None:
    tests = names(60, 6)
    lab = Importing(tests, fails_if(tests[target], lambda _: ("test_c.py" in lab.files) is not brittle))
    found = explain(lab, suite_of(lab), tests[target], (tests[target],), {})
    assert isinstance(found, Cause)
    assert found.culprits == ("test_c.py",)
    assert found.kind == ("brittle" if brittle else "victim")


def test_a_polluter_that_ends_the_process_accuses_nobody_of_what_never_ran() -> None:
    class Dying(FakeLaboratory):
        def ran(self, trial: Trial) -> Ran:
            ran = super().ran(trial)
            place = next((one for one, result in enumerate(ran.results) if result.ended == "crashed"), None)
            return Ran(trial=trial, results=ran.results[: None if place is None else place + 1])

    tests = names(20)
    lab = Dying(tests, lambda here: "crashed" if here.nodeid == tests[3] else "passed")
    base = Suite(tests=tests, base={one: Result(nodeid=one, ended="passed") for one in tests})
    assert isinstance(explain(lab, base, tests[9], tests, {}), Undecided)


def test_a_failure_of_the_perturbation_itself_accuses_nobody() -> None:
    class Own(FakeLaboratory):
        def ran(self, trial: Trial) -> Ran:
            ran = super().ran(trial)
            results = tuple(
                Result(nodeid=one.nodeid, ended=one.ended, own=one.ended == "failed") for one in ran.results
            )
            return Ran(trial=trial, results=results)

    tests = names(20)
    lab = Own(tests, fails_if(tests[9], lambda here: tests[3] in here.before))
    assert isinstance(explain(lab, suite_of(lab), tests[9], tests, {}), Undecided)


def test_no_time_is_said() -> None:
    class Spent(FakeLaboratory):
        def ran(self, trial: Trial) -> Ran:
            return Ran(trial=trial, status="budget")

    tests = names(20)
    base = Suite(tests=tests, base={one: Result(nodeid=one, ended="passed") for one in tests})
    found = explain(Spent(tests, lambda _: "passed"), base, tests[9], tests, {})
    assert isinstance(found, Undecided)
    assert "time" in found.reason
