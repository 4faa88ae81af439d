"""Hypothesis: each run tries the same examples, keeps none, and gives way to a seed that the user names."""

from __future__ import annotations

import pytest
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed.hypothesis import Hypothesis
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
