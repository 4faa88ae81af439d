"""Written: a diagnosis as a test file that fails until the tests that it names end the same in those circumstances."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gates.model.diagnosis import TestDiagnosis

HEAD = '''"""Tests that were found unstable, each in the circumstances in which it flipped; written by `gates diagnose`.

Each fails until the test that it names ends there as it ends without them. Remove a case together with its cause.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[{depth}]
TRIAL = "VLTAIR_TRIAL" in os.environ
CASES = {{
'''
TAIL = """}


@pytest.mark.skipif(TRIAL, reason="this run is part of a diagnosis")
@pytest.mark.parametrize("nodeid", sorted(CASES))
def test_ends_the_same(nodeid: str) -> None:
    command = [sys.executable, "-P", "-m", "gates.cli.app", "diagnose", nodeid]
    command += [*CASES[nodeid], "--python", sys.executable, "--quiet"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
"""


def written(tests: Sequence[TestDiagnosis], depth: int) -> str:
    """The file, `depth` folders below the project; formatted as ruff and black leave it, the same for the same tests.

    Raises:
        ValueError: no test is unstable in circumstances that can be named.
    """
    cases = [one for one in sorted(tests, key=lambda one: one.nodeid) if one.stable is False and _arguments(one)]
    if not cases:
        raise ValueError("no test was found unstable in circumstances that a test could bring about")
    return HEAD.format(depth=depth) + "".join(map(_case, cases)) + TAIL


def _case(one: TestDiagnosis) -> str:
    lines = "".join(f"        {_quoted(word)},\n" for word in _arguments(one))
    return f"    {_quoted(one.nodeid)}: [\n{lines}    ],\n"


def _arguments(one: TestDiagnosis) -> list[str]:
    """What follows the test in its command."""
    return shlex.split(one.reproduce)[3:]


def _quoted(text: str) -> str:
    """The text as a literal, in the quotes that a formatter chooses."""
    # Python writes a text that has a single quote and no double one in double quotes.
    return repr(text) if '"' in text else f'"{repr(chr(39) + text)[2:]}'
