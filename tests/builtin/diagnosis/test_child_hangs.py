"""Tests that do not end, as the child finds them: real pytest processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from builtin.diagnosis.child_runs import run
from gates.builtin.diagnosis.child.stacks import hung

SLEEPS = """
    import time

    def test_before(): pass

    def test_hang():
        wait()

    def wait():
        time.sleep(600)
"""
HOLDS = """
    import ctypes
    import ctypes.util
    NAME = ctypes.util.find_library("c")
    def test_hang():
        library = ctypes.PyDLL(NAME)
        library.sleep(600)
"""


def test_a_sleep(tmp_path: Path) -> None:
    ran = run(tmp_path, {"test_a.py": SLEEPS}, limit=1.0)
    (told,) = ran.of("hung")
    assert (told["id"], told["turn"], told["path"], told["line"]) == ("test_a.py::test_hang", 1, "test_a.py", 10)
    assert "test_a.py:10 in wait" in told["stack"]
    assert not any(str(tmp_path) in frame for frame in told["stack"])
    assert ran.status == 124
    assert ran.ended == {("test_a.py::test_before", 1): "passed"}


def test_a_call_that_holds_the_interpreter(tmp_path: Path) -> None:
    if not (library := pytest.importorskip("ctypes.util").find_library("c")):
        pytest.skip(f"no C library is found: {library}")
    ran = run(tmp_path, {"test_a.py": HOLDS}, limit=1.0)
    (told,) = ran.of("hung")
    assert (told["id"], told["path"], told["line"]) == ("test_a.py::test_hang", "test_a.py", 7)
    assert ran.status == 1


def test_a_call_that_holds_the_interpreter_after_a_failure(tmp_path: Path) -> None:
    text = """
        import ctypes, ctypes.util, pytest
        NAME = ctypes.util.find_library("c")
        @pytest.fixture
        def held():
            yield
            ctypes.PyDLL(NAME).sleep(600)

        def test_hang(held):
            assert False
    """
    ran = run(tmp_path, {"test_a.py": text}, limit=1.0)
    assert [(one["path"], one["line"]) for one in ran.of("hung")] == [("test_a.py", 7)]


@pytest.mark.parametrize("phase", ["setup", "teardown"])
def test_a_fixture_that_hangs(tmp_path: Path, phase: str) -> None:
    body = "while True: pass\n    yield" if phase == "setup" else "yield\n    while True: pass"
    text = f"import pytest\n@pytest.fixture\ndef held():\n    {body}\ndef test_hang(held): pass\n"
    ran = run(tmp_path, {"test_a.py": text}, limit=1.0, settings={"repeat": "2"})
    assert [(one["id"], one["path"]) for one in ran.of("hung")] == [("test_a.py::test_hang", "test_a.py")]


def test_a_clock_that_tests_turn_is_not_the_one_that_counts(tmp_path: Path) -> None:
    text = """
        import time
        def test_long(monkeypatch):
            monkeypatch.setattr(time, "monotonic", lambda: 1e12)
            time.sleep(0.3)
        def test_many(monkeypatch):
            time.sleep(0.3)
        def test_more(): time.sleep(0.6)
    """
    ran = run(tmp_path, {"test_a.py": text}, limit=20.0, settings={"clock": "2042-11-05T09:17:03Z"})
    assert set(ran.ended.values()) == {"passed"}
    assert all(0.0 <= one["seconds"] < 15 for one in ran.of("ended"))


def test_forks_and_threads_of_the_tests_are_their_own(tmp_path: Path) -> None:
    text = """
        import os, threading, warnings
        def test_threads():
            assert threading.active_count() == 1
        def test_fork():
            warnings.simplefilter("error")
            for _ in range(10):
                if os.fork() == 0:
                    os._exit(0)
                os.wait()
        def test_after(): pass
        def test_hang():
            if os.fork() == 0:
                os._exit(0)
            while True: pass
    """
    ran = run(tmp_path, {"test_a.py": text}, limit=2.0)
    assert list(ran.ended.values()) == ["passed"] * 3
    assert [one["id"] for one in ran.of("hung")] == ["test_a.py::test_hang"]


def test_the_stack_of_the_first_thread_is_read() -> None:
    text = """Timeout (0:00:03)!
Thread 0x00007f (most recent call first):
  File "/srv/p/other.py", line 3 in other
Thread 0x00007e (most recent call first):
  File "/usr/lib/python3.11/socket.py", line 706 in readinto
  File "/srv/p/.venv/lib/site-packages/x.py", line 2 in call
  File "/srv/p/tests/test_a.py", line 9 in test_a
  File "/srv/p/tests/test_a.py", line 1 in outer
"""
    told = hung(text, "/srv/p")
    assert (told["path"], told["line"]) == ("tests/test_a.py", 9)
    assert told["stack"][:2] == ["python3.11/socket.py:706 in readinto", "site-packages/x.py:2 in call"]
    assert hung("Timeout (0:00:03)!\nThread 0x0", "/srv/p") == {"path": None, "line": None, "stack": []}
