"""What each process held, and what tests left behind, as lines of a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gates.model.recorded_run import Fixed, Leaked
from support.recordings import PLAIN, WITH_XDIST, Recording, read

Run = Callable[..., Recording]


@pytest.fixture
def record(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PYTHONHASHSEED", "0")

    def run(*args: str, xdist: bool = False) -> Recording:
        path = Path(pytester.path, "run.jsonl")
        pytester.runpytest_subprocess(
            *(WITH_XDIST if xdist else PLAIN), "-pno:cacheprovider", f"--vltair-record={path}", *args
        )
        return read(path)

    return run


TEST = "def test_one(): pass\ndef test_two(): pass\n"
LEAK = "import os\ndef test_one(): os.environ['LEFT'] = '1'\ndef test_two(): assert 'LEFT' not in os.environ\n"


def test_a_run_that_fixes_nothing_says_so_twice(record: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TEST)
    recording = record()
    lines = recording.all(Fixed)
    assert [(one.worker, one.when, one.mode, one.leaks, one.kinds) for one in lines] == [
        (None, "start", "off", "off", []),
        (None, "end", "off", "off", []),
    ]
    assert [dict(one.factors) for one in lines] == [{}, {}]
    order = [type(line).__name__ for line in recording.lines]
    assert order.index("Fixed") < order.index("Collected") < order.index("Phase")


def test_what_is_fixed_is_said_with_its_place_at_both_ends(record: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvltair = fix\nvltair_timezone = Asia/Kathmandu\n")
    pytester.makepyfile("import os\ndef test_one(): os.environ['TZ'] = 'UTC'\n")
    start, end = record().all(Fixed)
    assert (start.mode, start.leaks) == ("fix", "off")
    held = start.factors["timezone"]
    assert (held.demanded, held.place, held.shown) == ("Asia/Kathmandu", "tox.ini:3", "Asia/Kathmandu")
    assert end.factors["timezone"].demanded == "Asia/Kathmandu"
    assert end.factors["timezone"].shown != "Asia/Kathmandu"
    assert start.factors["seed"].shown == end.factors["seed"].shown == start.factors["seed"].demanded == "0"


def test_a_conftest_that_changes_a_value_is_seen_at_the_start(record: Run, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import os\nos.umask(0o077)\n")
    pytester.makepyfile(TEST)
    start = record("--vltair=fix").all(Fixed)[0]
    assert (start.factors["umask"].demanded, start.factors["umask"].shown) == ("022", "077")


BROKEN = """
class Broken:
    kind = "broken"
    def changed(self, known): raise ValueError("no more")
    def look(self): return {}
    def same(self, key, before, after): return before == after
    def describe(self, key, before, after): return ""
    def restore(self, key, before, after): pass

def pytest_vltair_leak_probes(config): return [Broken()]
"""


def test_kinds_that_are_no_longer_looked_for_and_leaks_that_are_allowed(record: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvltair = guard\nvltair_leaks_allow =\n    umask\n    environment: A*\n")
    pytester.makeconftest(BROKEN)
    pytester.makepyfile(TEST)
    start, end = record().all(Fixed)
    assert set(start.kinds) - set(end.kinds) == {"broken"}
    assert start.allowed == end.allowed == ["environment: A*", "umask"]


LATE = """
import os, pytest

@pytest.fixture(scope="session", autouse=True)
def late():
    os.environ["LEFT"] = "1"

def test_one(): pass
def test_two(): pytest.exit("enough", returncode=0)
"""


@pytest.mark.parametrize(("mode", "code"), [("report", 0), ("error", 1)])
def test_what_a_fixture_leaves_when_the_session_ends_is_recorded_and_fails_the_run(
    record: Run, pytester: pytest.Pytester, mode: str, code: int
) -> None:
    pytester.makepyfile(LATE)
    recording = record("--vltair=guard", f"--vltair-leaks={mode}")
    (leak,) = recording.all(Leaked)
    assert (leak.nodeid, leak.kind, leak.by, leak.restored, leak.worker) == (
        "test_what_a_fixture_leaves_when_the_session_ends_is_recorded_and_fails_the_run.py::test_two",
        "environment",
        "session fixture late",
        True,
        None,
    )
    assert (recording.end.exitstatus, recording.end.leaks) == (code, 1)


@pytest.mark.parametrize("mode", ["load", "each", "loadscope"])
def test_every_worker_says_what_it_held(record: Run, pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(TEST)
    lines = record("--vltair=guard", "--dist", mode, "--tx", "2*popen", xdist=True).all(Fixed)
    assert sorted((one.worker or "", one.when) for one in lines) == [
        ("", "end"),
        ("", "start"),
        ("gw0", "end"),
        ("gw0", "start"),
        ("gw1", "end"),
        ("gw1", "start"),
    ]
    assert {one.leaks for one in lines} == {"report"}
    assert all("environment" in one.kinds for one in lines)
    assert {one.factors["timezone"].shown for one in lines} == {"UTC"}


@pytest.mark.requirement("PYT-6")
@pytest.mark.parametrize("xdist", [False, True])
def test_a_leak_is_a_line_at_its_test(record: Run, pytester: pytest.Pytester, xdist: bool) -> None:
    pytester.makepyfile(LEAK)
    recording = record("--vltair=guard", *(("-n", "1") if xdist else ()), xdist=xdist)
    (leak,) = recording.all(Leaked)
    assert (leak.nodeid.partition("::")[2], leak.kind, leak.by, leak.restored) == (
        "test_one",
        "environment",
        "test",
        True,
    )
    assert "LEFT" in leak.what
    assert leak.worker == ("gw0" if xdist else None)
    assert recording.end.exitstatus == 0


@pytest.mark.requirement("PYT-6")
def test_a_leak_that_is_an_error_is_a_line_too(record: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LEAK)
    recording = record("--vltair=guard", "--vltair-leaks=error")
    assert len(recording.all(Leaked)) == 1
    assert recording.phase("test_one", "teardown").outcome == "failed"
