"""How a suite is cut into shards."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vltair.shards import SLOW_FACTOR, assign, weights
from support.recordings import PLAIN, read

TESTS = st.lists(st.tuples(st.text(max_size=4), st.floats(0, 1e6)), max_size=40)
COUNTS = st.integers(1, 8)


def cut(tests: list[tuple[str, float]], count: int) -> list[int]:
    return assign([name for name, _ in tests], [seconds for _, seconds in tests], count)


@pytest.mark.requirement("PYT-4")
@given(TESTS, COUNTS)
def test_shards_partition_the_suite(tests: list[tuple[str, float]], count: int) -> None:
    assigned = cut(tests, count)
    assert len(assigned) == len(tests)
    assert set(assigned) <= set(range(1, count + 1))


@pytest.mark.requirement("PYT-4")
@given(TESTS, COUNTS, st.randoms())
def test_the_order_of_tests_does_not_matter(tests: list[tuple[str, float]], count: int, random: object) -> None:
    unique = list(dict(tests).items())
    mixed = unique.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert dict(zip(unique, cut(unique, count), strict=True)) == dict(zip(mixed, cut(mixed, count), strict=True))


@given(TESTS, COUNTS)
def test_no_shard_is_longer_than_the_bound(tests: list[tuple[str, float]], count: int) -> None:
    """Greedy lists end at most one test after the mean: load <= total / count + longest."""
    loads = [Fraction(0)] * count
    for (_, seconds), shard in zip(tests, cut(tests, count), strict=True):
        loads[shard - 1] += Fraction(seconds)
    total = sum(loads)
    longest = max((Fraction(seconds) for _, seconds in tests), default=Fraction(0))
    assert max(loads) <= total / count + longest + total * Fraction(1, 10**9)


@given(st.integers(0, 60), COUNTS)
def test_equal_tests_are_spread_evenly(number: int, count: int) -> None:
    for seconds in (0.0, 1.0):
        assigned = cut([(f"test_{at:02}", seconds) for at in range(number)], count)
        held = [assigned.count(shard) for shard in range(1, count + 1)]
        assert max(held) - min(held) <= 1


def test_longest_first() -> None:
    tests = [("e", 1.0), ("d", 2.0), ("c", 3.0), ("b", 4.0), ("a", 6.0)]
    assert cut(tests, 2) == [2, 1, 2, 2, 1]


def test_weights() -> None:
    durations = {"a": 1.0, "b": 3.0, "elsewhere": 100.0}
    assert weights(["a", "b", "c", "d"], {"d", "b"}, durations) == [1.0, 3.0, 2.0, 2.0 * SLOW_FACTOR]
    assert weights(["c", "d"], {"d"}, durations) == [1.0, SLOW_FACTOR]
    assert weights(["z", "c"], set(), {"z": 0.0}) == [0.0, 1.0]
    assert weights([], set(), {}) == []


def test_shards_of_a_run(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers = slow\n")
    pytester.makepyfile(
        test_x="""
        import pytest
        @pytest.mark.parametrize("number", range(6))
        def test_short(number): pass
        @pytest.mark.slow
        def test_slow(): pass
        def test_known(): pass
        def test_left_out(): assert 0
        """
    )
    names = [
        *(f"test_x.py::test_short[{number}]" for number in range(6)),
        "test_x.py::test_slow",
        "test_x.py::test_known",
    ]
    (pytester.path / "times.json").write_text(json.dumps({names[-1]: 30.0, names[0]: 1.0, names[1]: 1.0, "gone": 5}))
    shares = []
    for index in (1, 2, 3):
        args = (f"--vltair-shard={index}/3", "--vltair-durations=times.json", "-k", "not left_out")
        result = pytester.runpytest_inprocess(*PLAIN, *args, "--vltair-record=run.jsonl")
        assert result.ret == 0
        result.stdout.fnmatch_lines([f"vltair: shard {index}/3"])
        recording = read(pytester.path / "run.jsonl")
        collected = recording.collected
        assert recording.begin.shard == f"{index}/3"
        assert collected.deselected == ["test_x.py::test_left_out"]
        assert sorted(collected.selected + collected.other_shards) == sorted(names)
        assert list(recording.ran()) == collected.selected
        result.assert_outcomes(passed=len(collected.selected), deselected=len(collected.other_shards) + 1)
        shares.append(collected.selected)
    assert sorted(name for share in shares for name in share) == sorted(names)
    assert shares[:2] == [["test_x.py::test_slow"], ["test_x.py::test_known"]]


def test_a_shard_without_recording_writes_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_x="def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n")
    before = {"test_x.py"}
    result = pytester.runpytest_inprocess(*PLAIN, "-p", "no:cacheprovider", "--vltair-shard", "1/2", "-v")
    result.assert_outcomes(passed=2, deselected=1)
    result.stdout.fnmatch_lines(["test_x.py::test_a PASSED*", "test_x.py::test_c PASSED*"])
    assert {path.name for path in pytester.path.iterdir()} - {"__pycache__"} == before


def test_an_empty_shard_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_x="def test_a(): pass\n")
    result = pytester.runpytest_inprocess(*PLAIN, "--vltair-shard=2/2", "--vltair-record=run.jsonl")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    collected = read(pytester.path / "run.jsonl").collected
    assert (collected.selected, collected.other_shards) == ([], ["test_x.py::test_a"])


def test_shards_are_cut_from_what_last_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_x="".join(f"def test_{number}(): assert {number} % 2\n" for number in range(6)))
    pytester.runpytest_inprocess(*PLAIN)
    shares = []
    for index in (1, 2):
        pytester.runpytest_inprocess(*PLAIN, f"--vltair-shard={index}/2", "--lf", "--vltair-record=run.jsonl")
        shares.append(read(pytester.path / "run.jsonl").collected.selected)
    assert shares == [["test_x.py::test_0", "test_x.py::test_4"], ["test_x.py::test_2"]]
