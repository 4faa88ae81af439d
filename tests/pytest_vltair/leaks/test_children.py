"""Children: processes that outlive their test are named and ended; servants of libraries and session servers stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_vltair.leaks import audit, children
from pytest_vltair.leaks.children import Children
from pytest_vltair.leaks.values import MISSING
from support.leaving import accused

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


def test_what_is_left_is_ended(pytester: pytest.Pytester) -> None:
    source = """
        import multiprocessing, os, subprocess, sys, time
        kept = []
        def test_popen(): kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        def test_1(): assert kept[0].poll() is not None
        def test_spawned():
            kept.append(multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))); kept[1].start()
        def test_2(): assert not kept[1].is_alive() and kept[1].exitcode is not None
        def test_forked():
            kept.append(os.fork())
            if not kept[2]:
                time.sleep(60)
                os._exit(0)
        def test_3():
            try: os.kill(kept[2], 0)
            except ProcessLookupError: pass
            else: assert 0
        def test_detached(): subprocess.Popen(["sleep", "60"], start_new_session=True)
        def test_4(): pass
    """
    found = accused(pytester, "children", source, "-W", "ignore")
    assert list(found) == ["test_popen", "test_spawned", "test_forked", "test_detached"]
    assert "still runs: " in found["test_popen"][0]
    assert found["test_detached"][0].endswith("still runs: sleep 60")
    assert not [what for whats in found.values() for what in whats if what.endswith("!")]


def test_innocent(pytester: pytest.Pytester) -> None:
    source = """
        import multiprocessing, os, pytest, subprocess, sys, time
        from pytest_vltair.leaks import children
        @pytest.fixture(scope="session")
        def server():
            with subprocess.Popen(["sleep", "60"]) as process:
                yield process
                process.kill()
        def test_waited(): subprocess.run(["true"], check=True)
        def test_about_to_end():
            children.GRACE = 20.0  # a busy machine takes its time
            subprocess.Popen(["sleep", "0.02"])
        def test_moment(): children.GRACE = 0.1
        def test_server(server): assert server.poll() is None
        def test_server_lives(server): assert server.poll() is None
        def test_tracker():
            with multiprocessing.get_context("spawn").Pool(1) as pool: assert pool.map(len, ["x"]) == [1]
            pool.join()
        def test_forked_child_ends():
            pid = os.fork()
            if not pid: os._exit(0)
            os.waitpid(pid, 0)
        def test_patched(monkeypatch):
            monkeypatch.setattr(os, "listdir", None); monkeypatch.setattr("builtins.open", None)
            subprocess.run(["true"])
    """
    assert accused(pytester, "children", source, "-W", "ignore") == {}


@pytest.fixture
def probe() -> Children:
    made = Children()
    made.look()
    return made


def test_a_stubborn_child_is_killed(probe: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "PATIENCE", 0.2)
    known = probe.look()
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert probe.changed(known)
        (key,) = probe.look().keys() - known.keys()
        assert not probe.same(key, MISSING, probe.look()[key])
        assert probe.restore(key, MISSING, probe.look()[key])
        assert child.returncode == -signal.SIGKILL
    assert not probe.changed(known)


def test_what_may_not_be_ended_is_said(probe: Children) -> None:
    known = probe.look()
    with subprocess.Popen(SLEEP) as child:
        (key,) = probe.look().keys() - known.keys()

        def refused(pid: int, number: int) -> None:
            raise PermissionError

        kill, probe._kill = probe._kill, refused
        assert not probe.restore(key, MISSING, probe.look()[key])
        probe._kill = kill
        after = probe.look()[key]
        child.kill()
        child.wait()
        assert probe.restore(key, MISSING, after)
    audit.ignore(probe._hear)


@pytest.mark.parametrize("without", ["proc", "psutil"])
def test_other_systems_ask_psutil(monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    pytest.importorskip("psutil")  # it looks at the platform when it is imported
    monkeypatch.setattr(sys, "platform", "elsewhere")
    if without == "psutil":
        monkeypatch.setitem(sys.modules, "psutil", None)
    listed = children.listing()
    with subprocess.Popen(SLEEP) as child:
        found = [one for one in listed() if one.pid == child.pid]
        until = time.monotonic() + 10
        while without == "proc" and "sleep(60)" not in found[0].command and time.monotonic() < until:
            # For a moment after it has begun, the system does not know its command.
            found = [one for one in listed() if one.pid == child.pid]
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not [one for one in listed() if one.pid == child.pid], "a zombie does not run"
    assert [("sleep(60)" in one.command) for one in found] == ([True] if without == "proc" else [])


@pytest.mark.parametrize(("empty", "command"), [(2, "begun anew"), (9, "[sl) eep]")])
def test_a_command_within_its_execve(monkeypatch: pytest.MonkeyPatch, empty: int, command: str) -> None:
    proc = children._Proc()
    lines = iter([b""] * empty + [b"begun\0anew\0"] * 9)

    def read(path: str) -> bytes:
        return next(lines) if path.endswith("/cmdline") else b"7 (sl) eep) S " + b"1 " * 19

    monkeypatch.setattr(proc, "_read", read)
    assert proc._child(7) == children.Child(7, "1", command)


def test_a_system_that_does_not_let_look(monkeypatch: pytest.MonkeyPatch) -> None:
    proc = children._Proc()

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(proc, "_listdir", refused)
    monkeypatch.setattr(proc, "_open", refused)
    assert proc.children() == []
    assert proc._child(1) is None
    assert Path("/proc/self").exists()
