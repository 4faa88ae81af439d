"""Course: what kept a benchmark from being collected, what it took, and what only one side has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.bench.facts import Problem
from gates.builtin.bench.paired import course, measured
from gates.builtin.bench.paired.course import Course, is_below, why_not
from gates.builtin.bench.paired.group import Taken
from gates.builtin.bench.paired.measured import Measured
from gates.builtin.bench.paired.protocol import Broken, Found
from gates.builtin.bench.paired.turns import Rhythm
from support.bench_evidence import benchmark

PARTS = st.lists(st.text("abc._-", min_size=1, max_size=5), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("name", "broken", "below"),
    [
        ("tests/test_a.py::test_x", "tests/test_a.py", True),
        ("tests/test_a.py::TestIt::test_x", "tests/test_a.py::TestIt", True),
        ("tests/test_a.py::test_x", "tests", True),
        ("tests/test_a.py::test_x", "tests/test_a.py::test_x", True),
        ("tests/test_a.py::test_x", "", True),
        ("tests/test_a.py::test_x", ".", True),
        ("tests/test_a.py::test_x", "conftest.py", True),
        ("tests/test_a.py::test_x", "tests/conftest.py", True),
        ("tests/test_ab.py::test_x", "tests/test_a.py", False),
        ("tests2/test_a.py::test_x", "tests", False),
        ("tests/test_a.py::test_x", "other/conftest.py", False),
        ("tests/test_a.py::test_xy", "tests/test_a.py::test_x", False),
    ],
)
def test_what_is_below_what_could_not_be_collected(name: str, broken: str, below: bool) -> None:
    assert is_below(name, broken) is below


@given(PARTS, PARTS)
def test_a_file_is_below_its_folders_and_no_others(folder: list[str], rest: list[str]) -> None:
    place = "/".join(folder)
    assert is_below("/".join([*folder, *rest]) + "::test_x", place)
    assert not is_below(f"{place}x/{'/'.join(rest)}::test_x", place) or place in {"", "."}


def test_the_file_is_named_where_it_is_another_than_the_benchmarks_own() -> None:
    own, other = Broken(id="t/test_a.py", message="no"), Broken(id="conftest.py", message="never")
    assert why_not("t/test_a.py::test_x", [own]) == "no"
    assert why_not("t/test_a.py::test_x", [other, own]) == "conftest.py: never"
    assert why_not("t/test_b.py::test_x", [own]) == ""
    assert why_not("t/test_b.py::test_x", [Broken(id="", message="usage")]) == "usage"


def test_bursts_become_their_least_times_and_calls_their_percentiles() -> None:
    one = Course(Found(id="t.py::a", path="t.py", line=3, limit=2.5), 1, ("base", "head"), before=True)
    bursts = {"base": [(3.0, 1.0), (2.0, 4.0)], "head": [(5.0, 6.0), (8.0, 7.0)]}
    one.add(Taken(bursts=bursts, rhythm=Rhythm(bursts=2, calls=2, loops=9)), 4, swapped=True)  # type: ignore[arg-type]
    fact = one.fact()
    pair = fact.pairs.items[0]
    assert (pair.base.items, pair.head.items, pair.control.items) == ((1.0, 2.0), (5.0, 7.0), ())
    assert (pair.pair, pair.swapped, pair.calls, pair.median) == (4, True, 4, 6.5)
    assert pair.p95 == pytest.approx(7.85)
    assert (fact.loops, fact.limit.items, fact.kind, one.open) == (9, (2.5,), "test", False)


def test_one_call_is_its_own_median() -> None:
    one = Course(Found(id="script", path="", line=0), 1, ("head",), before=False)
    one.add(Taken(bursts={"head": [(5.0,)]}), 0, swapped=False)
    fact = one.fact()
    assert (fact.pairs.items[0].median, fact.pairs.items[0].p95, fact.kind, fact.path) == (5.0, 5.0, "command", None)


def test_a_problem_is_taken_down_once_of_each_side_and_kind() -> None:
    one = Course(Found(id="import x", path="", line=0), 3, ("base", "head"), before=True)
    for message in ("first", "second"):
        one.note(Problem(side="base", kind="crashed", message=message))
    assert [found.message for found in one.problems] == ["first"]
    assert one.sides == ("head",)
    assert one.fact().kind == "import"


def test_what_is_given_up_is_not_open_any_more() -> None:
    one = Course(Found(id="a", path="t.py", line=1), 3, ("base", "head"), before=True)
    one.give_up()
    assert not one.open
    assert [(found.side, found.kind, found.message) for found in one.problems] == [
        ("head", "missing", "it never came to its turn")
    ]


def test_what_only_base_has_and_what_head_cannot_collect_are_facts() -> None:
    found = [Found(id=f"t/{name}.py::x", path=f"t/{name}.py", line=2) for name in ("kept", "gone", "broken")]
    held = Measured(
        benchmarks=[benchmark("t/kept.py::x")],
        before=tuple(found),
        broken=(Broken(id="t/broken.py", message="SyntaxError: no"), Broken(id="t/new.py", message="ImportError: no")),
    )
    assert [
        (one.id, one.path, one.before, one.problems.items[0].kind, one.problems.items[0].message)
        for one in measured.unmeasured(held)
    ] == [
        ("t/gone.py::x", "t/gone.py", True, "left", "base has it, and head has it not"),
        ("t/broken.py::x", "t/broken.py", True, "unlisted", "SyntaxError: no"),
        ("t/new.py", "t/new.py", False, "unlisted", "ImportError: no"),
    ]


def test_files_are_called_as_in_the_project() -> None:
    folders = ["/tmp/x/a/sub", "/tmp/x/b/sub"]
    text = "cannot import from /tmp/x/b/sub/pkg/m.py and /tmp/x/a/sub/n.py, as /usr/lib/os.py can"
    assert measured.local(text, folders) == "cannot import from pkg/m.py and n.py, as /usr/lib/os.py can"


def test_ids_of_nothing_are_none() -> None:
    assert course.ids(None) == frozenset()
