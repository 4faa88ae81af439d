"""Where a report goes: files, pipes, and streams that hold everything or next to nothing."""

from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path

import pytest

from gates.cli.output import Writing
from gates.errors import OutputError
from support import reports


@pytest.mark.skipif(os.name == "nt", reason="named pipes of POSIX")
def test_a_named_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe, told = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: told.append(pipe.read_bytes()))
    reader.start()
    Writing(report=reports.passed()).to_file("json", pipe)
    reader.join(10)
    assert json.loads(told[0])["verdict"] == "passed"
    assert pipe.is_fifo()


def test_a_stream_without_bytes_below_it_takes_text() -> None:
    stream = io.StringIO()
    Writing(report=reports.passed()).to_stream("full", stream)
    assert "passed" in stream.getvalue()


def test_a_narrow_encoding_loses_signs_and_no_report() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Writing(report=reports.hostile()).to_stream("full", stream)
    assert raw.getvalue().isascii()
    assert b"failed" in raw.getvalue().lower()


class Full(io.RawIOBase):
    """A device without space."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told() -> None:
    stream = io.TextIOWrapper(io.BufferedWriter(Full()), encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be printed: No space left"):
        Writing(report=reports.passed()).to_stream("full", stream)
    with pytest.raises(OSError, match="No space"):
        stream.close()
