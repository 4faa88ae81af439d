"""Threads: those that outlive their test are named with what they do; those of tools and those that end are not."""

from __future__ import annotations

import sys
import threading

import pytest

from pytest_vltair.leaks.threads import Threads
from pytest_vltair.leaks.values import MISSING
from support.leaving import accused


def test_what_is_left_is_named_once(pytester: pytest.Pytester) -> None:
    source = """
        import concurrent.futures, threading, time
        stop, kept = threading.Event(), []
        def poll(): stop.wait(20)
        class Own(threading.Thread):
            def run(self): poll()
        def test_thread(): threading.Thread(target=poll, name="feed").start()
        def test_subclass(): Own(name="own", daemon=True).start()
        def test_builtin(): threading.Thread(target=time.sleep, args=(1,), name="nap").start()
        def test_pool():
            kept.append(concurrent.futures.ThreadPoolExecutor(1))
            kept[0].submit(len, "x").result()
        def test_next(): pass
        def test_ends(): stop.set(); kept[0].shutdown()
    """
    found = accused(pytester, "threads", source)
    assert found["test_thread"][0].startswith('thread "feed" still runs poll (')
    assert found["test_subclass"][0].startswith('thread "own" still runs poll (')
    assert found["test_builtin"] == ['thread "nap" still runs sleep!']
    assert found["test_pool"][0].endswith("it waits in a ThreadPoolExecutor that was not shut down!")
    assert list(found) == ["test_thread", "test_subclass", "test_builtin", "test_pool"]


def test_innocent(pytester: pytest.Pytester) -> None:
    source = """
        import asyncio, concurrent.futures, pytest, threading, time
        from pytest_vltair.leaks import threads
        real = threading.Thread
        @pytest.fixture(scope="session")
        def server():
            stop = threading.Event()
            thread = threading.Thread(target=stop.wait)
            thread.start()
            yield
            stop.set()
            thread.join()
        def test_joined():
            thread = threading.Thread(target=len, args=("x",)); thread.start(); thread.join()
        def test_about_to_end():
            threads.GRACE = 20.0  # a busy machine takes its time
            threading.Thread(target=time.sleep, args=(0.03,)).start()
        def test_moment(): threads.GRACE = 0.1
        def test_uses_server(server): pass
        def test_pool():
            with concurrent.futures.ThreadPoolExecutor() as pool: pool.submit(len, "x").result()
        def test_async():
            async def work(): await asyncio.to_thread(len, "x")
            asyncio.run(work())
        def test_tool(): threading.Thread(target=time.sleep, args=(1,), name="pytest_timeout test").start()
        def test_patched(monkeypatch):
            monkeypatch.setattr(threading, "enumerate", lambda: 1 / 0); monkeypatch.setattr(time, "sleep", 0)
    """
    assert accused(pytester, "threads", source) == {}


class Slow(threading.Thread):
    """Claims to be a tool's by its module."""

    __module__ = "debugpy.server"

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()

    def run(self) -> None:
        self.stop.wait(20)


def test_threads_of_debuggers_are_theirs() -> None:
    probe = Threads()
    known = probe.look()
    thread = Slow()
    thread.start()
    try:
        assert not probe.changed(known)
    finally:
        thread.stop.set()
        thread.join()


def test_ended_in_time_is_put_back_and_innocent() -> None:
    probe = Threads()
    known = probe.look()
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="mine")
    thread.start()
    assert probe.changed(known)
    key = id(thread)
    assert not probe.same(key, MISSING, probe.look()[key])
    assert not probe.restore(key, MISSING, thread)
    stop.set()
    thread.join()
    assert probe.restore(key, MISSING, thread)
    assert probe.same(key, MISSING, thread)
    assert probe.same(key, thread, MISSING)
    assert not probe.changed(known)


def test_what_started_is_told_where_no_frame_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_current_frames", dict)
    probe = Threads()
    assert probe.describe(1, MISSING, threading.Thread(target=len, name="a")) == 'thread "a" still runs len'
    odd = threading.Thread(target=Slow, name="b")
    assert probe.describe(1, MISSING, odd) == 'thread "b" still runs'
