"""Who hangs, dies or stops pytest is told of, and hides nobody; what gives no answer is broken."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from builtin.diagnosis.laboratory_projects import ends, laboratory, project
from gates.builtin.diagnosis.laboratory import casualties, reading
from gates.builtin.diagnosis.trial import Place, trial
from gates.process.completed import Completed

KILLERS = """
    import os, pytest, signal, time
    def test_a(): pass
    def test_dies(): os.kill(os.getpid(), signal.SIGKILL)
    def test_b(): pass
    def test_hangs(): time.sleep(600)
    def test_leaves(): os._exit(0)
    def test_stops(): pytest.exit("enough")
    def test_c(): assert False
"""


def test_the_others_run_all_the_same(tmp_path: Path) -> None:
    with laboratory(project(tmp_path / "p", {"test_a.py": KILLERS})) as local:
        (ran,) = local.run([trial(limit=1.0)])
    assert ran.status == "done", ran.reason
    found = ends(ran)
    assert found.pop("test_stops") not in ("passed", "missing")
    assert found == {
        "test_a": "passed",
        "test_dies": "crashed",
        "test_b": "passed",
        "test_hangs": "hang",
        "test_leaves": "crashed",
        "test_c": "failed",
    }
    where = ran.of("test_a.py::test_hangs").place
    assert where is not None
    assert (where.path, where.line) == ("test_a.py", 6)


def test_a_casualty_of_the_second_turn_hides_nothing_of_it(tmp_path: Path) -> None:
    text = """
        import os
        seen = []
        def test_a(): pass
        def test_twice():
            seen.append(1)
            if len(seen) == 2: os._exit(3)
        def test_b(): pass
    """
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial((), {"repeat": "2"})])
    turns = {(one.nodeid.rpartition("::")[2], one.turn): one.ended for one in ran.results}
    assert turns == {
        **{(name, turn): "passed" for name in ("test_a", "test_b") for turn in (1, 2)},
        ("test_twice", 1): "passed",
        ("test_twice", 2): "crashed",
    }


def test_more_casualties_than_are_borne_give_no_answer(tmp_path: Path) -> None:
    text = "import os, pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_a(n): os._exit(1)\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial()])
    assert ran.status == "broken"
    assert "tests ended the process in which they ran" in ran.reason


def test_a_file_that_cannot_be_imported_in_a_circumstance(tmp_path: Path) -> None:
    text = "import os\nif 'CI' in os.environ: raise ImportError('not in CI')\ndef test_a(): pass\ndef test_b(): pass\n"
    files = {"test_a.py": text, "test_c.py": "def test_c(): pass\n"}
    with laboratory(project(tmp_path / "p", files)) as local:
        base, ran, one = local.run(
            [
                trial(),
                trial((), {"environment": "CI=true"}),
                trial(("test_a.py::test_b",), {"environment": "CI=true"}),
            ]
        )
    assert set(ends(base).values()) == {"passed"}
    assert ends(ran) == {"test_a": "uncollected", "test_b": "uncollected", "test_c": "passed"}
    assert ends(one) == {"test_b": "uncollected"}


def test_a_file_that_can_be_imported_only_in_a_circumstance(tmp_path: Path) -> None:
    text = "import os\nif 'CI' not in os.environ: raise ImportError('not in CI')\ndef test_a(): pass\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text, "test_c.py": "def test_c(): pass\n"})) as local:
        base, ran = local.run([trial(), trial(("test_a.py",), {"environment": "CI=true"})])
    assert base.of("test_a.py").ended == "uncollected"
    assert ran.of("test_a.py").ended == "passed"


def test_a_conftest_that_fails_takes_all_with_it_and_in_the_base_the_suite_is_broken(tmp_path: Path) -> None:
    files = {"conftest.py": "import os\nif 'CI' in os.environ: raise ImportError('not in CI')\n"}
    root = project(tmp_path / "p", {**files, "test_a.py": "def test_a(): pass\n"})
    with laboratory(root) as local:
        base, ran = local.run([trial(), trial((), {"environment": "CI=true"})])
    assert (ends(base), ends(ran)) == ({"test_a": "passed"}, {"test_a": "uncollected"})
    assert ran.missed == {}
    (root / "conftest.py").write_text("raise ImportError('never')\n")
    with laboratory(root) as local:
        (ran,) = local.run([trial()])
    assert ran.status == "broken"
    assert str(tmp_path) not in ran.reason


@pytest.mark.parametrize(
    ("files", "args", "reason"),
    [
        ({}, ("--no-such-option",), "pytest refused to start: unrecognized arguments: --no-such-option"),
        ({"pytest.ini": "[pytest]\nminversion = 999\n"}, (), "pytest refused to start: pytest.ini: 'minversion' "),
        ({"pytest.ini": "[pytest]\naddopts = -p no_such\n"}, (), "pytest refused to start: Error importing plugin "),
        ({"pytest.ini": "[pytest\n"}, (), "pytest refused to start: pytest.ini:1: "),
        ({"conftest.py": "raise ImportError('never')\n"}, (), "pytest refused to start: "),
        (
            {"conftest.py": "def pytest_collection_modifyitems(): raise KeyError('/usr/lib/a/b.so')\n"},
            (),
            "pytest fell over: KeyError: 'b.so'",
        ),
    ],
)
def test_why_pytest_does_not_run_is_told_in_a_sentence(
    tmp_path: Path, files: dict[str, str], args: tuple[str, ...], reason: str
) -> None:
    root = project(tmp_path / "p", {"test_a.py": "def test_a(): pass\n", **files})
    with laboratory(root, args=args) as local:
        (ran,) = local.run([trial()])
    assert ran.status == "broken"
    assert ran.reason.startswith(reason), ran.reason
    assert not [one for one in ("\n", str(tmp_path), "INTERNALERROR") if one in ran.reason]


def test_what_hangs_in_c_is_a_hang_with_its_line(tmp_path: Path) -> None:
    text = """
        import re
        def test_a(): pass
        def test_hangs():
            re.match("(a|a|aa)+$", "a" * 60 + "b")
        def test_b(): pass
    """
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial(limit=1.0)])
    assert ends(ran) == {"test_a": "passed", "test_hangs": "hang", "test_b": "passed"}
    assert ran.of("test_a.py::test_hangs").place == Place("test_a.py", 5)


def test_a_file_that_skips_itself_in_a_circumstance_is_not_missing(tmp_path: Path) -> None:
    skip = "if 'CI' in os.environ: pytest.skip('not in CI', allow_module_level=True)"
    text = f"import os, pytest\n{skip}\ndef test_a(): pass\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text, "test_c.py": "def test_c(): pass\n"})) as local:
        base, ran = local.run([trial(), trial((), {"environment": "CI=true"})])
    assert ends(base) == {"test_a": "passed", "test_c": "passed"}
    assert ends(ran) == {"test_a": "skipped", "test_c": "passed"}


def test_what_a_file_says_that_cannot_be_imported(tmp_path: Path) -> None:
    text = "import os\nif 'CI' in os.environ:\n    raise ImportError('not in CI')\ndef test_a(): pass\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        _, ran = local.run([trial(), trial((), {"environment": "CI=true"})])
    found = ran.of("test_a.py::test_a")
    assert (found.ended, found.message, found.place, found.own) == (
        "uncollected", "not in CI", Place("test_a.py", 3), False,
    )  # fmt: skip
    assert found.fingerprint
    assert ran.missed == {}


def test_no_time_no_run(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"test_a.py": "import time\ndef test_a(): time.sleep(300)\n"})
    with laboratory(root, deadline=time.monotonic() + 2.5) as local:
        first, second = local.run([trial()]) + local.run([trial(("test_a.py::test_a",))])
    assert second.status == "budget"
    assert first.status == "budget" or ends(first) == {"test_a": "hang"}


ENDINGS = {
    "import os\nos._exit(0)": 2,
    "import os\ndef leave():\n    os._exit(3)\n\nleave()": 3,
    "import sys\nsys.exit('not here')": 2,
    "raise KeyboardInterrupt": 1,
    "import pytest\npytest.exit('enough')": 2,
    "import ctypes\n\nctypes.string_at(0)": 3,
    "import os\n\nos.abort()": 3,
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)": 0,
}
"""What ends a process as a file is imported, and the line at which it does; 0 where nothing can have seen that."""


@pytest.mark.parametrize("text", ENDINGS, ids=lambda text: text.splitlines()[-1])
def test_a_file_that_ends_the_process_as_it_is_imported_hides_no_other(tmp_path: Path, text: str) -> None:
    body = "".join(f"    {line}\n" for line in text.splitlines())
    files = {
        "test_a.py": "def test_a(): pass\n",
        "test_b.py": f"import time\nif time.tzname[0] != 'UTC':\n{body}def test_b(): pass\ndef test_c(): pass\n",
        "sub/test_d.py": "def test_d(): pass\n",
    }
    root = project(tmp_path / "p", files)
    with laboratory(root) as local:
        base, moved = local.run([trial(), trial((), {"timezone": "Asia/Tokyo"})])
        (one,) = local.run([trial(("test_b.py::test_c",), {"timezone": "Asia/Tokyo"})])
    assert ends(base) == dict.fromkeys(("test_a", "test_b", "test_c", "test_d"), "passed")
    assert moved.status == one.status == "done", moved.reason
    assert ends(moved) == {"test_a": "passed", "test_b": "uncollected", "test_c": "uncollected", "test_d": "passed"}
    found = moved.of("test_b.py::test_c")
    assert found.fingerprint == one.of("test_b.py::test_c").fingerprint
    assert not found.own
    line = ENDINGS[text] + 2
    assert found.place == (Place("test_b.py", line) if line > 2 else None)


def test_where_the_base_ends_as_a_file_is_imported_that_is_said(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"test_a.py": "import os\nos._exit(0)\n", "test_b.py": "def test_b(): pass\n"})
    with laboratory(root) as local:
        (ran,) = local.run([trial()])
    assert (ran.status, ran.reason) == (
        "broken",
        "its process ended while test_a.py was collected, at line 2 of test_a.py",
    )


def test_a_conftest_of_a_folder_that_ends_the_process_takes_only_its_own(tmp_path: Path) -> None:
    files = {
        "test_a.py": "def test_a(): pass\n",
        "sub/conftest.py": "import os, time\nif time.tzname[0] != 'UTC':\n    os._exit(0)\n",
        "sub/test_b.py": "def test_b(): pass\n",
        "test_c.py": "def test_c(): pass\n",
    }
    with laboratory(project(tmp_path / "p", files)) as local:
        local.run([trial()])
        (ran,) = local.run([trial((), {"timezone": "Asia/Tokyo"})])
    assert ran.status == "done", ran.reason
    assert ends(ran) == {"test_a": "passed", "test_b": "uncollected", "test_c": "passed"}
    assert ran.of("sub/test_b.py::test_b").place == Place("sub/conftest.py", 3)


FATAL = """Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "{where}", line 7 in travel
  File "/place/p/test_a.py", line 3 in <module>
"""


@pytest.mark.parametrize(
    ("where", "own"),
    [
        ("/lib/site-packages/vltair_trial/clock.py", True),
        ("/lib/site-packages/time_machine/__init__.py", True),
        ("/lib/site-packages/numpy/core.py", False),
        ("/place/p/code.py", False),
    ],
)
def test_a_process_that_the_circumstances_end_accuses_nobody(where: str, own: bool) -> None:
    left, crashed = reading.Record(), reading.Record()
    for record in (left, crashed):
        record.take({"e": "collecting", "id": "test_a.py"}, "main")
    stack = [f"{'/'.join(where.split('/')[-2:])}:7 in travel", "test_a.py:3 in <module>"]
    left.take({"e": "left", "id": "test_a.py", "path": "test_a.py", "line": 3, "stack": stack}, "main")
    ended = Completed(argv=(), status="FAILED", code=-11, reason="", stderr=FATAL.format(where=where).encode())
    for record in (left, crashed):
        found = casualties.fallen(record, [ended], Path("/place/p"))
        assert found is not None
        assert (found.nodeid, found.ended, found.own) == ("test_a.py", "uncollected", own)


def test_a_process_that_ends_after_its_collection_or_is_stopped_from_outside_has_no_such_file() -> None:
    ended = Completed(argv=(), status="FAILED", code=1, reason="")
    record = reading.Record()
    assert casualties.fallen(record, [ended], Path("/p")) is None
    record.take({"e": "collecting", "id": "test_a.py"}, "main")
    assert casualties.fallen(record, [replace(ended, status="TIMEOUT")], Path("/p")) is None
    assert casualties.fallen(record, [ended], Path("/p")) is not None
    record.take({"e": "collecting", "id": ""}, "main")
    assert casualties.fallen(record, [ended], Path("/p")) is None
