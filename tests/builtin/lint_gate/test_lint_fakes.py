"""A ruff that is not ruff: whatever it prints and however it ends, nothing of it is green."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.lint import ruff
from gates.builtin.lint.facts import LintEvidence
from gates.builtin.lint.gate import LintGate
from gates.model.evidence import Refusal
from gates.project.source_lines import Names, SourceLines
from support.contexts import NOW, context
from support.fake_tools import Swapped
from support.projects import write_project

GATE = LintGate()
LISTS = 'import os\nif "--show-files" in words: print(os.path.abspath("a.py")); sys.exit(0)\n'
LISTS += 'if "--show-settings" in words: print("linter.rules.enabled = [\\n\\tx (X1),\\n]"); sys.exit(0)\n'
FORMATS = 'if words[0] == "format": print("[]"); sys.exit("[ruff::commands::format][DEBUG] Formatted 1 files in 1s")\n'


def collected(tmp_path: Path, script: str, version: str = "99.0", **settings: Any) -> LintEvidence | Refusal:
    root = write_project(tmp_path / "project", {"a.py": "import os\n", "ruff.toml": ""})
    asked: Any = Swapped(context(root, GATE, timeout=20.0, **settings), tmp_path, script, version)
    return GATE.collect(asked)


def refused(tmp_path: Path, script: str, **settings: Any) -> str:
    found = collected(tmp_path, script, **settings)
    assert isinstance(found, Refusal), found
    assert found.reason.message
    assert found.reason.fix
    return found.reason.code


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("", "unparsable_output"),
        (LISTS, "unparsable_output"),
        (LISTS + 'print(\'[{"code": "F401", "mess\', end=\'\')', "unparsable_output"),
        (LISTS + "sys.stdout.buffer.write(bytes([255, 254]) * 50)", "unparsable_output"),
        (LISTS + "print('null')", "unparsable_output"),
        (LISTS + "print('[{}]'); sys.exit(1)", "unparsable_output"),
        (LISTS + "print('[]'); sys.exit(3)", "tool_crashed"),
        (LISTS + "print('[]'); sys.exit('thread panicked at x.rs:1:\\nindex out of bounds')", "unparsable_output"),
        (
            LISTS + "sys.stderr.write(\"thread 'main' panicked at x.rs:1:\\nno such thing\\n\"); sys.exit(101)",
            "tool_crashed",
        ),
        (
            LISTS + "sys.stderr.write('ruff failed\\n  Cause: Failed to serialize cache data'); sys.exit(2)",
            "tool_crashed",
        ),
        (LISTS + "sys.stderr.write('warning: Encountered error: Permission denied'); print('[]')", "unreadable"),
    ],
)
def test_whatever_cannot_be_believed_is_undecided(tmp_path: Path, script: str, code: str) -> None:
    found = collected(tmp_path, script)
    if isinstance(found, Refusal):
        assert found.reason.code == code
    else:
        decision = GATE.decide(found, GATE.Settings(), NOW)
        assert decision.reason is not None
        assert decision.reason.code == code


def test_settings_that_name_no_rules_are_undecided(tmp_path: Path) -> None:
    assert refused(tmp_path, LISTS.replace("linter", "other") + "print('[]')") == "unparsable_output"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_death_by_a_signal_is_undecided(tmp_path: Path) -> None:
    assert refused(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)") == "tool_killed"


def test_hanging_tool_is_ended_and_undecided(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"a.py": ""})
    asked: Any = Swapped(context(root, GATE, timeout=0.5), tmp_path, "import time; time.sleep(60)")
    found = GATE.collect(asked)
    assert isinstance(found, Refusal)
    assert found.reason.code == "timeout"


def test_flood_of_output_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.builtin.lint.collect.OUTPUT_LIMIT", 1000)
    assert refused(tmp_path, LISTS + "print('[' + ' ' * 5000 + ']')") == "output_limit"


def test_panic_is_named_by_its_message(tmp_path: Path) -> None:
    script = LISTS + "sys.stderr.write(\"thread 'main' panicked at x.rs:1:\\nno such thing\\n\"); sys.exit(101)"
    found = collected(tmp_path, script)
    assert isinstance(found, Refusal)
    assert found.reason.message == "ruff check crashed with exit code 101: no such thing"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (LISTS + 'print("[]")', "unparsable_output"),
        (LISTS + 'if words[0] == "format": print("[]"); sys.exit(2)\nprint("[]")', "tool_crashed"),
        (LISTS + "sys.stderr.write(\"error: unexpected argument '--verbose' found\"); sys.exit(2)", "tool_missing"),
    ],
    ids=["no count", "only an exit code", "too old"],
)
def test_formatter_that_cannot_be_believed_is_undecided(tmp_path: Path, script: str, code: str) -> None:
    assert refused(tmp_path, script, format=True) == code


def test_formatter_whose_json_is_cut_is_undecided(tmp_path: Path) -> None:
    script = LISTS + (
        'if words[0] == "format":\n'
        '    print("[{", end=""); sys.stderr.write("[ruff::commands::format][DEBUG] Formatted 1 files in 1s")\n'
        'else: print("[]")\n'
    )
    assert refused(tmp_path, script, format=True) == "unparsable_output"


def test_older_formatter_is_read_by_its_lines(tmp_path: Path) -> None:
    script = LISTS + (
        'if words[0] == "format":\n'
        '    assert "--output-format" not in words\n'
        '    print("Would reformat: a.py\\n1 file would be reformatted")\n'
        '    sys.stderr.write("error: Failed to parse b.py:1:7: Expected a parameter\\n")\n'
        '    sys.stderr.write("error: Failed to read c.py: stream did not contain valid UTF-8\\n")\n'
        '    sys.stderr.write("[ruff::commands::format][DEBUG] Formatted 3 files in 1s\\n"); sys.exit(2)\n'
        'print("[]")\n'
    )
    found = collected(tmp_path, script, version="0.15.1", format=True)
    assert not isinstance(found, Refusal), found
    decision = GATE.decide(found, GATE.Settings(format=True), NOW)
    assert [(item.rule, item.path, item.line) for item in decision.findings] == [
        ("LNT002", "a.py", None),
        ("LNT003", "b.py", 1),
        ("LNT004", "c.py", None),
    ]


def test_ruff_writes_formatting_as_json_since_a_version() -> None:
    assert [ruff.formats_as_json(version) for version in ("0.9.0", "0.15.20", "0.16.0", "0.17.5", "1.0")] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_listed_name_with_a_newline_is_one_name() -> None:
    here = Path.cwd().anchor
    assert ruff.listed(f"{here}a.py\n{here}b\nc.py\r\n{here}d.py\r\n\n") == [
        f"{here}a.py",
        f"{here}b\nc.py\r",
        f"{here}d.py",
    ]


def test_names_are_relative_to_the_root_and_lossy_ones_are_recognised(tmp_path: Path) -> None:
    names = Names(tmp_path, ("src/\udcff.py", "a/\udcfe.py", "a/\udcfd.py", "plain.py"))
    assert names.relative(str(tmp_path / "src" / "a.py")) == "src/a.py"
    assert names.relative("./src/../b.py") == "b.py"
    assert names.relative(str(tmp_path.parent / "c.py")) == "../c.py"
    assert names.relative("src/\ufffd.py") == "src/\udcff.py"
    assert names.relative("a/\ufffd.py") == "a/\ufffd.py"


def test_source_lines_end_where_python_ends_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"one\r\n  two\rthree\n\x0cfour \xff\n")
    lines = SourceLines(tmp_path)
    assert [lines.text("a.py", number) for number in (1, 2, 3, 4, 5, 99, 0, None)] == [
        "one",
        "two",
        "three",
        "four \ufffd",
        "",
        "",
        "",
        "",
    ]
    assert lines.text("nope.py", 1) == ""
