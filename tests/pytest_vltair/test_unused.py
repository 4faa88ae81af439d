"""A run that has no test of hypothesis does not import it; what its plugin has to say is said all the same."""

from __future__ import annotations

import pytest

LAST = """
    import atexit, sys
    atexit.register(lambda: print("imported:", "hypothesis" in sys.modules))
"""
PLAIN = "def test_a(): pass"
FAILING = """
    from hypothesis import given, strategies

    @given(strategies.integers())
    def test_a(n): assert n < 5
"""


@pytest.mark.parametrize(
    ("text", "arguments", "lines"),
    [
        (PLAIN, (), ["*1 passed*", "imported: False"]),
        (PLAIN, ("--hypothesis-show-statistics",), ["*Hypothesis Statistics*", "*1 passed*"]),
        (
            FAILING,
            ("--hypothesis-show-statistics",),
            ["*Hypothesis Statistics*", "*Stopped because*", "imported: True"],
        ),
        (FAILING, ("-n", "1", "--hypothesis-show-statistics"), ["*Hypothesis Statistics*", "*Stopped because*"]),
    ],
    ids=["plain", "statistics", "failing", "workers"],
)
def test_what_is_said_at_the_end(
    pytester: pytest.Pytester, text: str, arguments: tuple[str, ...], lines: list[str]
) -> None:
    pytester.makeconftest(LAST)
    pytester.makepyfile(text)
    done = pytester.runpytest_subprocess(*arguments)
    done.stdout.fnmatch_lines(lines)
