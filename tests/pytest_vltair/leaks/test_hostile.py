"""Tests that treat the process badly: who leaves nothing is not accused, who leaves something is; the guard goes on."""

from __future__ import annotations

import re
import signal
import sys

import pytest

from support.hostile import HARMFUL, HARMLESS, LEFT, SHOP
from support.recordings import PLAIN, WITH_XDIST

GUARD = ("--vltair=guard", "-p", "no:cacheprovider")
LEAK = re.compile(r"(?:\S*::)?(\w+) left behind: ([\w-]+): .*")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, signals, limits")


def left(result: pytest.RunResult) -> dict[str, set[str]]:
    """The kinds of what was left behind, by test; the guard has not stumbled on the way."""
    text = result.stdout.str() + result.stderr.str()
    assert "no longer looked for" not in text
    assert "pytest_vltair/" not in text, text
    assert "INTERNALERROR" not in text, text
    assert "\x1b" not in text
    found: dict[str, set[str]] = {}
    for line in result.outlines:
        match = LEAK.fullmatch(line)
        if match:
            found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.mark.parametrize("workers", [(), ("-n2", "--dist=loadfile")], ids=["alone", "workers"])
def test_nobody_who_leaves_nothing_is_accused(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    if workers:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_harmless=HARMLESS, test_again=HARMLESS)
    result = pytester.runpytest_subprocess(*(WITH_XDIST if workers else PLAIN), *GUARD, *workers)
    tests = HARMLESS.count("def test_") - 1
    outcomes = {name: count for name, count in result.parseoutcomes().items() if "warning" not in name}
    assert outcomes == {"passed": 2 * tests, "xfailed": 2}, result.outlines
    assert left(result) == {}


@pytest.mark.parametrize("workers", [(), ("-n2", "--dist=loadfile")], ids=["alone", "workers"])
def test_everybody_who_leaves_something_is_named(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    if workers:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_harmful=HARMFUL, shop=SHOP, test_other="def test_other(): pass\n")
    result = pytester.runpytest_subprocess(*(WITH_XDIST if workers else PLAIN), *GUARD, *workers)
    assert set(result.parseoutcomes()) == {"passed"}, result.outlines
    assert left(result) == LEFT
    assert r"A\nB\x1b[31m was absent" in result.stdout.str()


def test_a_thread_that_goes_on_may_have_done_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_threads="""
        import os, threading
        go, done, end = threading.Event(), threading.Event(), threading.Event()
        def there():
            go.wait(10)
            os.environ["LATE"] = "1"
            done.set()
            end.wait(10)
        def test_starts(): threading.Thread(target=there, daemon=True).start()
        def test_meanwhile(): go.set(); assert done.wait(10)
        def test_ends(): end.set(); [one.join() for one in threading.enumerate() if one is not threading.main_thread()]
        def test_alone(): os.environ["OWN"] = "1"
        """
    )
    result = pytester.runpytest_subprocess(*PLAIN, *GUARD)
    assert left(result) == {
        "test_starts": {"threads"},
        "test_meanwhile": {"environment"},
        "test_alone": {"environment"},
    }
    doubt = 'LATE was absent and is "1", unless a thread did it that test_threads.py::test_starts left running'
    assert doubt in result.stdout.str()
    assert 'OWN was absent and is "1" (put back)' in result.stdout.str()


ENDS = {
    "exit": "os._exit(3)",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "fault": "ctypes.string_at(0)",
}


@pytest.mark.parametrize("how", ENDS)
def test_a_process_that_ends_ends_as_without(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(f"import ctypes, os, signal\ndef test_first(): pass\ndef test_ends(): {ENDS[how]}\n")
    result = pytester.runpytest_subprocess(*PLAIN, *GUARD)
    assert result.ret == {"exit": 3, "killed": -signal.SIGKILL, "fault": -signal.SIGSEGV}[how]
    assert left(result) == {}


@pytest.mark.parametrize("how", ["exit", "killed"])
def test_a_worker_that_ends_is_named_by_xdist(pytester: pytest.Pytester, how: str) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(
        f"import os, pytest, signal\ndef test_ends(): {ENDS[how]}\n"
        "@pytest.mark.parametrize('n', range(20))\ndef test_other(n): pass\n"
    )
    result = pytester.runpytest_subprocess(*WITH_XDIST, *GUARD, "-n2")
    assert result.parseoutcomes() == {"failed": 1, "passed": 20}, result.outlines
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running '*::test_ends'*"])
    assert left(result) == {}


def test_closed_and_replaced_output_is_no_trouble(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import io, os, sys
        def test_replaced(): sys.stdout = io.StringIO()
        def test_none(): sys.stderr = None
        def test_closed(): os.close(0); os.close(1); os.close(2)
        def test_after(): print("said")
        """
    )
    result = pytester.runpytest_subprocess(*PLAIN, *GUARD)
    assert result.parseoutcomes() == {"passed": 4}
    assert left(result) == {}
