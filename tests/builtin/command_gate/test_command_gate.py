"""Real commands over real projects: what they are started with, what is read, and what is left as it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.command.facts import CommandEvidence
from gates.builtin.command.gate import made
from gates.config.command import CommandTable
from support.contexts import Judged, context, judge
from support.projects import write_project
from support.repositories import git, make_repository

FILES = {
    "pyproject.toml": "",
    "docs/a.md": "first\nsecond\n",
    "docs/b.md": "third\n",
    "src/pkg/__init__.py": "NAMES = ['one', 'two']\n",
    "generated.txt": "one\ntwo\n",
    "tools/generate.py": "import pkg\nopen('generated.txt', 'w').write('\\n'.join(pkg.NAMES) + '\\n')\n",
}

READS = {"parser": "regex", "pattern": "^(?P<message>X.*)$"}


def judged(root: Path, *argv: str, environ: dict[str, str] | None = None, python: Any = None, **keys: Any) -> Judged:
    settings = {"name": "mine", "argv": argv, "files": ("docs/*.md",), **keys}
    gate = made(CommandTable(**settings))()
    return judge(root, gate, environ=environ, python=python, **settings)


def run(root: Path, script: str, **keys: Any) -> Judged:
    return judged(root, "python", "-c", script, **keys)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", FILES)


def snapshot(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".gates" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_success_is_a_pass_over_the_files(root: Path) -> None:
    found = run(root, "print('fine')")
    assert (found.verdict, found.examined) == ("passed", 2)
    assert found.commands == (("python", "-c", "print('fine')"),)


def test_failure_says_the_last_words(root: Path) -> None:
    found = run(root, "import os, sys; sys.exit(f'not in {os.getcwd()}')")
    assert found.found == [("CMD001", None, None, None)]
    assert found.decision is not None
    assert found.decision.findings[0].message == "python ended with exit code 1 (accepted: 0): not in ."


def test_what_is_printed_on_success_is_no_evidence(root: Path) -> None:
    first, second = (run(root, "import time; print(time.time_ns())") for _ in range(2))
    assert first.evidence == second.evidence


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_findings_are_read_from_either_stream(root: Path, stream: str) -> None:
    script = f"import sys; print('docs/a.md:2: E1 wrong', file=sys.{stream}); sys.exit(1)"
    pattern = r"^(?P<path>\S+):(?P<line>\d+): (?P<code>\w+) (?P<message>.+)$"
    found = run(root, script, parser="regex", pattern=pattern, exit_codes=(0, 1))
    assert found.found == [("CMD002", "docs/a.md", 2, "mine:E1")]


SARIF = """
import json, pathlib, sys
where = {"physicalLocation": {"artifactLocation": {"uri": "docs/a.md"}, "region": {"startLine": 1}}}
result = {"ruleId": "E1", "message": {"text": "wrong"}, "locations": [where]}
log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [result]}]}
"""


def test_sarif_from_standard_output_or_a_file(root: Path) -> None:
    found = run(root, SARIF + "print(json.dumps(log))", parser="sarif")
    assert found.found == [("CMD002", "docs/a.md", 1, "mine:E1")]
    script = SARIF + "pathlib.Path('log.sarif').write_text(json.dumps(log))"
    for _ in range(2):
        found = run(root, script, parser="sarif", output="log.sarif", files=("**",))
        assert found.found == [("CMD002", "docs/a.md", 1, "mine:E1")]


def test_a_report_of_an_earlier_run_is_not_believed(root: Path) -> None:
    (root / "log.xml").write_text('<testsuite><testcase name="a"/></testsuite>', "utf-8")
    found = run(root, "pass", parser="junit", output="log.xml")
    assert (found.verdict, found.reason.code) == ("undecided", "evidence_stale")
    found = run(root, "pass", parser="junit", output="other.xml")
    assert (found.verdict, found.reason.code) == ("undecided", "evidence_missing")


def test_junit_of_a_real_pytest_run(root: Path) -> None:
    (root / "test_two.py").write_text("def test_one(): pass\ndef test_two(): assert 0\n", "utf-8")
    argv = ("python", "-P", "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=out.xml", "test_two.py")
    found = judged(root, *argv, parser="junit", output="out.xml", exit_codes=(0, 1))
    assert found.found == [("CMD002", None, None, "mine:failure")]


@pytest.mark.parametrize(
    ("script", "keys", "code"),
    [
        ("print('all good')", {"parser": "sarif"}, "unparsable_output"),
        ("print('all good')", {"parser": "junit"}, "unparsable_output"),
        ("raise SystemExit(1)", {**READS, "exit_codes": (0, 1)}, "unparsable_output"),
        ("import time; time.sleep(60)", {"timeout": 0.5}, "timeout"),
        ("pass", {"files": ("*.nothing",)}, "nothing_examined"),
        ("pass", {"unchanged": ("*.nothing",)}, "nothing_examined"),
        ("open('docs/a.md', 'a').write('x')", {}, "evidence_stale"),
    ],
)  # fmt: skip
def test_whatever_cannot_be_believed_is_undecided(root: Path, script: str, keys: dict[str, Any], code: str) -> None:
    found = run(root, script, **keys)
    assert (found.verdict, found.reason.code) == ("undecided", code)
    assert found.reason.message
    assert found.reason.fix


def test_output_without_a_match_and_with_success_is_a_pass(root: Path) -> None:
    assert run(root, "print('E1')", **READS).verdict == "passed"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_death_by_a_signal_is_undecided(root: Path) -> None:
    assert run(root, "import os; os.kill(os.getpid(), 9)").reason.code == "tool_killed"


@pytest.mark.parametrize(
    "argv",
    [("nosuchprogram",), ("tools/nosuch.sh",), ("tools",), ("python", "-m", "nosuchmodule"), ("tools/",)],
)
def test_a_command_that_is_not_there_is_undecided_even_where_its_code_is_accepted(
    root: Path, argv: tuple[str, ...]
) -> None:
    found = judged(root, *argv, parser="regex", pattern="(?P<message>^X)", exit_codes=(0, 1, 126, 127))
    assert (found.verdict, found.reason.code) == ("undecided", "tool_missing")


@pytest.mark.parametrize(("argv", "hidden"), [(("ruff", "version"), "ruff"), (("python", "-m", "ruff"), "Ruff")])
def test_a_hidden_tool_is_missing(root: Path, argv: tuple[str, ...], hidden: str) -> None:
    assert judged(root, *argv, environ={"GATES_HIDE": hidden}).reason.code == "tool_missing"


def test_a_name_is_looked_for_beside_the_judged_python_first(root: Path) -> None:
    assert judged(root, "ruff", "version", environ={"PATH": "/nowhere"}).verdict == "passed"


@pytest.mark.skipif(os.name == "nt", reason="an executable text")
def test_a_path_is_one_of_the_project(root: Path) -> None:
    script = root / "tools" / "check.sh"
    script.write_text("#!/bin/sh\ntest -f docs/a.md\n", "utf-8")
    assert judged(root, "tools/check.sh").reason.code == "tool_missing"
    script.chmod(0o755)
    assert judged(root, "tools/check.sh").verdict == "passed"


def test_python_is_the_judged_one(root: Path) -> None:
    from gates.model.evidence import refuse

    assert run(root, f"import sys; assert sys.executable == {sys.executable!r}").verdict == "passed"
    none = refuse("interpreter_missing", "there is none", "make one")
    assert run(root, "pass", python=none).reason.code == "interpreter_missing"


def test_variables_of_the_table_reach_the_command(root: Path) -> None:
    assert run(root, "import os; assert os.environ['MODE'] == 'x'", env={"MODE": "x"}).verdict == "passed"


# Generated files


def generated(root: Path, script: str = "tools/generate.py", **keys: Any) -> Judged:
    argv = ("python", script) if script.endswith(".py") else ("python", "-c", script)
    return judged(root, *argv, unchanged=("generated.*",), **keys)


@pytest.mark.parametrize("make", [write_project, make_repository])
def test_a_generated_file_as_committed_is_a_pass_and_nothing_is_touched(tmp_path: Path, make: Any) -> None:
    root = make(tmp_path / "repo", FILES)
    before = snapshot(root)
    found = generated(root)
    assert found.verdict == "passed", found
    assert isinstance(found.evidence, CommandEvidence)
    assert found.evidence.compared == 1
    (root / "src/pkg/__init__.py").write_text("NAMES = ['one', 'three', 'four']\n", "utf-8")
    before = snapshot(root)
    found = generated(root)
    assert found.found == [("CMD003", "generated.txt", 2, None)]
    assert isinstance(found.evidence, CommandEvidence)
    assert found.evidence.changed.items[0].diff.splitlines() == ["@@ -2 +2,2 @@", "-two", "+three", "+four"]
    assert snapshot(root) == before


def test_a_new_and_a_vanished_file_are_findings(root: Path) -> None:
    script = "import os; os.remove('generated.txt'); open('generated.md', 'w').write('x')"
    assert generated(root, script).found == [
        ("CMD003", "generated.md", None, None),
        ("CMD003", "generated.txt", None, None),
    ]


def test_newlines_of_another_system_are_no_change(root: Path) -> None:
    assert generated(root, "open('generated.txt', 'wb').write(b'one\\r\\ntwo\\r\\n')").verdict == "passed"


def test_a_lost_newline_at_the_end_is_a_change(root: Path) -> None:
    assert generated(root, "open('generated.txt', 'w').write('one\\ntwo')").found == [
        ("CMD003", "generated.txt", 3, None)
    ]


def test_a_binary_file_and_a_long_difference_are_cut(root: Path) -> None:
    (root / "generated.bin").write_bytes(b"\0one")
    script = "open('generated.bin', 'wb').write(b'\\0three'); open('generated.txt', 'w').write('x' * 500 + '\\n' * 50)"
    found = generated(root, script).evidence
    assert isinstance(found, CommandEvidence)
    binary, text = found.changed.items
    assert binary.diff == "4 bytes are 6 bytes"
    assert len(text.diff.splitlines()) == 11
    assert max(map(len, text.diff.splitlines())) <= 160


def test_a_generator_that_fails_is_red_for_its_code(root: Path) -> None:
    assert generated(root, "raise SystemExit('no')").found == [("CMD001", None, None, None)]


@pytest.mark.parametrize("prefix", ["", "sub/", "sub/deeper/"])
def test_a_generator_that_a_hook_of_git_starts_sees_the_repository_of_the_copy(tmp_path: Path, prefix: str) -> None:
    top = make_repository(tmp_path / "repo", {f"{prefix}{name}": text for name, text in FILES.items()})
    script = (
        "import subprocess as s; s.run(['git', 'rm', '-q', '--cached', 'docs/a.md'], check=True);"
        f"assert s.check_output(['git', 'rev-parse', '--show-prefix'], text=True).strip() == {prefix!r}"
    )
    hook = {"GIT_DIR": str(top / ".git"), "GIT_INDEX_FILE": str(top / ".git" / "index"), "GIT_PREFIX": prefix}
    found = generated(top / prefix, script, environ=hook)
    assert found.verdict == "passed", found
    assert git(top, "status", "--porcelain") == ""


# The cache


def unkept(root: Path, program: str, **keys: Any) -> str | None:
    settings = {"name": "mine", "argv": (program, "--version"), "files": ("docs/*.md",), "inputs": ("docs/**",), **keys}
    gate = made(CommandTable(**settings))()
    asked = context(root, gate, **settings)
    gate.collect(asked)
    return asked.unkept


def test_evidence_is_kept_where_the_key_says_which_program_ran(root: Path) -> None:
    assert unkept(root, "python") is None
    assert unkept(root, "ruff") is None
    assert unkept(root, "git") == "nothing tells one version of git from the next"
    assert unkept(root, "git", max_age=60.0) is None


def test_what_the_table_names_is_in_the_key(root: Path) -> None:
    keys: dict[str, Any] = {
        "name": "mine",
        "argv": ("tools/x.sh",),
        "files": ("docs/*.md", "!docs/b.md"),
        "inputs": ("conf/**", "!docs/**"),
        "unchanged": ("g.txt",),
        "canary": "c.patch",
    }
    gate = made(CommandTable(**keys))()
    asked = context(root, gate, **keys)
    read = gate.inputs(asked.project, asked.settings)
    named = {"conf/**", "docs/*.md", "g.txt", "c.patch", "tools/x.sh"}
    assert set(read.globs) == named | {"pyproject.toml", "gates.toml"}
    assert (read.project_distributions, read.environment) == (None, None)
