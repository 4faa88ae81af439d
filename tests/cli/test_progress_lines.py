"""Progress in a pipe and for a machine: lines, or objects."""

from __future__ import annotations

import json

import pytest

from gates.cli import progress
from gates.engine.observer import Silent


def test_a_pipe_gets_lines_about_what_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    plain = progress.observer("text", quiet=False, environ={})
    plain.planned((("quick", 0.1), ("slow", 42.0), ("new", None)))
    for gate in ("quick", "slow", "new"):
        plain.started(gate)
    plain.collected("quick", 0.1, cached=False)
    plain.collected("slow", 40.0, cached=False)
    plain.collected("new", 30.0, cached=True)
    assert capsys.readouterr().err.splitlines() == [
        "gates: slow started (took 42 s last time)",
        "gates: new started",
        "gates: slow done after 40.0 s",
    ]


def test_quiet_is_silent() -> None:
    assert type(progress.observer("text", quiet=True, environ={})) is Silent


def test_a_machine_gets_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log = progress.observer("json", quiet=True, environ={})
    log.planned((("tests", None),))
    log.started("tests")
    log.progressed("tests", "pytest is\nrunning")
    log.collected("tests", 1.5, cached=False)
    log.decided("tests", "failed")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["event"] for one in lines] == [
        "run_planned",
        "gate_started",
        "gate_progress",
        "gate_collected",
        "gate_decided",
    ]
    assert (lines[2]["message"], lines[3]["duration_ms"], lines[4]["verdict"]) == ("pytest is\nrunning", 1500, "failed")
