"""Suites that end, stop or take over their own process: what can be known of the others is, and nothing is guessed."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from builtin.diagnosis.laboratory_projects import ends, laboratory, project
from gates.builtin.diagnosis.trial import trial

ZONE = {"timezone": "Asia/Tokyo"}
AWAY = "import time\nif time.localtime(0).tm_hour: "
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process is set by TZ on POSIX only")


@pytest.mark.parametrize("line", ["pytest.exit('enough')", "raise KeyboardInterrupt", "os.kill(os.getpid(), 9)"])
def test_who_stops_a_doubled_run_hides_nobodys_second_turn(tmp_path: Path, line: str) -> None:
    text = f"import os, pytest\ndef test_a(): pass\ndef test_stops(): {line}\ndef test_b(): pass\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial((), {"repeat": "2"})])
    assert (ran.status, ran.reason, dict(ran.missed)) == ("done", "", {})
    turns = {(one.nodeid.rpartition("::")[2], one.turn) for one in ran.results if one.ended == "passed"}
    assert turns == {(name, turn) for name in ("test_a", "test_b") for turn in (1, 2)}
    assert ends(ran)["test_stops"] in ("failed", "crashed")


@POSIX
def test_a_conftest_that_fails_in_a_zone_has_had_that_zone(tmp_path: Path) -> None:
    files = {"conftest.py": f"{AWAY}raise RuntimeError('away')\n", "test_a.py": "def test_a(): pass\n"}
    with laboratory(project(tmp_path / "p", files)) as local:
        base, ran = local.run([trial(), trial((), ZONE)])
    assert (ends(base), ends(ran)) == ({"test_a": "passed"}, {"test_a": "uncollected"})
    assert dict(ran.missed) == {}


@POSIX
def test_a_conftest_that_ends_the_process_is_told_in_a_sentence(tmp_path: Path) -> None:
    files = {"test_a.py": "def test_a(): pass\n", "conftest.py": f"import os\n{AWAY}os._exit(0)\n"}
    with laboratory(project(tmp_path / "p", files), environ=dict(os.environ)) as local:
        base, ran = local.run([trial(), trial((), ZONE)])
    assert base.status == "done"
    assert (ran.status, ran.results) == ("broken", ())
    assert "exit code 0" in ran.reason
    assert "\n" not in ran.reason
    assert "plugins:" not in ran.reason


@pytest.mark.slow
def test_a_thread_that_is_left_keeps_no_run_from_its_end(tmp_path: Path) -> None:
    text = "import threading, time\ndef test_a(): threading.Thread(target=time.sleep, args=(600,)).start()\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial()])
    assert (ran.status, ends(ran)) == ("done", {"test_a": "passed"})
    assert ran.seconds < 300


def test_text_that_is_no_utf_8_is_spelt_out(tmp_path: Path) -> None:
    text = "def test_a(): assert 0, chr(0xD800)\ndef test_b(): pass\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial()])
    assert ends(ran) == {"test_a": "failed", "test_b": "passed"}
    assert "\\ud800" in ran.of("test_a.py::test_a").message


def test_a_test_that_a_plugin_takes_over_has_not_passed(tmp_path: Path) -> None:
    hook = "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item): return True\n"
    with laboratory(project(tmp_path / "p", {"conftest.py": hook, "test_a.py": "def test_a(): assert 0\n"})) as local:
        (ran,) = local.run([trial()])
    assert ends(ran) == {"test_a": "skipped"}


@pytest.mark.skipif(importlib.util.find_spec("pytest_randomly") is None, reason="pytest-randomly is not installed")
def test_a_required_plugin_that_a_trial_blocks_is_not_missing(tmp_path: Path) -> None:
    files = {"pytest.ini": "[pytest]\nrequired_plugins = pytest-randomly\n", "test_a.py": "def test_a(): pass\n"}
    with laboratory(project(tmp_path / "p", files), environ=dict(os.environ)) as local:
        (ran,) = local.run([trial()])
    assert (ran.status, ends(ran)) == ("done", {"test_a": "passed"})
