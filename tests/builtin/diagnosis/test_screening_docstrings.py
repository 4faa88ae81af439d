"""Examples in docstrings, which Python leaves out with -OO: that they are gone is a skip."""

from __future__ import annotations

import pytest

from gates.builtin.diagnosis.causes import Suite
from gates.builtin.diagnosis.screening.base import Base
from gates.builtin.diagnosis.screening.moved import Seen, movements
from gates.builtin.diagnosis.screening.probes import Probe
from gates.builtin.diagnosis.trial import Ended, Ran, Result

OTHER = Result(nodeid="test_a.py::test_there", ended="passed")


def seen(nodeid: str, settings: dict[str, str], ended: Ended = "missing") -> Seen:
    passed = Result(nodeid=nodeid, ended="passed")
    suite = Suite(tests=(nodeid,), base={nodeid: passed})
    probe = Probe(name="combination 3", settings=settings)
    results = (OTHER,) if ended == "missing" else (OTHER, Result(nodeid=nodeid, ended=ended))
    ran = Ran(trial=probe.trial, results=results)
    return movements(Base(suite=suite, seen={nodeid: (passed,)}), [(probe, ran)])[nodeid]


@pytest.mark.parametrize(
    "nodeid", ["src/humanize/lists.py::humanize.lists.natural", "src/humanize/__init__.py::humanize", "words.py::words"]
)
def test_an_example_without_its_docstring_is_a_skip(nodeid: str) -> None:
    found = seen(nodeid, {"optimize": "2", "timezone": "Asia/Tokyo"})
    assert not found.moves
    assert [move.result.ended for move in found.skips] == ["missing"]


@pytest.mark.parametrize(
    ("nodeid", "settings"),
    [
        ("src/humanize/lists.py::humanize.lists.natural", {"optimize": "1"}),
        ("src/humanize/lists.py::humanize.lists.natural", {"timezone": "Asia/Tokyo"}),
        ("tests/test_lists.py::test_natural", {"optimize": "2"}),
        ("tests/test_lists.py::test_natural[test_lists.a]", {"optimize": "2"}),
        ("docs/words.rst::words.rst", {"optimize": "2"}),
    ],
)
def test_what_else_is_missing_has_moved(nodeid: str, settings: dict[str, str]) -> None:
    assert len(seen(nodeid, settings).moves) == 1


def test_an_example_that_fails_has_moved() -> None:
    assert len(seen("words.py::words", {"optimize": "2"}, "failed").moves) == 1
