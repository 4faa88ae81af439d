"""Order: four of them, the same for what is left when tests are left out, and who changed it."""

from __future__ import annotations

import re
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed import order
from pytest_vltair.fixed.order import ORDERS, Order, arranged
from support.factors import make
from support.recordings import PLAIN, WITH_XDIST

NO_CACHE = ("-p", "no:cacheprovider")
FILES = {
    "test_a": (
        "def test_1(): pass\ndef test_2(): pass\n"
        "class TestIn:\n    def test_3(self): pass\n    def test_4(self): pass\n"
    ),
    "test_b": "def test_5(): pass\ndef test_6(): pass\ndef test_7(): pass\n",
    "test_c": "def test_8(): pass\ndef test_9(): pass\n",
}
COLLECTED = list("123456789")


def names(*places: tuple[int, int]) -> list[Any]:
    return [SimpleNamespace(path=[f"file{file}", f"file{file}::{test}"]) for file, test in places]


@varied(
    st.sampled_from(ORDERS),
    st.integers(0, 9),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), unique=True),
    st.data(),
)
def test_what_is_left_keeps_its_order(
    which: str, seed: int, places: list[tuple[int, int]], data: st.DataObject
) -> None:
    items = names(*places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "units", lambda items: [[item] for item in items])
        patch.setattr(order, "_path", lambda item: item.path)
        whole = arranged(which, seed, items)
        assert sorted(map(id, whole)) == sorted(map(id, items))
        left = [item for item in items if data.draw(st.booleans())]
        assert arranged(which, seed, left) == [item for item in whole if item in left]
        if which in {"random", "interleaved"}:
            assert arranged(which, seed, items[::-1]) == whole


@varied(st.text())
def test_any_text_is_an_order_or_one_sentence(text: str) -> None:
    if text in ORDERS:
        assert make(Order, text).demanded == text
    else:
        with pytest.raises(pytest.UsageError, match="is none of fixed, reversed, random, interleaved") as caught:
            make(Order, text)
        assert len(caught.value.args[0].splitlines()) == len(f"{text!r}".splitlines())


# Runs


@pytest.fixture(autouse=True)
def _keep_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def ran(result: pytest.RunResult) -> list[str]:
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    return re.findall(r"(?m)::test_(\d)\b.*PASSED", result.stdout.str())


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(**FILES)
    return pytester


def of(pytester: pytest.Pytester, which: str, *args: str) -> list[str]:
    return ran(pytester.runpytest_inprocess(*PLAIN, *NO_CACHE, "-v", f"--vltair-order={which}", *args))


def test_fixed_and_reversed(suite: pytest.Pytester) -> None:
    assert of(suite, "fixed") == COLLECTED
    assert of(suite, "reversed") == COLLECTED[::-1]


def test_random_keeps_files_and_classes_together(suite: pytest.Pytester) -> None:
    orders = [of(suite, "random", f"--vltair-seed={seed}") for seed in range(6)]
    assert len({tuple(one) for one in orders}) == 6
    for one in orders:
        assert sorted(one) == COLLECTED
        text = "".join(one)
        assert all(any("".join(group) in text for group in mixes(part)) for part in ("1234", "567", "89", "34"))
    assert of(suite, "random", "--vltair-seed=0") == orders[0]


def mixes(part: str) -> list[str]:
    return ["".join(one) for one in permutations(part)]


def test_interleaved_mixes_files(suite: pytest.Pytester) -> None:
    orders = ["".join(of(suite, "interleaved", f"--vltair-seed={seed}")) for seed in range(4)]
    assert len(set(orders)) == 4
    assert not all(any(mix in one for mix in mixes("567")) for one in orders)
    left = "".join(of(suite, "interleaved", "--vltair-seed=0", "-k", "not test_2 and not test_6"))
    assert left == orders[0].replace("2", "").replace("6", "")


def test_a_document_keeps_its_order(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        class Document(pytest.File):
            def collect(self):
                for number in range(1, 6):
                    yield Example.from_parent(self, name=f"test_{number}")

        class Example(pytest.Item):
            def runtest(self): pass

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".doc":
                return Document.from_parent(parent, path=file_path)
        """
    )
    pytester.makefile(".doc", page="")
    pytester.makepyfile(test_a="def test_6(): pass\ndef test_7(): pass\n")
    assert of(pytester, "reversed") == list("7612345")
    for which in ("random", "interleaved"):
        assert all("12345" in "".join(of(pytester, which, f"--vltair-seed={seed}")) for seed in range(4))


REORDERS = """
    def pytest_collection_modifyitems(items):
        items.reverse()
    """


def test_a_plugin_that_reorders_is_named(suite: pytest.Pytester) -> None:
    suite.makepyfile(backwards=REORDERS)
    result = suite.runpytest_subprocess(*PLAIN, *NO_CACHE, "-v", "-p", "backwards", "--vltair-order=fixed")
    result.stdout.fnmatch_lines(
        ["vltair: order fixed does not hold: plugin backwards reorders the tests (-p no:backwards)"]
    )
    assert ran(result) == COLLECTED[::-1]
    for which in ("random", "interleaved"):
        args = (*PLAIN, *NO_CACHE, "-v", f"--vltair-order={which}")
        beside = suite.runpytest_subprocess(*args, "-p", "backwards")
        beside.stdout.no_fnmatch_line("*does not hold*")
        assert ran(beside) == of(suite, which)


def test_a_worker_tells_who_reorders(suite: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    suite.makepyfile(backwards=REORDERS)
    args = (*WITH_XDIST, *NO_CACHE, "-p", "backwards", "-n1", "--vltair-order=fixed")
    suite.runpytest_subprocess(*args).stdout.fnmatch_lines(["*plugin backwards reorders the tests*"])


def test_a_plugin_that_only_leaves_out_is_not_accused(suite: pytest.Pytester) -> None:
    suite.makeconftest("def pytest_collection_modifyitems(items):\n    del items[1::2]\n")
    result = suite.runpytest_subprocess(*PLAIN, *NO_CACHE, "-v", "--vltair-order=fixed")
    result.stdout.no_fnmatch_line("*does not hold*")
    assert ran(result) == COLLECTED[::2]


def test_what_pytest_groups_itself_is_not_accused(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session", params=["x", "y"])
        def of_session(request): return request.param

        def pytest_collection_modifyitems(items): pass
        """
    )
    pytester.makepyfile("def test_1(of_session): pass\ndef test_2(): pass\ndef test_3(of_session): pass\n")
    result = pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, "-v", "--vltair-order=fixed")
    result.stdout.no_fnmatch_line("*does not hold*")
    assert len(re.findall("PASSED", result.stdout.str())) == 5


def test_what_failed_comes_first_when_asked(suite: pytest.Pytester) -> None:
    suite.makepyfile(test_c="import os\ndef test_8(): assert 'WELL' in os.environ\ndef test_9(): pass\n")
    suite.runpytest_subprocess(*PLAIN).assert_outcomes(passed=8, failed=1)
    result = suite.runpytest_subprocess(*PLAIN, "-v", "--ff", "--vltair-order=reversed")
    assert re.findall(r"(?m)::test_(\d)\b.*(?:PASSED|FAILED) ", result.stdout.str())[0] == "8"


def configured(*others: object, manager: object = None) -> Any:
    impls = SimpleNamespace(get_hookimpls=lambda: others)
    return SimpleNamespace(
        hook=SimpleNamespace(pytest_collection_modifyitems=impls),
        rootpath="/shop",
        option=SimpleNamespace(),
        pluginmanager=SimpleNamespace(getplugin=lambda _: manager),
    )


def test_where_no_plugin_sees_the_tests_nobody_is_accused() -> None:
    first: Any = object()
    second: Any = object()
    made = make(Order, "fixed")
    made._note([first, second])
    assert made._changer(configured(), [second, first]) == ""
    other = SimpleNamespace(function=print, plugin_name="/shop/conftest.py")
    assert made._changer(configured(other), [second, first]) == "conftest.py"
    assert made._changer(configured(other), [second]) == ""
