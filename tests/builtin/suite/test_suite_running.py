"""A pytest that recorded nothing: what it said of itself is the reason, with a command that shows it again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gates.builtin.suite import running
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.process.completed import Completed


def refused(root: Path, *, status: Any = "OK", code: int | None = 1, err: str = "") -> Reason:
    python: Any = SimpleNamespace(path=root / ".venv" / "bin" / "python", unnamed=False)
    completed = Completed(argv=("python",), status=status, code=code, reason="why", stderr=err.encode())
    found = running.recorded(completed, root / "record.jsonl", python, root, "tests")
    assert isinstance(found, Refusal)
    return found.reason


@pytest.mark.parametrize(
    ("code", "err", "reason", "message"),
    [
        (
            4,
            "usage: pytest\npytest: error: unrecognized arguments: --x\n  inifile: None\n",
            "tool_config_invalid",
            "pytest refused its options or configuration: unrecognized arguments: --x",
        ),
        (
            4,
            "ImportError while loading conftest '{root}/tests/conftest.py'.\nE   ModuleNotFoundError: no shop\n",
            "tool_config_invalid",
            "pytest could not load tests/conftest.py: ModuleNotFoundError: no shop",
        ),
        (
            4,
            "ImportError while loading conftest '/elsewhere/conftest.py'.\nE   ValueError: x\n",
            "tool_config_invalid",
            "pytest could not load /elsewhere/conftest.py: ValueError: x",
        ),
        (
            1,
            "Traceback:\npytest.PytestConfigWarning: No files\n/x.py:9: UserWarning: x\n  y()\n",
            "evidence_missing",
            "pytest ended with exit status 1 and recorded nothing: pytest.PytestConfigWarning: No files",
        ),
        (
            70,
            "something\nlast words\n\n",
            "evidence_missing",
            "pytest ended with exit status 70 and recorded nothing: last words",
        ),
        (
            0,
            "",
            "evidence_missing",
            "pytest ended with exit status 0 and recorded nothing: it printed nothing",
        ),
    ],
)
def test_what_pytest_said_last(tmp_path: Path, code: int, err: str, reason: str, message: str) -> None:
    found = refused(tmp_path, code=code, err=err.replace("{root}", str(tmp_path)))
    assert (found.code, found.message) == (reason, message)
    assert (found.fix or "").startswith(".venv/bin/python -P -m pytest")


def test_a_plugin_that_is_not_there_is_named_with_how_to_install_it(tmp_path: Path) -> None:
    python: Any = SimpleNamespace(
        path=tmp_path / "v/bin/python", prefix=tmp_path / "v", unnamed=False, distributions={"pip": "26"}
    )
    said = b"pytest: error: unrecognized arguments: -n --cov --cov-report= --ours\n"
    completed = Completed(argv=("python",), status="OK", code=4, reason="why", stderr=said)
    found = running.recorded(completed, tmp_path / "record.jsonl", python, tmp_path, "tests")
    assert isinstance(found, Refusal)
    assert found.reason.message.endswith("--ours; pytest-cov, pytest-xdist bring such options")
    assert (found.reason.fix or "").endswith("install pytest-cov pytest-xdist")


@pytest.mark.parametrize("status", running.BADLY)
def test_an_end_from_outside_is_named(tmp_path: Path, status: str) -> None:
    code, what = running.BADLY[status]
    found = refused(tmp_path, status=status, code=None)
    limit = "; `timeout` of [tool.gates.tests] is the limit" if status == "TIMEOUT" else ""
    assert (found.code, found.message) == (code, f"pytest {what} (why){limit}")
