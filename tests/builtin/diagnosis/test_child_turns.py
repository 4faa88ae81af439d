"""The same tests again in one process: what is set up anew, and what is not. Real pytest processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from builtin.diagnosis.child_runs import run

TWICE: Mapping[str, str] = {"repeat": "2"}
SCOPES = """
    import pytest

    MADE = {}

    def made(scope):
        MADE[scope] = MADE.get(scope, 0) + 1
        return [MADE[scope]]

    @pytest.fixture(scope="session")
    def of_session(): yield made("session")

    @pytest.fixture(scope="package")
    def of_package(): yield made("package")

    @pytest.fixture(scope="module")
    def of_module(): yield made("module")

    @pytest.fixture(scope="class")
    def of_class(): yield made("class")

    @pytest.fixture
    def of_test(): yield made("test")

    TURNS = []

    class TestScopes:
        def test_scopes(self, of_session, of_package, of_module, of_class, of_test):
            TURNS.append(1)
            assert of_session == [1]
            assert of_module == of_class == of_test == [len(TURNS)]
            for one in (of_module, of_class, of_test):
                one.append("used")
"""
SET_UP = """
    import unittest

    class TestPlain:
        @classmethod
        def setup_class(cls): cls.left = ["class"]

        def setup_method(self): self.mine = []

        def test_once(self):
            assert not hasattr(self, "kept")
            self.kept = self.left.pop()
            self.mine.append(1)

    class TestUnit(unittest.TestCase):
        @classmethod
        def setUpClass(cls): cls.left = ["class"]

        def setUp(self): self.mine = []

        def test_once(self):
            self.assertFalse(hasattr(self, "kept"))
            self.kept = self.left.pop()

    def setup_module():
        global LEFT
        LEFT = ["module"]

    def test_module(): LEFT.pop()
"""


@pytest.mark.parametrize("turns", [1, 2, 5])
@pytest.mark.parametrize("more", [{}, {"test_b.py": "def test_b(): pass\n"}], ids=["alone", "with others"])
def test_every_scope_but_the_session_is_set_up_anew(tmp_path: Path, turns: int, more: Mapping[str, str]) -> None:
    ran = run(tmp_path, {"test_a.py": SCOPES, **more}, settings={"repeat": str(turns)})
    nodeid = "test_a.py::TestScopes::test_scopes"
    assert [ran.ended[nodeid, turn] for turn in range(1, turns + 1)] == ["passed"] * turns, ran.output


@pytest.mark.parametrize("tests", [[], ["test_a.py::TestPlain::test_once"], ["test_a.py::TestUnit::test_once"]])
def test_classes_and_modules_are_set_up_anew(tmp_path: Path, tests: list[str]) -> None:
    ran = run(tmp_path, {"test_a.py": SET_UP}, settings={"repeat": "3"}, tests=tests)
    assert set(ran.ended.values()) == {"passed"}, ran.output
    assert len(ran.ended) == 3 * (len(tests) or 3)


def test_the_whole_selection_follows_the_whole_selection(tmp_path: Path) -> None:
    ran = run(tmp_path, {"test_a.py": SET_UP}, settings={**TWICE, "order": "reversed"})
    ids = ran.of("collected")[0]["ids"]
    assert ran.order == ids + ids
    assert [one["turn"] for one in ran.of("begun")] == [1] * 3 + [2] * 3


def test_what_is_left_in_the_process_is_found(tmp_path: Path) -> None:
    text = """
        import pytest
        SEEN = []
        def test_registry():
            assert "x" not in SEEN
            SEEN.append("x")
        class TestState:
            seen = []
            def test_state(self):
                assert not self.seen
                self.seen.append(1)
        @pytest.fixture(scope="session")
        def once(): return iter([1])
        def test_session(once):
            next(once)
        def test_stable(): pass
    """
    ran = run(tmp_path, {"test_a.py": text}, settings=TWICE)
    assert {one for one in ran.ended if ran.ended[one] == "failed"} == {
        ("test_a.py::test_registry", 2),
        ("test_a.py::TestState::test_state", 2),
        ("test_a.py::test_session", 2),
    }


@pytest.mark.parametrize("scope", ["function", "class", "module", "package", "session"])
@pytest.mark.parametrize("tests", [[], ["test_a.py::test_1[a]"]], ids=["all", "one"])
def test_parametrized_fixtures(tmp_path: Path, scope: str, tests: list[str]) -> None:
    text = f"""
        import pytest
        LIVE = []
        @pytest.fixture(scope={scope!r}, params=["a", "b"])
        def letter(request):
            LIVE.append(request.param)
            yield request.param
            LIVE.remove(request.param)
        def test_1(letter): assert LIVE == [letter]
        def test_2(letter): assert LIVE == [letter]
        @pytest.mark.parametrize("n", [1, 2])
        def test_3(letter, n): assert LIVE == [letter]
    """
    ran = run(tmp_path, {"test_a.py": text, "test_b.py": "def test_b(): pass\n"}, settings=TWICE, tests=tests)
    assert set(ran.ended.values()) == {"passed"}, ran.output
    assert len(ran.ended) == 2 * (len(tests) or 9)


def test_documented_examples(tmp_path: Path) -> None:
    files = {
        "library.py": '''
            import os
            NAME = "name"
            def one():
                """
                >>> NAME
                'name'
                >>> x = os.sep
                """
            def two():
                """
                >>> x
                Traceback (most recent call last):
                NameError: name 'x' is not defined
                """
        ''',
        "page.txt": ">>> y = 1\n>>> y\n1\n",
    }
    ran = run(tmp_path, files, settings=TWICE, arguments=["--doctest-modules", "--doctest-glob=*.txt"])
    assert set(ran.ended.values()) == {"passed"}, ran.output
    assert len(ran.ended) == 6


def test_coroutines(tmp_path: Path) -> None:
    text = """
        import pytest
        pytestmark = pytest.mark.anyio
        @pytest.fixture
        def anyio_backend(): return "asyncio"
        @pytest.fixture
        async def made(): yield [1]
        async def test_one(made): made.pop()
        class TestC:
            async def test_two(self, made):
                made.pop()
                assert not hasattr(self, "kept")
                self.kept = 1
    """
    pytest.importorskip("anyio")
    ran = run(tmp_path, {"test_a.py": text}, settings={"repeat": "3"}, arguments=["-p", "anyio"])
    assert set(ran.ended.values()) == {"passed"}, ran.output
    assert len(ran.ended) == 6


def test_failures_and_parts_do_not_reach_the_next_turn(tmp_path: Path) -> None:
    text = """
        import pytest, unittest
        TURNS = []
        def fails_first():
            TURNS.append(1)
            return len(TURNS) == 1
        class TestU(unittest.TestCase):
            def test_parts(self):
                with self.subTest():
                    assert not fails_first()
        @pytest.fixture
        def broken():
            if len(TURNS) == 1: raise ValueError
        def test_set_up(broken): pass
    """
    ran = run(tmp_path, {"test_a.py": text}, settings=TWICE)
    assert list(ran.ended.values()) == ["failed", "error", "passed", "passed"]


def test_a_fixture_that_cannot_be_torn_down_is_told(tmp_path: Path) -> None:
    text = """
        import pytest
        @pytest.fixture(scope="module")
        def held():
            yield
            raise ValueError("teardown")
        def test_a(held): pass
    """
    ran = run(tmp_path, {"test_a.py": text}, settings=TWICE)
    assert list(ran.ended.values()) == ["error", "error"]
    assert [one["phase"] for one in ran.of("ended")] == ["teardown"] * 2
