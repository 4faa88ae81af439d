"""The gate `types` over small real projects with the real mypy: each way in which mypy alone would say too little."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.types.gate import TypesGate
from gates.model.evidence import Refusal
from gates.project import tool_cache
from support.contexts import Judged, context, judge
from support.projects import write_project

GATE = TypesGate()
FOLDER = tool_cache.folder
GOOD = "def f(x: int) -> int:\n    return x\n"
WRONG = "def f(x: int) -> str:\n    return x\n"
TEST = "from pkg import a\n\n\ndef test_f() -> None:\n    assert a.f(1) == 1\n"
WRONG_TEST = 'from pkg import a\n\n\ndef test_f() -> None:\n    assert a.f("1") == 1\n'
PACKAGE = {"src/pkg/__init__.py": "", "src/pkg/py.typed": "", "src/pkg/a.py": GOOD}
ON_SRC = '[tool.mypy]\nfiles = ["src"]\nmypy_path = "src"\n'


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_project(
        tmp_path_factory.mktemp("warm"), {"warm_up.py": "", "mypy.ini": "[mypy]\nfiles = warm_up.py\n"}
    )
    judge(root, GATE)
    return root / ".gates/tools/types/mypy"


@pytest.fixture(autouse=True)
def _warm(warm_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that knows the standard library: reading its stubs anew is most of a run.

    The project's own modules are left out of it, since all of them bear the same names, sizes and times.
    """

    def seeded(state: Path, tool: str, root: Path, files: Iterable[str]) -> Path:
        cache = FOLDER(state, tool, root, files)
        if not cache.exists() and any(warm_cache.iterdir()):
            shutil.copytree(warm_cache, cache)
        return cache

    monkeypatch.setattr(tool_cache, "folder", seeded)


def judged(root: Path, files: Mapping[str, str | bytes], **wished: Any) -> Judged:
    return judge(write_project(root / "project", files), GATE, **wished)


def undecided(root: Path, files: Mapping[str, str | bytes], **wished: Any) -> tuple[str, str]:
    found = judged(root, files, **wished)
    assert found.verdict == "undecided", found
    assert found.reason.fix
    assert str(root) not in found.reason.message
    return found.reason.code, found.reason.message


def test_clean_package_and_its_tests_pass_in_one_run_without_configuration(tmp_path: Path) -> None:
    found = judged(tmp_path, {**PACKAGE, "tests/test_a.py": "def test_x() -> None: ...\n"})
    assert (found.verdict, found.examined) == ("passed", 3)
    assert len(found.commands) == 1


@pytest.mark.requirement("GAT-1")
def test_error_names_place_and_mypys_code(tmp_path: Path) -> None:
    found = judged(tmp_path, {**PACKAGE, "src/pkg/a.py": WRONG})
    assert found.found == [("TYP001", "src/pkg/a.py", 2, "mypy:return-value")]
    assert found.decision is not None
    assert found.decision.findings[0].column == 12


def test_notes_are_joined_to_their_error(tmp_path: Path) -> None:
    code = """
        class A:
            def m(self, x: int) -> int: return x


        class B(A):
            def m(self, x: str) -> int: return 1
        """
    found = judged(tmp_path, {"a.py": code, "mypy.ini": "[mypy]\nfiles = a.py\n"})
    assert found.decision is not None
    (item,) = found.decision.findings
    assert item.tool_rule == "mypy:override"
    assert "Liskov" in item.message.splitlines()[1]


def test_tests_that_the_configured_targets_leave_out_are_added(tmp_path: Path) -> None:
    found = judged(tmp_path, {**PACKAGE, "pyproject.toml": ON_SRC, "tests/test_a.py": WRONG_TEST})
    assert found.found == [("TYP001", "tests/test_a.py", 5, "mypy:arg-type")]
    assert found.examined == 3
    assert len(found.commands) == 2


def test_added_tests_find_the_package_of_the_tree(tmp_path: Path) -> None:
    config = '[tool.mypy]\nfiles = ["src/pkg"]\n'
    found = judged(tmp_path, {**PACKAGE, "pyproject.toml": config, "tests/test_a.py": WRONG_TEST})
    assert found.found == [("TYP001", "tests/test_a.py", 5, "mypy:arg-type")]


def test_tests_can_be_left_to_the_configured_targets(tmp_path: Path) -> None:
    files = {**PACKAGE, "pyproject.toml": ON_SRC, "tests/test_a.py": WRONG_TEST}
    found = judged(tmp_path, files, tests=False)
    assert (found.verdict, found.examined) == ("passed", 2)


@pytest.mark.parametrize(
    "config",
    [
        '[tool.mypy]\nfiles = ["src", "tests"]\nmypy_path = "src"\n',
        '[tool.mypy]\nfiles = "src, tests"\nmypy_path = "src"\n',
        '[tool.mypy]\nfiles = ["."]\nmypy_path = "src"\nexplicit_package_bases = true\n',
        '[tool.mypy]\nfiles = ["src", "tests/*.py"]\nmypy_path = "src"\n',
        '[tool.mypy]\npackages = ["pkg", "tests"]\nmypy_path = "src"\n',
    ],
)
def test_tests_among_the_configured_targets_are_checked_once(tmp_path: Path, config: str) -> None:
    files = {**PACKAGE, "pyproject.toml": config, "tests/__init__.py": "", "tests/test_a.py": WRONG_TEST}
    found = judged(tmp_path, files)
    assert found.found == [("TYP001", "tests/test_a.py", 5, "mypy:arg-type")]
    assert len(found.commands) == 1


def test_tests_that_mypys_exclude_covers_stay_out(tmp_path: Path) -> None:
    config = ON_SRC + "exclude = ['^tests/']\n"
    found = judged(tmp_path, {**PACKAGE, "pyproject.toml": config, "tests/test_a.py": WRONG_TEST})
    assert (found.verdict, found.examined) == ("passed", 2)


def test_chosen_part_of_the_tests_is_the_projects_choice(tmp_path: Path) -> None:
    config = '[tool.mypy]\nfiles = ["src", "tests/typing"]\nmypy_path = "src"\n'
    files = {"tests/typing/test_b.py": TEST, "tests/test_a.py": WRONG_TEST}
    found = judged(tmp_path, {**PACKAGE, "pyproject.toml": config, **files})
    assert (found.verdict, found.examined) == ("passed", 3)


def test_packages_and_modules_of_the_configuration_are_the_targets(tmp_path: Path) -> None:
    files = {"a/__init__.py": GOOD, "b.py": GOOD, "c.py": WRONG}
    packages = judged(tmp_path / "one", {**files, "mypy.ini": "[mypy]\npackages = a\n"})
    assert (packages.verdict, packages.examined) == ("passed", 1)
    modules = judged(tmp_path / "two", {**files, "setup.cfg": "[mypy]\nmodules =\n  b,\n  c\n"})
    assert modules.found == [("TYP001", "c.py", 2, "mypy:return-value")]


@pytest.mark.parametrize(
    ("name", "config", "place", "words"),
    [
        ("pyproject.toml", ON_SRC + "stirct = true\n", "pyproject.toml:4", "stirct = True"),
        ("mypy.ini", "[mypy]\nfiles = src\n\nstirct = true\n", "mypy.ini:4", "stirct = true"),
        ("setup.cfg", "[mypy]\nfiles = src\nstrict = maybe\n", "setup.cfg:3", "strict: Not a boolean"),
        (".mypy.ini", "[mypy]\nfiles = src\n[mypy-x]\nignore_erors = true\n", ".mypy.ini:4", "ignore_erors"),
        (
            "pyproject.toml",
            ON_SRC + '[[tool.mypy.overrides]]\nmodule = "x"\nignore_erors = true\n',
            "pyproject.toml:6",
            "ignore_erors",
        ),
        ("pyproject.toml", ON_SRC + 'python_version = "3.2"\n', "pyproject.toml:4", "python_version"),
        ("mypy.ini", "[mypy]\nfiles = src\n[mypy-x]\nplugins = y\n", "mypy.ini", "Per-module sections"),
    ],
)
def test_setting_that_mypy_only_warns_about_is_undecided_and_named(
    tmp_path: Path, name: str, config: str, place: str, words: str
) -> None:
    code, message = undecided(tmp_path, {**PACKAGE, name: config})
    assert code == "tool_config_invalid"
    assert f"at {place} " in message
    assert words in message


def test_typo_in_the_configuration_does_not_hide_errors(tmp_path: Path) -> None:
    found = judged(tmp_path, {**PACKAGE, "src/pkg/a.py": WRONG, "pyproject.toml": ON_SRC + "stirct = true\n"})
    assert found.verdict == "failed"
    assert found.reason.code == "tool_config_invalid"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"pyproject.toml": ON_SRC + 'enable_error_code = ["nope"]\n'}, "Invalid error code(s): nope"),
        ({"pyproject.toml": ON_SRC + 'plugins = ["nosuch"]\n'}, 'Error importing plugin "nosuch"'),
        ({"pyproject.toml": '[tool.mypy]\nfiles = ["scr"]\n'}, "scr: Cannot read file"),
        ({"pyproject.toml": '[tool.mypy]\npackages = ["nope"]\n'}, "Can't find package 'nope'"),
        ({"pyproject.toml": ON_SRC + "[[tool.mypy.overrides]]\nstrict = true\n"}, "no module to override"),
    ],
)
def test_configuration_that_mypy_refuses_is_undecided(tmp_path: Path, files: Mapping[str, str], words: str) -> None:
    code, message = undecided(tmp_path, {**PACKAGE, **files})
    assert code == "tool_config_invalid"
    assert words in message


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "", "pyproject.toml": "[tool.mypy]\nstrict = true\n"},
        {**PACKAGE, "pyproject.toml": '[tool.mypy]\nexclude = ["."]\n'},
        {**PACKAGE, "pyproject.toml": ON_SRC + 'exclude = ["."]\n'},
        {**PACKAGE, "pyproject.toml": ON_SRC + "ignore_errors = true\n", "src/pkg/a.py": WRONG},
        {
            **PACKAGE,
            "pyproject.toml": ON_SRC + '[[tool.mypy.overrides]]\nmodule = ["pkg", "pkg.*"]\nignore_errors = true\n',
        },
    ],
    ids=["no file", "all excluded", "targets excluded", "all errors ignored", "all modules ignored"],
)
def test_nothing_examined_is_undecided(tmp_path: Path, files: Mapping[str, str]) -> None:
    assert undecided(tmp_path, files)[0] == "nothing_examined"


def test_files_whose_errors_are_ignored_do_not_count(tmp_path: Path) -> None:
    config = '[[tool.mypy.overrides]]\nmodule = "pkg.b"\nignore_errors = true\n'
    found = judged(tmp_path, {**PACKAGE, "src/pkg/b.py": WRONG, "pyproject.toml": ON_SRC + config})
    assert (found.verdict, found.examined) == ("passed", 2)


@pytest.mark.parametrize(
    ("top", "muted"),
    [
        ("# mypy: ignore-errors\n", True),
        ("# mypy: warn-unreachable, ignore_errors=True\n", True),
        ('"""Words."""\n# mypy: ignore-errors\n', True),
        ("# type: ignore\n", True),
        ("# mypy: ignore-errors=False\n", False),
        ("x = 1\n# type: ignore\n", False),
        ('"""\n  # type: ignore\n"""\n', False),
    ],
)
def test_file_that_forgives_itself_everything_does_not_count(tmp_path: Path, top: str, muted: bool) -> None:
    files = {"a.py": GOOD, "b.py": top + GOOD, "mypy.ini": "[mypy]\nfiles = a.py, b.py\n"}
    found = judged(tmp_path, files)
    assert (found.verdict, found.examined) == ("passed", 1 if muted else 2)
    assert found.decision is not None
    assert [(item.name, item.value) for item in found.decision.measures] == ([("types.muted", 1)] if muted else [])


def test_files_that_all_forgive_themselves_are_undecided(tmp_path: Path) -> None:
    files = {"a.py": "# mypy: ignore-errors\n" + WRONG, "mypy.ini": "[mypy]\nfiles = a.py\n"}
    code, message = undecided(tmp_path, files)
    assert code == "nothing_examined"
    assert "by comments" in message


def test_code_in_a_layout_that_is_not_recognised_is_undecided(tmp_path: Path) -> None:
    setup = 'from setuptools import setup\nsetup(package_dir={"": "lib"})\n'
    files = {"setup.py": setup, "lib/foo/__init__.py": "", "lib/foo/a.py": WRONG, "tests/test_a.py": GOOD}
    code, message = undecided(tmp_path, files)
    assert code == "nothing_examined"
    assert "lib/foo/__init__.py (and 1 more)" in message
    excluded = judged(tmp_path, {**files, "mypy.ini": "[mypy]\nexclude = ^lib/\n"})
    assert (excluded.verdict, excluded.examined) == ("passed", 1)


def test_secret_in_a_line_at_fault_is_not_in_the_evidence(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    found = judged(tmp_path, {"a.py": f'x: int = "{secret}"\n', "mypy.ini": "[mypy]\nfiles = a.py\n"})
    assert found.verdict == "failed"
    assert secret not in str(found.evidence)


@pytest.mark.parametrize(
    ("files", "path", "line"),
    [
        ({"src/pkg/b.py": "def f(:\n"}, "src/pkg/b.py", 1),
        ({"src/pkg/b.py": b"x = '\xff'\n"}, "src/pkg/b.py", None),
        ({"src/typing.py": ""}, "src/typing.py", None),
        ({"src/pkg/a.pyi": "def f(:\n"}, "src/pkg/a.pyi", 1),
    ],
    ids=["syntax", "not UTF-8", "shadows typing", "stub"],
)
def test_error_that_stops_mypy_fails(
    tmp_path: Path, files: Mapping[str, str | bytes], path: str, line: int | None
) -> None:
    found = judged(tmp_path, {**PACKAGE, **files})
    assert found.verdict == "failed"
    assert found.found[0][:3] == ("TYP002", path, line)


def test_two_files_of_one_module_name_fail(tmp_path: Path) -> None:
    files = {"x/a.py": GOOD, "y/a.py": GOOD, "mypy.ini": "[mypy]\nfiles = x, y\n"}
    assert [item[:2] for item in judged(tmp_path, files).found] == [("TYP002", "y/a.py")]


def test_crash_of_mypy_is_undecided(tmp_path: Path) -> None:
    plugin = "def plugin(version):\n    raise ValueError(version)\n"
    files = {**PACKAGE, "plug.py": plugin, "pyproject.toml": ON_SRC + 'plugins = ["./plug.py"]\n'}
    assert undecided(tmp_path, files)[0] == "tool_crashed"


def test_shape_of_the_output_that_a_project_sets_does_not_matter(tmp_path: Path) -> None:
    shape = """
        [mypy]
        files = src
        pretty = True
        color_output = True
        show_error_context = True
        show_absolute_path = True
        error_summary = False
        hide_error_codes = True
        show_error_code_links = True
        install_types = True
        non_interactive = True
        verbosity = 1
        """
    found = judged(tmp_path, {**PACKAGE, "src/pkg/a.py": WRONG, "mypy.ini": shape}, environ={"MYPY_FORCE_COLOR": "1"})
    assert found.found == [("TYP001", "src/pkg/a.py", 2, "mypy:return-value")]


def test_modules_of_the_project_do_not_replace_the_tool(tmp_path: Path) -> None:
    liar = "print('Success: no issues found in 9 source files')\n"
    files = {**PACKAGE, "mypy/__init__.py": "", "mypy/__main__.py": liar, "src/pkg/a.py": WRONG}
    found = judged(tmp_path, {**files, "pyproject.toml": ON_SRC}, tests=False)
    assert found.found == [("TYP001", "src/pkg/a.py", 2, "mypy:return-value")]


def test_user_configuration_of_this_machine_does_not_count(tmp_path: Path) -> None:
    home = write_project(tmp_path / "home", {"mypy/config": "[mypy]\nignore_errors = True\n"})
    found = judged(tmp_path, {**PACKAGE, "src/pkg/a.py": WRONG}, environ={"XDG_CONFIG_HOME": str(home)})
    assert found.verdict == "failed"


def test_configuration_above_the_root_counts_up_to_the_repository(tmp_path: Path) -> None:
    write_project(tmp_path / "repository", {"mypy.ini": "[mypy]\ndisallow_untyped_defs = True\n", ".git/HEAD": ""})
    member = tmp_path / "repository/member"
    found = judge(write_project(member, {**PACKAGE, "pyproject.toml": "", "src/pkg/a.py": "def f(): ...\n"}), GATE)
    assert [item[3] for item in found.found] == ["mypy:no-untyped-def"]


def test_unused_section_is_no_fault(tmp_path: Path) -> None:
    config = 'warn_unused_configs = true\n[[tool.mypy.overrides]]\nmodule = "zzz"\nignore_missing_imports = true\n'
    assert judged(tmp_path, {**PACKAGE, "pyproject.toml": ON_SRC + config}).verdict == "passed"


def test_paths_take_the_place_of_the_configured_targets(tmp_path: Path) -> None:
    files = {**PACKAGE, "other/b.py": WRONG, "pyproject.toml": ON_SRC}
    assert [item[1] for item in judged(tmp_path, files, paths=("other",)).found] == ["other/b.py"]


def test_named_configuration_file_is_used(tmp_path: Path) -> None:
    files = {**PACKAGE, "tools/types.ini": "[mypy]\nfiles = src\nstirct = True\n"}
    code, message = undecided(tmp_path, files, config_file="tools/types.ini")
    assert code == "tool_config_invalid"
    assert "tools/types.ini:3" in message


@pytest.mark.parametrize(
    ("config", "settings", "kept"),
    [
        ('files = ["src"]\nmypy_path = "$MYPY_CONFIG_FILE_DIR/src"\n', {}, True),
        ('files = ["src", "../other/b.py"]\n', {}, False),
        ('files = ["src"]\nmypy_path = "src:../other"\n', {}, False),
        ('files = ["src"]\nmypy_path = ["src", "$ELSEWHERE"]\n', {}, False),
        ("", {"config_file": "../other/mypy.ini"}, False),
        ("", {"environ": {"MYPYPATH": "../other"}}, False),
    ],
    ids=["inside", "target", "search path", "variable", "configuration", "user's search path"],
)
def test_evidence_that_hangs_on_files_of_another_tree_is_not_kept(
    tmp_path: Path, config: str, settings: Mapping[str, Any], kept: bool
) -> None:
    write_project(tmp_path / "other", {"b.py": GOOD, "mypy.ini": "[mypy]\nfiles = src\n"})
    root = write_project(tmp_path / "project", {**PACKAGE, "pyproject.toml": f"[tool.mypy]\n{config}"})
    asked = context(root, GATE, **settings)
    assert not isinstance(GATE.collect(asked), Refusal)
    assert (asked.unkept is None) == kept


def test_script_without_a_suffix_is_judged_like_any_file_and_is_in_the_key(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nfiles = bin/tool\n", "bin/tool": WRONG}
    found = judged(tmp_path / "wrong", files)
    assert found.found == [("TYP001", "bin/tool", 2, "mypy:return-value")]
    broken = judged(tmp_path / "broken", {**files, "bin/tool": "def f(:\n"})
    assert broken.found[0][:3] == ("TYP002", "bin/tool", 1)
    asked = context(tmp_path / "wrong/project", GATE)
    inputs = GATE.inputs(asked.project, asked.settings)
    assert "bin/tool" in asked.project.tree.matching(inputs.globs)


def test_hidden_tool_is_missing(tmp_path: Path) -> None:
    assert undecided(tmp_path, PACKAGE, environ={"GATES_HIDE": "mypy"})[0] == "tool_missing"


def test_contents_that_change_under_one_time_stamp_are_checked_anew(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", PACKAGE)
    os.utime(root / "src/pkg/a.py", (1_700_000_000, 1_700_000_000))
    assert judge(root, GATE).verdict == "passed"
    (root / "src/pkg/a.py").write_text(WRONG)
    os.utime(root / "src/pkg/a.py", (1_700_000_000, 1_700_000_000))
    assert judge(root, GATE).verdict == "failed"


def test_tree_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    judged(tmp_path, {"a.py": GOOD, "mypy.ini": "[mypy]\nfiles = a.py\ncache_dir = elsewhere\n"})
    names = {path.name for path in (tmp_path / "project").iterdir()}
    assert names == {"a.py", "mypy.ini", ".gates"}


def test_second_run_over_a_warm_cache_says_the_same(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {**PACKAGE, "src/pkg/b.py": WRONG})
    assert judge(root, GATE).decision == judge(root, GATE).decision


@pytest.mark.skipif(os.name == "nt", reason="such names do not exist there")
def test_name_that_is_not_utf8_is_undecided(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", PACKAGE)
    try:
        Path(os.fsdecode(bytes(root / "src/pkg/x") + b"\xff.py")).write_text(GOOD)
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert judge(root, GATE).verdict != "passed"


def test_applies_where_mypy_is_configured_or_asked_for(tmp_path: Path) -> None:
    def answer(name: str, files: Mapping[str, str]) -> Any:
        asked = context(write_project(tmp_path / name, files), GATE)
        return GATE.applies(asked.project, asked.settings)

    assert "mypy.ini" in answer("one", {"mypy.ini": "[mypy]\n"}).because
    assert "dependency" in answer("two", {"requirements-dev.txt": "mypy\n"}).because
    assert answer("three", {"a.py": GOOD}).reason.code == "not_configured"


@pytest.mark.parametrize("config", [ON_SRC, ""])
def test_plan_shows_what_a_run_checks(tmp_path: Path, config: str) -> None:
    files = {**PACKAGE, "tests/test_a.py": TEST, "pyproject.toml": config}
    asked = context(write_project(tmp_path / "project", files), GATE)
    planned = [list(command) for command in GATE.plan(asked.project, asked.settings)]
    GATE.collect(asked)
    assert planned == [list(command) for command in asked.commands]


def test_plan_names_the_configuration_file_of_the_settings(tmp_path: Path) -> None:
    files = {**PACKAGE, "etc/mypy.ini": "[mypy]\nstrict = true\n"}
    asked = context(write_project(tmp_path / "project", files), GATE, config_file="etc/mypy.ini")
    (planned,) = GATE.plan(asked.project, asked.settings)
    GATE.collect(asked)
    assert "--config-file=etc/mypy.ini" in planned
    assert tuple(planned) == asked.commands[0]


def test_without_mypy_nothing_is_explained(tmp_path: Path) -> None:
    asked = context(write_project(tmp_path / "project", PACKAGE), GATE, environ={"GATES_HIDE": "mypy"})
    assert GATE.explain("mypy:arg-type", asked) is None


def test_explains_mypys_codes_and_no_others(tmp_path: Path) -> None:
    asked = context(write_project(tmp_path / "project", PACKAGE), GATE)
    text = GATE.explain("mypy:arg-type", asked)
    assert text is not None
    assert text.startswith("Check argument types in calls")
    assert "#code-arg-type\n" in text
    assert "gates explain TYP001" in text
    assert GATE.explain("arg-type", asked) == text
    assert [GATE.explain(code, asked) for code in ("mypy:nope", "ruff:arg-type", "TYP001", "--help")] == [None] * 4


def test_every_rule_is_explained_at_length() -> None:
    for rule in GATE.rules:
        assert rule.explanation.count(". ") >= 3
        assert rule.fix.endswith(".")
