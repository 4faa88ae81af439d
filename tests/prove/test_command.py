"""A command of a project's own: what it misses, and what cannot be shown of it."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from support.command_projects import UNITTEST, prove, snapshot, states, write
from support.commands import gates
from support.repositories import git, make_repository

posix = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

SCRIPT = "#!/bin/sh\nset -e\n"


def script(text: str) -> tuple[str, ...]:
    """A shell command."""
    return ("sh", "-ec", text)


def test_tests_alone_miss_what_no_test_can_see(tmp_path: Path) -> None:
    root = write(tmp_path / "project")
    before = snapshot(tmp_path)
    result = prove(root, *UNITTEST)
    assert result.code == 1, result.err
    found = states(result.report)
    # Python 3.12 says 5 where no test ran, and its first releases where all were skipped.
    later = {name: found.pop(name) for name in ("tests-deleted", "tests-skipped")}
    assert later["tests-deleted"] == ("missed" if sys.version_info < (3, 12) else "caught")
    assert later["tests-skipped"] == "missed" or sys.version_info >= (3, 12)
    assert found == {
        "syntax-error": "caught",
        "import-error": "caught",
        "lint-error": "missed",
        "unformatted": "missed",
        "type-error": "missed",
        "failing-test": "caught",
        "erroring-fixture": "caught",
        "broken-test-module": "caught",
        "uncovered": "missed",
    }
    assert all(trial["sure"] for trial in result.report["trials"] if trial["state"] == "caught")
    # Clean, the faults, and clean once more.
    assert result.report["run"]["runs"] == 13
    assert snapshot(tmp_path) == before


@pytest.mark.requirement("PRF-2")
@posix
def test_a_command_that_always_passes_misses_everything(tmp_path: Path) -> None:
    result = prove(write(tmp_path), "true")
    assert result.code == 1
    assert set(states(result.report).values()) == {"missed"}
    whys = {place["why"] for trial in result.report["trials"] for place in trial["places"]}
    assert "nothing that `true` reaches calls tests (pytest, unittest)" in whys


@posix
@pytest.mark.parametrize(
    ("command", "options", "code", "said"),
    [
        (("sh", "-c", "echo because; exit 1"), (), "not_green", "is not green over a clean copy"),
        (("sleep", "60"), ("--timeout", "0.3"), "timeout", "did not end within 0.3 s"),
        (("no-such-command",), (), "tool_missing", "no-such-command is not on PATH"),
        (("sh", "-c", "kill -9 $$"), (), "not_green", "is not green over a clean copy"),
    ],
)
def test_a_clean_copy_that_is_not_green_proves_nothing(
    tmp_path: Path, command: tuple[str, ...], options: tuple[str, ...], code: str, said: str
) -> None:
    result = prove(write(tmp_path), *command, options=options)
    assert result.code == 3
    assert result.report["reason"]["code"] == code
    assert said in result.report["reason"]["message"]
    assert result.report["trials"] == []
    assert (result.report["output"] == ["because"]) == ("because" in " ".join(command))


@posix
def test_a_command_that_is_green_by_chance_proves_nothing(tmp_path: Path) -> None:
    # `.venv` is what no list of the source has: a fault that is taken out again leaves it as it is.
    once = script(
        "mkdir -p .venv; test ! -e .venv/seen; if test -e src/sample/gates_planted.py; then touch .venv/seen; fi"
    )
    result = prove(write(tmp_path), *once, options=("--rule", "lint-error"))
    assert result.code == 1
    assert states(result.report) == {"lint-error": "missed"}
    always = script("mkdir -p .venv; test ! -e .venv/seen; touch .venv/seen")
    result = prove(write(tmp_path), *always, options=("--rule", "lint-error"))
    assert (result.code, result.report["reason"]["code"]) == (3, "not_green")
    assert "green over the clean copy at first and is not at the end" in result.report["reason"]["message"]


@posix
def test_what_hangs_for_a_fault_is_neither_caught_nor_missed(tmp_path: Path) -> None:
    command = script("if test -e src/sample/gates_planted.py; then sleep 60; fi")
    result = prove(write(tmp_path), *command, options=("--rule", "type-error", "--timeout", "1"))
    assert states(result.report) == {"type-error": "not_tried"}
    assert (result.code, result.report["reason"]["code"]) == (3, "nothing_examined")


@posix
def test_what_a_command_writes_is_gone_before_the_next_run(tmp_path: Path) -> None:
    root = write(tmp_path / "project")
    before = snapshot(tmp_path)
    writing = (
        "test ! -e new.txt; test -s src/sample/adder.py; touch new.txt; : > src/sample/adder.py; rm pyproject.toml"
    )
    result = prove(root, *script(writing), options=("--rule", "lint-error"))
    assert states(result.report) == {"lint-error": "missed"}
    assert snapshot(tmp_path) == before


@posix
@pytest.mark.parametrize("is_repository", [True, False])
def test_a_command_that_needs_git_and_reads_its_input(tmp_path: Path, is_repository: bool) -> None:
    root = write(tmp_path / "project")
    if is_repository:
        shutil.rmtree(root)
        make_repository(root)
        (root / "src/sample/new.py").write_text('"""Not committed yet."""\n')
    # Hook runners look at what git lists, and a planted file must be among it.
    listed = "cat; git log -1; git diff --quiet HEAD -- src/sample/__init__.py; ! git ls-files | grep gates_planted"
    result = prove(root, *script(listed), options=("--rule", "lint-error"))
    assert result.code == 0, result.out
    assert states(result.report) == {"lint-error": "caught"}
    if is_repository:
        assert git(root, "status", "--porcelain") == "?? src/sample/new.py"
        assert git(root, "rev-list", "--count", "--all") == "1"


MAKEFILE = """\
check: lint types
\t@{python} -m unittest discover -q -s tests
lint:
\t@ruff check . || true
types:
\t-@mypy src
"""
TOOL = "#!/bin/sh\necho {name} has looked\nif test -e src/sample/gates_planted.py; then exit 1; fi\n"


@posix
@needs_make
def test_the_lines_that_let_faults_pass_are_named(tmp_path: Path) -> None:
    root = write(tmp_path / "project", Makefile=MAKEFILE.format(python=sys.executable))
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("ruff", "mypy"):
        (programs / name).write_text(TOOL.format(name=name))
        (programs / name).chmod(0o755)
    paths = f"{programs}:/usr/bin:/bin"
    result = prove(root, "make", "check", env={"PATH": paths})
    found = {trial["fault"]: trial for trial in result.report["trials"]}
    blamed = {
        name: [(place["path"], place["line"], place["why"]) for place in trial["places"]]
        for name, trial in found.items()
    }
    lint = [("Makefile", 4, "`|| true` takes its failure away")]
    types = [("Makefile", 6, "the leading `-` makes make ignore its failure")]
    assert blamed["lint-error"] == blamed["missing-ruff"] == lint
    assert blamed["type-error"] == blamed["missing-mypy"] == types
    assert blamed["uncovered"] == [(None, None, "no line in Makefile that `make check` reaches calls coverage")]
    assert found["failing-test"]["state"] == "caught"
    text = gates("prove", "-q", "--rule", "type-error", "--", "make", "check", cwd=root, env={"PATH": paths})
    assert (text.code, text.err) == (1, "")
    assert text.out.partition("misses 1 of 1; 2 runs")[0] == (
        "sample: make check\n"
        "  MISSED    type-error\n"
        "      Makefile:6: mypy src\n"
        "        the leading `-` makes make ignore its failure\n"
    )


@posix
def test_a_tool_is_hidden_wherever_the_command_finds_it(tmp_path: Path) -> None:
    tool = "#!/bin/sh\nexit 0\n"
    root = write(tmp_path / "project", **{".venv__pyvenv.cfg": "home = /usr/bin\n", ".venv__bin__ruff": tool})
    (root / ".venv/bin/ruff").chmod(0o755)
    (root / "check.sh").write_text("#!/bin/sh\n.venv/bin/ruff check\n")
    result = prove(root, "sh", "check.sh", options=("--rule", "missing-ruff"))
    assert states(result.report) == {"missing-ruff": "caught"}
    (root / "check.sh").write_text("#!/bin/sh\n.venv/bin/ruff check || true\n")
    result = prove(root, "sh", "check.sh", options=("--rule", "missing-ruff"))
    assert states(result.report) == {"missing-ruff": "missed"}
    (root / "check.sh").write_text("#!/bin/sh\ntest -n '' && ruff check\ntrue\n")
    result = prove(root, "sh", "check.sh", options=("--rule", "missing-ruff"))
    assert states(result.report) == {"missing-ruff": "not_tried"}


def test_a_tool_that_is_a_module_is_hidden(tmp_path: Path) -> None:
    root = write(tmp_path / "project")
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/flake8.py").write_text("")
    env = {"PYTHONPATH": str(tmp_path / "modules")}
    result = prove(root, sys.executable, "-m", "flake8", options=("--rule", "missing-flake8"), env=env)
    ((trial),) = result.report["trials"]
    assert (trial["state"], trial["sure"]) == ("caught", True)
    assert (root.parent / "modules/flake8.py").read_text() == ""


@posix
def test_what_is_red_without_a_tool_and_did_not_ask_for_it_is_in_doubt(tmp_path: Path) -> None:
    root = write(tmp_path / "project", **{".venv__pyvenv.cfg": "", ".venv__bin__mypy": "#!/bin/sh\n"})
    (root / ".venv/bin/mypy").chmod(0o755)
    # As a type checker does that reads the stubs of a package: it looks at the tool and does not start it.
    (root / "check.sh").write_text("! grep -q hidden .venv/bin/mypy\ntest $? -eq 0 || exit 1\nexit 0\nmypy\n")
    result = prove(root, "sh", "-e", "check.sh", options=("--rule", "missing-mypy"))
    ((trial),) = result.report["trials"]
    assert (trial["state"], trial["sure"]) == ("caught", False)


@posix
def test_what_asks_first_and_goes_on_without_the_tool_is_seen(tmp_path: Path) -> None:
    root = write(tmp_path / "project")
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/ruff").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "programs/ruff").chmod(0o755)
    (root / "check.sh").write_text("set -e\nif command -v ruff >/dev/null; then\n  ruff check\nfi\n")
    env = {"PATH": f"{tmp_path}/programs:/usr/bin:/bin"}
    result = prove(root, "sh", "check.sh", options=("--rule", "missing-ruff"), env=env)
    ((trial),) = result.report["trials"]
    assert trial["state"] == "missed"
    ((place),) = trial["places"]
    assert (place["path"], place["line"]) == ("check.sh", 2)
    assert place["why"] == "it asks whether ruff is there, and goes on without it"


@posix
def test_red_for_another_reason_is_marked(tmp_path: Path) -> None:
    command = script("if test -e tests/test_gates_planted.py; then echo disk full; exit 1; fi")
    root = write(tmp_path)
    result = prove(root, *command, options=("--rule", "failing-test"))
    ((trial),) = result.report["trials"]
    assert (trial["state"], trial["sure"]) == ("caught", False)
    assert trial["message"].endswith("its last line: disk full")
    assert "caught?   failing-test" in gates("prove", "--rule", "failing-test", "--", *command, cwd=root).out


def test_the_suite_is_pytest_with_hooks_of_its_own(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        **{
            "tests__conftest.py": "def pytest_collection_modifyitems(items):\n    items.sort(key=id)\n",
            "tests__test_adder.py": "from sample.adder import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
        },
    )
    pytest_command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:vltair")
    result = prove(root, *pytest_command, options=("--rule", "tests-skipped"))
    assert states(result.report) == {"tests-skipped": "missed"}
    assert "every test is skipped" in result.report["trials"][0]["places"][0]["why"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--",), "no command follows `--`"),
        (("lint", "--", "true"), "a GATE has no meaning for a command"),
        (("--fast", "--", "true"), "--fast has no meaning for a command"),
        (("--rule", "type-eror", "--", "true"), "did you mean 'type-error'?"),
    ],
)
def test_usage(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = gates("prove", *arguments, cwd=write(tmp_path))
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert result.err.count("\n") == 1


@posix
def test_progress_is_told_and_secrets_are_not(tmp_path: Path) -> None:
    root = write(tmp_path)
    secret = {"API_TOKEN": "xAq9Zr7TbN2mKw4P"}
    result = gates("prove", "--", "sh", "-c", "echo $API_TOKEN; exit 1", cwd=root, env=secret)
    assert (result.code, "    | <<REDACTED>>" in result.out) == (3, True)
    options = ("--log-format", "json", "--rule", "lint-error")
    logged = [json.loads(line) for line in gates("prove", *options, "--", "true", cwd=root).err.splitlines()]
    assert [one["event"] for one in logged] == ["command_progress", "command_progress"]
    assert logged[1]["message"].startswith("lint-error: missed")
    shown = gates("prove", "-v", "--rule", "lint-error", "--", "true", cwd=root).out
    assert "lint-error: an unused import, a comparison to None (src/sample/gates_planted.py)" in shown


def test_an_error_is_json_where_json_was_asked_for(tmp_path: Path) -> None:
    result = prove(write(tmp_path, **{"pyproject.toml": "["}), "true")
    assert result.code == 2
    assert result.report["error"]["path"] == "pyproject.toml"
