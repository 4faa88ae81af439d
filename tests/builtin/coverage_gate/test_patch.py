"""What a change touched of what was measured: real repositories under the real coverage.py.

`test_c9` to `test_c12` are failings of tools that judge patches; what these tools say was looked at on 2026-11-21 with
diff-cover 11.0.1 on the same files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.coverage import patch, words
from gates.builtin.coverage.facts import MODULE, Changed, Function
from gates.builtin.coverage.lines import decoded, encoded, numbers, of
from gates.builtin.coverage.parsed import Parsed
from gates.builtin.coverage.parsing import Head, Parses
from gates.config.tool_settings import coverage_settings
from gates.model.evidence import counted
from gates.project import changes, facts
from gates.project.changes import ChangedFile
from gates.project.layout import Layout
from support import reckoned
from support.repositories import commit_all, make_repository

LAYOUT = Layout(import_roots=("src",), packages=("pkg",), tests=("tests",), python=())

MODULE_A = """\
def first(n):
    if n:
        return 1
    return 2


def second(n):
    total = (
        n
        + 1
    )
    return total
"""

FILES = {
    "pyproject.toml": "[project]\nname = 'pkg'\n",
    ".gitignore": ".coverage*\n.gates/\n__pycache__/\n*.json\n",
    "src/pkg/__init__.py": "",
    "src/pkg/a.py": MODULE_A,
    "run.py": "import sys\nsys.path.insert(0, 'src')\nfrom pkg import a\na.first(1)\na.second(1)\n",
}
"""A script measures it and not pytest, which takes longer to start."""


def made(root: Path, *words: str) -> dict[str, Changed]:
    """The facts of what differs from HEAD in the work tree, measured by `coverage run`."""
    reckoned.coverage(root, "run", *(words or ("--source=src",)), "run.py")
    project = facts.find(root)
    git = project.git
    assert git is not None
    assert git.head is not None
    measured = {Path(path).relative_to(root).as_posix() for path in reckoned.recorded(root).files}
    files = patch.judged(changes.since(git, git.head), measured, project.layout)
    parses = reckoned.parsed(root, sorted(measured | {one.path for one in files}))
    known = patch.Measured(paths=measured, parses=parses, settings=coverage_settings(project))
    found = patch.collect(git.head, files, known)
    assert found.base == git.head
    return {one.path: one for one in found.files.items}


def touched(one: Changed) -> list[int]:
    assert one.statements == decoded(one.touched).bit_count()
    assert one.count == decoded(one.lines).bit_count()
    return numbers(decoded(one.touched))


def ran(root: Path, path: str) -> int:
    return decoded(reckoned.facts(root)[path].ran)


def replaced(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), "utf-8")


def test_a_line_in_the_middle_of_a_statement_counts_for_the_statement(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", FILES)
    replaced(root, "src/pkg/a.py", "+ 1", "+ 2")
    (one,) = made(root).values()
    assert (one.path, one.status, one.measured, one.omitted) == ("src/pkg/a.py", "modified", True, None)
    assert numbers(decoded(one.lines)) == [10]
    assert touched(one) == [8]


def test_comments_docstrings_and_excluded_lines_are_no_statements(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", FILES)
    replaced(root, "src/pkg/a.py", "def first(n):\n", 'def first(n):\n    """Said."""\n    # noted\n\n')
    replaced(root, "src/pkg/a.py", "    return 2\n", "    return 3  # pragma: no cover\n")
    (one,) = made(root).values()
    assert numbers(decoded(one.lines)) == [2, 3, 4, 7]
    assert touched(one) == []


def test_c9_a_changed_file_that_nobody_measured(tmp_path: Path) -> None:
    """diff-cover 11.0.1: "No lines with coverage information in this diff.", exit code 0 with --fail-under=100."""
    root = make_repository(tmp_path / "project", {**FILES, "src/pkg/b.py": "def old():\n    return 1\n"})
    replaced(root, "src/pkg/b.py", "1", "2")
    (root / "src/pkg/c.py").write_text("import os\n\n\ndef new():\n    return os\n", "utf-8")
    commit_all(root)
    replaced(root, "src/pkg/b.py", "2", "3")
    (root / "src/pkg/d.py").write_text("import os\n\n\ndef new():\n    return os\n", "utf-8")
    found = made(root, "--include=src/pkg/a.py")
    assert {path: (one.measured, one.omitted, touched(one)) for path, one in found.items()} == {
        "src/pkg/b.py": (False, None, [2]),
        "src/pkg/d.py": (False, None, [1, 4, 5]),
    }


def test_c10_a_new_file_that_git_does_not_know_yet(tmp_path: Path) -> None:
    """diff-cover 11.0.1: "No lines with coverage information in this diff.", unless --include-untracked is given.

    With it, the answer is 75 %, as here.
    """
    root = make_repository(tmp_path / "project", FILES)
    (root / "src/pkg/new.py").write_text(MODULE_A.partition("\n\n\n")[0] + "\n", "utf-8")
    replaced(root, "run.py", "a.first(1)", "a.first(1); from pkg import new; new.first(1)")
    one = made(root)["src/pkg/new.py"]
    assert (one.status, one.measured, touched(one)) == ("untracked", True, [1, 2, 3, 4])
    assert numbers(decoded(one.touched) & ~ran(root, "src/pkg/new.py")) == [4]


def test_c11_one_missed_line_among_many_trivial_ones(tmp_path: Path) -> None:
    """diff-cover 11.0.1: "Coverage: 95%", exit code 0 with --fail-under=90; the one line that matters never ran."""
    root = make_repository(tmp_path / "project", FILES)
    constants = "".join(f"NAME{number} = {number}\n" for number in range(20))
    replaced(root, "src/pkg/a.py", "    return 2\n", "    return 3\n")
    (root / "src/pkg/a.py").write_text((root / "src/pkg/a.py").read_text("utf-8") + constants, "utf-8")
    one = made(root)["src/pkg/a.py"]
    missed = decoded(one.touched) & ~ran(root, "src/pkg/a.py")
    functions = reckoned.facts(root)["src/pkg/a.py"].functions.items
    assert one.statements == 21
    assert [(name, numbers(lines & missed)) for name, lines in words.by_function(functions, decoded(one.touched))] == [
        ("first", [4]),
        (MODULE, []),
    ]


def test_c12_a_moved_file_counts_where_it_was_altered(tmp_path: Path) -> None:
    """Codecov counted a file as all new and said 37 % of 92 % (appstrate#1193); diff-cover 11.0.1 counts the edit."""
    root = make_repository(tmp_path / "project", FILES)
    (root / "src/pkg/sub").mkdir()
    (root / "src/pkg/a.py").rename(root / "src/pkg/sub/moved.py")
    replaced(root, "src/pkg/sub/moved.py", "return 2", "return 3")
    (root / "src/pkg/sub/__init__.py").write_text("", "utf-8")
    replaced(root, "run.py", "from pkg import a", "from pkg.sub import moved as a")
    one = made(root)["src/pkg/sub/moved.py"]
    assert (one.status, one.old, one.measured, touched(one)) == ("renamed", "src/pkg/a.py", True, [4])


def test_a_file_that_was_only_moved_or_cut_is_asked_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {**FILES, "src/pkg/b.py": MODULE_A})
    (root / "src/pkg/b.py").rename(root / "src/pkg/c.py")
    replaced(root, "src/pkg/a.py", "        return 1\n", "        pass\n")
    replaced(root, "src/pkg/a.py", "        pass\n", "        return 1\n")
    replaced(root, "src/pkg/a.py", "    return total\n", "")
    assert made(root) == {}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[tool.coverage.run]\nomit = ['src/pkg/b*']\n", "`run.omit` in pyproject.toml:4"),
        ("[tool.coverage.report]\nomit = ['src/pkg/b*']\n", "`report.omit` in pyproject.toml:4"),
        ("[tool.coverage.report]\nomit = [\n  '*/c.py',\n  '*/b.py',\n]\n", "`report.omit` in pyproject.toml:4"),
        ("[tool.coverage.report]\ninclude = ['src/pkg/a*']\n", "`report.include` in pyproject.toml:4"),
    ],
)
def test_a_file_that_the_project_leaves_out_names_the_setting(tmp_path: Path, settings: str, said: str) -> None:
    root = make_repository(tmp_path / "project", {**FILES, "pyproject.toml": FILES["pyproject.toml"] + settings})
    (root / "src/pkg/b.py").write_text(MODULE_A, "utf-8")
    replaced(root, "src/pkg/a.py", "return 2", "return 3")
    found = made(root)
    assert (found["src/pkg/a.py"].measured, found["src/pkg/a.py"].omitted) == (True, None)
    assert (found["src/pkg/b.py"].measured, found["src/pkg/b.py"].omitted) == (False, said)


def test_source_that_looks_elsewhere_leaves_nothing_out(tmp_path: Path) -> None:
    settings = "[tool.coverage.run]\nsource = ['src/pkg/core']\n"
    files = {**FILES, "src/pkg/core/__init__.py": "", "pyproject.toml": FILES["pyproject.toml"] + settings}
    root = make_repository(tmp_path / "project", files)
    replaced(root, "src/pkg/a.py", "return 2", "return 3")
    (one,) = made(root, "--branch").values()
    assert (one.path, one.measured, one.omitted, touched(one)) == ("src/pkg/a.py", False, None, [4])


def test_tests_and_the_settings_of_tools_are_no_false_alarms(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", FILES)
    new = (
        "tests/test_a.py",
        "tests/conftest.py",
        "setup.py",
        "docs/conf.py",
        "noxfile.py",
        "script.py",
        "tests/bad.py",
    )
    for path in new:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text("def f():\n    return 1\n" if path != "tests/bad.py" else "def\n", "utf-8")
    assert made(root) == {}


@pytest.mark.parametrize(
    ("path", "measured", "must"),
    [
        ("src/pkg/a.py", [], True),
        ("src/pkg/deep/er/a.py", [], True),
        ("src/pkg/data.json", [], False),
        ("src/pkg/data.html", ["src/pkg/data.html"], True),
        ("src/pkg/tests/test_a.py", ["src/pkg/a.py"], False),
        ("src/pkg/tests/test_a.py", ["src/pkg/tests/test_b.py"], True),
        ("tests/test_a.py", ["src/pkg/a.py"], False),
        ("tests/test_a.py", ["tests/test_b.py"], True),
        ("tests/conftest.py", ["tests/test_b.py"], True),
        ("tests/data/sample.py", ["tests/test_b.py"], False),
        ("tests/data/sample.py", ["tests/data/other.py"], True),
        ("scripts/tool.py", ["src/pkg/a.py"], False),
        ("scripts/tool.py", ["scripts/other.py"], True),
        ("scripts/deep/tool.py", ["scripts/other.py"], False),
        ("tool.py", ["src/pkg/a.py"], False),
        ("tool.py", ["other.py"], True),
        ("setup.py", ["other.py"], False),
        ("setup.py", ["setup.py"], True),
        ("docs/conf.py", ["docs/example.py"], False),
        ("docs/snippet.py", ["docs/example.py"], True),
    ],
)
def test_which_files_have_to_be_measured(path: str, measured: list[str], must: bool) -> None:
    one = ChangedFile(path=path, old=None, status="modified", lines=((1, 1),))
    assert patch.judged([one], frozenset(measured), LAYOUT) == ((one,) if must else ())
    assert patch.judged([msgspec.structs.replace(one, lines=())], frozenset(measured), LAYOUT) == ()


def parsed(lines: str, *functions: tuple[str, int, int], first: Mapping[int, int] | None = None) -> Parsed:
    return Parsed(
        sha256="",
        last=99,
        lines=lines,
        excluded="0",
        blank="0",
        first=first or {},
        ways={},
        excused="0",
        jumps=(),
        functions=functions,
        pragmas=0,
    )


def known(one: Parsed, **keys: object) -> patch.Measured:
    parses = Parses({"a.py": msgspec.json.encode(one)}, {}, {}, Head())
    return patch.Measured(**{"paths": {"a.py"}, "parses": parses, **keys})  # type: ignore[arg-type]


def changed(*lines: tuple[int, int], path: str = "a.py", old: str | None = None) -> ChangedFile:
    return ChangedFile(path=path, old=old, status="modified", lines=lines)


def near(lines: list[int], contexts: Mapping[str, list[int]], *functions: tuple[str, int, int]) -> dict[str, list[str]]:
    """The nearest tests by function, where each of the lines 1 to 40 is a statement."""
    by = {name: of(held) for name, held in contexts.items()}
    measured = known(parsed(encoded(of(range(1, 41))), *functions), contexts={"a.py": by})
    (one,) = patch.collect("0", [changed(*((line, line) for line in lines))], measured).files.items
    return {held.function: list(held.tests.items) for held in one.near.items}


def test_the_nearest_tests_ran_most_of_the_function_then_most_of_the_file() -> None:
    contexts = {
        "far": [30, 31, 32],
        "farther": [30],
        "all": [1, 11, 12, 13, 14, 30],
        "much": [12, 13, 14],
        "a little": [12],
        "elsewhere": [99],
        "": list(range(40)),
    }
    assert near([15], contexts, ("load", 11, 20)) == {"load": ["all", "much", "a little"]}
    del contexts["much"], contexts["a little"]
    assert near([15], contexts, ("load", 11, 20)) == {"load": ["all", "far", "farther"]}
    assert near([15], {"a": [30], "b": [30, 31]}, ("load", 11, 20)) == {"load": ["b", "a"]}
    assert near([15], {"elsewhere": [99]}, ("load", 11, 20)) == {}
    assert near([15], {"b": [12], "a": [12], "d": [12], "c": [12]}, ("load", 11, 20)) == {"load": ["a", "b", "c"]}


def test_the_line_of_the_def_says_nothing_of_who_calls_it() -> None:
    contexts = {"imports": [1, 2, 11, 21], "calls": [12]}
    assert near([15], contexts, ("load", 12, 20)) == {"load": ["calls", "imports"]}


def test_an_inner_function_is_another_one_and_the_module_is_one() -> None:
    functions = (("outer", 11, 30), ("outer.inner", 15, 20))
    contexts = {"inside": [16, 17, 18], "outside": [12, 13]}
    assert near([19, 25, 5], contexts, *functions) == {
        MODULE: ["inside", "outside"],
        "outer.inner": ["inside", "outside"],
        "outer": ["outside", "inside"],
    }


def test_phases_of_pytest_cov_are_one_test() -> None:
    contexts = {
        "t.py::a|run": [12],
        "t.py::a|setup": [13],
        "t.py::b[x|y]": [12],
        "|run": [12, 13, 14],
        "t.py::c|run": [1],
    }
    assert near([15], contexts, ("load", 11, 20)) == {"load": ["t.py::a", "t.py::b[x|y]", "t.py::c"]}
    halves = {"t.py::a|setup": [12, 13], "t.py::a|run": [14, 16], "t.py::b": [12, 13, 14]}
    assert near([15], halves, ("load", 11, 20)) == {"load": ["t.py::a", "t.py::b"]}


def test_a_line_at_module_level_is_near_to_the_tests_that_run_most_of_the_file() -> None:
    contexts = {"imports": [1, 2, 11], "calls": [12, 13, 14, 15]}
    assert near([3], contexts, ("load", 11, 20)) == {MODULE: ["calls", "imports"]}


def test_what_is_elsewhere_is_said_and_not_asked() -> None:
    elsewhere = changed((1, 4), path="worker.py")
    found = patch.collect("0", [], known(parsed("0")), [elsewhere]).files.items
    assert [(one.path, one.measured, one.omitted, one.statements) for one in found] == [
        ("worker.py", False, "in no package of the project", 0)
    ]


def test_a_file_that_was_not_parsed_and_is_left_out() -> None:
    parses = Parses(
        {}, {"a.py": "it is no Python", "b.py": "report:omit"}, {"c.py": "run:omit", "d.py": "run:omit"}, Head()
    )
    measured = patch.Measured(paths={"a.py", "b.py", "c.py"}, parses=parses)
    files = [changed((1, 2), path=path) for path in ("a.py", "b.py", "c.py", "d.py")]
    found = patch.collect("0", files, measured).files.items
    assert [(one.measured, one.omitted, one.count, one.statements) for one in found] == [
        (False, "coverage.py (it is no Python)", 2, 0),
        (False, "`report.omit`", 2, 0),
        (True, None, 2, 0),
        (False, "`run.omit`", 2, 0),
    ]


def test_names_are_those_of_measured_files_or_else_escaped() -> None:
    measured = patch.Measured(paths=(), parses=Parses({}, {}, {}, Head()))
    (one,) = patch.collect("0", [changed((1, 1), path="\udcff\n.py", old="\udcfe.py")], measured).files.items
    assert (one.path, one.old) == ("\\xff\n.py", "\\xfe.py")
    assert one.near == counted([])


SETS = st.frozensets(st.integers(min_value=1, max_value=40))


@given(lines=SETS, possible=SETS, heads=st.dictionaries(st.integers(2, 40), st.integers(1, 39)))
def test_touched_statements_are_those_with_a_changed_line(
    lines: frozenset[int], possible: frozenset[int], heads: dict[int, int]
) -> None:
    first = {line: head for line, head in heads.items() if head < line and line not in possible}
    found = set(numbers(patch.statements(of(lines), parsed(encoded(of(possible)), first=first))))
    assert found == {
        one for one in possible if one in lines or any(head == one and line in lines for line, head in first.items())
    }


@given(ranges=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9))))
def test_altered_lines_are_those_of_every_range(ranges: list[tuple[int, int]]) -> None:
    found = patch.altered([(first, first + more) for first, more in ranges])
    assert set(numbers(found)) == {line for first, more in ranges for line in range(first, first + more + 1)}


def test_functions_are_named_as_findings_name_them() -> None:
    functions = (("f", 1, 9), ("f.g", 3, 5))
    held = [Function(name=name, first=first, last=last) for name, first, last in functions]
    shown = near([2, 4], {"t": [2, 4]}, *functions)
    assert sorted(shown) == sorted(name for name, _ in words.by_function(held, of([2, 4])))
