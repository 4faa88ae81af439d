"""A reproduction: three runs in the base, three in what was named, and what follows from how they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest
from msgspec.structs import replace

from diagnose.fake_laboratory import FakeLaboratory, Situation
from gates.builtin.diagnosis.telling import selection, trying
from gates.builtin.diagnosis.trial import Ended, Ran, Trial
from gates.errors import UsageError
from gates.model.diagnosis import Reproduction

TESTS = (
    "a/test_a.py::test_one",
    "a/test_a.py::test_two[x]",
    "a/test_a.py::test_two[y]",
    "b/test_b.py::TestB::test_three",
)
ONE = TESTS[0]
KOLKATA = {"timezone": "Asia/Kolkata"}


def tried(truth: Any, settings: dict[str, str] | None = None, after: Sequence[str] = (), **more: Any) -> Reproduction:
    return trying.tried(FakeLaboratory(TESTS, truth, **more), ONE, settings or {}, after, lambda _: None)


def zone(at: Situation) -> Ended:
    return "failed" if at.settings["timezone"] == "Asia/Kolkata" else "passed"


def test_a_flip_is_unstable() -> None:
    found = tried(zone, KOLKATA)
    assert (found.verdict, found.reason) == ("failed", "it passes in the base, and fails in 3 of 3 runs with this")
    assert [(one.where, one.ended) for one in found.runs] == [("base", "passed")] * 3 + [("tried", "failed")] * 3


def test_what_does_not_flip_passes() -> None:
    assert tried(zone, {"timezone": "Asia/Tokyo"}).verdict == "passed"


def test_a_victim_flips_after_its_polluter() -> None:
    found = tried(lambda at: "failed" if TESTS[3] in at.before else "passed", after=(TESTS[3],))
    assert found.verdict == "failed"


def test_a_brittle_test_passes_after_its_setter() -> None:
    found = tried(
        lambda at: "passed" if TESTS[3] in at.before or at.nodeid == TESTS[3] else "failed", after=(TESTS[3],)
    )
    assert (found.verdict, found.reason) == ("failed", "it fails in the base, and passes in 3 of 3 runs with this")


def test_one_flip_of_three_is_enough() -> None:
    found = tried(
        lambda at: "hang" if at.number == 2 and at.settings["rngseed"] == "none" else "passed", {"rngseed": "none"}
    )
    assert found.reason == "it passes in the base, and does not end in 1 of 3 runs with this"


def test_a_base_that_ends_both_ways_is_unstable_by_itself() -> None:
    found = tried(lambda at: "failed" if at.number == 1 else "passed", KOLKATA)
    assert (found.verdict, found.reason) == ("failed", "it fails in 1 of 3 runs of the base itself")


def test_failing_in_both_shows_nothing() -> None:
    assert tried(lambda _: "failed", KOLKATA).verdict == "undecided"


def test_a_skip_is_no_flip() -> None:
    found = tried(lambda at: "skipped" if at.settings["timezone"] != "UTC" else "passed", KOLKATA)
    assert (found.verdict, found.reason) == ("undecided", "it is skipped, and a skip is no failure")


def test_what_was_not_applied_proves_nothing() -> None:
    found = tried(zone, KOLKATA, unavailable={"timezone": "no database of zones"})
    assert (found.verdict, found.reason) == ("undecided", "timezone was not applied: no database of zones")


class Changed(FakeLaboratory):
    """Whose answers are changed on the way out."""

    change: Mapping[str, Any] = MappingProxyType({})

    def ran(self, trial: Trial) -> Ran:
        """The answer, changed where the settings are not the base's."""
        found = super().ran(trial)
        if not trial.settings:
            return found
        if "own" in self.change:
            return replace(found, results=tuple(replace(one, own=True, message="refused") for one in found.results))
        return replace(found, **self.change)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"own": True}, "it fails by the circumstances themselves: refused"),
        ({"status": "broken", "reason": "pytest fell over"}, "pytest fell over"),
        ({"status": "budget", "reason": "no time was left", "results": ()}, "no time was left"),
    ],
)
def test_a_run_that_says_nothing_leaves_it_open(change: dict[str, Any], why: str) -> None:
    laboratory = Changed(TESTS, zone)
    laboratory.change = change
    found = trying.tried(laboratory, ONE, KOLKATA, (), lambda _: None)
    assert (found.verdict, found.reason) == ("undecided", why)


@pytest.mark.parametrize("settings", [{"order": "reversed"}, {"parallel": "2"}])
def test_an_order_is_that_of_the_suite(settings: dict[str, str]) -> None:
    laboratory = FakeLaboratory(TESTS, lambda _: "passed")
    trying.tried(laboratory, ONE, settings, (), lambda _: None)
    assert {one.tests for one in laboratory.trials[1:]} == {()}


def test_a_test_that_is_not_there_is_a_usage_error() -> None:
    laboratory = FakeLaboratory(TESTS, lambda _: "passed")
    with pytest.raises(UsageError, match=r"no test 'test_one'; did you mean 'a/test_a.py::test_one'"):
        trying.tried(laboratory, "test_one", {}, (TESTS[1],), lambda _: None)
    with pytest.raises(UsageError, match=r"no test 'a/test_a\.py::test_tow"):
        trying.tried(laboratory, ONE, {}, ("a/test_a.py::test_tow[x]",), lambda _: None)


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ((), [0, 1, 2, 3]),
        ((".",), [0, 1, 2, 3]),
        (("a",), [0, 1, 2]),
        (("./a/",), [0, 1, 2]),
        (("b/test_b.py",), [3]),
        (("b/test_b.py::TestB",), [3]),
        (("a/test_a.py::test_two",), [1, 2]),
        (("a/test_a.py::test_two[y]", "b"), [2, 3]),
        (("a/test_a.py::test_t",), [1, 2]),
    ],
)
def test_tests_are_named_in_several_ways(given: tuple[str, ...], numbers: list[int]) -> None:
    assert selection.chosen(given, TESTS) == tuple(TESTS[number] for number in numbers)
