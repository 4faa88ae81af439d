"""What is said where runs gave nothing: never that all is well, and in one sentence for each reason."""

from __future__ import annotations

import msgspec
import pytest

from gates.builtin.diagnosis.causes import Diagnosed, Diagnosis
from gates.builtin.diagnosis.screening.probes import Probe
from gates.builtin.diagnosis.telling import silent
from gates.builtin.diagnosis.telling.document import document
from gates.builtin.diagnosis.trial import Ran, trial
from gates.render.diagnosis import terminal

STEADY = Diagnosed(nodeid="t.py::a", stable=True, reason="")
UNSTABLE = Diagnosed(nodeid="t.py::b", stable=False, reason="")
OPEN = Diagnosed(nodeid="t.py::c", stable=None, reason="why")


@pytest.mark.parametrize(
    ("tests", "of_search", "expected"),
    [
        ((STEADY,), "undecided", "undecided"),
        ((STEADY,), "passed", "passed"),
        ((STEADY, UNSTABLE), "undecided", "failed"),
        ((STEADY, OPEN), "passed", "undecided"),
        ((), "undecided", "undecided"),
    ],
)
def test_a_search_that_left_something_open_is_not_passed(
    tests: tuple[Diagnosed, ...], of_search: str, expected: str
) -> None:
    given = {"verdict": of_search, "tests": tests, "factors_tried": (), "factors_not_applied": (), "reason": "why"}
    report = document(msgspec.convert(given, Diagnosis))
    assert report.verdict == expected
    assert terminal.render(report).startswith(f"diagnose {expected}: ")


def test_runs_that_gave_nothing_for_one_reason_are_one_sentence() -> None:
    def gone(name: str, reason: str, **settings: str) -> tuple[Probe, Ran]:
        probe = Probe(name=name, settings=settings)
        return probe, Ran(trial=trial((), settings), status="broken", reason=reason)

    zones = ("Asia/Tokyo", "Asia/Kolkata", "Europe/Berlin", "Pacific/Apia")
    useless = [gone(f"combination {number}", "it ended.", timezone=zone) for number, zone in enumerate(zones)]
    many = gone("combination 9", "no", hashseed="1", timezone="Asia/Tokyo", umask="077")
    assert silent.told([*useless, many, gone("reversed", "no", order="reversed")]) == (
        "4 runs of the suite gave nothing (with timezone=Asia/Tokyo, with timezone=Asia/Kolkata, "
        "with timezone=Europe/Berlin and 1 more): it ended; "
        "2 runs of the suite gave nothing (with 3 factors changed and with order=reversed): no"
    )
    assert silent.told([]) == ""
