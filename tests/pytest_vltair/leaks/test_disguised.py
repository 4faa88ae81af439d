"""Every kind of leak in ten disguises: who leaks is named, nobody else is, and the next test sees nothing of it."""

from __future__ import annotations

import re
import sys

import pytest

from support.disguised import NOT_OF_THE_PROCESS, cases, make
from support.recordings import PLAIN

LEAK = re.compile(r"(\S.*?),? left behind: ([\w-]+): .*\((put back|could not be put back)\)")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the suite asks /proc")
def test_each_kind_is_found_in_each_disguise(pytester: pytest.Pytester) -> None:
    make(pytester)
    result = pytester.runpytest_subprocess(
        *PLAIN, "-p", "no:cacheprovider", "--doctest-modules", "--vltair=guard", "--vltair-locale=C.UTF-8"
    )
    assert set(result.parseoutcomes()) <= {"passed", "skipped", "subtests passed", "subtests"}, result.outlines
    named = set()
    for line in result.outlines:
        match = LEAK.fullmatch(line)
        if match:
            accused = {(kind, form) for kind, form in cases() if f"_{kind.replace('-', '_')}_{form}" in match[1]}
            assert {kind for kind, _ in accused} == {match[2]}, line
            assert match[3] == "put back" or match[2] == "threads", line
            named |= accused
    assert named == set(cases())
    assert len(named) == 18 * 10 - len(NOT_OF_THE_PROCESS)
