"""Hypothesis: each run tries the same examples, keeps none, and gives way to a seed that the user names."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as varied
from hypothesis import settings
from hypothesis import strategies as st

from pytest_vltair.fixed.hypothesis import USED, Hypothesis
from support.factors import make

ARGS = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:pytest_cov", "-p", "no:randomly", "-q")
TRIES = """
    import pathlib
    import unittest
    from hypothesis import given, settings, strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, rule

    OUT = pathlib.Path("drawn")

    def note(*values):
        with OUT.open("a") as file:
            print(*values, file=file)

    @settings(max_examples=7)
    @given(st.integers())
    def test_plain(number): note("plain", number)

    class TestIn:
        @settings(max_examples=7)
        @given(st.text(max_size=3))
        def test_method(self, text): note("method", ascii(text))

    class Machine(RuleBasedStateMachine):
        @rule(number=st.integers())
        def step(self, number): note("machine", number)

    TestMachine = Machine.TestCase
    TestMachine.settings = settings(max_examples=5, stateful_step_count=5)

    def test_of_no_examples(): pass
    """


@varied(st.text())
def test_any_text_is_the_value_or_one_sentence(text: str) -> None:
    if text == "derandomize":
        assert make(Hypothesis, text).shown() == text
    else:
        with pytest.raises(pytest.UsageError, match="is none of derandomize"):
            make(Hypothesis, text)


def drawn(pytester: pytest.Pytester, *args: str) -> list[str]:
    out = pytester.path / "drawn"
    out.unlink(missing_ok=True)
    result = pytester.runpytest_subprocess(*ARGS, *args)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    return out.read_text("utf-8").splitlines()


def test_each_run_tries_the_same_and_keeps_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TRIES)
    fixed = ("-o", "vltair_hypothesis=derandomize")
    first = drawn(pytester, *fixed)
    assert {line.split()[0] for line in first} == {"plain", "method", "machine"}
    assert sum(line.startswith("plain") for line in first) == 7
    assert drawn(pytester, *fixed) == first
    assert drawn(pytester) != first
    named = (*fixed, "--hypothesis-seed=5")
    assert drawn(pytester, *named) == drawn(pytester, *named) != first


def test_no_database_is_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "from hypothesis import given, strategies as st\n@given(st.integers())\ndef test_a(n): assert n < 9\n"
    )
    result = pytester.runpytest_subprocess(*ARGS, "-o", "vltair_hypothesis=derandomize")
    result.assert_outcomes(failed=1)
    assert not list(pytester.path.glob(".hypothesis/examples"))


def test_a_project_without_it_never_imports_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_a(): assert not [name for name in sys.modules if 'hypothesis.' in name[:11]]\n"
    )
    args = (*ARGS, "-p", "no:hypothesispytest", "-o", "vltair_hypothesis=derandomize")
    pytester.runpytest_subprocess(*args).assert_outcomes(passed=1)


class TestInThisProcess:
    @pytest.fixture
    def factor(self) -> Iterator[Hypothesis]:
        before = settings.default
        made = make(Hypothesis, "derandomize")
        yield made
        made.restore()
        assert settings.default is before

    def test_a_test_is_changed_once_and_put_back(self, factor: Hypothesis) -> None:
        @varied(st.integers())
        def drawn(number: int) -> None:
            del number

        before = vars(drawn).get(USED)
        if before is None:
            pytest.skip("this hypothesis keeps the settings of a test elsewhere")
        item: Any = SimpleNamespace(obj=drawn)
        factor.pytest_collection_modifyitems([item, item, SimpleNamespace(obj=print)])  # type: ignore[list-item]
        assert vars(drawn)[USED].derandomize
        assert vars(drawn)[USED].database is None
        factor.restore()
        assert vars(drawn)[USED] is before
        factor._changed.clear()

    def test_another_profile_is_seen(self, factor: Hypothesis) -> None:
        assert factor.shown() == "derandomize"
        factor.pytest_collection_modifyitems([])
        factor.pytest_collection_modifyitems([])
        assert settings.default is not None
        assert settings.default.derandomize
        assert factor.shown() == "derandomize"
        settings.load_profile("default")
        held = settings.default.database is None and settings.default.derandomize
        assert factor.shown() == ("derandomize" if held else "another profile was loaded")
