"""The clock, what is late, processors, the mask of permissions, and what is noted of writes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from diagnose.perturbed import perturbed
from support.trial_library import trial_library

LEAP = "2028-02-29T12:00:00Z"
NEUTRAL = {"clock": "+0", "cpus": "+0", "listing": "wrapped"}
"""Values that change nothing: the means of a change are in place, and no more."""


def test_the_clock_goes_on_from_the_instant(tmp_path: Path) -> None:
    pytest.importorskip("time_machine")
    script = """
    import time, datetime, uuid
    from time import time as held
    real = time.clock_gettime(time.CLOCK_MONOTONIC)
    start, counter = time.time(), time.monotonic()
    time.sleep(0.05)
    tell(day=str(datetime.date.today()), iso=datetime.datetime.now(datetime.timezone.utc).isoformat()[:16],
         gmtime=time.gmtime().tm_year, text=time.strftime("%Y"), moved=time.time() > start, held=held() > start,
         monotonic=abs(time.monotonic() - counter) < 30, counter=time.perf_counter() < 10**8)
    """
    assert perturbed(tmp_path, script, {"clock": LEAP}) == {
        "day": "2028-02-29", "iso": "2028-02-29T12:00", "gmtime": 2028, "text": "2028", "moved": True, "held": True,
        "monotonic": True, "counter": True,
    }  # fmt: skip


def test_the_test_may_travel_itself(tmp_path: Path) -> None:
    pytest.importorskip("time_machine")
    script = """
    import datetime, time, time_machine
    year = lambda: datetime.date.today().year
    found = [year()]
    with time_machine.travel("2001-05-05"):
        found.append(year())
        with time_machine.travel("1999-05-05", tick=False):
            found.append(year())
    found.append(year())
    tell(found=found)
    """
    assert perturbed(tmp_path, script, {"clock": LEAP}) == {"found": [2028, 2001, 1999, 2028]}


def test_one_call_reads_another_clock(tmp_path: Path) -> None:
    pytest.importorskip("time_machine")
    script = """
    import time, time_machine
    real, switch, found = time.time(), circumstances.SWITCHES["clock"], []
    for _ in range(2):
        switch.apply()
        found.append(time.gmtime().tm_year)
        switch.remove()
    switch.apply()
    started = time_machine.travel("1999-05-05")
    started.start()
    switch.remove()
    inside = time.gmtime().tm_year
    started.stop()
    tell(found=found, back=abs(time.time() - real) < 30, inside=inside)
    """
    told = perturbed(tmp_path, script, {"clock": LEAP}, at=[["script.py", 5]])
    assert told == {"found": [2028, 2028], "back": True, "inside": 1999}


def test_without_time_machine_nothing_else_is_lost(tmp_path: Path) -> None:
    script = """
    import os, time
    tell(year=time.gmtime().tm_year, failed=circumstances.seen()["failed"], mask=oct(os.umask(0)))
    """
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "time_machine.py").write_text("raise ImportError('not here')", encoding="utf-8")
    told = perturbed(tmp_path, script, {"clock": LEAP, "umask": "077"}, variables={"PYTHONPATH": os.pathsep.join(
        [str(tmp_path / "project"), str(trial_library())])})  # fmt: skip
    assert told["year"] != 2028
    assert told["failed"] == {"clock": "ImportError: not here"}
    assert told["mask"] == "0o77"


THREADS = """
import asyncio, threading, time
from concurrent.futures import ThreadPoolExecutor
circumstances.SWITCHES["load"].late = 0.8
circumstances.before_test("a")

def late(begin):
    done, start = threading.Event(), time.monotonic()
    begin(done)
    assert done.wait(30)
    return time.monotonic() - start >= 0.8

class Own(threading.Thread):
    def __init__(self, done):
        super().__init__(daemon=True)
        self.done = done
    def run(self):
        self.done.set()

def plain(done):
    threading.Thread(target=done.set).start()
def derived(done):
    Own(done).start()
def pooled(done):
    with ThreadPoolExecutor(1) as pool: pool.submit(done.set).result()
def timed(done):
    time.sleep(0.01)
    done.set()
found = {one.__name__: late(one) for one in (plain, derived, pooled, timed)}
thread = threading.Thread(target=int)
thread.start(); thread.join()
try: thread.start()
except RuntimeError: found["twice"] = True
found["kept"] = "run" in vars(thread)
"""


@pytest.mark.parametrize(
    ("value", "late"), [("background", {"plain", "derived", "pooled"}), ("foreground", {"timed"}), ("none", set())]
)
def test_threads_or_sleeps_are_late(tmp_path: Path, value: str, late: set[str]) -> None:
    found = perturbed(tmp_path, THREADS + "tell(**found)", {"load": value})
    assert {name for name in ("plain", "derived", "pooled", "timed") if found[name]} == late
    assert (found["twice"], found["kept"]) == (True, False)


def test_hundreds_of_threads_are_late_only_a_little(tmp_path: Path) -> None:
    script = """
    import threading, time
    start = time.monotonic()
    for _ in range(100):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    tell(soon=time.monotonic() - start < 30)
    """
    assert perturbed(tmp_path, script, {"load": "background"}) == {"soon": True}


@pytest.mark.parametrize("number", [1, 4, 64])
def test_processors(tmp_path: Path, number: int) -> None:
    script = """
    import multiprocessing, os
    affinity = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))
    seen = [os.cpu_count(), getattr(os, "process_cpu_count", os.cpu_count)()]
    seen += [multiprocessing.cpu_count(), len(affinity(0))]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, affinity(0))
        one = {min(affinity(0))}
        os.sched_setaffinity(0, one)
        assert os.sched_getaffinity(0) == one
    tell(seen=seen)
    """
    assert perturbed(tmp_path, script, {"cpus": str(number)}) == {"seen": [number] * 4}


def test_umask_of_what_is_made(tmp_path: Path) -> None:
    script = """
    import os, subprocess, sys
    open("made", "w").close()
    subprocess.run([sys.executable, "-c", "open('child', 'w').close()"], check=True)
    tell(modes=[oct(os.stat(name).st_mode & 0o777) for name in ("made", "child")])
    """
    assert perturbed(tmp_path, script) == {"modes": ["0o644", "0o644"]}
    (tmp_path / "project" / "made").unlink()
    (tmp_path / "project" / "child").unlink()
    assert perturbed(tmp_path, script, {"umask": "077"}) == {"modes": ["0o600", "0o600"]}


def test_writes_outside_are_noted_and_go_on(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "old").touch()
    script = f"""
    import os, pathlib, shutil, tempfile
    out = pathlib.Path({str(outside)!r})
    circumstances.before_test("a")
    pathlib.Path("inside").write_text("x")
    open("/dev/null", "w").close()
    tempfile.TemporaryFile(dir=".").close()
    open(out / "old").close()
    (out / "new").write_text("x")
    (out / "new").write_text("y")
    (out / "new").rename(out / "newer")
    (out / "folder").mkdir()
    folder = os.open(out, os.O_RDONLY)
    os.unlink("old", dir_fd=folder)
    os.symlink(out, "link")
    open("link/through", "w").close()
    try:
        os.mkdir(out / "none" / "deep")
    except FileNotFoundError:
        pass
    tell(notes=[[note["e"], note["id"], os.path.relpath(note["what"], out), note["line"]] for note in NOTES],
         there=sorted(os.listdir(out)))
    """
    assert perturbed(tmp_path, script) == {
        "notes": [
            ["wrote", "a", "new", 9], ["wrote", "a", "newer", 11], ["wrote", "a", "folder", 12],
            ["wrote", "a", "old", 14], ["wrote", "a", "through", 16], ["wrote", "a", "none/deep", 18],
        ],
        "there": ["folder", "newer", "through"],
    }  # fmt: skip


def test_what_the_parent_sets_can_be_turned_for_one_call(tmp_path: Path) -> None:
    script = """
    import locale, os, time
    def look():
        return [time.localtime(0).tm_hour, os.environ.get("COLUMNS"), os.environ.get("HOME"),
                locale.getpreferredencoding(False)]
    before = look()
    for switch in circumstances.SWITCHES.values():
        switch.apply()
    during = look()
    for switch in circumstances.SWITCHES.values():
        switch.remove()
    tell(before=before, during=during, after=look())
    """
    settings = {"timezone": "Asia/Tokyo", "environment": "COLUMNS=40 -HOME", "locale": "ASCII"}
    told = perturbed(tmp_path, script, settings, at=[["script.py", 5]], variables={"HOME": "/h", "COLUMNS": "80"})
    assert told["before"] == told["after"] == [0, "80", "/h", "UTF-8"]
    assert told["during"] == [9, "40", None, "ANSI_X3.4-1968"]


def test_files_that_are_made_then_are_of_that_time(tmp_path: Path) -> None:
    pytest.importorskip("time_machine")
    script = """
    import os, pathlib, shutil, time
    path = pathlib.Path("made")
    path.write_text("x")
    year = lambda seconds: time.gmtime(seconds).tm_year
    with open(path) as stream:
        found = [path.stat().st_mtime, os.path.getmtime(path), os.fstat(stream.fileno()).st_mtime, os.lstat(path)[8],
                 os.stat(path).st_mtime_ns / 10**9, os.stat("made", dir_fd=None).st_ctime]
    near = all(abs(one - time.time()) < 60 for one in found)
    shutil.copy2(path, "copied")
    kept = abs(os.stat("copied").st_mtime - found[0]) < 1
    os.utime(path, (0, 0))
    os.makedirs("tree/deep")
    shutil.rmtree("tree")
    tell(near=near, kept=kept, old=path.stat().st_mtime, size=path.stat().st_size, kind=type(path.stat()).__name__,
         same=os.path.samefile("made", path), safe=os.stat in os.supports_dir_fd)
    """
    for instant in (LEAP, "2001-01-01T00:10:00Z"):
        assert perturbed(tmp_path, script, {"clock": instant}) == {
            "near": True, "kept": True, "old": 0, "size": 1, "kind": "stat_result", "same": True, "safe": True,
        }  # fmt: skip


@pytest.mark.parametrize("load", ["background+0", "foreground+0"])
def test_the_means_of_a_change_may_be_in_place_without_it(tmp_path: Path, load: str) -> None:
    pytest.importorskip("time_machine")
    script = """
    import os, threading, time
    for name in "cab":
        open(name, "w").close()
    ran = []
    start = time.monotonic()
    for _ in range(200):
        thread = threading.Thread(target=ran.append, args=(1,))
        thread.start()
        thread.join()
        time.sleep(0)
    native = circumstances.SWITCHES["listing"].native(".")
    tell(now=time.time(), ran=len(ran), soon=time.monotonic() - start < 30, cpus=os.cpu_count(),
         listed=os.listdir(".") == native, scanned=[one.name for one in os.scandir(".")] == native,
         stood=[hasattr(one, "__wrapped__") for one in (os.cpu_count, threading.Thread.start, time.sleep)],
         travels=circumstances.seen()["clock"]["travels"])
    """
    told = perturbed(tmp_path, script, {**NEUTRAL, "load": load})
    assert abs(told.pop("now") - time.time()) < 600
    assert told.pop("stood") == [True, load == "background+0", load == "foreground+0"]
    assert told == {
        "ran": 200, "soon": True, "cpus": os.cpu_count(), "listed": True, "scanned": True, "travels": True
    }  # fmt: skip
