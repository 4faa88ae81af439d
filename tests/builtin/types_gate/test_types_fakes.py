"""A mypy that is not mypy, and how the real one's lines, summaries and complaints are read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from gates.builtin.types import configuration, mypy, targets
from gates.builtin.types.facts import TypesEvidence
from gates.builtin.types.gate import TypesGate
from gates.model.decision import verdict_of
from gates.model.evidence import Refusal
from gates.project.source_lines import Names, SourceLines
from support.contexts import NOW, context
from support.fake_tools import Swapped
from support.projects import write_project

GATE = TypesGate()
FILES = {"a.py": "x = 1\n", "mypy.ini": "[mypy]\nfiles = a.py\n"}
SUCCESS = "print('Success: no issues found in 2 source files')\n"
ERROR = "print('a.py:1:5:1:9: error: Wrong  [misc]')\n"
FOUND = "print('Found 1 error in 1 file (checked 2 source files)')\n"
BLOCKED = "print('Found 1 error in 1 file (errors prevented further checking)')\n"


def collected(tmp_path: Path, script: str, files: Mapping[str, str] = FILES, **settings: Any) -> Any:
    root = write_project(tmp_path / "project", files)
    asked: Any = Swapped(context(root, GATE, **{"timeout": 20.0, **settings}), tmp_path, script)
    return GATE.collect(asked)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("", "unparsable_output"),
        ("print('Succ', end='')", "unparsable_output"),
        ("sys.stdout.buffer.write(bytes([255, 254]) * 50)", "unparsable_output"),
        (SUCCESS + "print('more')", "unparsable_output"),
        (SUCCESS + "sys.exit(1)", "unparsable_output"),
        (ERROR + "sys.exit(1)", "unparsable_output"),
        (ERROR + FOUND, "unparsable_output"),
        (FOUND + "sys.exit(1)", "unparsable_output"),
        (ERROR + ERROR + FOUND + "sys.exit(1)", "unparsable_output"),
        (BLOCKED + "sys.exit(2)", "unparsable_output"),
        ("print('Success: no issues found in 0 source files')", "unparsable_output"),
        ("sys.exit(3)", "tool_crashed"),
        ("print('noise'); sys.exit(2)", "tool_crashed"),
        ("sys.exit('a.py:1: error: INTERNAL ERROR -- Please')", "tool_crashed"),
    ],
)
def test_whatever_cannot_be_believed_is_undecided(tmp_path: Path, script: str, code: str) -> None:
    found = collected(tmp_path, script)
    if isinstance(found, Refusal):
        assert found.reason.code == code
        assert found.reason.fix
    else:
        decision = GATE.decide(found, GATE.Settings(), NOW)
        assert verdict_of(decision) == "undecided"
        assert decision.reason is not None
        assert decision.reason.code == code


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_death_by_a_signal_is_undecided(tmp_path: Path) -> None:
    found = collected(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert found.reason.code == "tool_killed"


def test_hanging_tool_is_ended_and_undecided(tmp_path: Path) -> None:
    assert collected(tmp_path, "import time; time.sleep(60)", timeout=0.5).reason.code == "timeout"


@pytest.mark.parametrize("answer", ["", "print('no JSON')", 'print(\'{"checked": 9, "muted": 0}\')', "sys.exit(1)"])
def test_survey_of_ignored_errors_that_does_not_agree_is_undecided(
    tmp_path: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mypy, "SURVEY", f"import sys\n{answer}")
    files = {**FILES, "mypy.ini": "[mypy]\nfiles = a.py\nignore_errors = True\n"}
    found = collected(tmp_path, SUCCESS, files)
    assert isinstance(found, Refusal)
    assert found.reason.code == "unparsable_output"
    assert "mypy.ini" in found.reason.fix


def test_folders_that_are_excluded_are_left_out_one_by_one(tmp_path: Path) -> None:
    script = """
        for folder in ("tests", "other/tests"):
            if folder in words:
                sys.stderr.write(f"There are no .py[i] files in directory '{folder}'")
                sys.exit(2)
        """
    files = {"src/p/__init__.py": "", "tests/test_a.py": "", "other/tests/test_b.py": ""}
    root = write_project(tmp_path / "project", files)
    asked: Any = Swapped(context(root, GATE), tmp_path, dedent(script) + SUCCESS)
    found = GATE.collect(asked)
    assert isinstance(found, TypesEvidence)
    assert [command[command.index("--") + 1 :] for command in asked.commands] == [
        ("src", "other/tests", "tests"),
        ("src", "other/tests"),
        ("src",),
    ]


def lines_of(tmp_path: Path, text: str) -> list[tuple[Any, ...]]:
    found = mypy.problems(text, Names(tmp_path, ()), SourceLines(tmp_path))
    return [(item.path, item.line, item.column, item.code, item.message, item.hints.items) for item in found]


def test_lines_of_every_shape_are_read(tmp_path: Path) -> None:
    text = (
        "noise of a plugin\n"
        "a.py: note: At the top\n"
        'a.py:2:12:2:13: error: Bad "x"  [return-value]\n'
        "a.py:2:12:2:13: note: First hint\n"
        "a.py:2:12:2:13: note:     Second hint\n"
        "a.py:3: note: Elsewhere\n"
        "a.py:4: error: No code [here]\n"
        "b c.py: error: No line at all\n"
        "x:y.py:7:1: error: Colon in a name  [misc]\n"
    )
    assert lines_of(tmp_path, text) == [
        ("a.py", 2, 12, "return-value", 'Bad "x"', ("First hint", "Second hint")),
        ("a.py", 4, None, None, "No code [here]", ()),
        ("b c.py", None, None, None, "No line at all", ()),
        ("x:y.py", 7, 1, "misc", "Colon in a name", ()),
    ]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("Success: no issues found in 1 source file\n", mypy.Ending("success", 0, 1)),
        ("x\nFound 2 errors in 1 file (checked 3 source files)\n\n", mypy.Ending("errors", 2, 3)),
        ("Found 1 error in 1 file (errors prevented further checking)", mypy.Ending("blocked", 1, 0)),
        ("", None),
        ("Success: no issues found in 1 source file\nnoise", None),
        ("Success: no issues found in many source files", None),
    ],
)
def test_summary_is_the_last_line(text: str, ending: mypy.Ending | None) -> None:
    assert mypy.ending(text) == ending


def test_complaints_about_configuration_are_told_from_other_lines(tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text("[mypy]\nx = 1\n[mypy-b.*]\nx = 2\n")
    text = (
        "mypy.ini: [mypy]: Unrecognized option: x = 1\n"
        "mypy.ini: [mypy-b.*]:Unrecognized option: x = 2\n"
        "../pyproject.toml: something is wrong with it\n"
        "pyproject.toml:1:1: error: Error importing plugin\n"
        "Warning: unrelated\n"
        "/opt/a.py:12: DeprecationWarning: old\n"
    )
    found = [(item.path, item.line, item.message) for item in mypy.faults(text, "mypy.ini", tmp_path)]
    assert found == [
        ("mypy.ini", 2, "Unrecognized option: x = 1"),
        ("mypy.ini", 4, "Unrecognized option: x = 2"),
        ("../pyproject.toml", None, "something is wrong with it"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "files", "modules", "ignored"),
    [
        ("mypy.ini", "[mypy]\nfiles = a.py,\n  b\n", ("a.py", "b"), (), ()),
        (".mypy.ini", "[mypy]\npackages = p\nmodules = m, n\n", (), ("p", "m", "n"), ()),
        ("pyproject.toml", '[tool.mypy]\nfiles = "a, b"\nignore_errors = true\n', ("a", "b"), (), ("*",)),
        ("setup.cfg", "[mypy]\nstrict = 1\n[mypy-x.*]\nignore_errors = yes\n", (), (), ("x.*",)),
        ("pyproject.toml", '[tool.mypy]\noverrides = [{module = "x", ignore_errors = false}]\n', (), (), ()),
        ("pyproject.toml", "[tool.mypy]\noverrides = 1\n", (), (), ()),
    ],
)
def test_configuration_is_read_as_mypy_reads_it(
    tmp_path: Path, name: str, text: str, files: Any, modules: Any, ignored: Any
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / ".git").mkdir()
    found = configuration.find(tmp_path)
    assert (found.path, found.files, found.modules, found.ignored_modules) == (name, files, modules, ignored)
    assert found.has_targets == bool(files or modules)
    assert found.ignores_errors == bool(ignored)


def test_first_of_four_names_counts_and_shared_files_need_the_section(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert configuration.find(tmp_path) is configuration.NONE
    (tmp_path / "setup.cfg").write_text("[metadata]\n")
    (tmp_path / "pyproject.toml").write_text("[tool")
    assert configuration.find(tmp_path) is configuration.NONE
    (tmp_path / "pyproject.toml").write_text("[tool.mypy]\n")
    assert configuration.find(tmp_path).path == "pyproject.toml"
    (tmp_path / "mypy.ini").write_text("nothing\n")
    assert configuration.find(tmp_path).path == "mypy.ini"
    assert configuration.find(tmp_path, "nope.ini").path == "nope.ini"


def test_flat_layout_gives_packages_and_modules(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"pkg/__init__.py": "", "tests/test_a.py": "", "pyproject.toml": ""})
    project = context(root, GATE).project
    assert targets.own(project) == ("pkg",)
    assert targets.left_out(project, ("pkg",), ()) == ("tests",)
    assert targets.left_out(project, ("*.py",), ()) == ()
    assert targets.left_out(project, (), ("pkg.sub",)) == ("tests",)
