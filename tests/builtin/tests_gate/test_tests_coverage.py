"""Coverage that another gate asks for, taken in the one run of the suite."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.tests import coverage as measuring
from gates.model.evidence import sha256
from gates.model.tested import Coverage
from support import suites
from support.projects import write_project
from support.suites import Judged

CODE = "def double(number):\n    if number:\n        return 2 * number\n    return 0\n"
BASE: Mapping[str, str] = {
    "pyproject.toml": """
        [project]
        name = "sample"

        [tool.pytest.ini_options]
        testpaths = ["tests"]
        pythonpath = ["src"]
    """,
    "src/sample/__init__.py": CODE,
    "tests/test_sample.py": "from sample import double\n\n\ndef test_double():\n    assert double(2) == 4\n",
}
WITH_COV = ("-p", "pytest_cov")


class Suite:
    """A project, its verdict and the coverage data that was kept of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "project"

    def judged(self, files: Mapping[str, str] | None = None, **wished: Any) -> Judged:
        write_project(self.root, {**BASE, **(files or {})})
        return suites.judged(self.root, self._folder, **{"demanded": ("coverage",), **wished})

    def coverage(self, found: Judged) -> Coverage:
        assert found.evidence is not None, found.message
        (part,) = found.evidence.parts.items
        return part.coverage

    def rows(self, coverage: Coverage, query: str) -> list[tuple[Any, ...]]:
        path = self.root / ".gates" / "tools" / "tests" / f"coverage-{coverage.data}.sqlite"
        assert sha256(path.read_bytes()) == coverage.data
        with closing(sqlite3.connect(path)) as database:
            return database.execute(query).fetchall()

    def files(self, coverage: Coverage) -> set[str]:
        paths = [Path(path) for (path,) in self.rows(coverage, "select path from file")]
        return {path.relative_to(self.root).as_posix() for path in paths if path.is_relative_to(self.root)}


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def test_nothing_is_measured_unless_it_is_asked_for(suite: Suite) -> None:
    found = suite.judged(demanded=())
    assert not suite.coverage(found).demanded
    assert "coverage" not in found.commands[0]


def test_a_measured_run_keeps_one_data_file_under_its_digest(suite: Suite) -> None:
    coverage = suite.coverage(suite.judged({"setup.cfg": "[coverage:run]\nsource = src\n"}))
    assert (coverage.demanded, coverage.files, coverage.executed, coverage.unreadable) == (True, 1, 1, 0)
    assert suite.files(coverage) == {"src/sample/__init__.py"}
    assert suite.rows(coverage, "select count(*) from arc") == [(0,)]


def test_branches_and_contexts_on_demand(suite: Suite) -> None:
    coverage = suite.coverage(suite.judged(demanded=("coverage", "branches", "contexts")))
    assert (coverage.branches, coverage.contexts) == (True, True)
    assert suite.rows(coverage, "select count(*) > 0 from arc") == [(1,)]
    contexts = {context for (context,) in suite.rows(coverage, "select context from context")}
    assert contexts == {"", "tests/test_sample.py::test_double"}


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")])
def test_what_ran_is_known_by_test_whatever_the_project_and_the_caller_say_of_contexts(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COVERAGE_CORE", "sysmon")
    monkeypatch.setenv("VLTAIR_CONTEXT", "of the caller")
    files = {
        "setup.cfg": "[coverage:run]\nsource = src\ncontext = linux\ndynamic_context = test_function\ncore = sysmon\n",
        "src/sample/child.py": "print('child')\n",
        "tests/test_child.py": """
            import subprocess, sys
            import pytest, sample

            @pytest.mark.parametrize("number", [0, 1])
            def test_number(number): assert sample.double(number) == 2 * number
            def test_child():
                child = sample.__file__.replace("__init__", "child")
                subprocess.run([sys.executable, child], check=True)
        """,
    }
    found = suite.judged(files, demanded=("coverage", "branches", "contexts"), args=workers)
    assert found.evidence is not None, found.message
    assert found.evidence.warnings.count == 0
    query = "select distinct context from context join arc on context_id = context.id join file on file_id = file.id"
    module = "select path from file where path like '%__init__.py'"
    rows = suite.rows(suite.coverage(found), f"{query} where path in ({module})")
    tests = ("test_child.py::test_number[0]", "test_child.py::test_number[1]", "test_sample.py::test_double")
    assert {context for (context,) in rows} == {"", *(f"tests/{test}" for test in tests)}
    rows = suite.rows(suite.coverage(found), f"{query} where path like '%child.py' and path not like '%test_child.py'")
    assert rows == [("tests/test_child.py::test_child",)]


def test_a_child_in_another_folder_is_measured_by_the_projects_own_relative_settings(suite: Suite) -> None:
    files = {
        ".coveragerc": "[run]\nsource = src\nomit =\n    src/sample/left_out.py\n",
        "src/sample/child.py": "print('child')\n",
        "src/sample/left_out.py": "print('left out')\n",
        "tests/test_child.py": """
            import subprocess, sys
            from pathlib import Path
            import sample

            def test_child(tmp_path):
                for name in ("child.py", "left_out.py"):
                    script = Path(sample.__file__).with_name(name)
                    subprocess.run([sys.executable, str(script)], cwd=tmp_path, check=True)
        """,
    }
    coverage = suite.coverage(suite.judged(files))
    assert suite.files(coverage) == {"src/sample/__init__.py", "src/sample/child.py"}
    assert coverage.combined >= 2


def test_workers_are_measured(suite: Suite) -> None:
    found = suite.judged({"setup.cfg": "[coverage:run]\nsource = src\n"}, args=("-p", "xdist", "-n", "2"))
    assert found.verdict == "passed"
    assert suite.coverage(found).executed == 1


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")])
def test_pytest_covs_settings_are_taken_over_and_it_measures_nothing_itself(
    suite: Suite, workers: tuple[str, ...]
) -> None:
    options = BASE["pyproject.toml"] + '        addopts = "--cov=sample --cov-branch --cov-fail-under=100"\n'
    files = {"pyproject.toml": options, "tox.ini": "[coverage:run]\nsource = nowhere\n", "src/other.py": "1\n"}
    found = suite.judged(files, args=(*WITH_COV, *workers))
    assert (found.verdict, found.code) == ("passed", None)
    assert found.commands[0][-1] == "--no-cov"
    assert found.evidence is not None
    assert found.evidence.warnings.count == 0
    coverage = suite.coverage(found)
    assert coverage.branches
    assert suite.files(coverage) == {"src/sample/__init__.py"}


def test_pytest_cov_runs_as_it_is_where_no_gate_asks(suite: Suite) -> None:
    found = suite.judged(demanded=(), args=(*WITH_COV, "--cov=sample", "--cov-fail-under=100"))
    assert (found.verdict, found.code) == ("undecided", "tool_crashed")
    assert "less than fail-under=100" in found.message


def test_pytest_cov_that_says_fail_and_ends_well_is_undecided(suite: Suite) -> None:
    """Rounding lets a total below the limit through with exit status 0."""
    body = "".join(f"    x = {number}\n" for number in range(150))
    code = f"def f(yes):\n    if yes:\n        return 1\n{body}    return 2\n"
    files = {
        "src/sample/__init__.py": f"def g():\n{body}    return 1\n\n\n{code}",
        "tests/test_sample.py": "from sample import f, g\n\n\ndef test():\n    assert f(True) == g() == 1\n",
    }
    found = suite.judged(files, demanded=(), args=(*WITH_COV, "--cov=sample", "--cov-fail-under=51"))
    assert (found.verdict, found.code) == ("undecided", "evidence_corrupt")
    assert "FAIL Required test coverage" in found.message
    assert "50.65%" in found.message


def test_no_measured_file_is_undecided(suite: Suite) -> None:
    found = suite.judged({"setup.cfg": "[coverage:run]\nsource = nowhere\n"})
    assert (found.verdict, found.code) == ("undecided", "evidence_missing")
    assert found.unkept is not None


def test_a_failed_suite_is_measured_too(suite: Suite) -> None:
    found = suite.judged({"tests/test_bad.py": "def test_bad():\n    assert False\n"})
    assert found.verdict == "failed"
    assert suite.coverage(found).executed > 0


def test_a_damaged_data_file_is_undecided(suite: Suite) -> None:
    spoils = """
        import os
        from pathlib import Path

        def test_spoil():
            Path(os.environ["COVERAGE_FILE"] + ".host.1.spoilt").write_text("not a database")
    """
    found = suite.judged({"tests/test_spoil.py": spoils})
    assert (found.verdict, found.code) == ("undecided", "evidence_corrupt")
    assert suite.coverage(found).unreadable == 1


@pytest.mark.parametrize(
    ("files", "args"),
    [
        ({".coveragerc": "[run\n"}, ()),
        ({"pyproject.toml": BASE["pyproject.toml"], ".coveragerc.toml": "run = ["}, ()),
        ({}, ("--cov", "--cov-config=nowhere.cfg")),
    ],
)
def test_settings_that_coverage_cannot_read_are_named(
    suite: Suite, files: Mapping[str, str], args: tuple[str, ...]
) -> None:
    found = suite.judged(files, args=args)
    assert (found.verdict, found.code) == ("undecided", "tool_config_invalid")


def test_coverage_that_is_not_installed_is_named(suite: Suite) -> None:
    found = suite.judged(environ={"GATES_HIDE": "coverage"})
    assert (found.verdict, found.code) == ("undecided", "tool_missing")


def test_old_data_files_are_forgotten(suite: Suite) -> None:
    kept = suite.root / ".gates" / "tools" / "tests"
    write_project(kept, {f"coverage-{number}.sqlite": "" for number in range(measuring.KEPT + 5)})
    for path in kept.glob("*.sqlite"):
        os.utime(path, (0, 0))
    found = suite.coverage(suite.judged())
    assert (kept / f"coverage-{found.data}.sqlite").is_file()
    assert len(list(kept.glob("*.sqlite"))) == measuring.KEPT


def test_a_coverage_that_cannot_follow_children_is_too_old(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "OLDEST", (999, 0))
    found = suite.judged()
    assert (found.verdict, found.code) == ("undecided", "package_missing")
    assert found.decision.reason is not None
    assert "coverage>=7.10" in found.decision.reason.fix
