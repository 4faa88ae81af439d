"""Leaving: runs tests that leave things behind under the guard, and returns whom it accuses."""

from __future__ import annotations

import re
import textwrap

import pytest

from support.recordings import PLAIN

LINE = re.compile(r"(?:test_leaving\.py::)?(\S.*?) left behind: (\S+): (.*) \((put back|could not be put back)\)")


def accused(pytester: pytest.Pytester, kinds: str, source: str, *options: str) -> dict[str, list[str]]:
    """What was left behind, by test, after a run in which every test passed; `!` ends what could not be put back."""
    pytester.makepyfile(test_leaving=textwrap.dedent(source))
    result = pytester.runpytest_subprocess(
        *PLAIN, "-p", "no:cacheprovider", "--vltair-leaks=report", "-o", f"vltair_leaks_kinds={kinds}", *options
    )
    assert set(result.parseoutcomes()) == {"passed"}, result.outlines
    assert not [line for line in result.outlines if "no longer looked for" in line]
    found: dict[str, list[str]] = {}
    for line in result.outlines:
        match = LINE.fullmatch(line)
        if match:
            found.setdefault(match[1], []).append(match[3] + ("" if match[4] == "put back" else "!"))
    return found
