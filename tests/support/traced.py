"""Traced: `gates trace` in this process, over a project with a tracker, its tests and code that names an item."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

from gates.cli.trace import command
from gates.plugins import manager
from support import repositories
from support.commands import Result
from support.projects import write_project

GATE = {"trace": "gates.builtin.trace.gate:TraceGate"}
FILES: Mapping[str, str] = {
    "pyproject.toml": '[project]\nname = "words"\nversion = "1"\n[tool.gates.trace]\ndocuments = ["docs/*.md"]\n',
    "words.py": "# implements: WD-1\ndef longest(text):\n    return max(text.split(), key=len)\n",
    "docs/tasks.md": """\
# Tasks

- [x] WD-1: the longest word is found
  - Acceptance: of two words the longer one
  - Validation: `pytest tests/test_words.py::test_longest`
- [ ] WD-2 (High): ties go to the first
  - Validation: `pytest tests/test_words.py::test_ties`
- [ ] WD-10: words of several files
  - Files: words.py
""",
    "tests/test_words.py": """\
import pytest

from words import longest


@pytest.mark.requirement("WD-1")
def test_longest():
    assert longest("a fox") == "fox"


def test_tie():
    assert longest("the fox") == "the"
""",
    "conftest.py": "",
}


def project(root: Path, files: Mapping[str, str] | None = None) -> Path:
    """A project in a repository with a commit, and these files over those of the sample."""
    write_project(root, {**FILES, **(files or {})})
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)
    return root


def trace(root: Path, *words: str) -> Result:
    """What `gates trace` with these words does in a folder."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(manager.BUILTIN, GATE),
        contextlib.chdir(root),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = command(list(words), prog_name="gates trace", standalone_mode=False)
    return Result(int(code or 0), out.getvalue(), err.getvalue())
