"""A gate that reads recorded evidence of another one is starved of that too, and not of the tool alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gates.testing import project
from support.commands import environment, gates
from support.repositories import commit_all, git

FILES = {
    "pyproject.toml": """\
        [project]
        name = "sample"
        version = "1.0"

        [tool.pytest.ini_options]
        testpaths = ["tests"]

        [tool.gates.tests]
        record = ".gates/tests.jsonl"

        [tool.gates.trace]
        documents = ["docs/tasks.md"]
        """,
    "docs/tasks.md": "# Tasks\n\n- [x] WD-1: numbers add up\n",
    "tests/test_sum.py": """\
        import pytest


        @pytest.mark.requirement("WD-1")
        def test_sum() -> None:
            assert 1 + 1 == 2
        """,
    ".gitignore": ".gates/\n__pycache__/\n",
}


def test_without_the_recorded_run_nothing_is_known(tmp_path: Path) -> None:
    root = project.write(tmp_path, FILES)
    git(root, "init", "--quiet")
    commit_all(root)
    recording = [sys.executable, "-P", "-m", "pytest", "--vltair-record", ".gates/tests.jsonl"]
    subprocess.run(recording, cwd=root, env=environment(), check=True, capture_output=True)
    proved = gates("prove", "--fast", "trace", "tests", cwd=root)
    assert proved.code == 0, proved.out + proved.err
