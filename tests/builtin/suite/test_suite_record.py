"""A recorded run is read whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.suite import record
from gates.builtin.suite.record import RecordedRun
from gates.model.reason import Reason
from support import suites

AGAIN, MATCH = "record again", "install the same"
A, B = "tests/test_a.py::test_a", "tests/test_a.py::test_b"
WHOLE = suites.lines([A, B], *suites.phases(A), *suites.phases(B, "failed"), suites.warned(), status=1)


def read(tmp_path: Path, data: bytes) -> RecordedRun | Reason:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    return record.read(path, "run.jsonl", again=AGAIN, match=MATCH, python="python")


def reason(tmp_path: Path, recorded: list[dict[str, Any]]) -> Reason:
    found = read(tmp_path, suites.encoded(recorded))
    assert isinstance(found, Reason)
    return found


def test_a_whole_recording_is_read(tmp_path: Path) -> None:
    run = read(tmp_path, suites.encoded(WHOLE))
    assert isinstance(run, RecordedRun)
    assert run.end.exitstatus == 1
    assert run.collected.selected == [A, B]
    assert len(run.phases) == 6
    assert len(run.warnings) == 1


def test_a_recording_of_pytest_that_collected_nothing_needs_no_collection(tmp_path: Path) -> None:
    run = read(tmp_path, suites.encoded([line for line in suites.lines([], status=4) if line["event"] != "collected"]))
    assert isinstance(run, RecordedRun)
    assert run.collected.selected == []


def test_fields_of_a_newer_minor_are_ignored(tmp_path: Path) -> None:
    run = read(tmp_path, suites.encoded([{**line, "later": 1} for line in WHOLE]))
    assert isinstance(run, RecordedRun)


def test_no_file_is_evidence_missing(tmp_path: Path) -> None:
    found = record.read(tmp_path / "none", "none", again=AGAIN, match=MATCH, python="python")
    assert isinstance(found, Reason)
    assert found.code == "evidence_missing"


def test_a_directory_is_unreadable(tmp_path: Path) -> None:
    found = record.read(tmp_path, "folder", again=AGAIN, match=MATCH, python="python")
    assert isinstance(found, Reason)
    assert found.code in {"unreadable", "evidence_missing"}


def test_an_empty_file_is_evidence_missing(tmp_path: Path) -> None:
    found = read(tmp_path, b"")
    assert isinstance(found, Reason)
    assert found.code == "evidence_missing"


@pytest.mark.parametrize("data", [b"\n", b"[]\n", b"\xff\xfe\n", b'{"event":"end"}\n', b"null\n"])
def test_what_does_not_begin_is_corrupt(tmp_path: Path, data: bytes) -> None:
    found = read(tmp_path, data)
    assert isinstance(found, Reason)
    assert found.code == "evidence_corrupt"


@pytest.mark.parametrize("version", [0, 1, 4, 6, "5", None])
def test_another_schema_version_is_named(tmp_path: Path, version: Any) -> None:
    found = reason(tmp_path, suites.lines([A], *suites.phases(A), first=suites.begin(schema_version=version)))
    assert found.code == "schema_version_mismatch"
    assert repr(version) in found.message
    assert found.fix == MATCH


def test_a_version_is_known_before_the_fields_that_it_lacks(tmp_path: Path) -> None:
    first = {"event": "begin", "schema_version": 1, "pytest": "8.0"}
    data = suites.encoded([first, {"event": "an older one"}])
    for cut in (data, data[:-4]):
        found = read(tmp_path, cut)
        assert isinstance(found, Reason)
        assert (found.code, found.fix) == ("schema_version_mismatch", MATCH)


def test_a_recording_without_its_end_names_the_test_that_was_running(tmp_path: Path) -> None:
    cut = suites.lines([A, B], *suites.phases(A), *suites.phases(B)[:1])[:-2]
    found = reason(tmp_path, cut)
    assert found.code == "evidence_incomplete"
    assert B in found.message
    assert A not in found.message
    assert found.fix == f"python -P -m pytest {B}"


def test_a_recording_that_stops_between_tests_names_the_next_one(tmp_path: Path) -> None:
    found = reason(tmp_path, suites.lines([A, B], *suites.phases(A))[:-2])
    assert B in found.message


def test_many_running_tests_are_cut_in_the_sentence() -> None:
    assert record.named(["a", "b", "c"], most=2) == "a, b and 1 more"


@pytest.mark.parametrize("changed", [{"selected": 3}, {"phases": 5}, {"warnings": 0}])
def test_counts_that_disagree_are_corrupt(tmp_path: Path, changed: dict[str, int]) -> None:
    found = reason(tmp_path, [*WHOLE[:-1], WHOLE[-1] | changed])
    assert found.code == "evidence_corrupt"


@pytest.mark.parametrize("doubled", [0, 1, -1])
def test_two_runs_in_one_file_are_corrupt(tmp_path: Path, doubled: int) -> None:
    assert reason(tmp_path, [*WHOLE, WHOLE[doubled]]).code == "evidence_corrupt"


def test_two_collections_are_corrupt(tmp_path: Path) -> None:
    found = reason(tmp_path, [*WHOLE[:2], *WHOLE[1:]])
    assert found.code == "evidence_corrupt"


def test_outcomes_of_tests_that_nobody_selected_are_corrupt(tmp_path: Path) -> None:
    found = reason(tmp_path, suites.lines([A], *suites.phases(B)))
    assert found.code == "evidence_corrupt"
    assert B in found.message


@given(st.data())
def test_a_recording_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = suites.encoded(WHOLE)
    cut = data.draw(st.integers(0, len(whole) - 1))
    found = read(tmp_path_factory.mktemp("cut"), whole[:cut])
    assert isinstance(found, Reason)


@pytest.mark.parametrize("gone", range(len(WHOLE)))
def test_a_recording_that_lost_a_line_is_refused(tmp_path: Path, gone: int) -> None:
    found = read(tmp_path, suites.encoded(WHOLE[:gone] + WHOLE[gone + 1 :]))
    assert isinstance(found, Reason)


def test_a_worker_that_crashed_need_not_say_what_it_imported(tmp_path: Path) -> None:
    crash = {"event": "crash", "worker": "gw0", "message": "Not properly terminated"}
    run = read(tmp_path, suites.encoded(suites.lines([A], *suites.phases(A, worker="gw0"), crash, status=1)))
    assert isinstance(run, RecordedRun)


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_garbage_in_the_middle_never_raises(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes, place: int
) -> None:
    whole = suites.encoded(WHOLE)
    read(tmp_path_factory.mktemp("garbage"), whole[:place] + garbage + whole[place:])


def test_half_a_line_after_the_end_is_refused(tmp_path: Path) -> None:
    found = read(tmp_path, suites.encoded(WHOLE) + b"{")
    assert isinstance(found, Reason)
    assert found.code == "evidence_incomplete"


def test_in_flight_ignores_what_it_cannot_read() -> None:
    data = suites.encoded(suites.lines([A, B], *suites.phases(A)[:2])) + json.dumps({"event": "phase"}).encode()
    assert record.in_flight(data) == (A,)


HELD = suites.lines([A], *suites.phases(A), suites.leaked(A), held=suites.fixed())


def without(event: str, at: int = 0) -> list[dict[str, Any]]:
    (gone, *_) = [line for line in HELD if line["event"] == event][at:]
    return [line for line in HELD if line is not gone]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (without("leak"), "says 1 leaks and holds 0"),
        (without("fixed"), "says 2 accounts of what was fixed and holds 1"),
        (without("fixed", 1), "says 2 accounts of what was fixed and holds 1"),
        (suites.lines([A], *suites.phases(A), held=suites.fixed()[:1]), "does not say what pytest held"),
        (suites.lines([A], *suites.phases(A), held=suites.fixed()[1:]), "does not say what pytest held"),
        (suites.lines([A], *suites.phases(A), held=suites.fixed("gw0")), "does not say what pytest held"),
        (suites.lines([A], *suites.phases(A), held=suites.fixed() * 2), "says twice what a process held"),
        (suites.lines([A], *suites.phases(A), suites.leaked(B)), f"outcomes of tests that were not selected: {B}"),
    ],
)
def test_a_lost_account_is_corrupt(tmp_path: Path, lines: list[dict[str, Any]], says: str) -> None:
    found = reason(tmp_path, lines)
    assert found.code == "evidence_corrupt"
    assert says in found.message


def test_a_process_that_went_down_may_be_silent(tmp_path: Path) -> None:
    crash = {"event": "crash", "worker": None, "message": "gone"}
    assert isinstance(
        read(tmp_path, suites.encoded(suites.lines([A], *suites.phases(A), crash, held=suites.fixed()[:1], status=1))),
        RecordedRun,
    )
