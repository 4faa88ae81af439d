"""The search for lines, by a laboratory whose test fails where some of its lines are perturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.diagnosis import sites
from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.sites.evidence import Seen, likely, nearest
from gates.builtin.diagnosis.trial import Place, Ran, Read, Result, Trial

TEST = "test_a.py::test_it"
ASSERTED = Place("test_a.py", 9)


def line(number: int, path: str = "lib.py") -> Place:
    return Place(path, number)


class Lines:
    """Fails, as whoever asks, where the guilty lines are perturbed together, or all are."""

    values: Mapping[str, tuple[str, ...]] = {}
    unavailable: Mapping[str, str] = {}

    def __init__(self, read: Sequence[Place], guilty: Sequence[set[Place]], other: str = "") -> None:
        self.read, self.guilty, self.other = read, guilty, other
        self.trials: list[Trial] = []

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        self.trials += trials
        return [self.ran(one) for one in trials]

    def ran(self, trial: Trial) -> Ran:
        does = bool(trial.settings) and (not trial.at or any(one <= set(trial.at) for one in self.guilty))
        mark = self.other if trial.at and self.other else "same"
        result = Result(
            nodeid=TEST, ended="failed" if does else "passed", fingerprint=mark, place=ASSERTED if does else None
        )
        reads = tuple(Read(factor=name, place=one, what="", nodeid=TEST) for name in trial.watch for one in self.read)
        return Ran(trial=trial, results=(result,), reads=() if trial.at else reads)


def cause(*factors: str) -> Cause:
    settings = {"clock": "2042-11-05T09:17:03Z", "timezone": "Asia/Tokyo"}
    return Cause(factors=factors, kind="time", settings={name: settings[name] for name in factors}, flips=3, runs=3)


@given(st.integers(1, 40), st.data())
def test_the_line_that_alone_does_it_is_found_in_few_runs(many: int, data: st.DataObject) -> None:
    guilty = line(data.draw(st.integers(1, many)))
    lab = Lines([line(number) for number in range(1, many + 1)], [{guilty}])
    assert sites.find(lab, TEST, cause("clock"), {}) == (guilty,)  # type: ignore[arg-type]
    assert len(lab.trials) <= 2 + max(7, 2 * (many + 1).bit_length())


def test_another_failure_is_no_proof() -> None:
    lab = Lines([line(1), line(2)], [{line(1)}], other="another")
    assert sites.find(lab, TEST, cause("clock"), {}) == ()  # type: ignore[arg-type]


def test_two_lines_of_a_pair() -> None:
    lab = Lines([line(1), line(2), line(3)], [{line(1), line(3)}])
    assert sites.find(lab, TEST, cause("clock", "timezone"), {}) == (line(1), line(3))  # type: ignore[arg-type]


def test_a_brittle_test_fails_alone_and_its_line_is_that_of_the_failure() -> None:
    class Alone(Lines):
        def ran(self, trial: Trial) -> Ran:
            alone = trial.tests == (TEST,)
            result = Result(
                nodeid=TEST,
                ended="failed" if alone else "passed",
                fingerprint="same",
                place=ASSERTED if alone else None,
            )
            return Ran(trial=trial, results=(result,))

    setter = "test_a.py::test_made"
    brittle = Cause(factors=("order",), kind="brittle", before=(setter,), culprits=(setter,), flips=4, runs=4, back=4)
    lab = Alone([], [])
    assert sites.find(lab, TEST, brittle, {}) == (ASSERTED,)  # type: ignore[arg-type]
    assert [one.tests for one in lab.trials] == [(TEST,), (setter, TEST)]


def seen(factor: str, *reads: Place, place: Place | None = ASSERTED, imported: tuple[Place, ...] = ()) -> Seen:
    return Seen(factor=factor, place=place, reads=reads, both=reads, imported=imported)


HELPER = line(4, "test_a.py")


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (seen("clock"), ()),
        (seen("clock", line(1)), (line(1),)),
        (seen("clock", line(1), line(2)), ()),
        (seen("clock", line(1), ASSERTED), (ASSERTED,)),
        (seen("rngseed", imported=(line(1),)), (line(1),)),
        (seen("directory", imported=(line(1),)), (ASSERTED,)),
        (seen("user", line(1), line(2)), (ASSERTED,)),
        (seen("load", HELPER, line(2)), (HELPER,)),
        (seen("parallel", imported=(HELPER,)), (HELPER,)),
        (seen("order"), (ASSERTED,)),
        (seen("order", line(1)), (line(1),)),
        (seen("order", HELPER), (HELPER,)),
        (seen("order", HELPER, ASSERTED), (ASSERTED,)),
        (seen("repeat", place=None), ()),
    ],
)
def test_what_is_likely(evidence: Seen, found: tuple[Place, ...]) -> None:
    assert likely(evidence) == found


def test_of_several_lines_the_one_of_the_code_under_test_is_meant() -> None:
    evidence = seen("clock", line(3), HELPER, ASSERTED)
    assert nearest((line(3), HELPER, ASSERTED), evidence) == (line(3),)
    assert nearest((HELPER, ASSERTED), evidence) == (ASSERTED,)
    assert nearest((line(1, "conftest.py"), HELPER), seen("clock", line(1, "conftest.py"), HELPER)) == (HELPER,)
