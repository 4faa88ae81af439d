"""`gates mcp` where the library that speaks the protocol is not there, or is too old."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import environment

WITHOUT = "import sys; sys.modules[{!r}] = None; from gates.cli.app import main; main(['mcp'])"


@pytest.mark.parametrize("library", ["mcp", "mcp.server", "anyio"])
def test_it_is_undecided_and_names_the_command_that_installs_it(tmp_path: Path, library: str) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "sample"\n')
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(library)],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    sentence = (
        "gates: undecided: the library that speaks the protocol is missing or too old: pip install 'pytest-vltair[mcp]'"
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "", f"{sentence}\n")
