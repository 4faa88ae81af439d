"""What `run` says of every way in which a child can end, or not even start."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from gates.process.child import Completed, Limits, environment, run
from gates.process.redact import redactor
from pytest_vltair.tokens import MASK
from support.children import python


def start(argv: list[str], cwd: Path, limits: Limits | None = None) -> Completed:
    return run(argv, cwd=cwd, env=environment(os.environ), limits=limits or Limits(wall=30.0))


def test_ok_only_with_code_zero(tmp_path: Path) -> None:
    done = python("print('hello')", cwd=tmp_path)
    assert (done.status, done.code, done.reason, done.text) == ("OK", 0, "exit code 0", "hello\n")
    assert done.duration > 0


def test_failed_with_its_code(tmp_path: Path) -> None:
    done = python("import sys; sys.exit('no')", cwd=tmp_path)
    assert (done.status, done.code, done.reason, done.errors) == ("FAILED", 1, "exit code 1", "no\n")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_death_by_signal_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    done = python(f"import os; os.kill(os.getpid(), {int(number)})", cwd=tmp_path)
    assert (done.status, done.code, done.reason) == ("KILLED", -number, f"ended by {number.name}")


def test_a_signal_without_a_name(tmp_path: Path) -> None:
    done = python(f"import os; os.kill(os.getpid(), {signal.SIGRTMIN + 3})", cwd=tmp_path)
    assert (done.status, done.reason) == ("KILLED", f"ended by signal {signal.SIGRTMIN + 3}")


def test_missing_program(tmp_path: Path) -> None:
    done = start(["no-such-program-7f3a"], tmp_path)
    assert (done.status, done.code, done.reason) == ("NOT_INSTALLED", None, "no-such-program-7f3a is not on PATH")


def test_missing_file(tmp_path: Path) -> None:
    done = start(["./tool"], tmp_path)
    assert (done.status, done.reason) == ("NOT_INSTALLED", "tool is not there")


def test_not_executable(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\nexit 0\n")
    done = start(["./tool"], tmp_path)
    assert (done.status, done.reason) == ("NOT_INSTALLED", "tool is not executable")


def test_a_folder_is_no_program(tmp_path: Path) -> None:
    assert start([str(tmp_path)], tmp_path).status == "NOT_INSTALLED"


def test_program_of_another_machine(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_bytes(b"\x00\x01\x02\x03 no machine runs this")
    tool.chmod(0o755)
    done = start(["./tool"], tmp_path)
    assert (done.status, done.reason) == ("NOT_INSTALLED", "tool is no program of this machine")


def test_first_line_names_nothing(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/no/such/interpreter\n")
    tool.chmod(0o755)
    done = start(["./tool"], tmp_path)
    assert (done.status, done.reason) == (
        "NOT_INSTALLED",
        "the program that the first line of tool names is not there",
    )


def test_no_command(tmp_path: Path) -> None:
    assert start([], tmp_path).status == "INTERNAL_ERROR"


def test_working_directory_missing(tmp_path: Path) -> None:
    done = start([sys.executable, "-c", ""], tmp_path / "gone")
    assert (done.status, done.reason) == ("INTERNAL_ERROR", "the working directory gone is not there")


def test_word_that_no_system_accepts(tmp_path: Path) -> None:
    done = start([sys.executable, "-c", "a\0b"], tmp_path)
    assert done.status == "INTERNAL_ERROR"
    assert "could not be started" in done.reason


def test_words_too_long_for_the_system(tmp_path: Path) -> None:
    done = start([sys.executable, "-c", "", "x" * (1 << 22)], tmp_path)
    assert done.status == "INTERNAL_ERROR"


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \xff")
    folder = tmp_path / name
    folder.mkdir()
    (folder / name).write_bytes(b"content")
    done = python("import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())", name, cwd=folder)
    assert (done.status, done.stdout) == ("OK", b"content")


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", cwd=tmp_path).text == "''\n"


@pytest.mark.requirement("PRC-1")
def test_no_shell_reads_the_words(tmp_path: Path) -> None:
    done = python("import sys; print(sys.argv[1])", "$(touch planted); *", cwd=tmp_path)
    assert done.text == "$(touch planted); *\n"
    assert not (tmp_path / "planted").exists()


@pytest.mark.requirement("PRC-1")
def test_environment_is_explicit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_IN_THE_PARENT", "1")
    code = "import os; print(sorted(n for n in os.environ if n not in ('LC_CTYPE', 'VLTAIR_CHILD_TOKEN')))"
    done = run([sys.executable, "-I", "-S", "-c", code], cwd=tmp_path, env={"GIVEN": "1"})
    assert done.text == "['GIVEN']\n"


def test_coverage_variables_reach_the_child() -> None:
    environ = {"COVERAGE_PROCESS_START": "a", "COVERAGE_RCFILE": "b", "COVERAGE_FILE": "c", "PYTHONINSPECT": "1"}
    assert environment(environ, {"COVERAGE_FILE": "d"}) == {
        "COVERAGE_PROCESS_START": "a",
        "COVERAGE_RCFILE": "b",
        "COVERAGE_FILE": "d",
    }


def test_ignored_child_signal_does_not_become_success(tmp_path: Path) -> None:
    # With SIGCHLD ignored the kernel drops exit codes, and `subprocess` then reports 0 for every child.
    code = """
        import signal, sys
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        sys.path[:0] = sys.argv[1].split('|')
        from pathlib import Path
        from gates.process.child import run
        print(run([sys.executable, '-c', 'raise SystemExit(3)'], cwd=Path('.'), env={}).status)
    """
    assert python(code, "|".join(sys.path), cwd=tmp_path).text == "INTERNAL_ERROR\n"


def test_exit_code_taken_by_somebody_else(tmp_path: Path) -> None:
    code = """
        import os, sys, threading
        sys.path[:0] = sys.argv[1].split('|')
        from pathlib import Path
        from gates.process import living
        from gates.process.child import run
        real = living.Living.__init__
        def thief(self, process, *rest):
            os.waitpid(process.pid, 0)
            real(self, process, *rest)
        living.Living.__init__ = thief
        done = run([sys.executable, '-c', 'raise SystemExit(3)'], cwd=Path('.'), env={})
        print(done.status, done.code)
    """
    assert python(code, "|".join(sys.path), cwd=tmp_path).text == "INTERNAL_ERROR None\n"


@pytest.mark.requirement("PRC-5")
def test_secrets_are_gone_from_all_that_is_kept(tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    code = f"import sys; print('{secret}'); print('{secret}', file=sys.stderr)"
    done = run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=tmp_path,
        env=environment(os.environ),
        redactor=redactor({"DEPLOY_TOKEN": secret}),
    )
    assert (done.stdout, done.stderr) == (f"{MASK}\n".encode(), f"{MASK}\n".encode())
    assert secret not in repr(done)
