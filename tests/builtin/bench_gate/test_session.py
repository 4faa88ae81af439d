"""Session: whatever one side does at any step, the other benchmarks are timed in full, and the groups have an end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import pytest

from gates.builtin.bench.facts import Benchmark, Side
from gates.builtin.bench.paired import group
from gates.builtin.bench.paired.session import SPARE
from support.bench_processes import SIDES, Fault, play

PLANNED = 3
ENDS = {"failed": "errored", "skipped": "skipped", "disabled": "disabled", "idle": "idle", "passed": "idle"}


def whole(one: Benchmark, sides: Sequence[Side] = SIDES) -> bool:
    """Whether a benchmark has all its pairs, with each of these sides."""
    return one.pairs.count == PLANNED and all(
        bool(getattr(pair, side).count) == (side in sides) for pair in one.pairs.items for side in SIDES
    )


def test_every_benchmark_gets_its_pairs_on_all_sides() -> None:
    played = play()
    assert played.refusal is None
    assert all(whole(one) and not one.problems.count and one.before for one in played.benchmarks.values())
    assert list(played.benchmarks) == ["a", "b", "c"]
    assert played.groups == PLANNED
    assert played.files == [[], ["t.py"], ["t.py"]]
    assert [pair.swapped for pair in played.benchmarks["a"].pairs.items] == [False, True, True]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("step", ["ready", "burst", "last", "end"])
@pytest.mark.parametrize("what", ["crashed", "hung", "stray", "failed", "skipped", "idle", "forked"])
def test_a_fault_of_one_side_costs_this_benchmark_and_no_other(what: str, step: str, side: Side) -> None:
    played = play(Fault(side, "b", step, what))
    assert whole(played.benchmarks["a"])
    assert whole(played.benchmarks["c"])
    assert not played.benchmarks["a"].problems.count
    assert not played.benchmarks["c"].problems.count
    kind = "crashed" if what == "stray" else ENDS.get(what, what)
    assert played.problems("b") == {(side, kind)}
    if side == "head":
        assert not played.benchmarks["b"].pairs.count
    else:
        # At the end its figures of the first group were whole already.
        rest = [one for one in SIDES if one != side]
        assert all(getattr(pair, one).count for pair in played.benchmarks["b"].pairs.items for one in rest)
        assert played.benchmarks["b"].pairs.count == PLANNED
        assert all(getattr(pair, side).count in {0, pair.head.count} for pair in played.benchmarks["b"].pairs.items)
    assert played.groups <= PLANNED + 1


@pytest.mark.parametrize("what", ["crashed", "hung", "forked", "failed"])
def test_a_fault_of_all_sides_costs_one_group_at_most(what: str) -> None:
    began = time.monotonic()
    played = play(Fault(None, "a", "burst", what))
    assert time.monotonic() - began < 10
    assert played.problems("a") == {(side, ENDS.get(what, what)) for side in SIDES}
    assert whole(played.benchmarks["b"])
    assert whole(played.benchmarks["c"])
    assert played.groups <= PLANNED + 1


def test_sides_that_hang_together_are_waited_for_once() -> None:
    began = time.monotonic()
    play(Fault(None, "a", "ready", "hung"), names=["a"], timeout=2.0)
    assert time.monotonic() - began < 2.0 * len(SIDES) - 0.5


def test_a_changed_directory_is_said_and_costs_nothing() -> None:
    played = play(Fault("base", "b", "end", "moved"))
    assert played.problems("b") == {("base", "moved")}
    assert all(whole(one) for one in played.benchmarks.values())


def test_a_crash_in_the_third_group_leaves_the_rest_whole() -> None:
    played = play(Fault("head", "a", "burst", "crashed", frozenset({2})))
    assert played.problems("a") == {("head", "crashed")}
    assert played.benchmarks["a"].pairs.count == 2
    assert "SIGSEGV" in played.benchmarks["a"].problems.items[0].message
    assert "Fatal Python error" in played.benchmarks["a"].problems.items[0].message
    assert whole(played.benchmarks["b"])
    assert whole(played.benchmarks["c"])


def test_every_benchmark_that_crashes_is_met_and_the_last_is_timed() -> None:
    names = ["a", "b", "c", "d", "e", "f"]
    played = play(*(Fault("base", name, "ready", "crashed") for name in names[:-1]), names=names)
    assert all(played.problems(name) == {("base", "crashed")} for name in names[:-1])
    assert whole(played.benchmarks["f"])


def test_a_copy_that_speaks_late_is_put_down_to_its_own_benchmark() -> None:
    played = play(Fault("head", "b", "end", "late", frozenset({1})))
    assert played.problems("a") == {("head", "forked")}
    assert whole(played.benchmarks["b"])


@pytest.mark.parametrize("what", ["late", "stray", "crashed", "hung"])
def test_what_comes_after_the_last_benchmark_costs_no_figures(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if what == "hung":
        monkeypatch.setattr(group, "END", 0.1)
    played = play(Fault("head", "", "leave", what, frozenset({PLANNED - 1})))
    assert all(whole(one) for one in played.benchmarks.values())
    assert played.problems("a") == ({("head", "forked")} if what == "late" else set())


def test_what_cannot_be_done_in_time_is_said_after_the_first_round() -> None:
    played = play(seconds=0.0)
    assert played.refusal is not None
    assert played.refusal.reason.code == "timeout"
    assert "3 rounds are more than `timeout` allows" in played.refusal.reason.message
    assert played.groups == 1


@pytest.mark.parametrize("what", ["empty", "swapped"])
def test_a_burst_without_times_or_of_another_benchmark_is_none(what: str) -> None:
    played = play(Fault("control", "a", "burst", what))
    assert played.problems("a") == {("control", "crashed")}
    assert whole(played.benchmarks["b"])


def test_head_that_does_not_start_is_a_refusal() -> None:
    played = play(Fault("head", "", "start", "crashed"))
    assert played.refusal is not None
    assert played.refusal.reason.code == "tool_crashed"
    assert "it ended before it ran anything: Error: it does not start" in played.refusal.reason.message


@pytest.mark.parametrize("side", ["base", "control"])
def test_another_side_that_does_not_start_is_said_of_each_benchmark(side: Side) -> None:
    played = play(Fault(side, "", "start", "crashed"))
    assert played.refusal is None
    rest = [one for one in SIDES if one != side]
    for one in played.benchmarks.values():
        assert whole(one, rest)
        assert [(found.side, found.kind) for found in one.problems.items] == [(side, "unlisted")]
        assert "it does not start" in one.problems.items[0].message
        assert one.before == (side != "base")


@pytest.mark.parametrize("side", SIDES)
def test_a_side_that_stops_starting_is_given_up(side: Side) -> None:
    played = play(Fault(side, "", "start", "crashed", frozenset(range(1, 99))))
    for one in played.benchmarks.values():
        assert played.problems(one.id) == {(side, "missing")}
        assert "it does not start" in one.problems.items[0].message
        assert one.pairs.count == (1 if side == "head" else PLANNED)
    assert played.groups <= 1 + PLANNED + SPARE


def test_a_benchmark_that_is_no_longer_collected_is_given_up_and_the_rest_is_timed() -> None:
    played = play(Fault("head", "b", "collect", "gone", frozenset(range(1, 99))))
    assert played.problems("b") == {("head", "missing")}
    assert whole(played.benchmarks["a"])
    assert whole(played.benchmarks["c"])
    assert played.groups <= PLANNED + 2 + SPARE


def test_a_start_that_fails_once_is_made_up_for() -> None:
    played = play(Fault("base", "", "start", "crashed", frozenset({1})))
    assert all(whole(one) and not one.problems.count for one in played.benchmarks.values())
    assert played.groups == PLANNED + 1


def test_what_only_head_has_is_timed_there_alone() -> None:
    played = play(only={"base": ["a", "c"], "control": ["a", "c"]})
    assert played.problems("b") == {("base", "unlisted"), ("control", "unlisted")}
    assert whole(played.benchmarks["b"], ["head"])
    assert whole(played.benchmarks["c"])


def test_what_only_base_has_is_not_run() -> None:
    played = play(only={"base": ["a", "b", "c", "old"]})
    assert list(played.benchmarks) == ["a", "b", "c"]
    assert all(whole(one) for one in played.benchmarks.values())


def test_why_base_has_none_is_what_its_file_says() -> None:
    played = play(Fault("base", "", "broken", "so"), names=["t.py::a"], only={"base": []})
    assert [one.message for one in played.benchmarks["t.py::a"].problems.items] == ["ImportError: no"]


def test_no_benchmark_is_no_endless_run() -> None:
    played = play(names=[])
    assert (played.refusal, played.benchmarks, played.groups) == (None, {}, 1)


def test_suspects_get_more_pairs_and_no_more_than_asked_for() -> None:
    asked: list[int] = []

    def suspects(found: Sequence[Benchmark]) -> Mapping[str, int]:
        have = next(one.pairs.count for one in found if one.id == "b")
        asked.append(have)
        return {"b": min(8, 2 * have)} if have < 8 else {}

    played = play(suspects=suspects)
    assert asked == [3, 6, 8]
    assert {name: one.pairs.count for name, one in played.benchmarks.items()} == {"a": 3, "b": 8, "c": 3}
    assert played.groups == 8
    later = [one for one in played.processes if one.group >= PLANNED]
    assert {name for one in later for name, *_ in one.calls} == {"b"}


def test_a_suspect_that_cannot_be_timed_any_more_ends_the_run() -> None:
    fault = Fault("head", "", "start", "crashed", frozenset(range(3, 99)))
    played = play(fault, suspects=lambda _: {"a": 8})
    assert played.benchmarks["a"].pairs.count == 3
    assert played.problems("a") == {("head", "missing")}
    assert not played.benchmarks["b"].problems.count


def test_only_head_is_made_slower() -> None:
    played = play(slow=0.5)
    assert {share for one in played.processes if one.side == "head" for *_, share in one.calls} == {0.5}
    assert {share for one in played.processes if one.side != "head" for *_, share in one.calls} == {0.0}
    pair = played.benchmarks["a"].pairs.items[0]
    assert min(pair.head.items) == pytest.approx(1.5 * min(pair.base.items))


def test_head_alone_is_timed_where_there_is_no_base() -> None:
    played = play(sides=["head"])
    assert all(whole(one, ["head"]) and not one.before for one in played.benchmarks.values())


def test_the_rhythm_is_the_same_in_all_processes() -> None:
    played = play()
    assert len({(name, calls, loops) for one in played.processes for name, calls, loops, _ in one.calls}) == 3


def test_an_interrupted_session_leaves_no_process() -> None:
    def suspects(_: Sequence[Benchmark]) -> Mapping[str, int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(suspects=suspects)
