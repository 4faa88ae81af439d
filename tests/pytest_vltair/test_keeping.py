"""Recorded runs that are kept: nothing personal is left in them, and they are read as before."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.suite import record
from gates.builtin.suite.record import RecordedRun
from pytest_vltair import chain, keeping
from pytest_vltair.personal import scrub
from support import suites

A, B = "tests/test_a.py::test_a", "tests/test_a.py::test_b"
CODEC = chain.standard()


def cleaned(lines: list[dict[str, Any]]) -> bytes:
    return keeping.cleaned(suites.encoded(lines), scrub, CODEC)


def read(path: Path, data: bytes) -> RecordedRun:
    path.write_bytes(data)
    found = record.read(path, path.name, again="", match="", python="python")
    assert isinstance(found, RecordedRun)
    return found


def test_a_run_that_says_nothing_stays_as_it_is() -> None:
    lines = suites.lines([A, B], *suites.phases(A), *suites.phases(B, call="skipped"))
    assert cleaned(lines) == suites.encoded(lines)


def test_what_tests_and_settings_say_is_cleaned_and_nothing_else(tmp_path: Path) -> None:
    said = "ann@example.com called from 203.0.113.7"
    whole = suites.lines(
        [A, B],
        *suites.phases(A),
        *suites.phases(B, call="failed", message=said),
        first=suites.begin(rootdir="/home/ann/work", args=["--junitxml=/home/ann/out.xml"]),
    )
    run = read(tmp_path / "run.jsonl", cleaned(whole))
    assert (run.begin.rootdir, run.begin.args) == ("~/work", ["--junitxml=~/out.xml"])
    assert {one.message for one in run.phases if one.nodeid == B} == {"<email> called from <ip>"}
    data = suites.encoded(whole)
    own = [line for line in data.splitlines() if A.encode() in line]
    assert set(own) <= set(cleaned(whole).splitlines())


def test_names_of_tests_are_cleaned_alike_everywhere_and_stay_apart(tmp_path: Path) -> None:
    one, other = f"{A}[ann@example.com]", f"{A}[bob@example.com]"
    lines = suites.lines([one, other, B], *(line for test in (one, other, B) for line in suites.phases(test)))
    run = read(tmp_path / "run.jsonl", cleaned(lines))
    assert run.collected.selected == [f"{A}[<email>]", f"{A}[<email>]#2", B]
    assert {phase.nodeid for phase in run.phases} == set(run.collected.selected)


def test_cleaning_again_changes_nothing() -> None:
    lines = suites.lines(
        [f"{A}[ann@example.com]", f"{A}[bob@example.com]"],
        *suites.phases(f"{A}[ann@example.com]", call="failed", message="/home/ann"),
        *suites.phases(f"{A}[bob@example.com]"),
    )
    once = cleaned(lines)
    assert keeping.cleaned(once, scrub, CODEC) == once


@pytest.mark.parametrize("data", [b"[]\n", b"{]\n", b'{"event":"collected","selected":3,"deselected":[]}\n'])
def test_what_is_no_recorded_run_is_not_kept(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        keeping.cleaned(data, scrub, CODEC)


def test_a_run_is_kept_under_its_digest_once(tmp_path: Path) -> None:
    data = suites.encoded(suites.lines([A], *suites.phases(A)))
    digest = keeping.keep(tmp_path, data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert keeping.keep(tmp_path, data) == digest
    assert [one.name for one in tmp_path.iterdir()] == [f"{digest}.jsonl"]
    (tmp_path / f"{digest}.jsonl").write_bytes(b"damaged")
    keeping.keep(tmp_path, data)
    assert (tmp_path / f"{digest}.jsonl").read_bytes() == data


def test_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 3)
    names = []
    for number in range(5):
        digest = keeping.keep(tmp_path, json.dumps(number).encode())
        os.utime(tmp_path / f"{digest}.jsonl", (number, number))
        names.append(f"{digest}.jsonl")
    again = keeping.keep(tmp_path, b"2")
    keeping.keep(tmp_path, b"9")
    assert {one.name for one in tmp_path.iterdir()} >= {f"{again}.jsonl"}
    assert len(list(tmp_path.iterdir())) == 3
    assert not {names[0], names[1], names[3]} & {one.name for one in tmp_path.iterdir()}


def test_their_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "SIZE", 2_500)
    for number in range(5):
        digest = keeping.keep(tmp_path, b"%d" % number * 1_000)
        os.utime(tmp_path / f"{digest}.jsonl", (number, number))
    assert len(list(tmp_path.iterdir())) == 2
    keeping.keep(tmp_path, b"x" * 9_000)
    assert [one.stat().st_size for one in tmp_path.iterdir()] == [9_000]
