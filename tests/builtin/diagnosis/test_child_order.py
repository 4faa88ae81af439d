"""Which tests a trial runs, and in which order: the rule, and real pytest processes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builtin.diagnosis.child_runs import run
from gates.builtin.diagnosis.child.order import arranged, chosen

MODULES = {
    f"tests/test_{name}.py": "def test_1(): pass\ndef test_2(): pass\nclass TestC:\n    def test_3(self): pass\n"
    for name in "abcdef"
}
COLLECTED = [f"tests/test_{name}.py::{test}" for name in "abcdef" for test in ("test_1", "test_2", "TestC::test_3")]
BOOK = """
    import pytest

    def pytest_collect_file(parent, file_path):
        if file_path.suffix == ".book":
            return Book.from_parent(parent, path=file_path)

    class Book(pytest.File):
        def collect(self):
            self.said = []
            for number, line in enumerate(self.path.read_text().splitlines()):
                yield Example.from_parent(self, name=f"line:{number}", number=number)

    class Example(pytest.Item):
        def __init__(self, number, **more):
            super().__init__(**more)
            self.number = number

        def runtest(self):
            assert self.parent.said == list(range(self.number))
            self.parent.said.append(self.number)
"""
UNITS = st.lists(st.sampled_from(["", "", "a.rst", "b.rst"]), max_size=12).map(
    lambda units: sorted(units, key=lambda unit: unit or "0")
)


def test_reversed(tmp_path: Path) -> None:
    ran = run(tmp_path, MODULES, settings={"order": "reversed"})
    assert ran.order == COLLECTED[::-1] == ran.of("collected")[0]["ids"]


def test_a_shuffle_mixes_modules_and_is_repeatable(tmp_path: Path) -> None:
    first, again, other = (run(tmp_path, MODULES, settings={"order": f"shuffled:{seed}"}).order for seed in (1, 1, 2))
    assert first == again != other
    assert sorted(first) == sorted(COLLECTED)
    files = [nodeid.partition("::")[0] for nodeid in first]
    changes = sum(one != other for one, other in pairwise(files))
    assert changes > len(set(files))


def test_the_tests_of_a_list_run_in_its_order(tmp_path: Path) -> None:
    wanted = [COLLECTED[7], "tests/test_a.py::gone", COLLECTED[0], "gone.py::test", COLLECTED[17], COLLECTED[1]]
    ran = run(tmp_path, MODULES, tests=wanted, settings={"order": "reversed"})
    assert ran.order == [COLLECTED[7], COLLECTED[0], COLLECTED[17], COLLECTED[1]]
    assert "14 deselected" in ran.output


def test_no_test_of_the_list_is_there(tmp_path: Path) -> None:
    ran = run(tmp_path, MODULES, tests=["tests/test_a.py::gone"])
    assert (ran.order, ran.of("collected")[0]["ids"], ran.status) == ([], [], 5)


def test_ids_that_change(tmp_path: Path) -> None:
    text = "import pytest, random\n@pytest.mark.parametrize('n', [random.random()])\ndef test_a(n): pass\n"
    first, second = (run(tmp_path, {"test_a.py": text}, settings={"rngseed": seed}).order for seed in ("1", "2"))
    assert len(first) == len(second) == 1
    assert first != second
    assert run(tmp_path, {"test_a.py": text}, settings={"rngseed": "2"}, tests=first).order == []


@pytest.mark.parametrize("order", ["collected", "reversed", "shuffled:1", "shuffled:2", "shuffled:3"])
def test_a_document_is_read_from_its_beginning(tmp_path: Path, order: str) -> None:
    files = {"conftest.py": BOOK, "a.book": "1\n2\n3\n", "b.book": "1\n2\n", "test_a.py": "def test_a(): pass\n"}
    ran = run(tmp_path, files, settings={"order": order, "repeat": "2"})
    assert set(ran.ended.values()) == {"passed"}
    assert [nodeid for nodeid in ran.order if nodeid.startswith("a.")] == [f"a.book::line:{n}" for n in range(3)]
    if order == "reversed":
        assert ran.order[0] == "test_a.py::test_a"
    assert ran.ended["test_a.py::test_a", 2] == "passed"


def test_with_an_example_come_those_before_it(tmp_path: Path) -> None:
    files = {"conftest.py": BOOK, "a.book": "1\n2\n3\n", "test_a.py": "def test_a(): pass\n"}
    ran = run(tmp_path, files, tests=["test_a.py::test_a", "a.book::line:1"])
    assert ran.order == ["test_a.py::test_a", "a.book::line:0", "a.book::line:1"]


def test_an_order_that_the_project_gives_is_kept(tmp_path: Path) -> None:
    text = """
        import pytest
        pytestmark = [pytest.mark.filterwarnings("ignore")]
        @pytest.mark.order(1)
        def test_1(): pass
        def test_free(): pass
        @pytest.mark.order(2)
        def test_2(): pass
        def test_other(): pass
    """
    ran = run(tmp_path, {"test_a.py": text}, settings={"order": "reversed"})
    names = [nodeid.partition("::")[2] for nodeid in ran.order]
    assert names == ["test_other", "test_1", "test_free", "test_2"]


def test_hooks_of_the_project_do_not_undo_it(tmp_path: Path) -> None:
    conftest = """
        import pytest
        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_collection_modifyitems(items):
            yield
            items.sort(key=lambda item: item.nodeid)
    """
    ran = run(tmp_path, {**MODULES, "conftest.py": conftest}, settings={"order": "reversed"})
    assert ran.order == sorted(COLLECTED, reverse=True)


@given(UNITS, st.integers(0, 5), st.data())
def test_an_arrangement_keeps_all_and_splits_no_document(units: list[str], seed: int, data: st.DataObject) -> None:
    names = [f"{unit}::{index}" for index, unit in enumerate(units)]
    fixed = data.draw(st.lists(st.booleans(), min_size=len(units), max_size=len(units)))
    plain = [False] * len(units)
    for order in ("collected", "reversed", f"shuffled:{seed}"):
        found = arranged(names, order, names, units, plain)
        assert sorted(found) == sorted(names)
        for unit in {"a.rst", "b.rst"} & set(units):
            places = [index for index, name in enumerate(found) if name.startswith(unit)]
            assert places == list(range(places[0], places[0] + len(places)))
            assert [found[index] for index in places] == [name for name in names if name.startswith(unit)]
        kept = arranged(names, order, names, units, fixed)
        assert sorted(kept) == sorted(names)
        marked = [name for name in kept if fixed[names.index(name)]]
        assert marked == [name for name, mark in zip(names, fixed, strict=True) if mark]


@given(st.lists(st.text("abc", min_size=1), unique=True), st.integers(), st.data())
def test_a_subset_is_shuffled_as_among_all(names: list[str], seed: int, data: st.DataObject) -> None:
    order = f"shuffled:{seed}"
    some = [name for name in names if data.draw(st.booleans())]
    whole = arranged(names, order, names, [""] * len(names), [False] * len(names))
    assert arranged(some, order, some, [""] * len(some), [False] * len(some)) == [one for one in whole if one in some]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdefgh")))
def test_a_list_of_tests_is_followed(names: list[str], tests: list[str]) -> None:
    wanted = [test for test in dict.fromkeys(tests) if test in names]
    assert chosen(names, names, tests, [""] * len(names)) == wanted
