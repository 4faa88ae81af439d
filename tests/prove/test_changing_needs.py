"""Tests that are called differently in each run: what coverage kept of one is not asked for in the next."""

from __future__ import annotations

from pathlib import Path

from gates.testing import project
from support.commands import gates
from support.repositories import commit_all, git

FILES = {
    "pyproject.toml": """\
        [project]
        name = "sample"
        version = "1.0"

        [tool.gates]
        select = ["tests", "coverage"]

        [tool.gates.tests]
        max-age = 0

        [tool.gates.coverage]
        total = 100
        """,
    "sample.py": "def one() -> int:\n    return 1\n",
    "test_sample.py": """\
        import os

        import pytest

        from sample import one


        @pytest.mark.parametrize("name", [os.urandom(8).hex()])
        def test_one(name: str) -> None:
            assert one() == 1
        """,
    ".gitignore": ".gates/\n__pycache__/\n",
}


def test_evidence_that_no_run_asks_for_cannot_be_missed(tmp_path: Path) -> None:
    root = project.write(tmp_path, FILES)
    git(root, "init", "--quiet")
    commit_all(root)
    proved = gates("prove", "--fast", "coverage", "-v", cwd=root)
    assert proved.code == 0, proved.out + proved.err
    assert "cannot occur: what it reads differs from run to run" in proved.out
