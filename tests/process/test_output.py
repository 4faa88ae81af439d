"""Output: caps, cuts and invalid bytes; the pipe never stands still."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.process.child import Limits
from gates.process.output import MARGIN, REST, Capture, SelectorPump, ThreadPump, boundary, common
from gates.process.redact import redactor
from pytest_vltair.tokens import MASK
from support.children import python


@pytest.mark.requirement("PRC-4")
def test_a_gigabyte_neither_blocks_nor_fills_memory(tmp_path: Path) -> None:
    code = """
        import os
        block = b"x" * (1 << 20)
        for _ in range(1024):
            left = block
            while left:
                left = left[os.write(1, left):]
        os.write(2, b"done")
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = python(code, cwd=tmp_path, limits=Limits(wall=60.0, output=1 << 20))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    assert (done.status, done.truncated, done.stderr) == ("OK", True, b"done")
    assert done.stdout == b"x" * (1 << 20) + b"\n[TRUNCATED at 1048576 bytes]\n"
    assert grown < 64 << 20


def test_a_writer_without_end_runs_out_of_time(tmp_path: Path) -> None:
    code = "import os\nwhile True: os.write(1, b'x' * 65536)"
    done = python(code, cwd=tmp_path, limits=Limits(wall=0.5, output=100))
    assert (done.status, done.truncated) == ("TIMEOUT", True)
    assert len(done.stdout) < 200


def test_invalid_bytes_become_replacement_characters(tmp_path: Path) -> None:
    done = python(r"import os; os.write(1, b'a\xff\xc3(z'); os.write(2, b'\x80')", cwd=tmp_path)
    assert done.stdout == b"a\xff\xc3(z"
    assert (done.text, done.errors) == ("a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}(z", "\ufffd")


def test_each_stream_has_its_own_limit(tmp_path: Path) -> None:
    done = python("import os; os.write(1, b'a' * 10); os.write(2, b'b' * 11)", cwd=tmp_path, limits=Limits(output=10))
    assert (done.stdout, done.stderr) == (b"a" * 10, b"b" * 10 + b"\n[TRUNCATED at 10 bytes]\n")
    assert done.truncated


@pytest.mark.requirement("PRC-4")
def test_the_mark_says_where_it_was_cut() -> None:
    capture = Capture(5)
    capture.write("aaaaäz".encode())
    assert capture.value(None) == b"aaaa\n[TRUNCATED at 4 bytes]\n"


@pytest.mark.requirement("PRC-4")
@given(st.text(), st.integers(min_value=0, max_value=40))
def test_a_cut_never_splits_a_character(text: str, limit: int) -> None:
    data = text.encode("utf-8", "surrogatepass")
    cut = boundary(data, limit)
    assert data.startswith(cut)
    assert len(cut) <= limit
    assert len(cut) > limit - 4 or cut == data
    if "\ud800" not in text and text.isprintable():
        cut.decode("utf-8")


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=40))
def test_any_bytes_can_be_cut(data: bytes, limit: int) -> None:
    cut = boundary(data, limit)
    assert data.startswith(cut)
    assert min(limit, len(data)) - 3 <= len(cut) <= limit or cut == data


@given(st.lists(st.binary(max_size=50), max_size=10), st.integers(min_value=0, max_value=100))
def test_short_output_is_kept_whole(parts: list[bytes], limit: int) -> None:
    capture = Capture(limit)
    for part in parts:
        capture.write(part)
    whole = b"".join(parts)
    assert capture.truncated == (len(whole) > limit)
    assert (capture.value(None) == whole) == (len(whole) <= limit)


@given(st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8))
def test_common_prefix(start: bytes, one: bytes, other: bytes) -> None:
    found = (start + one)[: common(start + one, start + other)]
    assert found.startswith(start)
    assert (start + one).startswith(found)
    assert (start + other).startswith(found)
    longer = len(found) + 1
    assert (start + one)[:longer] != (start + other)[:longer] or longer > len(start) + min(len(one), len(other))


@pytest.mark.requirement("PRC-5")
@pytest.mark.parametrize("after", [0, 10, MARGIN, 3 * MARGIN])
@pytest.mark.parametrize("before", [990, 995, 999, 1000])
def test_a_secret_across_the_cut_leaves_no_part_of_itself(before: int, after: int) -> None:
    secret = "s3cr3t-s3cr3t-s3cr3t"
    capture = Capture(1000)
    capture.write(b"." * before + secret.encode() + b"." * after)
    kept = capture.value(redactor({"MY_TOKEN": secret}))
    assert b"s3c" not in kept
    assert kept.endswith(b" bytes]\n")


def test_a_secret_across_the_end_of_what_is_kept_leaves_no_part_of_itself() -> None:
    secret = "s3cr3t-" * 72
    capture = Capture(1000)
    # Redaction shortens the text, so that the torn end of what is kept moves below the limit.
    capture.write((secret + "." * 10).encode() * 60)
    kept = capture.value(redactor({"MY_TOKEN": secret}))
    assert b"s3c" not in kept
    assert MASK.encode() in kept


@pytest.mark.parametrize("kind", ["threads", "selector", "selector without pidfd"])
def test_every_pump_moves_everything(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os; os.write(1, b'o' * 300_000); os.write(2, b'e' * 10)"
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    captures = [Capture(1 << 20), Capture(1 << 20)]
    streams = [(process.stdout, captures[0]), (process.stderr, captures[1])]
    if kind.endswith("without pidfd"):
        monkeypatch.delattr("os.pidfd_open")
    pump = ThreadPump(streams) if kind == "threads" else SelectorPump(streams, process.pid)
    while pump.open or process.poll() is None:
        pump.turn(0.05)
    pump.turn(0.01)
    pump.close()
    assert [capture.value(None) for capture in captures] == [b"o" * 300_000, b"e" * 10]
    assert process.stdout.closed
    assert process.stderr.closed


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd_open")
def test_a_child_that_writes_dot_by_dot_does_not_wake_its_reader_for_each(tmp_path: Path) -> None:
    dots = "import os, time\nfor _ in range(200): os.write(1, b'.'); time.sleep(0.001)"
    process = subprocess.Popen([sys.executable, "-c", dots], stdout=subprocess.PIPE, cwd=tmp_path)
    assert process.stdout is not None
    capture, turns, started = Capture(1000), 0, time.monotonic()
    pump = SelectorPump([(process.stdout, capture)], process.pid)
    while pump.open:
        pump.turn(1.0)
        turns += 1
    assert turns < (time.monotonic() - started) / REST + 10
    pump.close()
    assert process.wait() == 0
    assert capture.total == 200


def test_a_thread_that_still_reads_does_not_hold_up_the_others() -> None:
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    pump = ThreadPump([(process.stdout, Capture(10))])
    pump.turn(0.01)
    pump.close()
    assert not process.stdout.closed
    process.kill()
    process.wait()
    while pump.open:
        pump.turn(0.01)
    pump.close()
    assert process.stdout.closed
