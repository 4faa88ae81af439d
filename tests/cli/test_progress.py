"""What is shown on a terminal while gates are at work, and that the terminal is as it was when they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import healthy
from support.commands import environment

HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")


class Terminal:
    """A process whose standard error is a terminal, and what it has written there."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.written = b""
        self._descriptor = descriptor

    def read(self, until: bytes | None = None) -> None:
        """Read to the end, or until something has been written."""
        while until is None or until not in self.written:
            try:
                data = os.read(self._descriptor, 1 << 16)
            except OSError:
                data = b""
            if not data:
                assert until is None, self.written
                return
            self.written += data


@contextmanager
def terminal(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[Terminal]:
    """Python with these arguments on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    variables = environment({"TERM": "xterm", **(env or {})})
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        try:
            yield Terminal(process, ours)
        finally:
            process.kill()
            os.close(ours)


def test_an_ended_display_gives_the_cursor_back(tmp_path: Path) -> None:
    code = """
        import os
        from gates.cli import progress
        live = progress.observer("text", quiet=False, environ={"TERM": "xterm"})
        live.planned((("slow", None),))
        live.started("slow")
        if not live.shown.wait(60):
            raise SystemExit("nothing was displayed")
        live.ended()
        live.ended()
        os._exit(0)
    """
    with terminal(tmp_path, "-c", textwrap.dedent(code)) as shown:
        shown.read()
        assert shown.process.wait(45) == 0
    assert (shown.written.count(HIDDEN), shown.written.count(SHOWN)) == (1, 1)
    assert shown.written.rindex(SHOWN) > shown.written.rindex(HIDDEN)


def test_a_display_that_ended_before_it_was_needed_writes_nothing(tmp_path: Path) -> None:
    code = """
        import os
        from gates.cli import progress
        live = progress.observer("text", quiet=False, environ={"TERM": "xterm"})
        live.ended()
        live.planned((("slow", None),))
        live.started("slow")
        live.ended()
        os._exit(0)
    """
    with terminal(tmp_path, "-c", textwrap.dedent(code)) as shown:
        shown.read()
        assert shown.process.wait(45) == 0
    assert shown.written == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_check_gives_the_cursor_back(tmp_path: Path, number: int) -> None:
    root = healthy.write(tmp_path / "project")
    env = healthy.impostor(tmp_path, "mypy", "hangs")
    with terminal(root, "-P", "-m", "gates", "check", "types", env=env) as shown:
        shown.read(until=HIDDEN)
        shown.process.send_signal(number)
        shown.read()
        assert shown.process.wait(45) == 130
    assert (shown.written.count(HIDDEN), shown.written.count(SHOWN)) == (1, 1)
    assert shown.written.rindex(SHOWN) > shown.written.rindex(HIDDEN)
