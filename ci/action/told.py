"""Told: what a report says, believed only where it is whole, of this commit, of this run, and fits the exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from refusal import Refused

VERDICTS = ("passed", "failed", "undecided")
SKEW = timedelta(seconds=5)
"""Of a clock that is read twice, once cut to whole seconds."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a report must agree with."""

    exit_code: int
    commit: str | None
    since: datetime


def report(path: Path, expected: Expected) -> Mapping[str, Any]:
    """The report.

    Raises:
        Refused: it is not there, or not to be believed.
    """
    told = _read(path, expected.exit_code)
    verdict, code = told.get("verdict"), told.get("exit_code")
    if told.get("schema_version") != 1 or verdict not in VERDICTS or not isinstance(told.get("gates"), list):
        raise Refused("the report is not one that this action can read: it is of another schema version")
    if code != expected.exit_code:
        raise Refused(f"the report says exit code {code!r}, and gates ended with {expected.exit_code}")
    if code == 0:
        _green(told, expected)
    return told


def _read(path: Path, code: int) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused(f"gates ended with {code} and wrote no report", "see the log of this step") from error
    if not data:
        raise Refused(f"gates ended with {code} and wrote no report", "see the log of this step")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(f"gates ended with {code}, and its report is cut off or corrupt: {error}") from error
    if not isinstance(told, Mapping):
        raise Refused("the report is no JSON object")
    return told


def _green(told: Mapping[str, Any], expected: Expected) -> None:
    """Refuse a green report that judged nothing, is of another commit, or of another run."""
    gates = [one for one in told["gates"] if isinstance(one, Mapping)]
    allowed = [one for one in gates if one.get("verdict") == "passed" or one.get("allowed_undecided") is True]
    if told["verdict"] != "passed" or not gates or len(allowed) != len(told["gates"]):
        raise Refused("the report says exit code 0, and not that every gate passed")
    project = told.get("project")
    commit = project.get("commit") if isinstance(project, Mapping) else None
    if commit != expected.commit:
        raise Refused(f"the report is of commit {_short(commit)}, and the checkout is at {_short(expected.commit)}")
    run = told.get("run")
    started = _moment(run.get("started")) if isinstance(run, Mapping) else None
    if started is None or not expected.since - SKEW <= started <= datetime.now(UTC) + SKEW:
        raise Refused("the report is of another run than this one")


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def _short(commit: Any) -> str:
    return str(commit)[:12] if commit else "none"
