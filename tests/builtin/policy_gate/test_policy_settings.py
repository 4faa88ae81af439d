"""Settings of two states: what got looser is a finding, and what only moved is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from gates.builtin.policy.decide import decide
from gates.builtin.policy.facts import Call, Element, Excuse, Worse
from gates.builtin.policy.gate import PolicyGate, PolicySettings
from gates.config.effective import mypy
from gates.model.evidence import counted
from gates.testing.law import breaches
from support.changes import NO_WIRES, Files, base_state, evidence, found, settings

MYPY = "[tool.mypy]\nstrict = true\n"
RUFF = '[tool.ruff.lint]\nselect = ["E", "F", "B"]\nignore = ["E501"]\n'
COVERAGE = '[tool.coverage.run]\nbranch = true\nomit = ["a.py"]\n[tool.coverage.report]\nfail_under = 85\n'
PYTEST = '[tool.pytest.ini_options]\naddopts = ["--strict-markers", "-m", "not slow"]\nfilterwarnings = ["error"]\n'
OWN = '[tool.gates]\nselect = ["lint", "types"]\n'


def pyproject(text: str) -> Files:
    return {"pyproject.toml": text}


LOOSER = {
    "a limit is lower": (COVERAGE, COVERAGE.replace("85", "80"), [("POL001", "coverage.fail_under")]),
    "a limit is gone": (COVERAGE, COVERAGE.replace("fail_under = 85", ""), [("POL001", "coverage.fail_under")]),
    "a limit is zero": (COVERAGE, COVERAGE.replace("85", "0"), [("POL001", "coverage.fail_under")]),
    "a limit is no number": (COVERAGE, COVERAGE.replace("85", '"x"'), [("POL001", "coverage.fail_under")]),
    "branches are not measured": (COVERAGE, COVERAGE.replace("true", "false"), [("POL001", "coverage.run.branch")]),
    "more is omitted": (
        COVERAGE,
        COVERAGE.replace('"a.py"', '"a.py", "b.py"'),
        [("POL003", "coverage.run.omit: b.py")],
    ),
    "a tool has lost its table": (
        MYPY,
        "",
        [("POL001", "mypy.strict"), ("POL002", "mypy.configured"), ("POL002", "select: types")],
    ),
    "strict is off": (MYPY, MYPY.replace("true", "false"), [("POL001", "mypy.strict")]),
    "one flag of strict is off": (MYPY, MYPY + "warn_return_any = false\n", [("POL001", "mypy.strict")]),
    "a check is off by its opposite": (MYPY, MYPY + "allow_untyped_defs = true\n", [("POL001", "mypy.strict")]),
    "an error code is off": (
        MYPY,
        MYPY + 'disable_error_code = ["misc"]\n',
        [("POL002", "mypy.disable_error_code: misc")],
    ),
    "a pattern is excluded": (MYPY, MYPY + 'exclude = ["^x"]\n', [("POL003", "mypy.exclude: ^x")]),
    "only some files are checked": (MYPY, MYPY + 'files = ["src"]\n', [("POL003", "mypy.files")]),
    "errors of a module are ignored": (
        MYPY,
        MYPY + '[[tool.mypy.overrides]]\nmodule = ["a.*"]\nignore_errors = true\n',
        [("POL001", "mypy[a.*].ignore_errors")],
    ),
    "a module follows no import": (
        MYPY,
        MYPY + '[[tool.mypy.overrides]]\nmodule = "a"\nfollow_imports = "skip"\n',
        [("POL001", "mypy[a].follow_imports")],
    ),
    "a rule is not selected": (RUFF, RUFF.replace(', "B"', ""), [("POL002", "ruff.lint.select: B")]),
    "a rule is ignored": (RUFF, RUFF.replace('"E501"', '"E501", "F401"'), [("POL002", "ruff.lint.select: F401")]),
    "ruff selects for itself": (RUFF, "[tool.ruff]\n", [("POL002", f"ruff.lint.select: {one}") for one in "BEF"]),
    "a rule is ignored in a folder": (
        RUFF,
        RUFF + '[tool.ruff.lint.per-file-ignores]\n"tests/**" = ["F"]\n',
        [("POL002", "ruff.lint.select: F in tests/**")],
    ),
    "ruff leaves a folder out": (
        RUFF,
        '[tool.ruff]\nextend-exclude = ["old"]\n' + RUFF,
        [("POL003", "ruff.exclude: old")],
    ),
    "lines may be longer": ("[tool.ruff]\n", "[tool.ruff]\nline-length = 200\n", [("POL001", "ruff.line-length")]),
    "functions may be more complex": (
        "[tool.ruff]\n",
        "[tool.ruff.lint.mccabe]\nmax-complexity = 30\n",
        [("POL001", "ruff.lint.mccabe.max-complexity")],
    ),
    "more tests are left out": (
        PYTEST,
        PYTEST.replace('slow"', 'slow", "--ignore=x"'),
        [("POL003", "pytest.addopts: --ignore=x")],
    ),
    "other tests are left out": (PYTEST, PYTEST.replace("not slow", "fast"), [("POL003", "pytest.addopts: -m=fast")]),
    "markers are not strict": (PYTEST, PYTEST.replace('"--strict-markers", ', ""), [("POL001", "pytest.strict")]),
    "warnings are no errors": (PYTEST, PYTEST.replace('["error"]', "[]"), [("POL001", "pytest.filterwarnings")]),
    "a warning is let off": (
        PYTEST,
        PYTEST.replace('["error"]', '["error", "ignore::UserWarning"]'),
        [("POL003", "pytest.filterwarnings.let-off: ignore::UserWarning")],
    ),
    "files of tests have another name": (
        PYTEST,
        PYTEST + 'python_files = ["check_*.py"]\n',
        [("POL003", "pytest.python_files: *_test.py"), ("POL003", "pytest.python_files: test_*.py")],
    ),
    "a gate is not selected": (OWN, OWN.replace(', "types"', ""), [("POL002", "select: types")]),
    "a gate is ignored": (OWN, OWN + 'ignore = ["lint"]\n', [("POL002", "select: lint")]),
    "a plugin is gone": (OWN + 'plugins = ["ci"]\n', OWN, [("POL002", "plugins: ci")]),
    "a table of an unknown gate is gone": (
        OWN.replace('"types"', '"types", "units"'),
        OWN,
        [("POL002", "select: units")],
    ),
    "a level is lower": (
        OWN,
        OWN + '[[tool.gates.severity]]\nrule = "lint-violation"\nlevel = "warning"\n',
        [("POL002", "severity: LNT001")],
    ),
    "a level is lower somewhere": (
        OWN,
        OWN + '[[tool.gates.severity]]\nrule = "LNT001"\nlevel = "off"\npath = "old/**"\n',
        [("POL002", "severity: LNT001 in old/**")],
    ),
    "more warnings are allowed": (
        OWN + "[tool.gates.tests]\nmax-warnings = 0\n",
        OWN + "[tool.gates.tests]\nmax-warnings = 9\n",
        [("POL001", "tests.max-warnings")],
    ),
    "no more warnings are counted": (
        OWN + "[tool.gates.tests]\nmax-warnings = 0\n",
        OWN + "[tool.gates.tests]\n",
        [("POL001", "tests.max-warnings")],
    ),
    "an installed copy may be tested": (
        OWN,
        OWN + "[tool.gates.tests]\nallow-installed = true\n",
        [("POL001", "tests.allow-installed")],
    ),
    "the arguments of the gate leave tests out": (
        OWN,
        OWN + '[tool.gates.tests]\nargs = ["-k", "fast"]\n',
        [("POL003", "pytest.addopts: -k=fast")],
    ),
    "the variable of the gate leaves tests out": (
        OWN,
        OWN + '[tool.gates.tests.env]\nPYTEST_ADDOPTS = "--deselect a.py::b"\n',
        [("POL003", "pytest.addopts: --deselect=a.py::b"), ("POL012", "tests.env[PYTEST_ADDOPTS]")],
    ),
    "a gate judges less": (OWN, OWN + '[tool.gates.lint]\npaths = ["src"]\n', [("POL003", "lint.paths")]),
    "formatting is not judged": (OWN, OWN + "[tool.gates.lint]\nformat = false\n", [("POL002", "lint.format")]),
    "a command gate accepts more": (
        OWN + '[[tool.gates.command]]\nname = "x"\nargv = ["x"]\nfiles = ["a"]\n',
        OWN + '[[tool.gates.command]]\nname = "x"\nargv = ["x"]\nfiles = ["a"]\nexit-codes = [0, 1]\n',
        [("POL001", "command[x].exit-codes")],
    ),
    "a command gate looks away": (
        OWN + '[[tool.gates.command]]\nname = "x"\nargv = ["x"]\nfiles = ["a"]\n',
        OWN + '[[tool.gates.command]]\nname = "x"\nargv = ["x"]\nfiles = ["a", "!a/b"]\n',
        [("POL003", "command[x].files: !a/b")],
    ),
    "the judged interpreter is another": (OWN, OWN + 'python = "p"\n', [("POL012", "python")]),
    "an option that nobody knows": (
        RUFF,
        RUFF + "[tool.ruff.lint.flake8-new]\nodd = 1\n",
        [("POL012", "ruff.lint.flake8-new.odd")],
    ),
    "an argument that nobody knows": (
        PYTEST,
        PYTEST.replace('slow"', 'slow", "--odd"'),
        [("POL012", "pytest.arguments")],
    ),
}


@pytest.mark.requirement("EXC-5")
@pytest.mark.parametrize(("before", "after", "expected"), LOOSER.values(), ids=LOOSER)
def test_what_is_looser_is_found(tmp_path: Path, before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert found(settings(tmp_path, pyproject(before), pyproject(after))) == sorted(expected)


@pytest.mark.parametrize(("before", "after"), [(one, two) for two, one, _ in LOOSER.values()], ids=LOOSER)
def test_the_way_back_is_no_loosening(tmp_path: Path, before: str, after: str) -> None:
    # What replaced one thing by another loosens in both directions, and nobody knows about what nobody knows.
    both = {"coverage.fail_under", "select: types", "pytest.addopts: -m=not slow", "pytest.python_files: check_*.py"}
    both |= {"ruff.lint.select: DEFAULT"}
    rules = [one for one in found(settings(tmp_path, pyproject(before), pyproject(after))) if one[1] not in both]
    assert {rule for rule, _ in rules} <= {"POL012"}


STRICT = "\n".join(f"{flag} = true" for flag in (*mypy.STRICT, "no_implicit_reexport"))
MOVED = {
    "nothing": (pyproject(OWN + MYPY + RUFF + COVERAGE + PYTEST), pyproject(OWN + MYPY + RUFF + COVERAGE + PYTEST)),
    "to a file of gates": (pyproject(OWN), {"gates.toml": 'select = ["lint", "types"]\n'}),
    "tables in another order": (pyproject(MYPY + RUFF + COVERAGE), pyproject(COVERAGE + RUFF + MYPY)),
    "mypy to an ini file": (
        pyproject(MYPY + '[[tool.mypy.overrides]]\nmodule = ["a.*", "b"]\nignore_errors = true\n'),
        {"mypy.ini": "[mypy]\nstrict = True\n[mypy-a.*,b]\nignore_errors = true\n"},
    ),
    "strict to its flags": (pyproject(MYPY), pyproject(f"[tool.mypy]\n{STRICT}\n")),
    "coverage to its own file": (
        pyproject(COVERAGE),
        {".coveragerc": "[run]\nbranch = on\nomit =\n    a.py\n[report]\nfail_under = 85.0\n"},
    ),
    "the limit of coverage to pytest-cov": (
        pyproject("[tool.coverage.report]\nfail_under = 85\n"),
        pyproject('[tool.coverage.report]\n[tool.pytest.ini_options]\naddopts = "--cov-fail-under 85"\n'),
    ),
    "pytest to an ini file": (
        pyproject(PYTEST),
        {"pytest.ini": "[pytest]\naddopts = --strict-markers -m 'not slow'\nfilterwarnings =\n    error\n"},
    ),
    "arguments to the gate": (
        pyproject(OWN + PYTEST),
        pyproject(
            OWN
            + '[tool.gates.tests]\nargs = ["--strict-markers", "-m", "not slow"]\n'
            + '[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n'
        ),
    ),
    "ruff to a file of its own": (
        pyproject(RUFF),
        {"ruff.toml": 'lint.select = ["B", "F", "E"]\nlint.ignore = ["E501"]\n'},
    ),
    "ruff to a file that is extended": (
        pyproject(RUFF),
        {
            **pyproject('[tool.ruff]\nextend = "base.toml"\n'),
            "base.toml": '[lint]\nselect = ["E", "F", "B"]\nignore = ["E501"]\n',
        },
    ),
    "ruff's default written down": (pyproject("[tool.ruff]\n"), pyproject("[tool.ruff]\nline-length = 88\n")),
    "gates' default written down": (
        pyproject(OWN),
        pyproject(
            OWN + "[tool.gates.lint]\npaths = []\ntimeout = 1800.0\n[tool.gates.tests]\nallow-installed = false\n"
        ),
    ),
    "a level written down": (
        pyproject(OWN),
        pyproject(OWN + '[[tool.gates.severity]]\nrule = "LNT001"\nlevel = "error"\n'),
    ),
    "what is selected anyway": (
        pyproject(RUFF),
        pyproject(RUFF.replace('"E"', '"E", "E4", "E7"').replace('"E501"', '"E501", "D203"')),
    ),
    "a selection and what it brings": (
        pyproject(RUFF),
        pyproject(RUFF.replace('"B"', '"B", "D"').replace('"E501"', '"E501", "D203"')),
    ),
    "a folder inside one that is left out": (
        pyproject('[tool.coverage.run]\nomit = ["old"]\n'),
        pyproject('[tool.coverage.run]\nomit = ["old", "old/sub/a.py"]\n'),
    ),
    "a pattern inside one that has the setting": (
        pyproject(MYPY + '[[tool.mypy.overrides]]\nmodule = ["tests.*"]\nignore_errors = true\n'),
        pyproject(MYPY + '[[tool.mypy.overrides]]\nmodule = ["tests.*", "tests.a"]\nignore_errors = true\n'),
    ),
    "a folder with the same rules in a file of its own": (
        {**pyproject(RUFF), "sub/a.py": ""},
        {**pyproject(RUFF), "sub/a.py": "", "sub/ruff.toml": 'lint.select = ["E", "F", "B"]\nlint.ignore = ["E501"]\n'},
    ),
}


@pytest.mark.parametrize(("before", "after"), MOVED.values(), ids=MOVED)
def test_what_only_moved_is_not_found(tmp_path: Path, before: Files, after: Files) -> None:
    assert found(settings(tmp_path, before, after)) == []


def test_a_finding_has_both_values_its_line_and_a_way_to_let_it_through(tmp_path: Path) -> None:
    (one,) = settings(tmp_path, pyproject(COVERAGE), pyproject("#\n" + COVERAGE.replace("85", "80"))).findings
    assert one.message == (
        "`coverage.fail_under` got looser: it is 80, and was 85 on the base (pyproject.toml:5);"
        " to let it through: --approve POL001:coverage.fail_under"
    )
    assert (one.path, one.line, one.severity) == ("pyproject.toml", 6, "error")


def test_an_element_is_found_at_its_own_line(tmp_path: Path) -> None:
    after = COVERAGE.replace('["a.py"]', '[\n  "a.py",\n  "b.py",\n]')
    (one,) = settings(tmp_path, pyproject(COVERAGE), pyproject(after)).findings
    assert (one.path, one.line) == ("pyproject.toml", 5)
    assert "`b.py` is new: now a.py, b.py, on the base a.py (pyproject.toml:3)" in one.message


def test_a_folder_that_leaves_the_rules_around_it_is_one_finding(tmp_path: Path) -> None:
    after = {**pyproject(RUFF), "sub/ruff.toml": 'line-length = 300\nlint.select = ["E"]\n'}
    (one,) = settings(tmp_path, pyproject(RUFF), after).findings
    assert (one.rule, one.subject, one.path) == ("POL003", "ruff[sub]", "sub/ruff.toml")
    assert "looser than the one around it: line-length, lint.select" in one.message


def test_a_folder_s_own_rules_are_compared_one_by_one(tmp_path: Path) -> None:
    before = {**pyproject(RUFF), "sub/ruff.toml": 'lint.select = ["E", "W"]\n'}
    after = {**pyproject(RUFF), "sub/ruff.toml": 'lint.select = ["E"]\n'}
    assert found(settings(tmp_path, before, after)) == [("POL002", "ruff[sub].lint.select: W")]


def test_a_folder_s_own_rules_count_where_the_root_has_none(tmp_path: Path) -> None:
    before = {"sub/ruff.toml": 'lint.select = ["E", "W"]\n'}
    after = {"sub/ruff.toml": 'lint.select = ["E"]\n'}
    assert found(settings(tmp_path, before, after)) == [("POL002", "ruff[sub].lint.select: W")]


def test_the_configuration_file_that_a_gate_hands_over_is_what_holds(tmp_path: Path) -> None:
    own = OWN + '[tool.gates.types]\nconfig-file = "lax.ini"\n'
    after = {**pyproject(own + MYPY), "lax.ini": "[mypy]\n"}
    assert ("POL001", "mypy.strict") in found(settings(tmp_path, pyproject(OWN + MYPY), after))


def test_tests_that_are_gone_are_not_judged_any_more(tmp_path: Path) -> None:
    before = {"pyproject.toml": "", "tests/test_a.py": ""}
    assert found(settings(tmp_path, before, {"pyproject.toml": ""})) == [("POL002", "select: tests")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[tool.ruff]\nline-length = 300\nlint.select = ["E"]\n'),
        ("", '[tool.mypy]\nfiles = ["src"]\nignore_missing_imports = true\n'),
        ("", '[tool.coverage.run]\nomit = ["a.py"]\n'),
    ],
)
def test_whoever_adopts_a_tool_loosens_nothing(tmp_path: Path, before: str, after: str) -> None:
    assert found(settings(tmp_path, pyproject(before), pyproject(after))) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            '[dependency-groups]\ndev = ["ruff"]\n',
            "[tool.ruff]\nline-length = 300\n",
            ("POL001", "ruff.line-length"),
        ),
        ('[tool.gates]\nselect = ["types"]\n', '[tool.mypy]\nexclude = "x"\n', ("POL003", "mypy.exclude: x")),
        (
            '[tool.pytest.ini_options]\naddopts = "--cov"\n',
            '[tool.coverage.run]\nomit = ["a.py"]\n',
            ("POL003", "coverage.run.omit: a.py"),
        ),
    ],
)
def test_a_tool_that_was_in_use_without_a_configuration_is_compared(
    tmp_path: Path, before: str, after: str, expected: tuple[str, str]
) -> None:
    assert found(settings(tmp_path, pyproject(before), pyproject(before + after))) == [expected]


def test_the_law_holds_for_all_that_evidence_can_hold() -> None:
    place = "pyproject.toml:3"
    call = Call(path="a.sh", line=2, tool="gates", text="gates check || true", defused="`|| true`", within="")
    sound = replace(call, text="gates check", defused="", line=1)
    excuse = Excuse(rule="LNT001", subject="a.py", expires="2099-01-01", place=place)
    worse = Worse(subject="baseline: lint", what="it is worse", before="1", now="2", place=place)
    wires = replace(NO_WIRES, variables=counted([Element(text="GATES_SELECT=lint", place="a.sh:1")]))
    whole = evidence(
        wires=replace(wires, calls=counted([call])),
        waivers=counted([excuse]),
        notes=counted(["a note"]),
        base=base_state(wires=replace(NO_WIRES, calls=counted([sound])), worse=counted([worse])),
    )
    assert {rule for rule, _ in found(decide(whole))} == {"POL005", "POL006", "POL007"}
    assert breaches(PolicyGate(), whole, PolicySettings()) == []
