"""Small projects whose own commands are proved."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from support.commands import Result, gates
from support.projects import write_project

FILES: dict[str, str | bytes] = {
    "pyproject.toml": '[project]\nname = "sample"\nversion = "1"\n',
    "src/sample/__init__.py": '"""A sample."""\n',
    "src/sample/adder.py": '"""Adds."""\n\n\ndef add(a: int, b: int) -> int:\n    """The sum."""\n    return a + b\n',
    "tests/test_adder.py": '''
        """Tests."""

        import unittest

        from sample.adder import add


        class AdderTest(unittest.TestCase):
            """Adding."""

            def test_add(self) -> None:
                """One and two."""
                self.assertEqual(add(1, 2), 3)
        ''',
}
UNITTEST = (sys.executable, "-m", "unittest", "discover", "-q", "-s", "tests")
"""A command that takes a tenth of a second."""


def write(root: Path, **more: str | bytes) -> Path:
    """A package with a test of unittest's, and more files (`__` in a name stands for a slash)."""
    return write_project(root, {**FILES, **{name.replace("__", "/"): text for name, text in more.items()}})


def prove(root: Path, *command: str, options: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Result:
    """What `gates prove --output-format json -- COMMAND` says in the project at `root`."""
    return gates("prove", "-q", "--output-format", "json", *options, "--", *command, cwd=root, env=env)


def states(report: Any) -> dict[str, str]:
    """The state of each fault."""
    return {trial["fault"]: trial["state"] for trial in report["trials"]}


def snapshot(root: Path) -> dict[str, tuple[str, int]]:
    """Digest and time of everything below `root` but for the record, which changes the time of the folder it is in."""
    return {
        os.path.relpath(path, root): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            0 if (path / "pyproject.toml").is_file() else path.lstat().st_mtime_ns,
        )
        for path in sorted([root, *root.rglob("*")])
        if ".gates" not in path.parts
    }
