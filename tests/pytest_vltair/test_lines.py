"""How values become lines, and lines a file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.model import recorded_run as words
from pytest_vltair.lines import LineFile, escape, text
from pytest_vltair.phases import NAMED, PhaseLines
from pytest_vltair.reports import Places, cut
from pytest_vltair.requirements import Named, Requirements

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
COVERS = st.tuples(ANY_TEXT, st.integers(0, 100) | st.floats(0, 100))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


def escaped(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, list):
        return [escaped(item) for item in value]
    if isinstance(value, dict):
        return {escape(name): escaped(item) for name, item in value.items()}
    return value


@given(ANY_TEXT)
def test_escaped_text_is_utf_8(any_text: str) -> None:
    escaped_text = escape(any_text)
    assert escaped_text.encode().decode() == escaped_text == escape(escaped_text)


@given(st.dictionaries(ANY_TEXT, VALUES, max_size=4))
def test_a_line_is_one_line_of_strict_json(fields: dict[str, Any]) -> None:
    data = text(fields).encode()
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    assert json.loads(data) == escaped(fields)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_json_lacks(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        text({"duration": number})


@given(
    nodeid=ANY_TEXT,
    durations=st.lists(st.floats(0, allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
    start=st.none() | st.integers(0, 10**6),
    named=st.none()
    | st.builds(Named, *[st.lists(ANY_TEXT, max_size=3).map(tuple)] * 2, st.lists(COVERS, max_size=2).map(tuple)),
    worker=st.none() | st.just("gw0"),
    wasxfail=st.booleans(),
)
def test_plain_phases_are_encoded_like_all_others(
    nodeid: str, durations: list[float], start: int | None, named: Named | None, worker: str | None, wasxfail: bool
) -> None:
    reports = [
        SimpleNamespace(
            nodeid=nodeid,
            when=when,
            outcome="passed",
            duration=duration,
            longrepr=None,
            location=("tests/a.py", start, "a"),
        )
        for when, duration in zip(("setup", "call", "teardown"), durations, strict=True)
    ]
    for report in reports:
        if worker is not None:
            report.worker_id = worker
        if named is not None:
            setattr(report, NAMED, tuple(named))
    if wasxfail:
        reports[1].wasxfail = ""
    lines = PhaseLines(Places(Path("/root"), Path("/root")), Requirements())
    data = lines.encode(cast("list[pytest.TestReport]", reports))
    assert [_in_nanoseconds(line) for line in data.splitlines()] == [
        words.Phase(
            nodeid=escape(nodeid),
            when=report.when,
            outcome="passed",
            duration=round(report.duration, 9),
            path="tests/a.py",
            line=None if start is None else start + 1,
            message="",
            wasxfail=wasxfail and report.when == "call",
            error="",
            stack="",
            markers=list(map(escape, named.markers if named else ())),
            requirements=list(map(escape, named.requirements if named else ())),
            covers=[
                words.Covers(module=escape(module), minimum=minimum)
                for module, minimum in (named.covers if named else ())
            ],
            worker=worker,
        )
        for report in reports
    ]


def _in_nanoseconds(line: bytes) -> words.RecordLine:
    """A line with its duration as exact as pytest's clock."""
    phase = msgspec.json.decode(line, type=words.Phase)
    return msgspec.structs.replace(phase, duration=round(phase.duration, 9))


def test_long_messages_are_cut() -> None:
    assert cut("x" * 16_384) == "x" * 16_384
    assert cut("x" * 16_385) == "x" * 16_384 + " [TRUNCATED at 16384 characters]"


def test_a_file_is_written_line_by_line(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "new" / "folder" / "run.jsonl")
    for number in range(3):
        file.write(text({"number": number}).encode())
        assert len(file.path.read_bytes().splitlines()) == number + 1
    file.close()
    assert file.failure is None


def test_a_link_is_followed_and_its_target_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("older\n" * 9)
    link.symlink_to(target)
    file = LineFile(link)
    file.write(b"{}\n")
    file.close()
    assert file.failure is None
    assert link.is_symlink()
    assert target.read_bytes() == b"{}\n"
