"""The command that shows an execution again, and where there is none."""

from __future__ import annotations

import pytest

from gates.record.asked import reproducing

TEST = "tests/test_m.py::test_m"


@pytest.mark.parametrize(
    ("kind", "subject", "command", "words", "found"),
    [
        ("test", TEST, "check", "tests", f"python -m pytest {TEST}"),
        ("test", f"packages/b:{TEST}", "check", "tests", f"python -m pytest packages/b/{TEST}"),
        ("test", f"{TEST}[<lambda>-1]", "check", "tests", f"python -m pytest {TEST}[<lambda>-1]"),
        ("test", f"{TEST}[1-<ip>]", "check", "tests", f"python -m pytest {TEST}"),
        ("test", f"{TEST}[<<REDACTED>>]", "pytest", "tests", f"python -m pytest {TEST}"),
        ("test", "a.B::c", "junit", "tests", ""),
        ("run", "junit", "junit", "tests", ""),
        ("run", "pytest", "pytest", "tests", "python -m pytest"),
        ("run", "check", "check", "lint types", "gates check lint types"),
        ("gate", "lint", "check", "lint", "gates check lint"),
        ("gate", "tests", "prove", "tests lint", "gates prove tests"),
        ("gate", "tox", "prove", "-- tox -e py", "gates prove -- tox -e py"),
        ("gate", "diagnose", "diagnose", f"{TEST} --runs 3", f"gates diagnose {TEST} --runs 3"),
    ],
)
def test_it_can_be_pasted(kind: str, subject: str, command: str, words: str, found: str) -> None:
    gate = "packages/b:tests" if subject.startswith("packages/b:") else "tests" if kind == "test" else None
    listed = "[" + ",".join(f'"{word}"' for word in words.split()) + "]"
    row = {"kind": kind, "subject": subject, "gate": gate, "command": command, "gates": listed}
    assert " ".join(reproducing.command(row)) == found
