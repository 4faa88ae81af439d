"""pytest's options, read where pytest reads them; the real pytest says what is right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.suite import options
from gates.builtin.suite.options import PytestOptions, Word
from support.projects import write_project

INI = "[pytest]\naddopts = -ra --tb=short\n"
CASES = {
    "pytest.ini": {"pytest.ini": INI},
    "an empty pytest.ini": {"pytest.ini": "", "tox.ini": INI},
    ".pytest.ini": {".pytest.ini": INI},
    "tox.ini": {"tox.ini": INI},
    "setup.cfg": {"setup.cfg": INI.replace("[pytest]", "[tool:pytest]")},
    "pyproject": {"pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["-ra", "--tb=short"]\n'},
    "pyproject text": {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = \"-ra -k 'a b'\"\n"},
    "native": {"pyproject.toml": '[tool.pytest]\naddopts = ["-ra"]\n'},
    "pytest.toml": {"pytest.toml": '[pytest]\naddopts = ["-ra"]\n', "tox.ini": INI},
    "no section": {"pyproject.toml": '[project]\nname = "a"\n', "tox.ini": INI},
    "nothing": {"a.py": ""},
}


def words(read: PytestOptions) -> list[str]:
    return [word.text for word in read.words]


def asked(root: Path, *args: str) -> list[str]:
    """What pytest itself makes of the configuration, as the recording says."""
    environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vltair", *args, "--vltair-record", "run.jsonl"]
    subprocess.run(argv, cwd=root, env=environ, check=False, capture_output=True)
    begin = json.loads((root / "run.jsonl").read_text().partition("\n")[0])
    addopts: list[str] = begin["addopts"]
    return addopts


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_file_that_pytest_reads_is_read(tmp_path: Path, name: str) -> None:
    root = write_project(tmp_path, CASES[name])
    assert words(options.read(root, (), {})) == asked(root)


@pytest.mark.parametrize("args", [("tests/unit",), ("tests/unit/test_a.py::test_a",), ("-c", "other.ini")])
def test_arguments_decide_which_file_pytest_reads(tmp_path: Path, args: tuple[str, ...]) -> None:
    files = {
        "tox.ini": INI,
        "tests/pytest.ini": "[pytest]\naddopts = -v\n",
        "other.ini": "[pytest]\naddopts = -rs\n",
        "tests/unit/test_a.py": "def test_a():\n    pass\n",
    }
    root = write_project(tmp_path, files)
    read = options.read(root, args, {})
    assert words(read)[: -len(args)] == asked(root, *args)


def test_an_override_replaces_addopts(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"tox.ini": INI})
    assert words(options.read(root, ("-o", "addopts=-q"), {}))[0] == "-q"
    assert words(options.read(root, ("--override-ini=addopts=",), {}))[0] == "--override-ini=addopts="


def test_every_word_has_its_place(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"tox.ini": INI})
    read = options.read(root, ("-x",), {"PYTEST_ADDOPTS": "-q 'a b'"})
    assert [(word.text, word.place) for word in read.words] == [
        ("-ra", "addopts in tox.ini"),
        ("--tb=short", "addopts in tox.ini"),
        ("-q", "PYTEST_ADDOPTS"),
        ("a b", "PYTEST_ADDOPTS"),
        ("-x", "args of [tool.gates.tests]"),
    ]
    assert read.flag("-x", "--exitfirst") == "args of [tool.gates.tests]"
    assert read.flag("--lf") is None


@pytest.mark.parametrize(
    ("given_words", "expected"),
    [
        (["-k", "a"], ["a"]),
        (["-ka"], ["a"]),
        (["--keyword=a", "--keyword", "b"], ["a", "b"]),
        (["-k"], []),
        (["--keyword-like=a"], []),
    ],
)
def test_values_of_an_option(given_words: list[str], expected: list[str]) -> None:
    read = PytestOptions(words=tuple(Word(text=one, place="p") for one in given_words), ini={}, file=None)
    assert [value for value, _ in read.values("--keyword", short="-k")] == expected


@pytest.mark.parametrize("broken", ["[pytest", "[pytest]\naddopts = 'open\n", b"\xff\xfe\x00", "[pytest]\naddopts\n"])
def test_a_broken_file_is_left_to_pytest(tmp_path: Path, broken: str | bytes) -> None:
    root = write_project(tmp_path, {"tox.ini": broken, "pyproject.toml": "a = ["})
    options.read(root, (), {"PYTEST_ADDOPTS": "'open"})


def test_lines_of_a_setting(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"tox.ini": "[pytest]\ntestpaths =\n    a\n    b\n"})
    assert options.read(root, (), {}).lines("testpaths") == ("a", "b")
    assert options.read(root, (), {}).lines("python_files") == ()


@given(st.lists(st.text(max_size=8), max_size=6))
def test_no_arguments_make_it_raise(tmp_path_factory: pytest.TempPathFactory, args: list[str]) -> None:
    options.read(tmp_path_factory.getbasetemp(), [one.replace("\0", "") for one in args], {})
