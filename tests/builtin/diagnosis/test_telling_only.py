"""Factors that somebody names are the only ones that are varied, and the only ones of which anything is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.telling.only import NOT_ASKED, these, told
from gates.builtin.diagnosis.trial import Ran, Trial, trial
from support import diagnoses as made


class Place:
    """A laboratory that keeps what it is given and has two values of each factor but one."""

    def __init__(self) -> None:
        self.given: list[Trial] = []
        self.unavailable: Mapping[str, str] = {"user": "this process may not change its user"}

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        self.given += trials
        return []

    def values(self, factor: str) -> tuple[str, ...]:
        return () if factor in self.unavailable else (f"{factor} 1", f"{factor} 2")


def test_only_named_factors_have_values_and_all_trials_run() -> None:
    place = Place()
    some = these(place, ("timezone", "user"))
    assert {name: some.values(name) for name in FACTORS if some.values(name)} == {
        "timezone": ("timezone 1", "timezone 2")
    }
    assert some.unavailable == {**dict.fromkeys(FACTORS.keys() - {"timezone", "user"}, NOT_ASKED), **place.unavailable}
    assert some.run([trial((), {"timezone": "UTC"})]) == []
    assert place.given == [trial((), {"timezone": "UTC"})]


def test_where_none_is_named_the_laboratory_is_as_it_was() -> None:
    place, found = Place(), made.diagnosis(made.stable("test_a.py::test_a"))
    assert these(place, ()) is place
    assert told(found, ()) is found


def test_what_nobody_asked_for_is_not_told_as_missing() -> None:
    found = made.diagnosis(made.stable("test_a.py::test_a"))
    assert told(found, ("timezone",)).factors_not_applied == ()
    assert told(found, ("user",)) == found
