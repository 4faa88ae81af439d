"""In the judged process: which lines read a factor, and single lines in other circumstances than all others."""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from diagnose.corpus_cases import Case, stable, write
from diagnose.sites_runs import watched
from gates.builtin.diagnosis.factors import FACTORS

CLOCK = "2042-11-05T09:17:03Z"
READS = """
import argparse, glob, locale, os, random, shutil, threading, time, uuid
from datetime import date, datetime

START = time.time()  # clock load

def test_reads(tmp_path):
    day = date.today()  # clock timezone
    now = datetime.now().astimezone()  # clock timezone
    zone = time.timezone  # timezone
    hour = time.strftime("%H")  # clock timezone locale
    cards = [1, 2]
    random.shuffle(cards)  # rngseed
    name = uuid.uuid4()  # rngseed
    own = random.Random(7).random()
    home = os.path.expanduser("~")  # environment
    width = shutil.get_terminal_size()  # environment
    usage = argparse.ArgumentParser().format_usage()  # environment
    files = glob.glob("*")  # listing
    walked = list(os.walk("."))  # listing
    cores = os.cpu_count()  # cpus
    time.sleep(0)  # load
    with open(tmp_path / "a", "w") as stream:  # locale umask
        stream.write("a")
    (tmp_path / "b").mkdir()  # umask
    for one in {"a", "b"}:  # hashseed
        pass
    for one in {1, 2}:
        pass
    code = hash("a")  # hashseed
    here = os.getcwd()  # directory
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()  # load
"""
WATCHED = ("clock", "timezone", "locale", "rngseed", "environment", "listing", "cpus", "load", "umask", "hashseed")


@pytest.mark.parametrize("factor", [*WATCHED, "directory"])
def test_the_lines_that_read(factor: str, tmp_path: Path) -> None:
    marked = {
        number for number, line in enumerate(READS.strip().splitlines(), 1) if factor in line.partition("#")[2].split()
    }
    found = watched(tmp_path, {"test_reads.py": READS}, factor)
    assert found.ended == {"test_reads.py::test_reads": "passed"}
    # Files are looked for where one stands, clocks are waited for, and help is translated.
    more = factor in {"directory", "load", "environment", "locale"}
    assert found.of(factor) >= marked if more else found.of(factor) == marked


def test_a_read_is_noted_for_each_test_and_as_imported(tmp_path: Path) -> None:
    text = "import time\nNOW = time.time()\ndef test_a():\n    [time.time() for _ in 'ab']\ndef test_b():\n    NOW\n"
    found = watched(tmp_path, {"test_when.py": text}, "clock")
    assert found.reads == {("clock", "test_when.py", 2, ""), ("clock", "test_when.py", 4, "test_when.py::test_a")}


LINE = """
import os
import time
from datetime import datetime

def helper():
    return datetime.now()

def first():
    return helper().year

def second():
    return helper().year

def hours():
    yield time.localtime(0).tm_hour
    yield time.localtime(0).tm_hour

def test_first():
    assert first() < 2040

def test_second():
    assert second() < 2040

def test_both_hours():
    one, other = hours()
    assert one == other == 0
"""


@pytest.mark.parametrize(
    ("line", "settings", "failing"),
    [
        (9, {"clock": CLOCK}, "test_first"),
        (12, {"clock": CLOCK}, "test_second"),
        (19, {"clock": CLOCK}, ""),  # what a line calls of the project is not its own
        (15, {"timezone": "Asia/Tokyo"}, "test_both_hours"),
        (16, {"timezone": "Asia/Tokyo"}, "test_both_hours"),
        (1, {"timezone": "Asia/Tokyo"}, ""),
    ],
)
def test_one_line_is_elsewhere(line: int, settings: dict[str, str], failing: str, tmp_path: Path) -> None:
    if "clock" in settings:
        pytest.importorskip("time_machine")
    if not hasattr(time, "tzset"):
        pytest.skip("this platform cannot change its zone")
    found = watched(tmp_path, {"test_line.py": LINE}, at=[("test_line.py", line)], settings=settings)
    assert {name.partition("::")[2] for name, ended in found.ended.items() if ended == "failed"} == {failing} - {""}
    assert len(found.ended) == 3


SETS = """
NAMES = {"red", "green", "blue"}

def one():
    return list(NAMES)

def other():
    return ",".join(NAMES)

def test_same():
    assert ",".join(one()) == other()

def test_shown():
    assert f"{NAMES}" == str(NAMES)

def test_bucket():
    assert hash("invoice") == hash("invo" + "ice"[:])
"""


@pytest.mark.parametrize(
    ("line", "failing"), [(4, {"test_same"}), (7, {"test_same"}), (10, set()), (13, set()), (2, set())]
)
def test_one_set_is_walked_as_under_another_seed(line: int, failing: set[str], tmp_path: Path) -> None:
    if sys.hash_info.algorithm not in ("siphash13", "siphash24"):
        pytest.skip(f"this Python hashes text with {sys.hash_info.algorithm}")
    found = watched(tmp_path, {"test_sets.py": SETS}, at=[("test_sets.py", line)], settings={"hashseed": "3"})
    assert {name.partition("::")[2] for name, ended in found.ended.items() if ended == "failed"} == failing


@pytest.mark.slow
def test_watching_everything_changes_no_outcome(tmp_path: Path) -> None:
    files = dict(chain.from_iterable(case.files.items() for case in stable().values()))
    write(Case(summary="all of them", files=files), tmp_path / "project")
    found = watched(tmp_path, {}, *FACTORS)
    assert len(found.ended) >= 200
    others = {name: ended for name, ended in found.ended.items() if ended != "passed"}
    assert others == {}, Counter(others.values())
