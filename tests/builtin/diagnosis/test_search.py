"""The search is right whatever the truth is: the factor that moves a test is named, and no other test is accused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.fake_laboratory import FakeLaboratory, Situation, Truth
from gates.builtin.diagnosis import ordering
from gates.builtin.diagnosis.attributing.case import Parts
from gates.builtin.diagnosis.causes import Cause, Diagnosed, Diagnosis, Suite
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question
from gates.builtin.diagnosis.ordering.seeds import by_seed
from gates.builtin.diagnosis.screening.probes import plan
from gates.builtin.diagnosis.search import Wish, diagnose
from gates.builtin.diagnosis.trial import Effect, Ended, Laboratory, Place, Ran, Result, Trial

TESTS = tuple(f"test_{module}.py::test_{number}" for module in "abc" for number in range(4))
ONE = "test_b.py::test_1"
PARTS = Parts(explain=ordering.explain, repeated=ordering.repeated, met=ordering.met, spoiled=ordering.spoiled)
Rule = Callable[[Situation], bool]
T = TypeVar("T", Ran, Result)


def judged(lab: FakeLaboratory, wish: Wish | None = None) -> Diagnosis:
    return diagnose(lab, wish or Wish(sites=False), lambda line: None, PARTS)


def said(diagnosis: Diagnosis, nodeid: str = ONE) -> Diagnosed:
    return next(one for one in diagnosis.tests if one.nodeid == nodeid)


def names(diagnosis: Diagnosis, nodeid: str = ONE) -> set[str]:
    return {flip.name for flip in said(diagnosis, nodeid).factors}


def truth_of(rules: Mapping[str, Rule], ended: Ended = "failed") -> Truth:
    return lambda at: ended if at.nodeid in rules and rules[at.nodeid](at) else "passed"


def accused(diagnosis: Diagnosis) -> set[str]:
    return {one.nodeid for one in diagnosis.tests if one.stable is False}


def chance(rate: float, seed: int = 0) -> Rule:
    def falls(at: Situation) -> bool:
        word = f"{seed} {at.nodeid} {sorted(at.settings.items())} {at.before} {at.turn} {at.number}"
        return int.from_bytes(sha256(word.encode()).digest()[:4]) / 2**32 < rate

    return falls


def trials_of(lab: FakeLaboratory, nodeid: str) -> int:
    return sum(nodeid in trial.tests for trial in lab.trials)


def screened_values(factor: str) -> set[str]:
    lab = FakeLaboratory((), truth_of({}))
    return {probe.settings[factor] for probe in plan(lab.values) if factor in probe.settings and not probe.in_process}


ENVIRONMENT = [name for name in FACTORS if name not in ("repeat", "order", "parallel", "network")]


def test_stable_suite_costs_twelve_runs_at_most() -> None:
    tests = tuple(f"test_{number % 50}.py::test_{number}" for number in range(1000))
    lab = FakeLaboratory(tests, truth_of({}))
    diagnosis = judged(lab)
    assert sum(int(dict(trial.settings).get("repeat", "1")) for trial in lab.trials) <= 12
    assert diagnosis.verdict == "passed"
    assert all(one.stable for one in diagnosis.tests)
    assert set(diagnosis.factors_tried) == set(FACTORS)


@pytest.mark.parametrize("factor", ENVIRONMENT)
def test_each_factor_is_named_for_each_value_of_the_screening(factor: str) -> None:
    for value in sorted(screened_values(factor)):
        lab = FakeLaboratory(TESTS, truth_of({ONE: lambda at, value=value: at.settings[factor] == value}))  # type: ignore[misc]
        diagnosis = judged(lab)
        assert names(diagnosis) == {factor}, value
        assert accused(diagnosis) == {ONE}
        assert said(diagnosis).causes[0].settings == {factor: value}
        assert trials_of(lab, ONE) <= 25, value


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_truths_are_found(data: st.DataObject) -> None:
    flaky = data.draw(st.lists(st.sampled_from(TESTS), unique=True, max_size=4))
    rules: dict[str, Rule] = {}
    right: dict[str, str] = {}
    for nodeid in flaky:
        factor = data.draw(st.sampled_from(ENVIRONMENT))
        values = data.draw(st.sets(st.sampled_from(sorted(screened_values(factor))), min_size=1))
        rules[nodeid] = lambda at, factor=factor, values=values: at.settings[factor] in values  # type: ignore[misc]
        right[nodeid] = factor
    diagnosis = judged(
        FakeLaboratory(TESTS, truth_of(rules, data.draw(st.sampled_from(("failed", "error", "missing")))))
    )
    assert accused(diagnosis) == set(flaky)
    assert {nodeid: names(diagnosis, nodeid) for nodeid in flaky} == {k: {v} for k, v in right.items()}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(0.02, 0.98), st.integers(0, 10**6))
def test_chance_is_no_factor(rate: float, seed: int) -> None:
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: chance(rate, seed)})))
    assert accused(diagnosis) <= {ONE}
    assert not said(diagnosis).factors


def test_chance_is_named_a_factor_in_fewer_than_one_of_a_thousand() -> None:
    named = 0
    for seed in range(3000):
        diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: chance(0.02 + 0.96 * (seed % 97) / 96, seed)})))
        named += bool(said(diagnosis).factors)
    assert named <= 2


def test_of_a_test_of_chance_the_line_is_told_at_which_it_always_failed() -> None:
    lines = {"always": [7, 7], "now here, now there": [7, 9]}
    for each, found in zip(lines.values(), ((Place(path="test_b.py", line=7),), ()), strict=True):
        failed = iter(each * 500)

        def placed(ran: Ran, failed: Iterator[int] = failed) -> Ran:
            results = [
                replaced(one, place=Place(path="test_b.py", line=next(failed))) if one.ended == "failed" else one
                for one in ran.results
            ]
            return replaced(ran, results=tuple(results))

        one = said(judged(Odd(truth_of({ONE: chance(0.5, 3)}), placed)))
        assert (one.kind, one.sites) == ("unattributed", found)


def test_a_factor_that_mostly_does_it_is_still_named() -> None:
    def slow(seed: int) -> Rule:
        mostly = chance(0.9, seed)
        return lambda at: at.settings["load"] != "none" and mostly(at)

    found = [judged(FakeLaboratory(TESTS, truth_of({ONE: slow(seed)}))) for seed in range(100)]
    assert sum(names(one) == {"load"} for one in found) >= 60


def test_a_test_that_fails_alike_in_one_run_of_the_screening_without_its_cause_is_asked_more_often() -> None:
    truth = truth_of({ONE: lambda at: at.settings["umask"] == "077" or at.settings["order"] == "reversed"})
    lab = FakeLaboratory(TESTS, truth)
    diagnosis = judged(lab)
    assert "umask" in names(diagnosis)
    umask = [trial for trial in lab.trials if trial.settings == (("umask", "077"),)]
    assert len(umask) >= 12


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5), st.data())
def test_a_pair_is_one_cause(number: int, data: st.DataObject) -> None:
    lab = FakeLaboratory(TESTS, truth_of({}))
    probe = [probe for probe in plan(lab.values) if not probe.in_process][number]
    pair = data.draw(
        st.lists(st.sampled_from(sorted(set(probe.settings) - {"network"})), min_size=2, max_size=3, unique=True)
    )
    wanted = {name: probe.settings[name] for name in pair}
    rule = lambda at: all(at.settings[name] == value for name, value in wanted.items())  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule})))
    assert names(diagnosis) == {"+".join(sorted(pair))}
    assert accused(diagnosis) == {ONE}


def test_two_factors_of_one_test_are_both_named() -> None:
    rule = lambda at: at.settings["timezone"] == "Asia/Kolkata" or at.settings["hashseed"] in ("1", "4")  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule})))
    assert names(diagnosis) == {"timezone", "hashseed"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_test_that_fails_in_the_base_is_given_its_factor(data: st.DataObject) -> None:
    factor = data.draw(st.sampled_from(("hashseed", "clock", "timezone", "listing", "rngseed", "locale", "directory")))
    value = data.draw(st.sampled_from([one for one in FACTORS[factor].values if one != "none"]))
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings[factor] != value})))
    assert names(diagnosis) == {factor}
    assert said(diagnosis).causes[0].passing == {factor: value}
    assert accused(diagnosis) == {ONE}


@pytest.mark.parametrize("factor", ["timezone", "hashseed", "environment", "locale"])
def test_a_victim_that_fails_in_the_base_is_searched_for_other_factors_without_its_polluter(factor: str) -> None:
    value = max(screened_values(factor))
    rule: Rule = lambda at: SETTER in at.before or at.settings[factor] == value  # noqa: E731
    one = said(judged(FakeLaboratory(TESTS, truth_of({ONE: rule}))))
    assert {flip.name for flip in one.factors} == {"order", factor}
    assert (one.kind, one.culprits) == ("victim", (SETTER,))
    assert one.causes[1].settings == {factor: value}


def test_a_test_that_fails_at_one_value_of_the_base_is_searched_for_other_factors_at_one_that_passes() -> None:
    rule: Rule = lambda at: at.settings["timezone"] == "UTC" or at.settings["hashseed"] in ("1", "3")  # noqa: E731
    one = said(judged(FakeLaboratory(TESTS, truth_of({ONE: rule}))))
    assert {flip.name for flip in one.factors} == {"timezone", "hashseed"}
    first, second = one.causes
    assert (first.settings, second.passing) == ({"timezone": "UTC"}, first.passing)
    assert second.settings == {**first.passing, "hashseed": second.settings["hashseed"]}
    assert re.search(r"passes with timezone=\S+ \(", one.reason)


@pytest.mark.parametrize("polluter", ["test_a.py::test_2", "test_c.py::test_3"])
def test_a_test_that_fails_at_one_value_of_the_base_may_be_a_victim_at_others(polluter: str) -> None:
    rule: Rule = lambda at: at.settings["timezone"] == "UTC" or polluter in at.before  # noqa: E731
    one = said(judged(FakeLaboratory(TESTS, truth_of({ONE: rule}))))
    assert {flip.name for flip in one.factors} == {"timezone", "order"}
    assert one.culprits == (polluter,)


def test_a_test_that_fails_at_one_value_of_the_base_may_spoil_itself_at_others() -> None:
    rule: Rule = lambda at: at.settings["umask"] == "022" or ONE in at.before  # noqa: E731
    one = said(judged(FakeLaboratory(TESTS, truth_of({ONE: rule}))))
    assert {flip.name for flip in one.factors} == {"umask", "repeat"}


def test_a_brittle_test_that_is_spoiled_in_the_base_is_searched_for_who_sets_it_up() -> None:
    spoiler = "test_b.py::test_0"
    rule: Rule = lambda at: rank(SETTER, at) <= rank(spoiler, at)  # noqa: E731
    one = said(judged(FakeLaboratory(TESTS, truth_of({ONE: rule}))))
    assert (one.kind, one.culprits) == ("brittle", (SETTER, spoiler))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_no_factor_is_made_up_for_a_test_that_fails_in_the_base(data: st.DataObject) -> None:
    factor = data.draw(st.sampled_from(("hashseed", "timezone", "locale", "umask")))
    value = data.draw(st.sampled_from([one for one in FACTORS[factor].values if one != "none"]))
    red = chance(data.draw(st.floats(0.02, 0.6)), data.draw(st.integers(0, 10**6)))
    rule: Rule = lambda at: at.settings[factor] != value or red(at)  # noqa: E731
    assert names(judged(FakeLaboratory(TESTS, truth_of({ONE: rule})))) <= {factor}


def test_a_fault_is_no_flake() -> None:
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: True})))
    assert said(diagnosis).stable is None
    assert diagnosis.verdict == "undecided"


@settings(max_examples=60, deadline=None)
@given(st.permutations(TESTS), st.booleans())
def test_order_is_told_from_the_rest(tests: list[str], brittle: bool) -> None:
    victim, other = tests[0], tests[1]
    rule: Rule = lambda at: (other not in at.before) if brittle else (other in at.before)  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({victim: rule})))
    assert names(diagnosis, victim) == {"order"}
    assert said(diagnosis, victim).culprits == (other,)
    assert accused(diagnosis) == {victim}


SETTER, POLLUTER, CLEANER = "test_a.py::test_2", "test_c.py::test_3", "test_c.py::test_1"
BREAKS: dict[str, Rule] = {
    "set-up again": lambda at: rank(SETTER, at) <= rank(POLLUTER, at),
    "for good": lambda at: SETTER not in at.before or POLLUTER in at.before,
    "once it is set up": lambda at: SETTER not in at.before or 0 <= rank(SETTER, at) < rank(POLLUTER, at),
    "until it is mended": lambda at: SETTER not in at.before or rank(CLEANER, at) < rank(POLLUTER, at),
    "the setter": lambda at: SETTER not in at.before or 0 <= first(POLLUTER, at) < first(SETTER, at),
}


def rank(nodeid: str, at: Situation) -> int:
    """The last place of a test among those that ran before, -1 if it did not."""
    return max((place for place, one in enumerate(at.before) if one == nodeid), default=-1)


def first(nodeid: str, at: Situation) -> int:
    return at.before.index(nodeid) if nodeid in at.before else -1


@pytest.mark.parametrize("way", BREAKS)
def test_who_spoils_a_brittle_test_is_named_beside_those_it_builds_on(way: str) -> None:
    lab = FakeLaboratory(TESTS, truth_of({ONE: BREAKS[way]}))
    one = said(judged(lab))
    assert (one.kind, one.stable) == ("brittle", False)
    assert [(cause.kind, cause.culprits) for cause in one.causes] == [("brittle", (SETTER,)), ("victim", (POLLUTER,))]
    assert one.culprits == (SETTER, POLLUTER)
    assert {flip.name for flip in one.factors} == {"order"}
    words = rf"It fails after {POLLUTER} in spite of {SETTER} \(\d+ of \d+ runs\), and passes after {SETTER} alone"
    assert re.search(words, one.reason)


def test_who_spoils_a_brittle_test_at_one_value_only_is_named_too() -> None:
    early = "test_a.py::test_0"
    rule: Rule = lambda at: (  # noqa: E731
        SETTER not in at.before or (early in at.before and at.settings["hashseed"] == "3")
    )
    one = said(judged(FakeLaboratory(TESTS, truth_of({ONE: rule}))))
    assert {flip.name for flip in one.factors} == {"order", "hashseed+order"}
    assert set(one.culprits) == {SETTER, early}


def test_the_reason_of_an_order_is_told_as_it_is() -> None:
    other = "test_a.py::test_2"
    victim = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: other in at.before})))
    assert said(victim).reason == (
        f"It fails after {other} (4 of 4 runs), and passes alone (4 of 4); "
        "so it does in 47 % of such runs or more (95 %)."
    )
    brittle = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: other not in at.before})))
    assert said(brittle).reason == (
        f"It fails alone (4 of 4 runs); it passes after {other}; so it does in 47 % of such runs or more (95 %)."
    )


@pytest.mark.parametrize("factor", ["hashseed", "timezone"])
def test_a_polluter_that_does_harm_at_some_values(factor: str) -> None:
    value = sorted(screened_values(factor))[1]
    rule: Rule = lambda at: "test_a.py::test_2" in at.before and at.settings[factor] == value  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule})))
    assert names(diagnosis) == {"+".join(sorted((factor, "order")))}
    assert said(diagnosis).culprits == ("test_a.py::test_2",)
    assert said(diagnosis).kind == "victim"


def test_a_second_turn_is_not_the_order() -> None:
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: ONE in at.before})))
    assert names(diagnosis) == {"repeat"}
    assert said(diagnosis).kind == "non-idempotent"


def test_seeds_that_explain_a_flip_by_order_alone_are_its_cause() -> None:
    def draws(at: Situation) -> bool:
        seed = at.settings["rngseed"]
        drawn = "" if seed.startswith("each") else str(len(at.before))
        return int.from_bytes(sha256(f"{seed} {drawn} x".encode()).digest()[:2]) % 3 == 0

    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: draws})))
    assert names(diagnosis) == {"rngseed"}


def test_a_seed_that_fails_in_the_base_is_put_back_by_one_that_passes() -> None:
    lab = FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["rngseed"] == "0"}))
    suite = Suite(tests=TESTS, base={})
    found = by_seed(Inquiry(lab, suite, ONE), Question())
    assert isinstance(found, Cause)
    assert (found.settings, found.passing) == ({"rngseed": "0"}, {"rngseed": "1"})


@pytest.mark.parametrize("ended", ["hang", "crashed", "missing", "uncollected"])
def test_a_loud_value_hides_no_other_factor(ended: Ended) -> None:
    def truth(at: Situation) -> Ended:
        if at.nodeid.startswith("test_b") and at.settings["locale"] == "ASCII":
            return ended
        return "failed" if at.nodeid == ONE and at.settings["hashseed"] in ("1", "3") else "passed"

    diagnosis = judged(FakeLaboratory(TESTS, truth))
    assert names(diagnosis) == {"locale", "hashseed"}
    assert names(diagnosis, "test_b.py::test_0") == {"locale"}
    assert accused(diagnosis) == {name for name in TESTS if name.startswith("test_b")}


def test_a_group_is_searched_once() -> None:
    tests = tuple(f"test_a.py::test_{number}" for number in range(60))
    lab = FakeLaboratory(tests, lambda at: "failed" if at.settings["umask"] == "077" else "passed")
    diagnosis = judged(lab)
    assert all(names(diagnosis, one) == {"umask"} for one in tests)
    assert {one.group for one in diagnosis.tests} == {tests[0]} or len({one.group for one in diagnosis.tests}) == 1
    assert len(lab.trials) < 60


def test_what_is_not_applied_is_said_and_accuses_nobody() -> None:
    lab = FakeLaboratory(TESTS, truth_of({}), {"user": "No other user can be had."})
    diagnosis = judged(lab)
    assert [(one.name, one.reason) for one in diagnosis.factors_not_applied] == [("user", "No other user can be had.")]
    assert "user" not in diagnosis.factors_tried
    assert diagnosis.verdict == "passed"


class Odd(FakeLaboratory):
    """A laboratory some of whose answers are other than plain."""

    def __init__(self, truth: Truth, alter: Callable[[Ran], Ran], tests: tuple[str, ...] = TESTS) -> None:
        super().__init__(tests, truth)
        self.alter = alter

    def ran(self, trial: Trial) -> Ran:
        return self.alter(super().ran(trial))


def replaced(ran: T, **changes: object) -> T:
    import msgspec

    return msgspec.structs.replace(ran, **changes)


def test_a_factor_that_is_missed_in_the_process_accuses_nobody() -> None:
    def miss(ran: Ran) -> Ran:
        return replaced(ran, missed={"umask": "The umask stayed."}) if dict(ran.trial.settings).get("umask") else ran

    diagnosis = judged(Odd(truth_of({ONE: lambda at: at.settings["umask"] != "022"}), miss))
    assert not said(diagnosis).factors
    assert "umask" not in diagnosis.factors_tried
    assert [one.name for one in diagnosis.factors_not_applied] == ["umask"]


def test_a_failure_of_our_own_accuses_nobody() -> None:
    def own(ran: Ran) -> Ran:
        results = [
            Result(nodeid=one.nodeid, ended=one.ended, turn=one.turn, own=one.ended == "failed") for one in ran.results
        ]
        return replaced(ran, results=tuple(results))

    diagnosis = judged(Odd(truth_of({ONE: lambda at: at.settings["clock"] != "now"}), own))
    assert said(diagnosis).stable is True
    assert "itself raised" in said(diagnosis).reason


@pytest.mark.parametrize("runs", range(1, 40, 3))
def test_without_time_nothing_is_called_stable_and_nobody_is_accused(runs: int) -> None:
    done: list[Trial] = []

    def spent(ran: Ran) -> Ran:
        done.append(ran.trial)
        return ran if len(done) <= runs else Ran(trial=ran.trial, status="budget", reason="no time")

    rules = {ONE: lambda at: at.settings["umask"] == "077", TESTS[0]: lambda at: at.settings["timezone"] != "UTC"}
    diagnosis = judged(Odd(truth_of(rules), spent))
    assert accused(diagnosis) <= set(rules)
    assert all(flip.name == "umask" for flip in (said(diagnosis).factors if diagnosis.tests else ()))
    if runs < 10:
        assert diagnosis.verdict == "undecided"
        assert not any(one.stable for one in diagnosis.tests)


def test_a_base_that_breaks_or_is_empty_is_undecided() -> None:
    broken = judged(
        Odd(truth_of({}), lambda ran: replaced(ran, status="broken", reason="No module named x", results=()))
    )
    assert (broken.verdict, broken.tests) == ("undecided", ())
    assert "No module named x" in broken.reason
    assert judged(FakeLaboratory((), truth_of({}))).verdict == "undecided"


def test_a_combination_that_breaks_is_run_in_parts() -> None:
    def breaks(ran: Ran) -> Ran:
        broken = dict(ran.trial.settings).get("locale") == "ASCII" and not ran.trial.tests
        return replaced(ran, status="broken", reason="no", results=()) if broken else ran

    zone = plan(FakeLaboratory((), truth_of({})).values)[-6].settings["timezone"]
    rule = lambda at: at.settings["timezone"] == zone  # noqa: E731
    lab = Odd(truth_of({ONE: rule}), breaks)
    diagnosis = judged(lab)
    assert names(diagnosis) == {"timezone"}
    assert diagnosis.reason


def test_the_network_that_a_test_needs() -> None:
    def out(ran: Ran) -> Ran:
        return replaced(ran, effects=(Effect(nodeid=ONE, what="outward", target="example.org:80"),))

    real = judged(Odd(truth_of({ONE: lambda at: at.settings["network"] != "real"}), out))
    assert names(real) == {"network"}
    assert said(real).kind == "external"
    none = judged(Odd(truth_of({ONE: lambda at: True}), out))
    assert said(none).stable is None
    assert "example.org:80" in said(none).reason


def test_the_answer_of_a_stand_in_accuses_only_with_the_real_one() -> None:
    stands_in = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["network"] == "answered"})))
    assert said(stands_in).stable is True
    assert "stand-in" in said(stands_in).reason
    both = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["network"] != "off"})))
    assert names(both) == {"network"}
    assert said(both).causes[0].settings == {"network": "real"}


def test_a_real_machine_that_does_not_answer_refutes_no_stand_in() -> None:
    class Silent(FakeLaboratory):
        def ran(self, trial: Trial) -> Ran:
            tried = Effect(nodeid=ONE, what="unreached", target="look up example.org")
            real = dict(trial.settings).get("network") == "real"
            return replaced(super().ran(trial), effects=(tried,) if real else ())

    diagnosis = judged(Silent(TESTS, truth_of({ONE: lambda at: at.settings["network"] == "answered"})))
    assert said(diagnosis).stable is None
    assert "could not be reached" in said(diagnosis).reason


def test_the_variable_that_matters_is_named() -> None:
    rule = lambda at: "HOME=/dev/null/home" in at.settings["environment"].split()  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule})))
    assert said(diagnosis).causes[0].settings == {"environment": "HOME=/dev/null/home"}


def test_workers_that_bring_another_process() -> None:
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["parallel"] != "0"})))
    assert names(diagnosis) == {"parallel"}
    assert said(diagnosis).kind == "concurrency"


def test_a_skip_is_no_failure() -> None:
    lab = FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["locale"] == "ASCII"}, "skipped"))
    diagnosis = judged(lab)
    assert said(diagnosis).stable is True
    assert "skipped" in said(diagnosis).reason


def test_shards_have_all_probes_together() -> None:
    whole = _trials((1, 1))
    parts = [_trials((number, 3)) for number in (1, 2, 3)]
    assert whole <= {trial for part in parts for trial in part}
    assert all(len(part) < len(whole) for part in parts)


def _trials(shard: tuple[int, int]) -> set[Trial]:
    lab = FakeLaboratory(TESTS, truth_of({}))
    judged(lab, Wish(shard=shard, sites=False))
    return set(lab.trials)


def test_only_what_is_wanted_is_judged() -> None:
    rules = {name: (lambda at: at.settings["umask"] == "077") for name in (ONE, TESTS[0])}
    diagnosis = judged(FakeLaboratory(TESTS, truth_of(rules)), Wish(tests=("test_b.py",), sites=False))
    assert {one.nodeid for one in diagnosis.tests} == {name for name in TESTS if name.startswith("test_b")}
    assert names(diagnosis) == {"umask"}
    assert judged(FakeLaboratory(TESTS, truth_of({})), Wish(tests=("test_z",))).verdict == "undecided"


def test_a_polluter_of_its_file_that_does_harm_at_some_values_is_found_for_a_victim_that_alone_is_wanted() -> None:
    other = "test_b.py::test_0"
    rule: Rule = lambda at: other in at.before and at.settings["hashseed"] == "3"  # noqa: E731
    lab = FakeLaboratory(TESTS, truth_of({ONE: rule}))
    diagnosis = judged(lab, Wish(tests=(ONE,), sites=False))
    assert names(diagnosis) == {"hashseed+order"}
    assert said(diagnosis).culprits == (other,)
    combined = [trial for trial in lab.trials if len(trial.settings) > 5]
    assert {trial.tests for trial in combined[:6]} == {tuple(name for name in TESTS if name.startswith("test_b"))}


@pytest.mark.parametrize("factor", ["hashseed", "timezone", "environment"])
def test_a_polluter_of_another_file_that_does_harm_at_some_values_is_found_for_a_victim_that_alone_is_wanted(
    factor: str,
) -> None:
    value = max(screened_values(factor))
    rule: Rule = lambda at: SETTER in at.before and at.settings[factor] == value  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule})), Wish(tests=(ONE,), sites=False))
    assert names(diagnosis) == {"+".join(sorted((factor, "order")))}
    assert said(diagnosis).culprits == (SETTER,)


def test_what_moves_among_its_file_is_not_run_after_all_others() -> None:
    lab = FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["timezone"] != "UTC"}))
    assert names(judged(lab, Wish(tests=(ONE,), sites=False))) == {"timezone"}
    near = {name for name in TESTS if name.startswith("test_b")}
    assert not [trial for trial in lab.trials if len(trial.settings) > 5 and not near.issuperset(trial.tests)]


def test_where_no_time_is_left_to_run_after_all_others_nothing_is_called_stable() -> None:
    def spent(ran: Ran) -> Ran:
        far = len(ran.trial.settings) > 5 and len(ran.trial.tests) > 4
        return Ran(trial=ran.trial, status="budget", reason="no time") if far else ran

    diagnosis = judged(Odd(truth_of({}), spent), Wish(tests=(ONE,), sites=False))
    assert (diagnosis.verdict, said(diagnosis).stable) == ("undecided", None)


def test_the_lines_of_a_group_are_looked_up_once() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    def find(lab: Laboratory, nodeid: str, cause: Cause, back: Mapping[str, str]) -> tuple[Place, ...]:
        asked.append((nodeid, cause.settings))
        return (Place(path="test_a.py", line=3),)

    parts = Parts(explain=ordering.explain, repeated=ordering.repeated, met=ordering.met, find=find)
    lab = FakeLaboratory(TESTS, lambda at: "failed" if at.settings["umask"] == "077" else "passed")
    diagnosis = diagnose(lab, Wish(), lambda line: None, parts)
    assert asked == [(TESTS[0], {"umask": "077"})]
    assert {one.sites for one in diagnosis.tests} == {(Place(path="test_a.py", line=3),)}


@pytest.mark.parametrize("factor", ["clock", "cpus", "load"])
def test_a_test_that_the_means_of_a_factor_break_is_not_accused(factor: str) -> None:
    lab = FakeLaboratory(TESTS, truth_of({ONE: lambda at: factor in at.means and at.settings["load"] != "busy"}))
    diagnosis = judged(lab)
    assert said(diagnosis).stable is True
    assert "stand-in" in said(diagnosis).reason or "time-machine" in said(diagnosis).reason
    assert any(one.name == factor and ONE in one.reason for one in diagnosis.factors_not_applied)
    assert trials_of(lab, ONE) <= 45


def test_a_test_that_reads_a_clock_that_is_not_moved_is_not_accused() -> None:
    lab = FakeLaboratory(TESTS, truth_of({ONE: lambda at: at.settings["clock"] != "now"}))
    one = said(judged(lab))
    assert one.stable is True
    assert "no other" in one.reason
    from_tomorrow = truth_of({ONE: lambda at: at.settings["clock"].startswith(("+", "2042", "2028"))})
    assert names(judged(FakeLaboratory(TESTS, from_tomorrow))) == {"clock"}


def test_a_test_that_the_means_of_the_clock_break_may_depend_on_the_zone_too() -> None:
    rule = lambda at: "clock" in at.means or at.settings["timezone"] == "Asia/Kolkata"  # noqa: E731
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule, TESTS[0]: rule})))
    for nodeid in (ONE, TESTS[0]):
        assert names(diagnosis, nodeid) == {"timezone"}
    assert "time-machine" in said(diagnosis, TESTS[0]).reason


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (lambda at: "clock" not in at.means, "time-machine"),
        (lambda at: "listing" not in at.means or at.raw["listing"] != "native", "stand-in"),
        (lambda at: at.settings["rngseed"] != "none", "seed"),
    ],
)
def test_a_test_that_fails_in_the_base_for_a_reason_of_ours_is_not_accused(rule: Rule, word: str) -> None:
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: rule})))
    assert said(diagnosis).stable is None
    assert word in said(diagnosis).reason


def test_a_fault_is_said_to_fail_in_every_circumstance() -> None:
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({ONE: lambda at: True})))
    assert said(diagnosis).stable is None
    assert said(diagnosis).reason.startswith("It fails in every circumstance that was tried")


def test_a_test_of_a_group_that_other_lines_move_has_its_own() -> None:
    lines = {TESTS[0]: Place(path="a.py", line=3), ONE: Place(path="b.py", line=7)}

    class Lines(FakeLaboratory):
        def ran(self, trial: Trial) -> Ran:
            found = super().ran(trial)
            if not trial.at:
                return found
            moved = (lines[one.nodeid] in trial.at for one in found.results)
            ends: list[Ended] = ["failed" if one else "passed" for one in moved]
            pairs = zip(found.results, ends, strict=True)
            return replaced(found, results=tuple(Result(nodeid=one.nodeid, ended=end) for one, end in pairs))

    def find(lab: Laboratory, nodeid: str, cause: Cause, back: Mapping[str, str]) -> tuple[Place, ...]:
        return (lines[nodeid],)

    parts = Parts(explain=PARTS.explain, repeated=PARTS.repeated, met=PARTS.met, find=find)
    rule = lambda at: at.settings["umask"] == "077"  # noqa: E731
    diagnosis = diagnose(Lines(TESTS, truth_of(dict.fromkeys(lines, rule))), Wish(), lambda line: None, parts)
    assert {one.nodeid: one.sites for one in diagnosis.tests if one.sites} == {k: (v,) for k, v in lines.items()}


def test_no_environment_lets_a_test_write_to_a_home_that_outlives_the_run() -> None:
    for value in FACTORS["environment"].values:
        homes = [word for word in value.split() if word.startswith(("HOME=", "-HOME"))]
        assert homes in ([], ["HOME=/dev/null/home"]), value


@pytest.mark.parametrize("shard", [(1, 1), (15, 20)])
def test_without_a_factor_that_differs_nothing_is_called_stable(shard: tuple[int, int]) -> None:
    unavailable = dict.fromkeys(FACTORS, "not here") if shard == (1, 1) else {}
    diagnosis = judged(FakeLaboratory(TESTS, truth_of({}), unavailable), Wish(shard=shard, sites=False))
    assert diagnosis.verdict == "undecided"
    assert diagnosis.reason.startswith("No factor was varied")
    assert {one.stable for one in diagnosis.tests} == {None}


def test_a_suite_of_which_every_test_is_skipped_does_not_pass() -> None:
    diagnosis = judged(FakeLaboratory(TESTS, lambda _: "skipped"))
    assert diagnosis.verdict == "undecided"
    assert diagnosis.reason == "Every test was skipped in every run, so that nothing is known of them."


def test_one_test_that_is_not_skipped_is_enough() -> None:
    diagnosis = judged(FakeLaboratory(TESTS, lambda at: "passed" if at.nodeid == ONE else "skipped"))
    assert (diagnosis.verdict, diagnosis.reason) == ("passed", "")
