"""Contexts: coverage knows which test runs, by the names that the record has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import coverage
import pytest

from pytest_vltair.options import foreign
from support.recordings import PLAIN, WITH_XDIST

NAMES = (
    *("one", "two", "grouped", "own_up", "own_down", "class_up", "module_up", "module_down", "package_up"),
    *("session_up", "session_down", "child", "module_child", "at_import", "failing_up"),
)
LIBRARY = "".join(f"def {name}():\n    return {name!r}\n" for name in NAMES)
ENDING = 'at_import()\nif __name__ == "__main__":\n    import sys\n    globals()[sys.argv[1]]()\n'
SETTINGS = """
[run]
branch = true
parallel = true
include = {root}/library.py
data_file = {outside}/measured
patch = subprocess
context = ${{VLTAIR_CONTEXT-}}
"""
CONFTEST = """
    import pytest, library
    @pytest.fixture(scope="session")
    def shared():
        library.session_up()
        yield
        library.session_down()
"""
INNER_CONFTEST = """
    import pytest, library
    @pytest.fixture(scope="package")
    def packed(): library.package_up()
"""
MODULE = """
    import subprocess, sys, unittest
    import pytest, library

    def child(name): subprocess.run([sys.executable, library.__file__, name], check=True)

    @pytest.fixture(scope="module")
    def wide(shared, packed):
        library.module_up()
        child("module_child")
        yield
        library.module_down()

    @pytest.fixture
    def own():
        library.own_up()
        yield
        library.own_down()

    @pytest.fixture(scope="class")
    def failing():
        library.failing_up()
        raise OSError("no")

    @pytest.mark.parametrize("number", ["one", "two"])
    def test_number(wide, number, own): getattr(library, number)()

    class TestUnit(unittest.TestCase):
        @classmethod
        def setUpClass(cls): library.class_up()
        def test_child(self): child("child")

    @pytest.mark.xdist_group("g")
    def test_grouped(wide): library.grouped()

    class TestBad:
        @pytest.mark.xfail
        def test_bad(self, failing): pass
"""
EXPECTED = {
    "": {"session_up", "session_down", "at_import"},
    "tests/inner": {"package_up"},
    "tests/inner/test_a.py": {"module_up", "module_down", "module_child", "at_import"},
    "tests/inner/test_a.py::test_number[one]": {"one", "own_up", "own_down"},
    "tests/inner/test_a.py::test_number[two]": {"two", "own_up", "own_down"},
    "tests/inner/test_a.py::TestUnit": {"class_up"},
    "tests/inner/test_a.py::TestUnit::test_child": {"child", "at_import"},
    "tests/inner/test_a.py::test_grouped": {"grouped"},
    "tests/inner/test_a.py::TestBad": {"failing_up"},
}
"""The functions of the library that ran, by context; a process of its own imports the library once more."""


class Measured:
    """A project whose tests run under coverage."""

    def __init__(self, pytester: pytest.Pytester, outside: Path) -> None:
        self._outside = outside
        self.root = pytester.path
        pytester.makefile(".py", library=LIBRARY + ENDING)
        self.write("tests/conftest.py", CONFTEST)
        self.write("tests/inner/__init__.py", "")
        self.write("tests/inner/conftest.py", INNER_CONFTEST)
        self.write("tests/inner/test_a.py", MODULE)
        self.write("tests/test_z.py", "def test_z(shared): pass")
        self.write("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["xdist_group"]\n')

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(dedent(text), "utf-8")

    def run(self, *args: str, core: str = "ctrace") -> dict[str, set[str]]:
        """The functions that ran, by context."""
        settings = self._outside / "settings"
        settings.write_text(SETTINGS.format(root=self.root, outside=self._outside), "utf-8")
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("COV", "VLTAIR"))},
            "COVERAGE_RCFILE": str(settings),
            "COVERAGE_CORE": core,
        }
        command = (sys.executable, "-m", "coverage", "run", "-m", "pytest", *args)
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "CoverageWarning" not in done.stdout + done.stderr
        return _ran(self._outside, str(self.root / "library.py"))


def _ran(outside: Path, library: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in outside.glob("measured*"):
        data = coverage.CoverageData(str(path))
        data.read()
        for context in data.measured_contexts():
            data.set_query_context(context)
            lines = set(data.lines(library) or ())
            names = {name for number, name in enumerate(NAMES) if 2 * number + 2 in lines}
            if names:
                found.setdefault(context, set()).update(names)
    return found


@pytest.fixture
def measured(pytester: pytest.Pytester, tmp_path: Path) -> Measured:
    return Measured(pytester, tmp_path)


@pytest.mark.parametrize("core", ["ctrace", "pytrace"])
def test_what_ran_is_known_by_test_and_scope(measured: Measured, core: str) -> None:
    found = measured.run(*PLAIN, "--vltair-contexts", core=core)
    assert found == EXPECTED


def test_which_test_comes_first_changes_nothing(measured: Measured) -> None:
    args = (*PLAIN, "--vltair-contexts", "--vltair=guard", "--vltair-leaks=error", "--vltair-order=reversed")
    assert measured.run(*args, "--vltair-record=out/run.jsonl") == EXPECTED


def test_workers_and_the_names_before_xdist_changed_them(measured: Measured) -> None:
    pytest.importorskip("xdist")
    found = measured.run(*WITH_XDIST, "-n2", "--dist=loadgroup", "--vltair-contexts", "--vltair-record=out/run.jsonl")
    assert found == EXPECTED


def test_nothing_is_said_unless_it_is_asked_for(measured: Measured) -> None:
    (ran,) = measured.run(*PLAIN).values()
    assert ran == set(NAMES)


def test_without_a_measurement_nothing_happens(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, sys
        def test_a(pytestconfig):
            assert not pytestconfig.pluginmanager.hasplugin("vltair-contexts")
            assert "VLTAIR_CONTEXT" not in os.environ
            assert "coverage" not in sys.modules
        """
    )
    pytester.runpytest_subprocess(*PLAIN, "--vltair-contexts").assert_outcomes(passed=1)


def test_a_test_that_stops_the_measurement_fails_nobody(measured: Measured) -> None:
    text = "import coverage, library\ndef test_a(): coverage.Coverage.current().stop()\ndef test_b(): library.one()\n"
    measured.write("tests/inner/test_a.py", text)
    found = measured.run(*PLAIN, "--vltair-contexts")
    assert found.keys() == {""}


def test_the_option_is_no_argument_of_the_users() -> None:
    assert foreign(["-x", "--vltair-contexts", "--vltair-shard", "1/2", "tests"]) == ["-x", "tests"]
    assert foreign(["--vltair-contexts"]) == []
