"""Diagnoses, made up: what a search may come to, for what is told of it."""

from __future__ import annotations

from typing import Any

from gates.builtin.diagnosis.causes import Cause, Diagnosed, Diagnosis, NotApplied
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.telling.document import document
from gates.builtin.diagnosis.trial import Place
from gates.model.diagnosis import DiagnosisReport

TRIED = ("order", "repeat", "timezone", "clock", "hashseed")


def cause(*factors: str, **more: Any) -> Cause:
    """A cause with three flips of three, and the kind of its first factor."""
    kind = FACTORS[factors[0]].kind if factors else "unattributed"
    return Cause(**{"factors": factors, "kind": kind, "flips": 3, "runs": 3, "back": 3, **more})


ZONE = cause(
    "timezone",
    settings={"timezone": "Asia/Kolkata"},
    sites=(Place("src/till.py", 12),),
    message="AssertionError: assert 19 == 18\n  more",
)
VICTIM = cause("order", before=("tests/test_a.py::test_p",), culprits=("tests/test_a.py::test_p",), shared="shop.TILL")
PAIR = cause("clock", "timezone", settings={"clock": "2027-12-31T23:45:00Z", "timezone": "Asia/Tokyo"})
BOTH_WAYS = cause(flips=1)


def stable(nodeid: str) -> Diagnosed:
    """A test that did not move."""
    return Diagnosed(nodeid=nodeid, stable=True, reason="")


def unstable(nodeid: str, *causes: Cause, group: str | None = None) -> Diagnosed:
    """A test with causes."""
    return Diagnosed(nodeid=nodeid, stable=False, reason="", causes=causes, group=group)


def undecided(nodeid: str, reason: str) -> Diagnosed:
    """A test of which nothing is known."""
    return Diagnosed(nodeid=nodeid, stable=None, reason=reason)


def diagnosis(*tests: Diagnosed, **more: Any) -> Diagnosis:
    """A diagnosis of these tests."""
    missed = (NotApplied(name="user", reason="this process may not change its user"),)
    given = {"factors_tried": TRIED, "factors_not_applied": missed, "runs": 12, "trials": 48, **more}
    return Diagnosis(verdict="passed", tests=tests, **given)


def mixed(shard: str | None = None) -> DiagnosisReport:
    """The document of a suite with a bit of everything."""
    return document(
        diagnosis(
            undecided("tests/test_e.py::test_slow", "no time was left"),
            *(unstable(f"tests/test_b.py::test_{name}", ZONE, group="g1") for name in "cab"),
            unstable("tests/test_a.py::test_victim", VICTIM),
            unstable("tests/test_c.py::test_pair[\x1b[31m]", PAIR),
            unstable("tests/test_d.py::test_odd", BOTH_WAYS),
            stable("tests/test_a.py::test_p"),
            stable("tests/test_f.py::test_fine"),
            undecided("tests/test_e.py::test_late", "no time was left"),
        ),
        shard,
    )
