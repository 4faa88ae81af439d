"""How much of a module runs in a block, and that nobody else's figures change by it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import coverage
import pytest

from support.recordings import PLAIN, WITH_XDIST

LIBRARY = """
    # Counted from here.
    import threading

    def each(callback):
        for number in range(3):
            if number == 1:
                callback()
        return number

    def sign(number):
        if number:
            return 1
        return 0

    def steps():
        yield 1
        yield 2
        yield 3

    def in_thread(number):
        thread = threading.Thread(target=sign, args=(number,))
        thread.start()
        thread.join()

    @staticmethod
    def never(
        number=1,
    ):  # pragma: no cover
        return number
"""
OTHER = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
TESTS = """
    import threading
    from contextlib import nullcontext
    import pytest
    import library, other

    @pytest.fixture
    def block(vltair_coverage):
        return nullcontext if PLAIN else vltair_coverage

    def missing(covered, *lines, percent=None):
        if not PLAIN:
            assert covered.missing == lines, covered
            assert percent is None or covered.percent == percent

    def test_before_inside_and_after(block):
        library.sign(1)
        with block("library") as covered:
            library.sign(0)
        library.sign(1)
        missing(covered, 5, 6, 7, 8, 12, 16, 17, 18, 21, 22, 23, percent=100 * 2 / 13)

    def test_what_ran_before_counts_when_it_runs_again(block):
        library.sign(0)
        for number in (0, 1):
            with block("library") as covered:
                library.sign(number)
            missing(covered, 5, 6, 7, 8, (12, 13)[number], 16, 17, 18, 21, 22, 23)

    def test_callback_threads_and_what_began_before(block):
        begun = library.steps()
        next(begun)
        go, done = threading.Event(), threading.Event()
        def run():
            other.one(); go.set(); done.wait(5); library.sign(1)
        thread = threading.Thread(target=run)
        thread.start(); go.wait(5)
        def callback():
            with block("library") as covered:
                next(begun); done.set(); thread.join(); library.in_thread(0)
            missing(covered, 5, 6, 7, 8, 16, 18)
        library.each(callback)
        next(begun)

    def test_begun_in_one_frame_and_ended_in_another(block):
        one = block("library")
        library.each(one.__enter__)
        library.sign(0)
        one.__exit__(None, None, None)
        other.two()

    def test_blocks_in_blocks(block):
        with block("library") as outer:
            library.sign(1)
            with block("other") as inner:
                other.one(); library.sign(0)
            other.two()
        missing(inner, 6, percent=50)
        missing(outer, 5, 6, 7, 8, 16, 17, 18, 21, 22, 23)

    def test_an_error_is_the_tests_own(block):
        with pytest.raises(ZeroDivisionError), block("library"):
            library.sign(1); 1 / 0
"""
SETTINGS = """
[run]
branch = {branch}
include = {root}/library.py
    {root}/other.py
data_file = {outside}/{name}/data
core = {core}
parallel = true
{more}
"""
CORES = ("ctrace", "pytrace", *(("sysmon",) if sys.version_info >= (3, 12) else ()))


class Project:
    """Two modules and their tests, to be measured with blocks and without."""

    def __init__(self, root: Path, outside: Path) -> None:
        self.root, self._outside = root, outside
        self.write("library.py", LIBRARY)
        self.write("other.py", OTHER)
        self.write("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["."]\nfilterwarnings = ["error"]\n')

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(dedent(text).lstrip("\n") if name.endswith(".py") else text, "utf-8")

    def run(self, *command: str, rcfile: Path | None = None) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "VLTAIR"))}
        if rcfile is not None:
            env["COVERAGE_RCFILE"] = str(rcfile)
        done = subprocess.run(
            (sys.executable, "-m", *command), cwd=self.root, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def measured(self, plain: bool, core: str, how: tuple[str, ...], branch: str, more: str) -> dict[str, object]:
        """Lines, or arcs, by file and context, but for the contexts of blocks."""
        name = "plain" if plain else "blocks"
        folder = self._outside / name
        folder.mkdir()
        self.write("test_library.py", f"PLAIN = {plain}\n" + dedent(TESTS))
        settings = SETTINGS.format(
            root=self.root, outside=self._outside, name=name, core=core, branch=branch, more=more
        )
        rcfile = folder / "settings"
        rcfile.write_text(settings, "utf-8")
        cov = (f"--cov-config={rcfile}", "--cov-report=")
        command = ("pytest", *WITH_XDIST, "-p", "pytest_cov", *how, *cov) if how else None
        self.run(*(command or ("coverage", "run", "-m", "pytest", *PLAIN)), "-p", "no:cacheprovider", rcfile=rcfile)
        found: dict[str, set[object]] = {}
        for path in folder.glob("data*"):
            data = coverage.CoverageData(str(path))
            data.read()
            for context in data.measured_contexts():
                data.set_query_context(context)
                for file in data.measured_files():
                    ran = data.arcs(file) if branch == "true" else data.lines(file)
                    if ran and "vltair_coverage" not in context:
                        found.setdefault(f"{Path(file).name} {context}", set()).update(ran)
            data.close(force=True)
        return {name: sorted(ran, key=str) for name, ran in found.items()}


@pytest.fixture
def project(pytester: pytest.Pytester, tmp_path: Path) -> Project:
    return Project(pytester.path, tmp_path)


WAYS = [
    *((core, (), "false", "") for core in CORES),
    ("ctrace", (), "true", "context = a|b"),
    ("ctrace", (), "true", "dynamic_context = test_function"),
    ("pytrace", (), "true", "relative_files = true"),
    ("ctrace", ("--cov", "--cov-context=test"), "true", ""),
    ("ctrace", ("--cov", "-n2"), "false", ""),
]


@pytest.mark.parametrize(("core", "how", "branch", "more"), WAYS)
def test_the_figures_of_others_are_the_same_to_the_last_line(
    project: Project, core: str, how: tuple[str, ...], branch: str, more: str
) -> None:
    if how:
        pytest.importorskip("pytest_cov")
    if "-n2" in how:
        pytest.importorskip("xdist")
    plain, blocks = (project.measured(one, core, how, branch, more) for one in (True, False))
    assert blocks == plain
    assert sum(map(len, plain.values())) > 20  # type: ignore[arg-type]


def test_without_another_measurement(project: Project) -> None:
    other = "test_callback_threads_and_what_began_before or test_blocks_in_blocks"
    project.write("test_library.py", "PLAIN = False\n" + dedent(TESTS))
    project.run("pytest", *PLAIN, "-k", f"not ({other})")
    assert not list(project.root.glob(".coverage*"))


@pytest.mark.skipif(sys.gettrace() is not None, reason="a trace function is set already")
def test_nobody_else_who_traces_is_ousted(pytester: pytest.Pytester, tmp_path: Path) -> None:
    Project(pytester.path, tmp_path).write(
        "test_library.py",
        """
        import sys
        def trace(frame, event, arg): pass
        def test_a(vltair_coverage):
            sys.settrace(trace)
            try:
                with vltair_coverage("library"): pass
            finally:
                held = sys.gettrace()
                sys.settrace(None)
                assert held is trace
        """,
    )
    result = pytester.runpytest_subprocess(*PLAIN)
    result.assert_outcomes(failed=1)
    assert "something else traces this test, as a debugger does: a measurement would take its place" in result.outlines


SAID = {
    "with vltair_coverage('no_such'): pass": "there is no module 'no_such' to measure, or it is no file of Python",
    "with vltair_coverage('sys'): pass": "there is no module 'sys' to measure, or it is no file of Python",
    "with vltair_coverage('no.such'): pass": "there is no module 'no.such' to measure: No module named 'no'",
    "with vltair_coverage('empty'): pass": "empty has no line in a function, so that there is nothing to ask",
    "with vltair_coverage('library'), vltair_coverage('library'): pass": (
        "a block of vltair_coverage is in another one, which only works where something else measures the tests"
    ),
    "with vltair_coverage('library') as one: one.percent": (
        "library is being measured: how much of it ran is known when the block is left"
    ),
}


def test_what_cannot_be_measured_fails_the_test_in_one_sentence(pytester: pytest.Pytester, tmp_path: Path) -> None:
    project = Project(pytester.path, tmp_path)
    project.write("empty.py", "VALUE = 1\n")
    tests = (f"def test_{number}(vltair_coverage):\n    {text}\n" for number, text in enumerate(SAID))
    project.write("test_library.py", "\n".join(tests))
    result = pytester.runpytest_subprocess(*PLAIN)
    result.assert_outcomes(failed=len(SAID))
    assert [line for line in result.outlines if line in SAID.values()] == list(SAID.values())


def test_beside_a_measurement_that_leaves_the_module_out_or_whose_context_changes(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    project = Project(pytester.path, tmp_path)
    project.write(
        "test_library.py",
        """
        import coverage, library, other
        def test_left_out(vltair_coverage):
            with vltair_coverage("library"): library.sign(1)
        def test_changed(vltair_coverage):
            with vltair_coverage("other"): coverage.Coverage.current().switch_context("mine")
        def test_as_it_is_shown(vltair_coverage):
            with vltair_coverage("other") as covered:
                assert repr(covered) == "<other, being measured>"
                other.two()
            assert covered.percent >= 95
        """,
    )
    command = (sys.executable, "-m", "coverage", "run", "--include=other.py", "-m", "pytest", *PLAIN)
    result = pytester.run(*command)
    result.assert_outcomes(failed=3)
    said = (
        "coverage measures these tests, and nothing of library: its settings leave it out, or nobody imports it",
        "how much of other ran is not known: something told coverage another context, 'mine'",
    )
    assert [line for line in result.outlines if line in said] == list(said)
    result.stdout.fnmatch_lines(["*where 50.0 = <other: 50.00 % of 2 lines, without 2>.percent"])


def test_coverage_is_loaded_only_for_those_who_ask(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        def test_a(vltair_seed): assert not {"coverage", "pytest_vltair.covering"} & sys.modules.keys()
        def test_b(vltair_coverage): assert {"coverage", "pytest_vltair.covering"} <= sys.modules.keys()
        """
    )
    pytester.runpytest_subprocess(*PLAIN).assert_outcomes(passed=2)


def test_a_test_that_gates_measure_keeps_what_ran_in_its_blocks(project: Project, tmp_path: Path) -> None:
    project.write(
        "test_library.py",
        """
        import library
        def test_a(vltair_coverage):
            with vltair_coverage("library"): library.sign(0)
        """,
    )
    data = tmp_path / "data"
    command = ("coverage", "run", f"--data-file={data}", "--include=library.py", "-m", "pytest", *PLAIN)
    project.run(*command, "--vltair-contexts")
    held = coverage.CoverageData(str(data))
    held.read()
    held.set_query_context("test_library.py::test_a")
    assert held.lines(str(project.root / "library.py")) == [11, 13]
    held.close(force=True)


def test_the_examples_of_the_page(pytester: pytest.Pytester) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "cover-a-module.md"
    marker, fixture = re.findall(r"(?ms)^```python\n(.*?)^```$", page.read_text("utf-8"))
    pytester.makepyfile(test_marker=marker, test_fixture=fixture)
    pytester.runpytest_subprocess(*PLAIN, "--strict-markers").assert_outcomes(passed=3)
