"""How a command ends when something other than a verdict ends it: a code, one safe line, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from support.children import alive, pid_in
from support.commands import Result, environment

RAISING = """
    import click, sys
    from gates.cli import app
    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1)
    def command(rest):
        BODY
    app.gates.get_command = lambda ctx, name: command
    app.main(["explain", *sys.argv[1:]])
"""
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def calling(body: str, *arguments: str, folder: Path, env: dict[str, str] | None = None) -> Result:
    """How `gates explain` with these arguments ends in `folder` if the command is `body`."""
    code = textwrap.dedent(RAISING).replace("BODY", body)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def project(folder: Path) -> Path:
    """A folder that is a project."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "sample"\nversion = "1"\n', "utf-8")
    return folder


@pytest.mark.requirement("VRD-2")
@pytest.mark.parametrize(
    "body",
    ["raise SystemExit(0)", "sys.exit()", "raise RuntimeError('x')", "raise GeneratorExit", "raise EOFError('x')"],
)
def test_what_a_command_raises_is_an_internal_error(tmp_path: Path, body: str) -> None:
    root = project(tmp_path / "root")
    result = calling(body, folder=root)
    assert result.code == 4, result.err
    assert "internal error" in result.err
    assert "Traceback" not in result.err
    assert (root / ".gates/crash/gates.log").is_file()


@pytest.mark.parametrize("body", ["raise KeyboardInterrupt", "raise click.Abort from KeyboardInterrupt()"])
def test_an_interruption_is_none(tmp_path: Path, body: str) -> None:
    result = calling(body, folder=tmp_path)
    assert (result.code, result.err.strip().splitlines()) == (
        130,
        ["gates: interrupted; every process that was started has been ended"],
    )


def test_a_process_that_survived_is_not_denied(tmp_path: Path) -> None:
    body = "from gates.process.register import register; register.survived = True; raise KeyboardInterrupt"
    result = calling(body, folder=tmp_path)
    assert result.code == 130
    assert "could not be ended" in result.err


def test_a_reader_that_is_gone_is_neither_a_crash_nor_a_pass(tmp_path: Path) -> None:
    root = project(tmp_path / "root")
    assert calling("raise BrokenPipeError(32, 'Broken pipe')", folder=root).code == 4
    assert not (root / ".gates").exists()


@POSIX
@pytest.mark.parametrize("argument", ["--help", "--version", "list"])
def test_a_pipe_that_nobody_reads(tmp_path: Path, argument: str) -> None:
    root = project(tmp_path / "root")
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "gates", argument],
        cwd=root,
        env=environment(),
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (4, b"")
    assert not (root / ".gates/crash").exists()


@pytest.mark.requirement("RPT-5")
def test_names_in_a_message_act_neither_on_a_terminal_nor_on_a_ci(tmp_path: Path) -> None:
    body = r"from gates.errors import GatesError; raise GatesError('a\x1b[2J\n::error::b\u202ec ##[group]d')"
    result = calling(body, folder=tmp_path)
    assert (result.code, result.err) == (2, "gates: a\\x1b[2J\\n::error::b\\u202ec ##\\x5bgroup]d\n")


@pytest.mark.parametrize("given", [("--project", "../root/src"), ("--project=../root",)])
def test_a_crash_is_logged_in_the_project_that_was_named(tmp_path: Path, given: tuple[str, ...]) -> None:
    root = project(tmp_path / "root")
    (root / "src").mkdir()
    here = project(tmp_path / "here")
    result = calling("raise RuntimeError('x')", *given, folder=here)
    log = os.path.join("..", "root", ".gates", "crash", "gates.log")  # noqa: PTH118 - pathlib has no relative form
    assert result.err.strip().endswith(f"with the log {log}")
    assert "RuntimeError: x" in (root / ".gates/crash/gates.log").read_text("utf-8")
    assert not (here / ".gates").exists()


@pytest.mark.parametrize("repository", [False, True])
def test_a_crash_outside_a_project_leaves_nothing_there(tmp_path: Path, *, repository: bool) -> None:
    around = project(tmp_path / "around") if repository else tmp_path / "around"
    folder = around / "folder"
    (folder / ".git" if repository else folder).mkdir(parents=True)
    before = set(folder.iterdir())
    result = calling("raise RuntimeError('x')", folder=folder, env={"TMPDIR": str(tmp_path), "TEMP": str(tmp_path)})
    assert result.code == 4
    log = Path(result.err.strip().rpartition(" ")[2])
    assert log.is_relative_to(tmp_path)
    assert "RuntimeError: x" in log.read_text("utf-8")
    assert set(folder.iterdir()) == before
    assert not (around / ".gates").exists()


WAITING = (
    "from pathlib import Path; from gates.process.child import run; import os; run([sys.executable, '-I', '-S', '-c', "
    '\'import os, pathlib, time; p = pathlib.Path("new"); p.write_text(str(os.getpid())); p.rename("pid"); '
    "time.sleep(60)'], cwd=Path('.'), env=dict(os.environ))"
)


def waiting(folder: Path, stderr: int = subprocess.PIPE) -> tuple[subprocess.Popen[bytes], int]:
    """A command that waits for a child, and the child's number."""
    code = textwrap.dedent(RAISING).replace("BODY", WAITING)
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment(), stderr=stderr)
    return process, pid_in(folder / "pid")


@pytest.mark.requirement("PRC-3")
@POSIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_every_request_to_end_ends_the_children(tmp_path: Path, name: str) -> None:
    process, child = waiting(tmp_path)
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=45)
    assert (process.returncode, alive(child)) == (130, False)
    assert b"every process that was started has been ended" in err


@POSIX
def test_a_terminal_that_is_closed_ends_the_children(tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    process, child = waiting(tmp_path, theirs)
    os.close(theirs)
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    assert (process.wait(45), alive(child)) == (130, False)


@POSIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_a_request_to_end_while_a_child_starts_ends_that_child_too(tmp_path: Path, name: str) -> None:
    asking = (
        "import os, signal, time, pathlib; from gates.process import starting; real = starting.start\n"
        "    def start(*given):\n"
        "        process = real(*given)\n"
        "        while not pathlib.Path('pid').exists(): time.sleep(0.01)\n"
        f"        os.kill(os.getpid(), signal.{name}); time.sleep(0.01)\n"
        "        return process\n"
        "    starting.start = start\n    "
    )
    result = calling(asking + WAITING, folder=tmp_path)
    assert (result.code, alive(pid_in(tmp_path / "pid"))) == (130, False)
    assert "every process that was started has been ended" in result.err


@POSIX
def test_what_the_parent_lets_it_ignore_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process, child = waiting(tmp_path)
    finally:
        signal.signal(signal.SIGHUP, before)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.1)
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=45)
    assert (process.returncode, alive(child)) == (130, False)


@pytest.mark.parametrize(("until", "code"), [("99.0", 0), ("0.1", 2)])
def test_a_command_of_an_earlier_version_names_its_successor(tmp_path: Path, until: str, code: int) -> None:
    body = f"""
    from gates.cli import app
    from gates.config import renames
    renames.COMMANDS = (renames.Renamed(old="rules", new="list", until="{until}"),)
    app.main(["rules"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(body)],
        cwd=project(tmp_path / "root"),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    said = "gates: rules is called list now; the old name is understood until gates 99.0\n"
    assert (said in done.stderr, "policy" in done.stdout) == (code == 0, code == 0)
