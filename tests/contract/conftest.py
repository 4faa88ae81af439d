"""Which clauses of the contract every run asks of the gates that build, install or time something."""

from __future__ import annotations

import pytest

DEAR = ("test_bench", "test_packaging", "test_repro")
"""A run of these gates takes seconds; of their canaries each has a fault planted by `gates prove` on the full example,
which is a part of every `.ci/run`, as those of all others have."""

KEPT = ("BEN001 fires", "PKG001 fires", "REP001 fires")
DEAREST = "test_determinism[DET006 fires]"
"""It has the suite run thirty times."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the full run what is proved twice."""
    for item in items:
        name, _, clause = item.name.removesuffix("]").partition("[")
        again = name in DEAR and clause.endswith(" fires") and clause not in KEPT
        if item.path.parent.name == "contract" and (again or item.name == DEAREST):
            item.add_marker("slow")
