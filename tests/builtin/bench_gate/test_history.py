"""History: written whole and sorted, read strictly, and what of it is a limit for whom."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.bench.facts import Machine
from gates.builtin.bench.stored import history
from gates.builtin.bench.stored.history import DamagedError, Process, Run
from gates.model.evidence import Refusal
from support.bench_results import COMMIT, MACHINE, run, write

NAME = "gates-baseline/bench-history.jsonl"
OTHER = msgspec.structs.replace(MACHINE, cpu="another processor")
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

times = st.floats(1e-9, 1e3)
processes = st.lists(times, min_size=3, max_size=3).map(lambda held: Process(*sorted(held)))
machines = st.builds(
    Machine,
    system=st.text(),
    arch=st.text(),
    cpu=st.text(),
    cores=st.integers(1, 512),
    python=st.text(),
    distributions=st.text(),
)
runs = st.lists(
    st.builds(
        Run,
        commit=st.none() | st.from_regex(r"\A[0-9a-f]{40}\+?\Z"),
        date=st.none() | st.just("2026-11-21T12:00:00Z"),
        machine=machines,
        benchmarks=st.dictionaries(
            st.text(min_size=1), st.lists(processes, min_size=1).map(tuple), min_size=1, max_size=3
        ),
        anew=st.just(()),
    ),
    max_size=4,
)


def damage(data: bytes) -> str:
    """Why a history cannot be used."""
    with pytest.raises(DamagedError) as caught:
        history.parse(data)
    return str(caught.value)


@quick
@given(held=runs)
def test_what_is_written_is_read(held: list[Run]) -> None:
    data = history.encode(held)
    assert history.parse(data) == tuple(held)
    assert data == history.encode(history.parse(data))
    assert data.count(b"\n") == len(held) + 1


@quick
@given(held=runs, data=st.data())
def test_what_was_cut_is_refused(held: list[Run], data: st.DataObject) -> None:
    whole = history.encode(held)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert damage(cut).startswith(":")


@quick
@given(held=runs, noise=st.binary(max_size=6), data=st.data())
def test_what_was_changed_is_read_or_refused(held: list[Run], noise: bytes, data: st.DataObject) -> None:
    whole = history.encode(held)
    at = data.draw(st.integers(0, len(whole)))
    changed = whole[:at] + noise + whole[at + len(noise) :]
    with suppress(DamagedError):
        found = history.parse(changed)
        assert history.parse(history.encode(found)) == found


def test_the_file_is_one_line_a_run_with_sorted_keys(tmp_path: Path) -> None:
    header, line = write(tmp_path, run({"b": 2.0, "a": [1.0, 3.0]})).read_text("utf-8").splitlines()
    assert header == '{"gate":"bench","runs":1,"schema_version":1}'
    assert list(json.loads(line)) == ["anew", "benchmarks", "commit", "date", "machine"]
    assert json.loads(line)["benchmarks"] == {
        "a": [[1.0, 1.1, 1.2], [3.0, pytest.approx(3.3), pytest.approx(3.6)]],
        "b": [[2.0, 2.2, 2.4]],
    }
    assert list(json.loads(line)["benchmarks"]) == ["a", "b"]


LINE = history.encode([run({"a": 1.0})]).splitlines(keepends=True)[1]
HEADER = b'{"gate":"bench","runs":1,"schema_version":1}\n'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", ":1: it is empty"),
        (b"\n", ":1: it is damaged: Input data was truncated"),
        (HEADER, ":1: it says 1 runs and holds 0; where a merge kept those of both sides, say 0"),
        (HEADER + LINE + LINE, ":1: it says 1 runs and holds 2; where a merge kept those of both sides, say 2"),
        (HEADER.replace(b'"runs":1,', b""), ":1: it is damaged: Object missing required field `runs`"),
        (HEADER + LINE + LINE[:-1], ":3: it is cut off here"),
        (LINE, ":1: it is no history of the gate bench"),
        (b"[]\n", ":1: it is no history of the gate bench"),
        (HEADER.replace(b"bench", b"lint"), ":1: it is no history of the gate bench"),
        (HEADER.replace(b'n":1', b'n":2'), ":1: schema_version 2 is foreign to this gates, which reads 1"),
        (HEADER.replace(b'n":1', b'n":"1"'), ":1: schema_version 1 is foreign to this gates, which reads 1"),
        (
            HEADER + LINE + b"<<<<<<< HEAD\n" + LINE,
            ":3: a merge conflict stands here; each line is a run, and those of",
        ),
        (HEADER + LINE + b"=======\n", ":3: a merge conflict stands here"),
        (HEADER + b"\xff\n", ":2: it is damaged: "),
        (HEADER + b"\n" + LINE, ":2: it is damaged: Input data was truncated"),
        (HEADER + LINE.replace(b'"anew":[],', b""), ":2: it is damaged: Object missing required field `anew`"),
        (HEADER + LINE.replace(b'"anew"', b'"more":1,"anew"'), ":2: it is damaged: Object contains unknown field `mor"),
        (HEADER + LINE.replace(b"[1.0,1.1,1.2]", b"[1.0,1.1]"), ":2: it is damaged: Expected `array` of length 3"),
        (HEADER + LINE.replace(b"[[1.0,1.1,1.2]]", b"[]"), ":2: a has no figures"),
        (HEADER + LINE.replace(b'{"a":[[1.0,1.1,1.2]]}', b"{}"), ":2: this run has no benchmark"),
        (HEADER + LINE.replace(b'"a":', b'"":'), ":2: a benchmark without a name has no figures"),
        (HEADER + LINE.replace(b"1.1", b"0.9"), ":2: a has figures that cannot be"),
        (HEADER + LINE.replace(b"[1.0", b"[0.0"), ":2: a has figures that cannot be"),
        (HEADER + LINE.replace(b"[1.0", b"[-1.0"), ":2: a has figures that cannot be"),
        (HEADER + LINE.replace(b"1.2", b"NaN"), ":2: it is damaged: JSON is malformed"),
        (HEADER + LINE.replace(b"1.2", b"1e999"), ":2: it is damaged: Number out of range"),
        (HEADER + LINE.replace(COMMIT.encode(), b"main"), ":2: it is damaged: Expected `str` matching regex"),
        (HEADER + LINE.replace(b"2026-11-21T", b"2026-11-21 "), ":2: it is damaged: Expected `str` matching regex"),
        (HEADER + b"[" * 5000 + b"\n", ":2: it is damaged: "),
    ],
)
def test_what_is_damaged_is_refused_at_its_line(data: bytes, why: str) -> None:
    assert damage(data).startswith(why)


def test_a_conflict_that_keeps_both_sides_is_whole(tmp_path: Path) -> None:
    mine, theirs = run({"a": 1.0}), run({"a": 2.0}, commit="ab" * 20)
    assert history.read(tmp_path, write(tmp_path, mine, theirs).relative_to(tmp_path).as_posix()) == (mine, theirs)


def test_the_file_and_its_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert history.read(tmp_path, NAME) == ()
    write(tmp_path, run({"a": 1.0}))
    (tmp_path / NAME).write_bytes(b"<<<<<<< HEAD\n")
    found = history.read(tmp_path, NAME)
    assert isinstance(found, Refusal)
    assert found.reason.code == "evidence_corrupt"
    assert found.reason.message.startswith(f"the history {NAME}:1: a merge conflict stands here")
    assert found.reason.fix.startswith(f"git checkout -- {NAME}; or remove it")
    monkeypatch.setattr(history, "LIMIT", 3)
    large = history.read(tmp_path, NAME)
    assert isinstance(large, Refusal)
    assert large.reason.message == f"the history {NAME} has 13 bytes, and 3 are the most that is read"
    folder = history.read(tmp_path, "gates-baseline")
    assert isinstance(folder, Refusal)
    assert folder.reason.code == "unreadable"
    newer = write(tmp_path, name="newer.jsonl")
    newer.write_bytes(HEADER.replace(b'n":1', b'n":2'))
    monkeypatch.undo()
    later = history.read(tmp_path, "newer.jsonl")
    assert isinstance(later, Refusal)
    assert later.reason.code == "schema_version_mismatch"
    if os.name == "posix":
        deep = history.read(tmp_path, "a" * 300)
        assert isinstance(deep, Refusal)
        assert deep.reason.code == "unreadable"


@pytest.mark.parametrize("name", ["/tmp/h.jsonl", "../h.jsonl", "a/../../h.jsonl", "C:\\h.jsonl", "a\\..\\..\\h"])
def test_a_history_outside_of_the_project_is_refused(name: str, tmp_path: Path) -> None:
    found = history.read(tmp_path, name)
    assert isinstance(found, Refusal)
    assert found.reason.message == f"the history {name} is outside of the project"


def test_only_runs_of_the_same_machine_are_a_limit() -> None:
    held = [run({"a": 1.0}), run({"a": 5.0, "b": 1.0}, machine=OTHER), run({"a": [2.0, 2.5]})]
    (one,) = history.kept(held, MACHINE)
    assert [(past.run, past.processes.items) for past in one.runs.items] == [
        (f"2 ({COMMIT[:12]})", (2.0, 2.5)),
        (f"1 ({COMMIT[:12]})", (1.0,)),
    ]
    assert one.runs.items[0].median == pytest.approx(2.25 * 1.1)
    assert one.runs.items[0].p95 == pytest.approx(2.25 * 1.2)
    assert (one.id, one.foreign) == ("a", 1)
    assert one.differs == "the processor is another processor there and a processor here"


def test_what_is_new_has_no_past_and_what_was_taken_out_is_forgotten() -> None:
    held = [run({"a": 1.0, "gone": 1.0}), run({"a": 1.0})]
    found = {one.id: one.runs.count for one in history.kept(held, MACHINE, ["new"])}
    assert found == {"a": 2, "new": 0}


def test_a_machine_without_runs_still_knows_what_another_one_has() -> None:
    held = [run({"a": 1.0, "gone": 1.0}, machine=OTHER), run({"a": 1.0}, machine=OTHER)]
    third = msgspec.structs.replace(MACHINE, cores=8, python="CPython 3.13.0", distributions="f")
    (one,) = history.kept([run({"a": 1.0}), *held], third)
    assert (one.id, one.runs.count, one.foreign) == ("a", 0, 3)
    # The machine with fewest differences is named.
    assert one.differs == (
        "the number of cores is 2 there and 8 here,"
        f" the interpreter is {MACHINE.python} there and CPython 3.13.0 here, the set of packages differs"
    )


def test_what_was_written_anew_forgets_its_former_figures() -> None:
    held = [run({"a": 1.0, "b": 1.0}), run({"a": 2.0, "b": 1.0}, anew=("a",)), run({"a": 2.1, "b": 1.0})]
    found = {one.id: [past.processes.items[0] for past in one.runs.items] for one in history.kept(held, MACHINE)}
    assert found == {"a": [2.1, 2.0], "b": [1.0, 1.0, 1.0]}
    assert [one.runs.count for one in history.kept([run({"a": 1.0}, anew=("a",))], MACHINE)] == [1]


def test_the_oldest_runs_of_each_machine_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 2)
    held = [run({"a": float(at)}, machine=OTHER if at % 2 else MACHINE) for at in range(1, 8)]
    assert history.capped(held) == tuple(held[3:])
    monkeypatch.setattr(history, "MOST", 3)
    assert history.capped(held) == tuple(held[4:])


def test_labels() -> None:
    assert history.label(3, run({"a": 1.0}, commit=None)) == "3"
    assert history.label(3, run({"a": 1.0}, commit=f"{COMMIT}+")) == "3 (1f2e3d4c5b6a+)"
