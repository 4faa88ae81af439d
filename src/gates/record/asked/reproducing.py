"""Reproducing: the command that shows again what an execution came to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

PROVED = "--"
"""Before the words of a command of the project's own, which was proved."""

PYTEST = ("python", "-m", "pytest")

_TAKEN_OUT = re.compile(r"\[.*(?:<(?:email|ip|uuid|mac|host|query|number)>|<<REDACTED>>).*\]$", re.DOTALL)
"""Parameters of a test of which the record lacks a part, since it may tell of a person."""


def command(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Its words, from the root of what was judged; none where nobody knows what ran it."""
    kind, subject = row["kind"], row["subject"]
    words = msgspec.json.decode(row["gates"], type=tuple[str, ...])
    project, _, name = (row["gate"] or subject).rpartition(":")
    found: tuple[str, ...]
    match kind, row["command"]:
        case _, "junit":
            found = ()
        case "test", _:
            test = f"{project}/{subject.removeprefix(project + ':')}" if project else subject
            found = (*PYTEST, _TAKEN_OUT.sub("", test))
        case _, "pytest":
            found = PYTEST
        case "gate", "prove" if PROVED not in words:
            found = ("gates", "prove", name)
        case "gate", "prove" | "diagnose" as asked:
            found = ("gates", asked, *words)
        case "gate", _:
            found = ("gates", "check", name, *(("--package", project) if project else ()))
        case _:
            found = ("gates", subject, *words)
    return found
