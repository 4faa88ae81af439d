"""`gates diagnose` over a small project, in processes of its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from gates.config import diagnosis_schema
from support import diagnoses as made
from support.commands import Result, gates

SUITE = """
import time

SEEN = []


def test_zone():
    assert time.localtime(0).tm_hour == 0


def test_polluter():
    SEEN.append(1)


def test_victim():
    assert SEEN == []


def test_broken():
    assert 0
"""
ZONE, POLLUTER, VICTIM, BROKEN = (f"test_x.py::test_{name}" for name in ("zone", "polluter", "victim", "broken"))
KOLKATA = ("--try", "timezone=Asia/Kolkata")
POSIX = pytest.mark.skipif(os.name == "nt", reason="the zone of a process is set by TZ on POSIX only")


def diagnose(root: Path, *words: str) -> Result:
    return gates("diagnose", *words, cwd=root, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("diagnose") / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "till"\nversion = "1"\n')
    (root / "test_x.py").write_text(SUITE.lstrip())
    return root


@POSIX
@pytest.mark.parametrize(
    ("words", "code", "last"),
    [
        ((ZONE, *KOLKATA), 1, "unstable: it passes in the base, and fails in 3 of 3 runs with this"),
        ((ZONE, "--try", "hashseed=3"), 0, "passed: it passes in 3 runs of the base and in 3 with this"),
        ((VICTIM, "--after", POLLUTER), 1, "unstable: it passes in the base, and fails in 3 of 3 runs with this"),
        ((BROKEN, *KOLKATA), 3, "undecided: it fails in the base and with this: nothing shows what it depends on"),
    ],
)
def test_a_reproduction_ends_as_the_test_does(project: Path, words: tuple[str, ...], code: int, last: str) -> None:
    done = diagnose(project, *words)
    assert (done.code, done.out.splitlines()[-1]) == (code, last), done.err
    assert "3 runs in the base, 3 " in done.err


@POSIX
def test_the_json_of_a_reproduction_is_all_there_is_on_the_output(project: Path) -> None:
    done = diagnose(project, ZONE, *KOLKATA, "--quiet", "--output-format", "json")
    assert (done.code, done.err) == (1, "")
    Draft202012Validator(diagnosis_schema.reproduction()).validate(json.loads(done.out))
    assert str(project) not in done.out


@POSIX
def test_a_search_names_the_factor_and_writes_a_test_that_stays_red(project: Path) -> None:
    words = (ZONE, "--factor", "timezone", "--no-sites", "--write-test", "test_stable.py", "--output-format", "json")
    done = diagnose(project, *words)
    path = project / "test_stable.py"
    try:
        assert done.code == 1, done.err
        said = done.report
        Draft202012Validator(diagnosis_schema.diagnosis()).validate(said)
        (one,) = said["tests"]
        assert (one["nodeid"], one["stable"], one["kind"]) == (ZONE, False, "environment")
        assert [factor["name"] for factor in one["factors"]] == ["timezone"]
        assert said["factors_tried"] == ["timezone"]
        assert said["factors_not_applied"] == []
        again = diagnose(project, *shlex.split(one["reproduce"])[2:])
        assert again.code == 1, again.err
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name],
            cwd=project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "1 failed" in run.stdout, run.stdout
        assert "unstable: it passes in the base" in run.stdout
        assert diagnose(project, *words).err.endswith("there is such a file, and none is replaced\n")
    finally:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("test_x.py::test_zon", *KOLKATA),
            "there is no test 'test_x.py::test_zon'; did you mean 'test_x.py::test_zone'?",
        ),
        ((*KOLKATA,), "take one TEST"),
        ((ZONE, VICTIM, *KOLKATA), "take one TEST"),
        ((ZONE, "--try", "timezon=UTC"), "there is no factor 'timezon'; did you mean 'timezone'?"),
        ((ZONE, "--try", "timezone"), "write it as FACTOR=VALUE"),
        ((ZONE, "--factor", "tz"), "there is no factor 'tz'"),
        ((ZONE, *KOLKATA, "--factor", "clock"), "--factor has no meaning with --try and --after"),
        (("--dry-run",), "--dry-run is for --write-test"),
        (("--write-test", "test_x.py"), "there is such a file, and none is replaced"),
        (("--write-test", "new.txt"), "write it into a Python file"),
        (("--write-test", "no/new.py"), "there is no directory no"),
        (("--time-budget", "soon"), "write it as 90s, 10m or 1h30m"),
        (("--time-budget", "0m"), "finds nothing out"),
        (("--shard", "3/2"), "is not a shard"),
        (("--merge",), "needs the JSON documents"),
        (("--merge", "none.json"), "none.json cannot be read"),
        (("--merge", "pyproject.toml"), "pyproject.toml is no document"),
        (("--merge", "x.json", *KOLKATA), "--try has no meaning with --merge"),
    ],
)
def test_what_cannot_be_meant_is_refused(project: Path, words: tuple[str, ...], said: str) -> None:
    done = diagnose(project, *words)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_shards_are_joined(project: Path, tmp_path: Path) -> None:
    names = [str(tmp_path / f"{index}.json") for index in (1, 2)]
    for index, name in enumerate(names, 1):
        Path(name).write_bytes(msgspec.json.encode(made.mixed(f"{index}/2")))
    done = diagnose(project, "--merge", *names)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("diagnose failed: 6 of 10 tests unstable")
    alone = diagnose(project, "--merge", names[0])
    assert (alone.code, alone.err) == (2, "gates: these documents make no whole: shard 2/2 is missing\n")


def test_a_written_test_may_be_looked_at_first(project: Path, tmp_path: Path) -> None:
    document = tmp_path / "all.json"
    document.write_bytes(msgspec.json.encode(made.mixed()))
    done = diagnose(project, "--merge", str(document), "--write-test", "test_new.py", "--dry-run")
    assert done.code == 1
    assert done.out.startswith('"""Tests that were found unstable')
    assert not (project / "test_new.py").exists()
    assert diagnose(project, "--merge", str(document), "--write-test", str(tmp_path / "t.py")).code == 2
