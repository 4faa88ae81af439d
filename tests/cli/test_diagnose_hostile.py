"""`gates diagnose` over hostile or broken projects: a sentence, the right code, and nothing touched or left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gates.config import diagnosis_schema

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="zones, signals and the ways to end a process are those of POSIX"),
]
OK = "def test_a(): pass\ndef test_b(): pass\n"
AWAY = "import os, time\nif time.localtime(0).tm_hour: "
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
ZONES = ("--factor", "timezone", "--no-sites")
TURNS = ("--factor", "repeat", "--no-sites")


class Place:
    """A project, a home and a folder for temporary files, of each of which is known what was there before."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self.project, self.home, self.tmp = (root / name for name in ("project", "home", "tmp"))
        for folder in (self.project, self.home, self.tmp):
            folder.mkdir()
        for name, text in {"pytest.ini": "[pytest]\n", **files}.items():
            (self.project / name).write_text(text, encoding="utf-8")
        self.before = self.now

    @property
    def now(self) -> dict[str, tuple[int, int, bytes]]:
        """Mode, time and content of every file of project and home."""
        found = {}
        for root in (self.project, self.home):
            for path in sorted(root.rglob("*")):
                if ".gates" not in path.parts:
                    state = path.lstat()
                    text = path.read_bytes() if path.is_file() else b""
                    found[str(path)] = (state.st_mode, state.st_mtime_ns, text)
        return found

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The command, begun."""
        return subprocess.Popen(
            [sys.executable, "-m", "gates", "diagnose", "--output-format", "json", *words],
            cwd=self.project, env={**os.environ, "HOME": str(self.home), "TMPDIR": str(self.tmp), **BARE},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ended(self, process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
        """Its code and its document, once nothing was found changed or left."""
        out, err = process.communicate(timeout=540)
        assert "Traceback" not in err
        assert self.now == self.before
        assert list(self.tmp.iterdir()) == []
        assert self.left() == []
        if process.returncode in (2, 130):
            assert out == ""
            return process.returncode, {}
        said: dict[str, Any] = json.loads(out)
        Draft202012Validator(diagnosis_schema.diagnosis()).validate(said)
        return process.returncode, said

    def left(self) -> list[str]:
        """Processes that were started and are still there."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if str(self.tmp).encode() in path.read_bytes():
                    found.append(path.parent.name)
            except OSError:
                continue
        return found


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({}, TURNS, "no test was collected"),
        ({"test_x.py": "x = 1\n"}, TURNS, "no test was collected"),
        ({"test_x.py": OK, "conftest.py": "raise RuntimeError('a\\nb')\n"}, TURNS, "RuntimeError"),
        ({"test_x.py": OK, "pytest.ini": "[pytest]\naddopts = --nothing\n"}, TURNS, "--nothing"),
        ({"test_x.py": OK, "conftest.py": f"{AWAY}os._exit(0)\n"}, ZONES, "runs of the suite gave nothing"),
        ({"test_x.py": OK, "test_y.py": f"{AWAY}os._exit(0)\n"}, ZONES, "its process ended while tests were collected"),
    ],
)
def test_what_cannot_be_run_is_undecided(
    tmp_path: Path, files: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    place = Place(tmp_path, files)
    code, report = place.ended(place.start(*words))
    assert (code, report["verdict"]) == (3, "undecided")
    assert said in report["reason"]
    assert str(tmp_path) not in report["reason"]
    assert not [one for one in report["tests"] if one["stable"] is False]


def test_a_python_without_pytest_is_told_what_to_do(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    place = Place(tmp_path, {"test_x.py": OK})
    code, report = place.ended(place.start(*TURNS, "--python", str(tmp_path / "bare" / "bin" / "python")))
    assert code == 3
    assert "pytest is not installed in the judged environment: install it there" in report["reason"]


@pytest.mark.parametrize("line", ["os._exit(0)", "pytest.exit('no')", "raise KeyboardInterrupt", "time.sleep(36000)"])
def test_what_stops_a_run_under_a_zone_is_of_that_zone(tmp_path: Path, line: str) -> None:
    text = f"import os, pytest, time\ndef test_a(): pass\ndef test_k():\n    if time.localtime(0).tm_hour: {line}\n"
    place = Place(tmp_path, {"test_x.py": text + "def test_b(): pass\n"})
    code, report = place.ended(place.start(*ZONES))
    assert code == 1
    stable = {one["nodeid"]: one["stable"] for one in report["tests"]}
    assert stable == {"test_x.py::test_a": True, "test_x.py::test_k": False, "test_x.py::test_b": True}
    (found,) = [one for one in report["tests"] if not one["stable"]]
    assert [one["name"] for one in found["factors"]] == ["timezone"]


def test_what_tests_do_to_their_surroundings_touches_nothing_of_the_users(tmp_path: Path) -> None:
    text = """
import os, pathlib, shutil, subprocess

def test_home(): (pathlib.Path.home() / "left").write_text("x")
def test_grandchild(): subprocess.Popen(["sleep", "777"], start_new_session=True)
def test_loud(): os.write(1, b"x" * 9_000_000)
def test_umask(): os.umask(0o777)
def test_elsewhere(): os.chdir("/")
def test_gone(): shutil.rmtree(pathlib.Path(__file__).parent)
"""
    place = Place(tmp_path, {"test_x.py": text})
    code, report = place.ended(place.start("--factor", "hashseed", "--no-sites"))
    assert (code, report["verdict"]) == (0, "passed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    text = "import subprocess, time\ndef test_a():\n    subprocess.Popen(['sleep', '999'])\n    time.sleep(30)\n"
    place = Place(tmp_path, {"test_x.py": text})
    process = place.start()
    until = time.monotonic() + 60
    while len(place.left()) < 3 and time.monotonic() < until:  # gates, pytest, sleep
        time.sleep(0.05)
    process.send_signal(number)
    assert place.ended(process)[0] == 130


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    text = "import time\ndef test_zone(): assert time.localtime(0).tm_hour == 0\ndef test_b(): pass\n"
    place = Place(tmp_path, {"test_x.py": text})
    both = [place.start(*ZONES), place.start(*ZONES)]
    for process in both:
        out, err = process.communicate(timeout=540)
        assert process.returncode == 1, err
        unstable = [one for one in json.loads(out)["tests"] if one["stable"] is False]
        assert [(one["nodeid"], one["kind"]) for one in unstable] == [("test_x.py::test_zone", "environment")]
    assert (list(place.tmp.iterdir()), place.now) == ([], place.before)
