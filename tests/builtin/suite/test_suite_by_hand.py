"""Commands to paste."""

from __future__ import annotations

import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from gates.builtin.suite import by_hand
from gates.process.interpreter import Interpreter


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/project/.venv/bin/python", ".venv/bin/python"), ("/other/bin/python3", "/other/bin/python3")],
)
def test_the_interpreter_is_shown_as_in_the_report(path: str, expected: str) -> None:
    interpreter = cast("Interpreter", SimpleNamespace(path=Path(path)))
    assert by_hand.shown(interpreter, Path("/project")) == expected


def test_the_command_quotes_what_a_shell_would_split() -> None:
    assert by_hand.recording("a b/python", "r.jsonl", ("-m", "not slow"), {"A": "b c"}) == (
        "'A=b c' VLTAIR_SETTINGS_ENV=A 'a b/python' -P -m pytest -m 'not slow' --vltair-record r.jsonl"
    )
    assert shlex.split(by_hand.pytest("python", "-q"))[0] == "python"
