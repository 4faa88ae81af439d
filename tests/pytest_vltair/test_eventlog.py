"""Event log: what is written is there, a dead run is closed once, and a full disk loses nothing that stood."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_vltair import chain, eventlog, filelock, heads
from pytest_vltair.eventlog import Log

CODEC = chain.standard()
TRACE, SPAN = "a" * 32, "b" * 16

DYING = """
import os, sys
from pathlib import Path
from pytest_vltair import chain, eventlog
log = eventlog.begin(Path(sys.argv[1]), chain.standard())
log.identify("a" * 32, "b" * 16, 1)
log.write("command_start", {})
log.write("finding", {"n": 1})
if len(sys.argv) > 2:
    os.write(log._descriptor, b'{"at":"2026')
print(log.run, flush=True)
os.kill(os.getpid(), 9)
"""


def begun(folder: Path) -> Log:
    folder.mkdir(parents=True, exist_ok=True)
    log = eventlog.begin(folder, CODEC)
    log.identify(TRACE, SPAN, 1)
    log.write("command_start", {"heads": {"lines": log.heads.lines, "chain": log.heads.chain}})
    return log


def end(log: Log) -> None:
    log.write(eventlog.END, {"status": "passed"})
    log.close()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def killed(folder: Path, *more: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(folder), *more], capture_output=True, text=True, check=False
    )
    assert done.returncode in {-9, 1}, done.stderr
    return done.stdout.strip()


def test_a_run_is_open_while_it_lives_and_closed_with_its_last_digest(tmp_path: Path) -> None:
    log = begun(tmp_path)
    assert log.path.parent.name == "open"
    log.write(eventlog.END, {"status": "passed"})
    log.close()
    closed = lines(tmp_path / f"{log.run}.jsonl")
    (head,) = lines(tmp_path / heads.NAME)
    assert [one["seq"] for one in closed] == [0, 1]
    assert (head["file"], head["events"], head["head"]) == (f"{log.run}.jsonl", 2, closed[-1]["chain"])
    assert not list((tmp_path / "open").iterdir())


def test_the_next_run_has_seen_what_was_closed_before(tmp_path: Path) -> None:
    for _ in range(2):
        log = begun(tmp_path)
        log.close()
    third = begun(tmp_path)
    assert third.heads.lines == 2
    assert third.heads.chain == lines(tmp_path / heads.NAME)[-1]["chain"]


def test_an_earlier_attempt_at_the_same_question_is_found(tmp_path: Path) -> None:
    assert heads.earlier(tmp_path, TRACE, CODEC) is None
    begun(tmp_path).close()
    assert heads.earlier(tmp_path, TRACE, CODEC) == (SPAN, 1)
    assert heads.earlier(tmp_path, "c" * 32, CODEC) is None


@pytest.mark.requirement("REC-1")
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is POSIX's")
def test_what_a_dead_run_left_open_is_closed_by_the_next_and_says_by_whom(tmp_path: Path) -> None:
    dead = killed(tmp_path)
    by = begun(tmp_path)
    *_, last = lines(tmp_path / f"{dead}.jsonl")
    assert (last["event"], last["status"], last["closed_by"], last["torn"]) == (eventlog.END, "lost", by.run, 0)
    assert by.heads.lines == 1
    assert eventlog.close_dead(tmp_path, CODEC, by.run) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is POSIX's")
def test_an_event_that_was_never_whole_is_cut_off_and_its_bytes_are_counted(tmp_path: Path) -> None:
    dead = killed(tmp_path, "torn")
    begun(tmp_path)
    found = lines(tmp_path / f"{dead}.jsonl")
    assert [one["event"] for one in found] == ["command_start", "finding", eventlog.END]
    assert found[-1]["torn"] == len('{"at":"2026')


def test_a_run_that_lives_is_left_alone(tmp_path: Path) -> None:
    alive = begun(tmp_path)
    other = begun(tmp_path)
    assert other.heads.lines == 0
    assert alive.path.exists()
    alive.write(eventlog.END, {})
    alive.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is POSIX's")
def test_an_event_that_does_not_fit_leaves_those_before_it_whole(tmp_path: Path) -> None:
    script = """
import resource, signal, sys
from pathlib import Path
from pytest_vltair import chain, eventlog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = eventlog.begin(Path(sys.argv[1]), chain.standard())
log.identify("a" * 32, "b" * 16, 1)
log.write("command_start", {})
resource.setrlimit(resource.RLIMIT_FSIZE, (600, resource.RLIM_INFINITY))
try:
    log.write("finding", {"message": "x" * 2000})
except OSError as error:
    print(error.errno)
print(Path(log.path).read_text(), end="")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert int(done[0]) == errno.EFBIG
    assert [json.loads(line)["event"] for line in done[1:]] == ["command_start"]


def test_time_in_a_run_never_goes_back(tmp_path: Path) -> None:
    log = begun(tmp_path)
    for number in range(50):
        log.write("finding", {"n": number})
    moments = [str(one["at"]) for one in lines(log.path)]
    assert moments == sorted(moments)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_an_error_and_no_half_log(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        eventlog.begin(tmp_path, CODEC)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not list what is open")
def test_files_are_moved_when_nobody_has_them_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows moves no file that is open, not even for whoever opened it."""
    moved = []

    def replace(source: Path, target: Path) -> None:
        descriptors = Path("/proc/self/fd") if sys.platform == "linux" else Path("/dev/fd")
        ours = source.stat()
        for one in descriptors.iterdir():
            with suppress(OSError):
                assert not os.path.samestat(os.fstat(int(one.name)), ours)
        moved.append(source.name)
        source.rename(target)

    monkeypatch.setattr(os, "replace", replace)
    left = begun(tmp_path)
    left.abandon()
    end(begun(tmp_path))
    assert moved[0] == left.path.name
    assert len(moved) == 2


def test_a_file_that_another_run_moved_first_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = begun(tmp_path)
    replace = os.replace

    def late(source: Path, target: Path) -> None:
        replace(source, target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", late)
    end(log)
    assert (tmp_path / log.path.name).is_file()
    assert heads.read(tmp_path, CODEC).lines == 1


def test_a_line_of_heads_that_lost_only_its_end_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        end(begun(tmp_path))
    path = tmp_path / heads.NAME
    path.write_bytes(path.read_bytes()[:-1])
    end(begun(tmp_path))
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [one["seq"] for one in lines] == [0, 1, 2]
    assert lines[2]["chainPrev"] == lines[1]["chain"]


@pytest.mark.parametrize("line", [b"[" * 60_000, b'{"seq":1e999,"chain":"a","at":"b"}', b"[]", b"\xff"])
def test_lines_that_nobody_here_wrote_stop_no_run(tmp_path: Path, line: bytes) -> None:
    end(begun(tmp_path))
    with (tmp_path / heads.NAME).open("ab") as file:
        file.write(line + b"\n")
    (tmp_path / "open" / "20260101T000000Z-00000000.jsonl").write_bytes(line + b"\n")
    log = begun(tmp_path)
    end(log)
    assert (tmp_path / log.path.name).is_file()
    assert not list((tmp_path / "open").iterdir())


@pytest.mark.parametrize("half", [False, True])
def test_an_event_that_ctrl_c_came_upon_is_counted_where_it_stands_whole(
    tmp_path: Path, half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the run is written after it, in a chain that is whole."""
    log = begun(tmp_path)
    write = os.write

    def interrupted(descriptor: int, data: bytes) -> int:
        write(descriptor, data[:20] if half else data)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            log.write("measure", {"value": 1})
    end(log)
    (path,) = tmp_path.glob("2*.jsonl")
    assert [one["seq"] for one in lines(path)] == list(range(2 if half else 3))
    before = chain.ZEROS
    for line in path.read_bytes().splitlines(keepends=True):
        fields = json.loads(line)
        assert fields.pop("chainPrev") == before
        again, before = chain.linked({k: v for k, v in fields.items() if k != "chain"}, before, chain.standard())
        assert again == line
    (told,) = lines(tmp_path / heads.NAME)
    assert (told["events"], told["head"]) == (2 if half else 3, before)


def test_a_file_system_without_locks_is_an_error_at_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(_: int) -> bool:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(filelock, "attempt", without)
    with pytest.raises(OSError, match="not supported"):
        begun(tmp_path)
    assert not list((tmp_path / "open").iterdir())


def test_a_file_that_somebody_reads_on_windows_is_moved_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    log = begun(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", busy)
        patch.setattr(eventlog, "WINDOWS", True)
        end(log)
    assert log.path.exists()
    begun(tmp_path).abandon()
    assert (tmp_path / log.path.name).exists()
    assert len(lines(tmp_path / heads.NAME)) == 1


def test_an_earlier_attempt_is_found_where_somebody_is_writing_the_last_line(tmp_path: Path) -> None:
    end(begun(tmp_path))
    trace = str(lines(tmp_path / heads.NAME)[0]["trace_id"])
    found = heads.earlier(tmp_path, trace, chain.standard())
    assert found is not None
    with (tmp_path / heads.NAME).open("ab") as file:
        file.write(b'{"at":"x","trace_id":"' + trace.encode() + b'"')
    assert heads.earlier(tmp_path, trace, chain.standard()) == found
