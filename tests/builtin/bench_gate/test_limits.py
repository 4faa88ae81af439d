"""Limits: which one holds, where it stands, and what a glob names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.bench.decide import decide
from gates.builtin.bench.judging.limits import Held, limit_of, names
from support import bench_evidence as made

ID = "tests/bench/test_parse.py::TestJson::test_loads[a/b]"


@pytest.mark.parametrize(
    ("glob", "named"),
    [
        (ID, True),
        ("tests/bench/*::test_loads*", True),
        ("tests/bench/*::TestJson::*", True),
        ("tests/*::test_loads*", False),
        ("tests/**::test_loads*", True),
        ("**::*", True),
        ("::test_loads*", True),
        ("test_loads*", True),
        ("TestJson*", True),
        ("test_load?[[]a/b]", False),
        ("test_loads[[]a*", False),
        ("*[a?b]", True),
        ("tests/bench/*", True),
        ("tests/*", False),
        ("tests/", True),
        ("tests/bench/test_parse.py", True),
        ("test_parse.py", False),
        ("test_dumps*", False),
        ("", False),
    ],
)
def test_a_glob_names_benchmarks(glob: str, *, named: bool) -> None:
    assert names(glob, ID) is named


@pytest.mark.parametrize(
    ("glob", "named"), [("start up", True), ("start*", True), ("run a/b", False), ("import json.*", False)]
)
def test_commands_and_imports_have_names_without_a_path(glob: str, *, named: bool) -> None:
    assert names(glob, "start up") is named
    assert names("import json.*", "import json.decoder")
    assert names("run a/b", "run a/b")


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1))
def test_what_has_no_star_names_itself(name: str) -> None:
    if not {"*", "?", "/", ":"} & set(name):
        assert names(name, name)


TABLES = [{"glob": "test_*", "limit": 8}, {"glob": "test_a*", "limit": 3}, {"glob": "test_aa", "limit": 30}]


@pytest.mark.parametrize(
    ("name", "mark", "held"),
    [
        ("other", None, Held(5.0, "setting:limit")),
        ("other", 20.0, Held(20.0, "tests/test_bench.py:3")),
        ("other", 0.5, Held(0.5, "tests/test_bench.py:3")),
        ("test_b", None, Held(8.0, "setting:limits[0].limit")),
        ("test_a", None, Held(3.0, "setting:limits[1].limit")),
        ("test_aa", None, Held(30.0, "setting:limits[2].limit")),
        ("test_a", 2.5, Held(2.5, "tests/test_bench.py:3")),
        ("test_a", 40.0, Held(3.0, "setting:limits[1].limit")),
        ("test_a", 3.0, Held(3.0, "setting:limits[1].limit")),
    ],
)
def test_a_table_counts_before_the_setting_and_a_mark_only_where_it_is_stricter(
    name: str, mark: float | None, held: Held
) -> None:
    assert limit_of(made.benchmark(name, limit=mark, held=[]), made.settings(limits=TABLES)) == held


def test_what_a_command_says_itself_counts_first() -> None:
    settings = made.settings(
        limits=[{"glob": "*", "limit": 2}],
        command=[{"name": "start", "argv": ["a"], "limit": 9}, {"name": "stop", "argv": ["a"]}],
    )
    start = made.benchmark("start", kind="command", limit=9, held=[])
    stop = made.benchmark("stop", kind="command", held=[])
    test = made.benchmark("start", held=[])
    assert limit_of(start, settings) == Held(9.0, "setting:command[0].limit")
    assert limit_of(stop, settings) == Held(2.0, "setting:limits[0].limit")
    assert limit_of(test, settings) == Held(2.0, "setting:limits[0].limit")


def test_the_mark_of_what_has_no_file_is_a_mark() -> None:
    assert limit_of(made.benchmark("import a", kind="import", limit=4, held=[]), made.settings()) == Held(4.0, "mark")


@pytest.mark.parametrize(
    ("mark", "was", "percent", "place"),
    [
        (1000, [20], 20, "base"),
        (1000, [5], 5, "base"),
        (2, [20], 2, "tests/test_bench.py:3"),
        (1000, [], 1000, "tests/test_bench.py:3"),
        (20, [20], 20, "tests/test_bench.py:3"),
    ],
)
def test_a_mark_does_not_loosen_what_base_allowed(mark: float, was: list[float], percent: float, place: str) -> None:
    one = made.benchmark(limit=mark, was=was)
    assert limit_of(one, made.settings()) == Held(percent, place)


def test_a_mark_that_counts_once_it_is_merged_is_said() -> None:
    decision = decide(made.evidence(made.benchmark(limit=1000, was=[20])), made.settings())
    assert "test_a is held to 20 % as at base; its mark says 1000 %, which counts once it is merged" in decision.notes
