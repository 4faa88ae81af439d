"""What tests run of the modules that they say they cover."""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path

import coverage
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.coverage import lines, subjects
from gates.builtin.coverage.facts import File, Subject
from gates.builtin.coverage.readers.database import read
from gates.model.evidence import counted
from gates.model.tested import Covers, Result
from gates.project.layout import Layout
from support import reckoned, suites
from support.coverage_facts import file
from support.projects import write_project

EMPTY = {
    **dict.fromkeys(("sha256", "lines", "excluded", "blank", "excused"), "0"),
    "last": 18,
    "first": {},
    "ways": {},
    "jumps": (),
    "pragmas": 0,
}
LAYOUT = Layout(import_roots=("lib", "src"), packages=("pkg",), tests=("tests",), python=())
FILES = {one.path: one for one in (file("src/pkg/__init__.py"), file("src/pkg/a.py"), file("lib/pkg/b.py"))}
ONE, TWO, OTHER = (f"tests/test_a.py::{name}" for name in ("test_one[x/y::z]", "TestA::test_two", "test_other"))


def bearing(test: str, *covers: tuple[str, float]) -> Result:
    return Result(
        id=test,
        outcome="passed",
        reruns=0,
        message="",
        path="tests/test_a.py",
        line=1,
        failures=counted([]),
        markers=counted([]),
        requirements=counted([]),
        covers=counted(Covers(module=module, minimum=minimum) for module, minimum in covers),
    )


def collected(
    results: Sequence[Result],
    ran: Mapping[str, Sequence[int]],
    files: Mapping[str, File] = FILES,
    within: Mapping[str, int] | None = None,
) -> tuple[Subject, ...]:
    """The subjects where of `src/pkg/a.py` these lines ran, by context."""
    contexts = {context: {"src/pkg/a.py": lines.of(held)} for context, held in ran.items()}
    return subjects.collect(results, files, contexts, LAYOUT, {} if within is None else within)


def ran(subject: Subject) -> list[int]:
    found = lines.numbers(lines.decoded(subject.ran))
    assert subject.executed == len(found)
    return found


def test_what_ran_in_tests_with_the_mark_counts_and_no_more() -> None:
    results = [bearing(TWO, ("pkg.a", 95)), bearing(ONE, ("pkg.a", 95)), bearing(OTHER)]
    (found,) = collected(results, {ONE: [2, 3], TWO: [3, 4], OTHER: [5], "elsewhere": [6]})
    assert (found.module, found.minimum, found.path) == ("pkg.a", 95, "src/pkg/a.py")
    assert found.tests.items == (TWO, ONE)
    assert ran(found) == [2, 3, 4]


def test_what_ran_for_all_that_a_test_is_in_counts_for_it() -> None:
    contexts = {
        "": [1],
        "tests": [2],
        "tests/test_a.py": [3],
        "tests/test_a.py::TestA": [4],
        "tests/test_a": [5],
        "tests/test_a.py::Test": [6],
        TWO: [7],
    }
    one, two = (collected([bearing(test, ("pkg.a", 1))], contexts)[0] for test in (ONE, TWO))
    assert (ran(one), ran(two)) == ([1, 2, 3], [1, 2, 3, 4, 7])


def test_each_minimum_and_each_module_is_a_subject_of_its_own() -> None:
    results = [bearing(ONE, ("pkg.a", 60), ("pkg.a", 95.5), ("pkg", 10)), bearing(TWO, ("pkg.a", 60))]
    found = collected(results, {ONE: [2], TWO: [3]})
    assert [(one.module, one.minimum, one.tests.count) for one in found] == [
        ("pkg", 10, 1),
        ("pkg.a", 60, 2),
        ("pkg.a", 95.5, 1),
    ]
    assert [ran(one) for one in found] == [[], [2, 3], [2]]


def test_a_module_is_found_below_each_folder_that_is_imported_from() -> None:
    names = ("pkg", "pkg.a", "pkg.b")
    found = collected([bearing(ONE, *((name, 1) for name in names))], {})
    assert [one.path for one in found] == ["src/pkg/__init__.py", "src/pkg/a.py", "lib/pkg/b.py"]
    root = Layout(import_roots=(".",), packages=("pkg",), tests=(), python=())
    assert list(subjects.candidates("pkg.a", root)) == ["pkg/a/__init__.py", "pkg/a.py"]


def test_a_module_that_nobody_measured_has_no_path() -> None:
    (found,) = collected([bearing(ONE, ("pkg.gone", 0))], {"": [1], ONE: [1]})
    assert (found.path, found.executed, found.ran, found.tests.items) == (None, 0, "0", (ONE,))


def test_module_level_code_counts_whoever_imported_it_first() -> None:
    within = lines.of([3, 4, 7, 8])
    files = {**FILES, "src/pkg/a.py": file("src/pkg/a.py", ran=[1, 2, 3, 5, 6, 7, 9])}
    contexts = {OTHER: [1, 2, 3, 5, 6, 9], ONE: [7]}
    found = [
        collected([bearing(ONE, ("pkg.a", 1))], contexts, files, known)
        for known in ({"src/pkg/a.py": within}, {"src/pkg/b.py": within})
    ]
    assert [ran(one) for (one,) in found] == [[1, 2, 5, 6, 7, 9], [7]]


DECORATED = '''\
import functools

@functools.lru_cache(
    maxsize=None,
)
@functools.wraps(print)
async  def first(
    a=1,
):
    def inner(): return 2
    return a

class A:
    def method(self): return 1
    @property
    def other(self):
        return """
def other"""
'''


def test_decorators_and_defaults_run_at_import_and_bodies_do_not(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(DECORATED)
    within = subjects.in_functions(reckoned.parsed(tmp_path, ["module.py"])["module.py"])
    assert lines.numbers(within) == [10, 11, 17, 18]
    measuring = coverage.Coverage(data_file=None, config_file=False, include=[str(tmp_path / "*")])
    with measuring.collect():
        runpy.run_path(str(tmp_path / "module.py"))
    _, statements, _, missing, _ = measuring.analysis2(str(tmp_path / "module.py"))
    assert set(missing) == set(statements) & set(lines.numbers(within))


def test_lines_that_are_no_statements_count_for_nothing() -> None:
    files = {"src/pkg/a.py": file("src/pkg/a.py", can=[1, 5], ran=[1])}
    (found,) = collected([bearing(ONE, ("pkg.a", 1))], {ONE: [1, 2, 3, 5]}, files)
    assert ran(found) == [1]


@given(
    st.dictionaries(st.sampled_from([ONE, TWO, OTHER, "", "tests"]), st.lists(st.integers(1, 12))),
    st.sets(st.sampled_from([ONE, TWO, OTHER]), min_size=1),
    st.sets(st.integers(1, 10)),
)
def test_more_tests_never_run_less_and_none_more_than_all(
    contexts: dict[str, list[int]], tests: set[str], did: set[int]
) -> None:
    files = {"src/pkg/a.py": file("src/pkg/a.py", ran=did)}
    found = [
        set(ran(collected([bearing(test, ("pkg.a", 1)) for test in sorted(some)], contexts, files)[0]))
        for some in (tests, {ONE, TWO, OTHER})
    ]
    assert found[0] <= found[1] <= did
    held = {line for test in (*tests, "", "tests") for line in contexts.get(test, ())}
    assert found[0] == held & did


MARKED = """
    import pytest

    @pytest.mark.covers("sample.calc", "sample", minimum=80)
    @pytest.mark.parametrize("number", [1, -1])
    def test_sign(number):
        from sample import calc
        assert calc.sign(number) == number
"""
LAZY = """
    def test_import_and_use():
        from sample import calc
        assert calc.sign(0) == 0 and calc.other() == 1
"""
CALC = """
    def sign(number):
        if number > 0:
            return 1
        if number < 0:
            return -1
        return 0

    def other():
        return 1
"""


def test_a_real_run(tmp_path: Path) -> None:
    """Each test imports the module itself: what is at module level ran in the one that came first, without the mark."""
    root = write_project(
        tmp_path / "project",
        {
            "pyproject.toml": '[project]\nname = "sample"\n[tool.pytest.ini_options]\npythonpath = ["src"]\n',
            "src/sample/__init__.py": "",
            "src/sample/calc.py": CALC,
            "tests/test_a_lazy.py": LAZY,
            "tests/test_marked.py": MARKED,
        },
    )
    found = suites.judged(root, tmp_path, demanded=("coverage", "branches", "contexts"))
    assert found.evidence is not None, found.message
    (part,) = found.evidence.parts.items
    recorded = read(root / ".gates" / "tools" / "tests" / f"coverage-{part.coverage.data}.sqlite", contexts=True)
    path = "src/sample/calc.py"
    calc = recorded.files[str(root / path)]
    contexts = {context: {path: held} for context, held in calc.by.items()}
    can = [1, 2, 3, 4, 5, 6, 8, 9]
    files = {path: file(path, can=can, ran=set(can) & set(lines.numbers(calc.lines)))}
    layout = Layout(import_roots=("src",), packages=("sample",), tests=("tests",), python=())
    within = {path: lines.of([2, 3, 4, 5, 6, 9])}
    package, module = subjects.collect(found.evidence.results.items, files, contexts, layout, within)
    assert (package.module, package.path) == ("sample", None)
    assert (module.module, module.minimum, module.path) == ("sample.calc", 80.0, path)
    assert module.tests.items == tuple(f"tests/test_marked.py::test_sign[{number}]" for number in (-1, 1))
    assert ran(module) == [1, 2, 3, 4, 5, 8]
