"""How a child is made to end: time, memory, cancellation, ^C; and that nothing of it is left, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from gates.process import cgroup, living, offspring, starting
from gates.process.child import Completed, Limits, end_all
from gates.process.register import register
from support.children import SLEEPER, alive, out_of_time_once, pid_in, python, written

WITHOUT_END = "import time; time.sleep(60)"
BORN = "import os, pathlib; pathlib.Path('born').write_text(str(os.getpid()))\n"
GROUPS = pytest.mark.parametrize("groups", [True, False], ids=["cgroup", "no-cgroup"])


def forbid_groups(monkeypatch: pytest.MonkeyPatch, *, groups: bool) -> None:
    if not groups:
        monkeypatch.setattr(cgroup, "MOUNTS", Path("/nonexistent"))


@pytest.mark.requirement("PRC-2")
def test_timeout_has_code_124(tmp_path: Path) -> None:
    done = python(WITHOUT_END, cwd=tmp_path, limits=Limits(wall=0.2))
    assert (done.status, done.code, done.reason) == ("TIMEOUT", 124, "no end within 0.2 s")
    assert 0.2 <= done.duration < 30


def test_what_was_written_before_the_timeout_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out_of_time_once(monkeypatch, (tmp_path / "said").exists)
    code = "print('begun', flush=True); open('said', 'w').close(); import time; time.sleep(60)"
    done = python(code, cwd=tmp_path)
    assert (done.status, done.text) == ("TIMEOUT", "begun\n")


def test_ignored_sigterm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offspring.Offspring.end, "__defaults__", (0.1, time.sleep))
    out_of_time_once(monkeypatch, lambda: written(tmp_path / "pid"))
    code = """
        import os, pathlib, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pathlib.Path("pid").write_text(str(os.getpid()))
        time.sleep(60)
    """
    done = python(code, cwd=tmp_path)
    assert done.status == "TIMEOUT"
    assert not alive(pid_in(tmp_path / "pid"))


def test_request_to_end_is_heard_once_and_its_last_words_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offspring.Offspring.end, "__defaults__", (20.0, time.sleep))
    out_of_time_once(monkeypatch, (tmp_path / "ready").exists)
    code = """
        import signal, sys, time
        def last(*_):
            print("x" * 200_000, flush=True)
            sys.exit(0)
        signal.signal(signal.SIGTERM, last)
        print("ready", flush=True)
        open("ready", "w").close()
        time.sleep(60)
    """
    done = python(code, cwd=tmp_path)
    assert done.status == "TIMEOUT"
    assert len(done.stdout) == len("ready\n") + 200_001


@pytest.mark.requirement("PRC-2")
def test_late_end_is_a_timeout_even_if_nothing_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A machine that was suspended, or so busy that nobody looked: the child is over, but so is its time.
    monkeypatch.setattr(living.Living, "_excess", lambda self, cancel: "")
    done = python("import time; time.sleep(0.3)", cwd=tmp_path, limits=Limits(wall=0.1))
    assert (done.status, done.code) == ("TIMEOUT", 124)


def test_closed_output_does_not_count_as_the_end(tmp_path: Path) -> None:
    code = """
        import os, pathlib, time
        os.close(1); os.close(2)
        time.sleep(0.3)
        pathlib.Path("after").write_text("x")
        os._exit(4)
    """
    done = python(code, cwd=tmp_path)
    assert (done.status, done.code) == ("FAILED", 4)
    assert (tmp_path / "after").exists()


def test_cancel(tmp_path: Path) -> None:
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    done = python(WITHOUT_END, cwd=tmp_path, cancel=cancel)
    assert (done.status, done.reason) == ("KILLED", "ended by gates: cancelled")


@pytest.mark.requirement("PRC-3")
@GROUPS
@pytest.mark.parametrize("how", [("session",), ("session", "silent"), ("silent",), ()], ids="+".join)
def test_grandchild_does_not_outlive_a_normal_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...], *, groups: bool
) -> None:
    forbid_groups(monkeypatch, groups=groups)
    done = python(SLEEPER, str(tmp_path / "pid"), *how, cwd=tmp_path)
    assert (done.status, done.reason) == ("OK", "exit code 0; what it left running had to be ended")
    assert not alive(pid_in(tmp_path / "pid"))


def test_grandchild_that_forgot_everything_is_found_by_its_control_group(tmp_path: Path) -> None:
    group = cgroup.create("probe", None)
    if isinstance(group, str):
        pytest.skip(group)
    group.remove()
    done = python(SLEEPER, str(tmp_path / "pid"), "session", "bare", cwd=tmp_path)
    assert done.status == "OK"
    assert not alive(pid_in(tmp_path / "pid"))


def test_daemon_out_of_reach_neither_hangs_the_run_nor_goes_unsaid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_groups(monkeypatch, groups=False)
    monkeypatch.setattr(living, "DRAIN", 0.2)
    done = python(SLEEPER, str(tmp_path / "pid"), "session", "bare", cwd=tmp_path)
    daemon = pid_in(tmp_path / "pid")
    os.kill(daemon, signal.SIGKILL)
    group = next(one for one in done.enforced if one.limit == "group")
    assert (group.applied, group.reason) == (False, "something of it is still alive")


def test_daemon_out_of_reach_breaks_a_required_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_groups(monkeypatch, groups=False)
    monkeypatch.setattr(living, "DRAIN", 0.2)
    limits = Limits(wall=30.0, required=frozenset({"group"}))
    done = python(SLEEPER, str(tmp_path / "pid"), "session", "bare", cwd=tmp_path, limits=limits)
    os.kill(pid_in(tmp_path / "pid"), signal.SIGKILL)
    assert done.status == "INTERNAL_ERROR"


@pytest.mark.requirement("PRC-3")
@GROUPS
def test_grandchild_does_not_outlive_a_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, groups: bool
) -> None:
    forbid_groups(monkeypatch, groups=groups)
    out_of_time_once(monkeypatch, (tmp_path / "pid").exists)
    code = f"{SLEEPER}\nimport time; time.sleep(60)"
    done = python(code, str(tmp_path / "pid"), "session", cwd=tmp_path)
    assert done.status == "TIMEOUT"
    assert not alive(pid_in(tmp_path / "pid"))


@GROUPS
def test_tree_that_grows_while_it_is_felled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, groups: bool) -> None:
    forbid_groups(monkeypatch, groups=groups)
    code = """
        import os, pathlib, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        until = time.monotonic() + 60
        for _ in range(4):
            if os.fork() == 0:
                os.setsid()
        while time.monotonic() < until:
            if os.fork() == 0:
                pathlib.Path("pids", str(os.getpid())).touch()
                time.sleep(0.05)
                os._exit(0)
            try:
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    pass
            except ChildProcessError:
                pass
            time.sleep(0.01)
    """
    (tmp_path / "pids").mkdir()
    monkeypatch.setattr(offspring.Offspring.end, "__defaults__", (0.1, time.sleep))
    out_of_time_once(monkeypatch, lambda: len(list((tmp_path / "pids").iterdir())) > 50)
    done = python(code, cwd=tmp_path)
    assert done.status == "TIMEOUT"
    born = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert born
    assert not [pid for pid in born if alive(pid)]


def test_memory_of_one_process(tmp_path: Path) -> None:
    code = "x = bytearray(b'y') * (300 << 20); import time; time.sleep(60)"
    done = python(code, cwd=tmp_path, limits=Limits(wall=30.0, memory=100 << 20))
    assert (done.status, done.reason) == ("MEM_LIMIT", f"more than {100 << 20} bytes of memory")
    memory = next(one for one in done.enforced if one.limit == "memory")
    assert (memory.detected, memory.applied) == (True, True)


def test_memory_of_the_whole_tree(tmp_path: Path) -> None:
    code = """
        import os, time
        for _ in range(3):
            if os.fork() == 0:
                break
        x = bytearray(b"y") * (60 << 20)
        time.sleep(60)
    """
    done = python(code, cwd=tmp_path, limits=Limits(wall=30.0, memory=150 << 20))
    assert done.status == "MEM_LIMIT"


def test_memory_that_forked_processes_share_counts_once(tmp_path: Path) -> None:
    code = """
        import os, time
        x = bytearray(b"y") * (60 << 20)
        for _ in range(3):
            if os.fork() == 0:
                time.sleep(0.5)
                os._exit(0)
        time.sleep(0.6)
    """
    assert python(code, cwd=tmp_path, limits=Limits(wall=30.0, memory=150 << 20)).status == "OK"


def test_end_all_ends_children_of_every_thread(tmp_path: Path) -> None:
    ended: list[Completed] = []

    def work(name: str) -> None:
        code = f"{SLEEPER}\nimport time; time.sleep(60)"
        ended.append(python(code, str(tmp_path / name), "session", "silent", cwd=tmp_path))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    grandchildren = [pid_in(tmp_path / name) for name in ("one", "two")]
    end_all()
    assert not any(alive(pid) for pid in grandchildren)
    for thread in threads:
        thread.join(10)
    assert [(done.status, done.reason) for done in ended] == [("KILLED", "ended by gates: interrupted")] * 2


def test_end_all_without_children() -> None:
    end_all()


def test_child_that_was_being_started_when_all_were_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = starting.start
    ending = threading.Thread(target=end_all)

    def slow(words: tuple[str, ...], cwd: Path, env: dict[str, str], limit: Limits) -> subprocess.Popen[bytes]:
        process = real(words, cwd, env, limit)
        ending.start()
        ending.join(0.2)
        return process

    monkeypatch.setattr(starting, "start", slow)
    done = python(WITHOUT_END, cwd=tmp_path)
    ending.join(20)
    assert done.reason == "ended by gates: interrupted"


def test_child_that_was_asked_for_before_all_were_ended_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = cgroup.create

    def late(name: str, memory: int | None) -> cgroup.Cgroup | str:
        end_all()
        return real(name, memory)

    monkeypatch.setattr(cgroup, "create", late)
    done = python(BORN, cwd=tmp_path)
    assert (done.status, done.code, done.reason) == ("KILLED", None, "not started by gates: interrupted")
    assert not (tmp_path / "born").exists()


def test_cancelled_run_starts_nothing(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    done = python(BORN, cwd=tmp_path, cancel=cancel)
    assert (done.status, done.reason) == ("KILLED", "not started by gates: cancelled")
    assert not (tmp_path / "born").exists()


def test_nothing_is_started_once_the_register_is_closed_until_it_is_opened(tmp_path: Path) -> None:
    try:
        assert end_all(closing=True)
        done = python(BORN, cwd=tmp_path)
        assert (done.status, done.reason) == ("KILLED", "not started by gates: interrupted")
        assert not (tmp_path / "born").exists()
    finally:
        register.open()
    assert python(BORN, cwd=tmp_path).status == "OK"


def test_what_survived_its_end_is_not_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Completed] = []
    monkeypatch.setattr(offspring.Offspring, "insist", lambda self: 1)
    thread = threading.Thread(target=lambda: ended.append(python(BORN + WITHOUT_END, cwd=tmp_path)))
    thread.start()
    pid_in(tmp_path / "born")
    try:
        assert not end_all()
        thread.join(20)
        assert not end_all(), "what survived is forgotten"
    finally:
        register.open()
    assert end_all()


def test_interrupt_in_the_thread_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: living.Living, cancel: object) -> str:
        if (tmp_path / "pid").exists():
            raise KeyboardInterrupt
        return ""

    monkeypatch.setattr(living.Living, "_excess", interrupt)
    code = f"{SLEEPER}\nimport time; time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        python(code, str(tmp_path / "pid"), "session", cwd=tmp_path)
    assert not alive(pid_in(tmp_path / "pid"))
    assert not register.running


def interruptible(body: str, folder: Path, *args: str) -> subprocess.Popen[bytes]:
    """A process that runs `body`, which has `run`, `end_all`, `wait` and its arguments in `sys.argv[2:]`.

    `wait` sleeps in pieces: an interruption that comes while a thread waits for the GIL is seen after its next call.
    """
    code = f"""\
import os, sys, threading, time
sys.path[:0] = sys.argv[1].split('|')
from pathlib import Path
from gates.process.child import end_all, run

def wait():
    while True:
        time.sleep(0.05)

{textwrap.dedent(body)}"""
    return subprocess.Popen([sys.executable, "-c", code, "|".join(sys.path), *args], cwd=folder)


@pytest.mark.requirement("PRC-3")
def test_control_c_ends_every_child(tmp_path: Path) -> None:
    body = f"""
        sleeper = {SLEEPER!r} + "\\nimport time; time.sleep(60)"
        def work():
            run([sys.executable, "-c", sleeper, sys.argv[2], "session", "silent"], cwd=Path("."), env={{}})
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            wait()
        except KeyboardInterrupt:
            end_all()
            sys.exit(130)
    """
    gates = interruptible(body, tmp_path, str(tmp_path / "pid"))
    grandchild = pid_in(tmp_path / "pid")
    gates.send_signal(signal.SIGINT)
    assert gates.wait(45) == 130
    assert not alive(grandchild)


def test_control_c_while_children_are_started_in_a_loop(tmp_path: Path) -> None:
    body = """
        code = "import os, pathlib, time; pathlib.Path('pids', str(os.getpid())).touch(); time.sleep(60)"
        def work():
            while "not started" not in run([sys.executable, "-I", "-S", "-c", code], cwd=Path("."), env={}).reason:
                pass
        try:
            for _ in range(6):
                threading.Thread(target=work, daemon=True).start()
            wait()
        except KeyboardInterrupt:
            end_all(closing=True)
            os._exit(130)
    """
    (tmp_path / "pids").mkdir()
    gates = interruptible(body, tmp_path)
    while not any((tmp_path / "pids").iterdir()):
        assert gates.poll() is None
        time.sleep(0.01)
    gates.send_signal(signal.SIGINT)
    assert gates.wait(45) == 130
    time.sleep(0.1)
    assert not [path.name for path in (tmp_path / "pids").iterdir() if alive(int(path.name))]


def test_a_second_control_c_does_not_cut_the_end_short(tmp_path: Path) -> None:
    body = """
        code = "import os, pathlib, signal, time\\n" \
            "again = lambda *_: [os.kill(os.getppid(), number) for number in (2, 15, 1)]\\n" \
            "signal.signal(signal.SIGTERM, again)\\n" \
            "p = pathlib.Path('new'); p.write_text(str(os.getpid())); p.rename('pid'); time.sleep(60)"
        threading.Thread(target=run, args=([sys.executable, "-I", "-S", "-c", code],),
                         kwargs={"cwd": Path("."), "env": {}}, daemon=True).start()
        try:
            wait()
        except KeyboardInterrupt:
            gone = end_all(closing=True)
            try:
                os.kill(os.getpid(), 2)
            except KeyboardInterrupt:
                os._exit(130 if gone else 1)
    """
    gates = interruptible(body, tmp_path)
    child = pid_in(tmp_path / "pid")
    gates.send_signal(signal.SIGINT)
    assert gates.wait(45) == 130
    assert not alive(child)


def test_a_run_within_a_run_is_found_by_the_outer_one(tmp_path: Path) -> None:
    code = f"""
        import os, subprocess, sys
        sys.path[:0] = sys.argv[1].split('|')
        from pathlib import Path
        from gates.process import offspring
        env = offspring.marked(dict(os.environ), offspring.new_token())
        subprocess.run([sys.executable, "-c", {SLEEPER!r}, sys.argv[2], "session", "silent"], env=env)
    """
    done = python(code, "|".join(sys.path), str(tmp_path / "pid"), cwd=tmp_path)
    assert done.status == "OK"
    assert not alive(pid_in(tmp_path / "pid"))


def test_no_control_group_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = cgroup.create
    made: list[cgroup.Cgroup] = []

    def create(name: str, memory: int | None) -> cgroup.Cgroup | str:
        group = real(name, memory)
        if isinstance(group, str):
            pytest.skip(group)
        made.append(group)
        return group

    monkeypatch.setattr(cgroup, "create", create)
    python("pass", cwd=tmp_path)
    # Those of others come and go beside it.
    assert [group.path.exists() for group in made] == [False]
