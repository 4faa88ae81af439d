"""What is said where runs gave nothing: never that all is well, and in one sentence for each reason."""

from __future__ import annotations

import msgspec
import pytest

from diagnose.fake_laboratory import FakeLaboratory
from gates.builtin.diagnosis.causes import Diagnosed, Diagnosis
from gates.builtin.diagnosis.screening.probes import Probe
from gates.builtin.diagnosis.search import Wish, diagnose
from gates.builtin.diagnosis.telling import silent
from gates.builtin.diagnosis.telling.document import document
from gates.builtin.diagnosis.trial import Ran, Trial, trial
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


def test_an_id_that_is_another_in_each_run_is_told_so_and_has_no_factor() -> None:
    class Changing(FakeLaboratory):
        """One of its tests has another id in every run but the first."""

        def ran(self, trial: Trial) -> Ran:
            self.count = getattr(self, "count", 0) + 1
            ran = super().ran(trial)
            if self.count == 1:
                return ran
            kept = tuple(one for one in ran.results if one.nodeid != "t.py::a[1]")
            return msgspec.structs.replace(ran, results=kept)

    lab = Changing(("t.py::a[1]", "t.py::b"), lambda at: "passed")
    found = diagnose(lab, Wish(sites=False), lambda line: None)
    one = next(one for one in found.tests if one.nodeid == "t.py::a[1]")
    assert (one.factors, one.kind) == ((), "unattributed")
    assert one.reason.startswith("Its id was not there in ")
    assert next(one for one in found.tests if one.nodeid == "t.py::b").stable
