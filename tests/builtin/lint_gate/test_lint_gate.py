"""The gate `lint` over small real projects with the real ruff: each way in which ruff alone would say too little."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.lint.gate import LintGate
from gates.model.evidence import Refusal
from support.contexts import Judged, context, judge
from support.projects import write_project

GATE = LintGate()
CLEAN = '"""Nothing."""\n'
UNUSED = "import os\n"
LOOSE = "x  = 1\n"
FORMATS = "[tool.ruff.format]\n"


def judged(root: Path, files: Mapping[str, str | bytes], **wished: Any) -> Judged:
    return judge(write_project(root / "project", files), GATE, **wished)


def undecided(root: Path, files: Mapping[str, str | bytes], **wished: Any) -> tuple[str, str]:
    found = judged(root, files, **wished)
    assert found.verdict == "undecided", found
    assert found.reason.fix
    assert str(root) not in found.reason.message
    return found.reason.code, found.reason.message


def test_clean_project_passes_and_configuration_is_no_source_file(tmp_path: Path) -> None:
    found = judged(tmp_path, {"a.py": CLEAN, "b/c.pyi": "", "pyproject.toml": FORMATS, "README.md": "# x\n"})
    assert (found.verdict, found.examined) == ("passed", 2)


@pytest.mark.requirement("GAT-1")
def test_violation_names_place_and_ruffs_code(tmp_path: Path) -> None:
    found = judged(tmp_path, {"pkg/a.py": CLEAN + UNUSED, "pyproject.toml": "[tool.ruff]\n"})
    assert found.verdict == "failed"
    assert found.found == [("LNT001", "pkg/a.py", 2, "ruff:F401")]


def test_secret_in_a_line_at_fault_is_not_in_the_evidence(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    found = judged(tmp_path, {"a.py": f'import os  # "{secret}"\n', "ruff.toml": 'lint.select = ["F"]\n'})
    assert found.verdict == "failed"
    assert secret not in str(found.evidence)


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[tool.ruff]\n", "README.md": "# x\n"},
        {"pyproject.toml": '[tool.ruff]\nexclude = ["*.py"]\n', "a.py": UNUSED},
        {"pyproject.toml": '[tool.ruff]\nextend-exclude = ["*"]\n', "a.py": UNUSED},
        {"pyproject.toml": '[tool.ruff.lint]\nexclude = ["*.py"]\n', "a.py": UNUSED, "b/a.py": UNUSED},
        {"ruff.toml": 'extend = "base/b.toml"\n', "base/b.toml": 'lint.exclude = ["*.py"]\n', "a.py": UNUSED},
        {"pyproject.toml": '[tool.ruff]\ninclude = ["src/**"]\n', "a.py": UNUSED},
        {"ruff.toml": "lint.select = []\n", "a.py": UNUSED},
        {"ruff.toml": 'lint.select = ["F"]\nlint.ignore = ["F"]\n', "a.py": UNUSED},
        {"ruff.toml": 'extend = "b.toml"\n', "b.toml": "lint.select = []\n", "a.py": UNUSED},
        {"ruff.toml": '[lint.per-file-ignores]\n"*" = ["ALL"]\n', "a.py": UNUSED},
        {"ruff.toml": 'lint.select = ["F"]\n[lint.per-file-ignores]\n"**/*.p{y,yi}" = ["F"]\n', "b/a.py": UNUSED},
        {"ruff.toml": '[lint.per-file-ignores]\n"!x/**" = ["ALL"]\n"x/[!a].py" = ["ALL"]\n', "x/b.py": UNUSED},
        {"ruff.toml": "", "a.py": "# ruff: noqa\n" + UNUSED, "b.py": UNUSED + "#flake8:NOQA because of it\n"},
    ],
    ids=[
        *("no file", "excluded", "all excluded", "lint.exclude", "extended", "not included", "nothing selected"),
        *("all ignored", "nothing selected in a base", "ignored everywhere", "ignored in every file", "but for none"),
        "comments in all files",
    ],
)
def test_nothing_examined_is_undecided(tmp_path: Path, files: Mapping[str, str]) -> None:
    code, _ = undecided(tmp_path, files)
    assert code == "nothing_examined"


def test_an_exclude_of_the_projects_own_does_not_put_its_environment_under_judgement(tmp_path: Path) -> None:
    files = {"a.py": CLEAN, "gen/b.py": UNUSED, ".venv/lib/c.py": UNUSED, ".nox/tests/d.py": UNUSED}
    found = judged(tmp_path, {**files, "ruff.toml": 'exclude = ["gen"]\n'})
    assert (found.verdict, found.examined) == ("passed", 1)


def test_files_that_lint_exclude_takes_away_are_not_counted(tmp_path: Path) -> None:
    found = judged(
        tmp_path, {"ruff.toml": 'lint.exclude = ["gen/*"]\n', "gen/a.py": UNUSED, "b.py": CLEAN, "c.py": CLEAN}
    )
    assert (found.verdict, found.examined) == ("passed", 2)


def test_files_in_which_every_rule_is_off_do_not_count(tmp_path: Path) -> None:
    quiet = {"a.py": "# ruff: noqa\n" + UNUSED, "gen/b.py": UNUSED, "e.py": "# ruff: noqa: F401\n" + UNUSED}
    config = '[lint.per-file-ignores]\n"gen/*" = ["ALL"]\n"c.py" = ["F401"]\n'
    found = judged(tmp_path, {**quiet, "c.py": UNUSED, "d.py": CLEAN, "ruff.toml": config})
    assert (found.verdict, found.examined) == ("passed", 3)
    assert found.decision is not None
    assert [(item.name, item.value) for item in found.decision.measures] == [("lint.muted", 2)]


@pytest.mark.parametrize("text", ["x = 1  # ruff: noqa\n", "# RUFF: noqa\n", "# ruff: noqa:\n"])
def test_comment_that_ruff_takes_for_no_exemption_is_none(tmp_path: Path, text: str) -> None:
    found = judged(tmp_path, {"a.py": text + UNUSED, "ruff.toml": 'lint.select = ["F401"]\n'})
    assert (found.examined, found.found) == (1, [("LNT001", "a.py", 2, "ruff:F401")])


def test_empty_selection_of_one_folder_mutes_its_files_only(tmp_path: Path) -> None:
    files = {"ruff.toml": "", "b.py": CLEAN, "a/ruff.toml": "lint.select = []\n", "a/c.py": UNUSED}
    found = judged(tmp_path, files)
    assert (found.verdict, found.examined) == ("passed", 1)


@pytest.mark.parametrize("ignored", ["", '[lint.per-file-ignores]\n"*" = ["ALL"]\n'])
def test_formatting_is_no_check(tmp_path: Path, ignored: str) -> None:
    """Formatting that is judged besides does not make up for a check in which no rule is on."""
    selected = '["F"]' if ignored else "[]"
    config = {"ruff.toml": f"lint.select = {selected}\nformat = {{}}\n{ignored}"}
    found = judged(tmp_path / "loose", {**config, "a.py": LOOSE}, format=True)
    assert (found.verdict, found.found) == ("failed", [("LNT002", "a.py", 1, None)])
    code, message = undecided(tmp_path / "clean", {**config, "a.py": CLEAN}, format=True)
    assert code == "nothing_examined"
    assert "no lint rule is on in any of 1 file" in message


def test_a_project_that_only_formats_selects_what_finds_broken_files(tmp_path: Path) -> None:
    found = judged(tmp_path, {"ruff.toml": 'lint.select = ["E9"]\n[format]\n', "a.py": CLEAN})
    assert (found.verdict, found.examined) == ("passed", 1)


def test_files_ignored_by_git_are_not_examined(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {".gitignore": "gen/\n", "gen/a.py": UNUSED, "ruff.toml": ""})
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    assert judge(root, GATE).reason.code == "nothing_examined"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"pyproject.toml": "[tool.ruff]\n\nline-lenght = 3\n"}, "pyproject.toml:3: unknown key `line-lenght`"),
        ({"ruff.toml": "[lint]\n\nselct = []\n"}, "ruff.toml:3: unknown key `selct`"),
        ({"ruff.toml": "[lint\n"}, "ruff.toml:1: unclosed table, expected `]`"),
        ({"ruff.toml": 'lint.select = ["F4O1"]\n'}, "Unknown rule selector `F4O1` in `select`"),
        ({"ruff.toml": 'extend = "nope.toml"\n'}, "nope.toml"),
        ({"ruff.toml": 'required-version = ">=99"\n'}, "Required version `>=99` does not match"),
        ({"sub/ruff.toml": "line-lenght = 3\n", "sub/b.py": CLEAN}, "sub/ruff.toml:1: unknown key `line-lenght`"),
    ],
    ids=["typo", "nested typo", "broken", "rule", "extend", "version", "nested file"],
)
def test_configuration_that_ruff_refuses_is_undecided_and_named(
    tmp_path: Path, files: Mapping[str, str], words: str
) -> None:
    code, message = undecided(tmp_path, {"a.py": CLEAN, **files})
    assert code == "tool_config_invalid"
    assert words in message


def test_syntax_error_fails_whatever_is_selected_or_silenced(tmp_path: Path) -> None:
    broken = "# ruff: noqa\ndef f(:  # noqa\n"
    config = 'lint.select = []\nformat = {}\n[lint.per-file-ignores]\n"*" = ["ALL"]\n'
    found = judged(tmp_path, {"a.py": broken, "b.py": LOOSE, "ruff.toml": config})
    assert {(rule, path) for rule, path, *_ in found.found} == {("LNT003", "a.py"), ("LNT002", "b.py")}


@pytest.mark.parametrize("select", ['["E", "F"]', '["F"]'], ids=["E902 selected", "E902 not selected"])
@pytest.mark.parametrize("formats", ["", "[format]\n"], ids=["lint alone", "with format"])
def test_file_that_cannot_be_read_fails(tmp_path: Path, select: str, formats: str) -> None:
    files: dict[str, str | bytes] = {
        "a.py": b"x = '\xff'\n",
        "b.py": CLEAN,
        "ruff.toml": f"lint.select = {select}\n{formats}",
    }
    found = judged(tmp_path, files)
    assert found.found == [("LNT004", "a.py", None, None)]
    assert found.examined == 2


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_link_to_nowhere_fails(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"b.py": CLEAN, "ruff.toml": 'lint.select = ["F"]\n'})
    (root / "a.py").symlink_to("nowhere.py")
    assert judge(root, GATE).found == [("LNT004", "a.py", None, None)]


def test_formatting_is_judged_where_the_project_formats_or_asks(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"a.py": LOOSE, "pyproject.toml": "[tool.ruff]\n"})
    assert judge(root, GATE).verdict == "passed"
    assert judge(root, GATE, format=True).found == [("LNT002", "a.py", 1, None)]
    (root / "pyproject.toml").write_text(FORMATS)
    assert judge(root, GATE).found == [("LNT002", "a.py", 1, None)]
    assert judge(root, GATE, format=False).verdict == "passed"


def test_formatting_that_looks_at_no_file_is_undecided(tmp_path: Path) -> None:
    code, message = undecided(tmp_path, {"a.py": LOOSE, "ruff.toml": '[format]\nexclude = ["*.py"]\n'})
    assert code == "nothing_examined"
    assert "ruff format" in message


@pytest.mark.parametrize(
    "setting", ["fix = true", "fix-only = true", "fix = true\nfix-only = true\nunsafe-fixes = true"]
)
def test_configured_fixes_edit_nothing_and_hide_nothing(tmp_path: Path, setting: str) -> None:
    shape = 'show-fixes = true\noutput-format = "github"\n'
    found = judged(tmp_path, {"a.py": CLEAN + UNUSED, "ruff.toml": f"{setting}\n{shape}[format]\n", "b.py": LOOSE})
    assert {rule for rule, *_ in found.found} == {"LNT001", "LNT002"}
    assert (tmp_path / "project/a.py").read_text() == CLEAN + UNUSED
    assert (tmp_path / "project/b.py").read_text() == LOOSE


def test_nested_configuration_holds_in_its_folder(tmp_path: Path) -> None:
    found = judged(
        tmp_path, {"ruff.toml": "", "a.py": UNUSED, "sub/ruff.toml": 'lint.select = ["E"]\n', "sub/a.py": UNUSED}
    )
    assert [path for _, path, *_ in found.found if path] == ["a.py"]
    assert found.examined == 2


def test_modules_of_the_project_do_not_replace_the_tool(tmp_path: Path) -> None:
    files = {"ruff.py": "raise SystemExit(0)\n", "ruff/__main__.py": "raise SystemExit(0)\n", "a.py": UNUSED}
    found = judged(tmp_path, {**files, "ruff.toml": 'lint.select = ["F"]\n'})
    assert ("LNT001", "a.py", 1, "ruff:F401") in found.found


def test_user_configuration_of_this_machine_does_not_count(tmp_path: Path) -> None:
    home = write_project(tmp_path / "home", {"ruff/ruff.toml": "lint.select = []\n", "git/ignore": "*.py\n"})
    found = judged(tmp_path, {"a.py": UNUSED}, environ={"XDG_CONFIG_HOME": str(home)})
    assert ("LNT001", "a.py", 1, "ruff:F401") in found.found


@pytest.mark.parametrize("place", [".gitconfig", ".config/git/config"])
def test_ignore_file_that_the_users_git_configuration_names_does_not_count(tmp_path: Path, place: str) -> None:
    home = write_project(tmp_path / "home", {place: "[core]\n  excludesfile = ~/mine\n", "mine": "*.py\n"})
    root = write_project(tmp_path / "project", {"a.py": UNUSED, "ruff.toml": ""})
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    found = judge(root, GATE, environ={"HOME": str(home)})
    assert found.found == [("LNT001", "a.py", 1, "ruff:F401")]


@pytest.mark.parametrize(
    ("mine", "verdict"),
    [
        ({".git/info/exclude": "b.py\n"}, "undecided"),
        ({"sub/.gitignore": "*\n"}, "undecided"),
        ({".ignore": "b.py\n"}, "undecided"),
        ({".git/info/exclude": "# nothing\nother\n"}, "passed"),
    ],
    ids=["info/exclude", "ignore file that hides itself", "ruff's own kind", "hides nothing"],
)
def test_tracked_file_that_only_this_machine_hides_is_undecided(
    tmp_path: Path, mine: Mapping[str, str], verdict: str
) -> None:
    files = {"a.py": CLEAN, "sub/b.py": CLEAN, "gen/c.py": UNUSED, "left/d.py": UNUSED, ".gitignore": "gen/\n"}
    root = write_project(tmp_path / "project", {**files, "ruff.toml": 'extend-exclude = ["left"]\n'})
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "-f", "."], check=True)
    assert (judge(root, GATE).verdict, judge(root, GATE).examined) == ("passed", 2)
    write_project(root, mine)
    found = judge(root, GATE)
    assert found.verdict == verdict
    if verdict == "undecided":
        (place,) = mine
        assert found.reason.code == "evidence_incomplete"
        assert "sub/b.py" in found.reason.message
        assert place in found.reason.fix


def test_evidence_of_a_clone_with_patterns_of_its_own_is_not_kept(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"a.py": CLEAN, "ruff.toml": ""})
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for patterns, kept in (("# none\n", True), ("b.py\n", False)):
        write_project(root, {".git/info/exclude": patterns})
        asked = context(root, GATE)
        GATE.collect(asked)
        assert (asked.unkept is None) == kept


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"RUFF_OUTPUT_FORMAT": "junit"}, None),
        ({"RUFF_NO_CACHE": "true"}, None),
        ({"RUFF_CACHE_DIR": "elsewhere"}, None),
        ({"RUFF_OUTPUT_FILE": "report.txt"}, "unparsable_output"),
        ({"RUFF_NO_CACHE": "perhaps"}, "tool_crashed"),
    ],
)
def test_variables_that_ruff_reads_cannot_make_it_green(
    tmp_path: Path, variables: Mapping[str, str], code: str | None
) -> None:
    found = judged(tmp_path, {"a.py": UNUSED, "ruff.toml": 'lint.select = ["F"]\n'}, environ=variables)
    if code is None:
        assert found.found == [("LNT001", "a.py", 1, "ruff:F401")]
        assert not (tmp_path / "project/elsewhere").exists()
    else:
        assert found.reason.code == code


def test_notebook_is_a_source_file_and_its_cell_is_named(tmp_path: Path) -> None:
    cell = '{"cell_type": "code", "source": ["import os"], "metadata": {}, "outputs": [], "execution_count": null}'
    book = f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    found = judged(tmp_path, {"a.ipynb": book, "ruff.toml": 'lint.select = ["F"]\n'})
    assert found.found == [("LNT001", "a.ipynb", None, "ruff:F401")]
    assert found.decision is not None
    assert "(cell 1, line 1)" in found.decision.findings[0].message


@pytest.mark.skipif(os.name == "nt", reason="such names do not exist there")
def test_names_that_are_not_utf8_or_hold_a_newline_survive_as_escapes(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"ruff.toml": 'lint.select = ["F"]\n[format]\n'})
    try:
        Path(os.fsdecode(bytes(root / "x") + b"\xff.py")).write_text(UNUSED)
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    (root / "a\nb.py").write_text(UNUSED)
    found = judge(root, GATE)
    assert {path for _, path, *_ in found.found} == {"x\\xff.py", "a\\nb.py"}
    assert found.examined == 2


def test_path_with_spaces_and_letters_of_any_alphabet(tmp_path: Path) -> None:
    found = judge(write_project(tmp_path / "ein Projekt ä", {"src ü/mein modul.py": UNUSED, "ruff.toml": ""}), GATE)
    assert {path for _, path, *_ in found.found} == {"src ü/mein modul.py"}


def test_paths_narrow_what_is_judged(tmp_path: Path) -> None:
    files = {"a.py": UNUSED, "src/b.py": CLEAN, "ruff.toml": ""}
    found = judged(tmp_path, files, paths=("src",))
    assert (found.verdict, found.examined) == ("passed", 1)


def test_path_that_does_not_exist_is_not_green(tmp_path: Path) -> None:
    assert judged(tmp_path, {"a.py": CLEAN, "ruff.toml": ""}, paths=("scr",)).verdict != "passed"


def test_named_configuration_file_is_used(tmp_path: Path) -> None:
    files = {"a.py": UNUSED, "tools/lint.toml": 'lint.select = ["E"]\n'}
    assert judged(tmp_path, files, config_file="tools/lint.toml").verdict == "passed"
    assert undecided(tmp_path, files, config_file="tools/nope.toml")[0] == "tool_crashed"


@pytest.mark.parametrize(
    ("files", "settings", "kept"),
    [
        ({"ruff.toml": 'extend = "base/b.toml"\n', "base/b.toml": ""}, {}, True),
        ({"ruff.toml": 'extend = "../shared/b.toml"\n'}, {}, False),
        ({"ruff.toml": 'extend = "base/b.toml"\n', "base/b.toml": 'extend = "../../shared/b.toml"\n'}, {}, False),
        ({}, {"config_file": "../shared/b.toml"}, False),
        ({"base/b.toml": ""}, {"config_file": "./base/b.toml"}, True),
        ({"sub/pyproject.toml": '[tool.ruff]\nextend = "../../shared/b.toml"\n'}, {}, False),
    ],
    ids=["inside", "outside", "behind one inside", "named outside", "named inside", "nested"],
)
def test_evidence_that_hangs_on_configuration_of_another_tree_is_not_kept(
    tmp_path: Path, files: Mapping[str, str], settings: Mapping[str, Any], kept: bool
) -> None:
    write_project(tmp_path / "shared", {"b.toml": 'lint.select = ["E"]\n'})
    asked = context(write_project(tmp_path / "project", {"a.py": CLEAN, **files}), GATE, **settings)
    assert not isinstance(GATE.collect(asked), Refusal)
    assert (asked.unkept is None) == kept


def test_hidden_tool_is_missing(tmp_path: Path) -> None:
    assert undecided(tmp_path, {"a.py": CLEAN}, environ={"GATES_HIDE": "ruff"})[0] == "tool_missing"


def test_cache_is_kept_in_the_state_directory_and_the_tree_stays_as_it_was(tmp_path: Path) -> None:
    judged(tmp_path, {"a.py": CLEAN, "ruff.toml": "[format]\n"})
    names = {path.relative_to(tmp_path / "project").parts[0] for path in (tmp_path / "project").rglob("*")}
    assert names == {"a.py", "ruff.toml", ".gates"}


def test_contents_that_change_under_one_time_stamp_are_judged_anew(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"a.py": CLEAN, "ruff.toml": "[format]\n"})
    os.utime(root / "a.py", (1_700_000_000, 1_700_000_000))
    assert judge(root, GATE).verdict == "passed"
    (root / "a.py").write_text(CLEAN + UNUSED + LOOSE)
    os.utime(root / "a.py", (1_700_000_000, 1_700_000_000))
    assert {rule for rule, *_ in judge(root, GATE).found} == {"LNT001", "LNT002"}


def test_second_run_over_a_warm_cache_says_the_same(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"a.py": UNUSED, "b.py": LOOSE, "ruff.toml": "[format]\n"})
    assert judge(root, GATE).decision == judge(root, GATE).decision


def test_applies_where_ruff_is_configured_or_asked_for(tmp_path: Path) -> None:
    def answer(name: str, files: Mapping[str, str]) -> Any:
        asked = context(write_project(tmp_path / name, files), GATE)
        return GATE.applies(asked.project, asked.settings)

    assert "ruff.toml" in answer("one", {"ruff.toml": ""}).because
    assert "dependency" in answer("two", {"requirements-dev.txt": "ruff\n"}).because
    assert answer("three", {"a.py": CLEAN}).reason.code == "not_configured"


def test_plan_shows_the_commands_that_a_run_starts(tmp_path: Path) -> None:
    asked = context(write_project(tmp_path / "project", {"a.py": CLEAN, "ruff.toml": "[format]\n"}), GATE)
    planned = [list(command) for command in GATE.plan(asked.project, asked.settings)]
    GATE.collect(asked)
    assert planned[:-1] == [list(command) for command in asked.commands[:-1]]
    assert planned[-1][:-1] == list(asked.commands[-1][:-1]), "of settings the file is known only in the run"


def test_explains_ruffs_rules_by_code_and_name_and_no_others(tmp_path: Path) -> None:
    asked = context(write_project(tmp_path / "project", {"a.py": CLEAN}), GATE)
    text = GATE.explain("ruff:F401", asked)
    assert text is not None
    assert text.startswith("unused-import (F401, Pyflakes)")
    assert GATE.explain("F401", asked) == text
    assert [GATE.explain(code, asked) for code in ("ruff:ZZZ999", "mypy:F401", "LNT001", "--help")] == [None] * 4


def test_without_ruff_nothing_is_explained(tmp_path: Path) -> None:
    asked = context(write_project(tmp_path / "project", {"a.py": CLEAN}), GATE, environ={"GATES_HIDE": "ruff"})
    assert GATE.explain("ruff:F401", asked) is None


def test_every_rule_is_explained_at_length() -> None:
    for rule in GATE.rules:
        assert 3 <= rule.explanation.count(". ") + rule.explanation.count(": ") + 1 <= 12
        assert rule.fix.endswith(".")
