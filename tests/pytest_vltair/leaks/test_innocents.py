"""More than two hundred innocent tests: nobody is accused, in any order and with workers."""

from __future__ import annotations

import pytest

from support.innocents import make
from support.recordings import PLAIN, WITH_XDIST


@pytest.mark.parametrize("kinds", ["cheap", "all"])
@pytest.mark.parametrize("how", ["forward", "reversed", "workers", "without warnings"])
def test_nobody_is_accused(pytester: pytest.Pytester, how: str, kinds: str) -> None:
    if how == "workers":
        pytest.importorskip("xdist")
    count = make(pytester)
    assert count >= 200
    options = {"forward": (), "reversed": (), "workers": ("-n2",), "without warnings": ("-p", "no:warnings")}[how]
    if how == "reversed":
        with pytester.path.joinpath("conftest.py").open("a") as conftest:
            conftest.write("\ndef pytest_collection_modifyitems(items): items.reverse()\n")
    plain = WITH_XDIST if how == "workers" else PLAIN
    result = pytester.runpytest_subprocess(
        *plain, "-p", "no:cacheprovider", "--vltair-leaks=report", "-o", f"vltair_leaks_kinds={kinds}", *options
    )
    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) == outcomes.get("errors", 0) == 0, result.outlines
    assert outcomes["passed"] >= 200
    assert [line for line in result.outlines if line.startswith("vltair: leaks: report: ")]
    assert not [line for line in result.outlines if "left behind" in line or "no longer looked for" in line]
