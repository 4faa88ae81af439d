"""What is nested too deeply is none of the record's lines: one sentence, whoever reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.engine import codec, part
from gates.model.evidence import sha256
from gates.record import events, ledger, reports
from gates.record.stored import lines
from pytest_vltair import chain, heads

NESTED = b'{"seq":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("one", [codec.CODEC, chain.standard()])
def test_a_line_that_is_nested_too_deeply_is_none(one: chain.Codec) -> None:
    with pytest.raises(ValueError, match="it is nested too deeply"):
        one.decode(NESTED)


def test_such_lines_are_no_events(tmp_path: Path) -> None:
    for read in (events.decode, ledger.decode):
        with pytest.raises(ValueError, match="recursion"):
            read(NESTED)
    assert lines.foreign(NESTED) is None
    (tmp_path / heads.NAME).write_bytes(NESTED + b"\n")
    assert heads.read(tmp_path, codec.CODEC) == heads.Heads()


def test_such_a_report_and_such_a_part_are_damaged(tmp_path: Path) -> None:
    digest = sha256(NESTED)
    folder = tmp_path / ".gates/reports"
    folder.mkdir(parents=True)
    (folder / f"{digest}.json").write_bytes(NESTED)
    with pytest.raises(ValueError, match="it is nested too deeply"):
        reports.read(tmp_path, digest)
    (tmp_path / "a.json").write_bytes(NESTED.replace(b"seq", b"part"))
    with pytest.raises(ValueError, match="it does not decode"):
        part.read(tmp_path / "a.json")
