"""Adapters: editors and debuggers that run tests talk to the outside as ever, and no test is accused of that."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.manners import EVERYTHING, ORDERED, QUIET, needs, run

SUITE = """
    import random, time, urllib.request
    import pytest
    from pytest_vltair.fixed.blocking import BlockedNetwork
    @pytest.mark.parametrize("n", range(3))
    def test_draw(n):
        print(random.random())
        assert time.gmtime().tm_year == 2020
    def test_network():
        with pytest.raises(BlockedNetwork): urllib.request.urlopen("http://192.0.2.1/", timeout=1)
    def test_fails(): assert False
"""
ADAPTER = """
    # Tells a listener of each test, at the hooks where the adapter of Visual Studio Code does.
    import json, os, queue, socket, threading
    import pytest
    WHERE, FIRST, THREAD = os.environ["TEST_RUN_PIPE"], "FIRST" in os.environ, "THREAD" in os.environ
    writers, threads, messages = [], [], queue.Queue()
    def connect():
        kind, _, place = WHERE.partition("=")
        if kind == "pipe": return open(place, "wb", buffering=0).write
        family, to = (socket.AF_UNIX, place) if kind == "unix" else (socket.AF_INET, ("127.0.0.1", int(place)))
        one = socket.socket(family)
        one.connect(to)
        return one.sendall
    def send(what): writers[0](json.dumps(what).encode() + b"\\n")
    def pump():
        while (what := messages.get()) is not None: send(what)
    def tell(**what):
        if not writers: writers.append(connect())
        if not THREAD: return send(what)
        if not threads:
            threads.append(threading.Thread(target=pump, daemon=True))
            threads[0].start()
        messages.put(what)
    def pytest_load_initial_conftests(): assert os.environ["TEST_RUN_PIPE"] == WHERE
    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_report_teststatus(report):
        if report.when == "call": tell(id=report.nodeid, outcome=report.outcome)
        yield
    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_protocol(item):
        if FIRST: tell(id=item.nodeid, begins=True)
        yield
    def pytest_exception_interact(node, report): tell(id=node.nodeid, message=report.longreprtext)
    def pytest_sessionfinish(exitstatus):
        tell(ended=int(exitstatus))
        if threads: messages.put(None), threads[0].join()
"""
LISTENER = """
    import os, socket, sys
    kind = sys.argv[1]
    if kind == "pipe":
        os.mkfifo("place")
        print("pipe=place", flush=True)
        data = open("place", "rb").read()
    else:
        server = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
        server.bind("place" if kind == "unix" else ("127.0.0.1", 0))
        server.listen()
        print("unix=place" if kind == "unix" else f"tcp={server.getsockname()[1]}", flush=True)
        found = server.accept()[0]
        data = b""
        while more := found.recv(4096): data += more
    sys.stdout.write(data.decode())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the listener needs the named pipes of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "unix", "tcp"])
@pytest.mark.parametrize("talks", ["FIRST", "LATE"])
@pytest.mark.parametrize("sender", ["HERE", "THREAD"])
def test_an_editors_adapter(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, kind: str, talks: str, sender: str
) -> None:
    """Whatever it opens, and whenever, it is heard."""
    pytester.makepyfile(adapter=ADAPTER, test_suite=SUITE, listener=LISTENER)
    argv = [sys.executable, "listener.py", kind]
    with subprocess.Popen(argv, cwd=pytester.path, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        monkeypatch.setenv("TEST_RUN_PIPE", listener.stdout.readline().strip())
        monkeypatch.setenv(talks, "1")
        monkeypatch.setenv(sender, "1")
        try:
            result = run(pytester, *ORDERED, "-p", "adapter", "-o", "vltair_environment=ONLY")
            heard = listener.communicate(timeout=20)[0]
        finally:
            listener.kill()
    result.assert_outcomes(passed=4, failed=1)
    assert heard.count('"outcome": "passed"') == 4
    assert heard.count('"begins"') == (5 if talks == "FIRST" else 0)
    assert '"message"' in heard
    assert '{"ended": 1}' in heard


def test_a_debugger(pytester: pytest.Pytester) -> None:
    """Its threads and sockets are accused of nothing, and reach whom they want to."""
    needs("debugpy")
    pytester.makepyfile(test_suite=SUITE)
    argv = [sys.executable, "-Xfrozen_modules=off", "-m", "debugpy", "--listen", "127.0.0.1:0", "-m", "pytest"]
    argv += [*QUIET, *EVERYTHING, *ORDERED]
    done = subprocess.run(argv, cwd=pytester.path, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 4 passed" in done.stdout
    assert "left behind" not in done.stdout


def test_the_debugger_of_python(pytester: pytest.Pytester) -> None:
    """Its handler of the interrupt, which it sets at `continue` and takes away again, is nobody's leak."""
    suite = "def test_a(): breakpoint()\ndef test_b(): breakpoint()\ndef test_c(): pass\ndef test_fails(): assert 0\n"
    pytester.makepyfile(test_suite=suite)
    argv = [sys.executable, "-m", "pytest", *QUIET, *EVERYTHING, *ORDERED, "--pdb"]
    said = "p 6*7\nc\n" * 3
    done = subprocess.run(argv, cwd=pytester.path, input=said, capture_output=True, text=True, timeout=600, check=False)
    assert done.stdout.count("(Pdb) 42\n") == 3, done.stdout
    assert "1 failed, 3 passed" in done.stdout, done.stdout
    assert "left behind" not in done.stdout
