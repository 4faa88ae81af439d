"""The gate keeps the contract of every gate, and decides what its rules say."""

from __future__ import annotations

from pathlib import Path

import pytest
from gates.testing import contract, project, run

from gates_metrics.gate import MetricsGate

TOML = """
    [[metrics]]
    name = "request_duration_ms"

    [[metrics]]
    name = 'requests_total'
"""
JSON = '{"metrics": [{"name": "request_duration_ms"},\n{"name": "requests_total"}]}'
AS_JSON = '[tool.gates.metrics]\nregistry = "src/metrics.json"\nunits = ["_total", "_ms"]\n'

test_contract = contract.suite(MetricsGate, {"pyproject.toml": "", "metrics.toml": TOML})
test_contract_of_json = contract.suite(MetricsGate, {"pyproject.toml": AS_JSON, "src/metrics.json": JSON})


def judged(root: Path, *names: str, units: tuple[str, ...] = ("_ms", "_total")) -> run.Judged:
    """What the gate says of a registry with these names."""
    text = "".join(f"[[metrics]]\nname = {name!r}\n" for name in names) or "metrics = []\n"
    return run.judge(project.write(root / "project", {"metrics.toml": text}), MetricsGate(), units=units)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("a_ms", "b2_total"), []),
        (("Request_ms",), [("MET001", 2)]),
        (("request__ms",), [("MET001", 2)]),
        (("request-ms",), [("MET001", 2), ("MET002", 2)]),
        (("a_ms", "request"), [("MET002", 4)]),
        (("a_ms", "b_ms", "a_ms"), [("MET003", 6)]),
    ],
)
def test_names(tmp_path: Path, names: tuple[str, ...], found: list[tuple[str, int]]) -> None:
    assert [(rule, line) for rule, _, line, _ in judged(tmp_path, *names).found] == found


def test_the_units_are_the_projects_own(tmp_path: Path) -> None:
    assert judged(tmp_path, "load_percent", units=("_percent",)).verdict == "passed"


def test_a_registry_without_a_metric_is_no_pass(tmp_path: Path) -> None:
    assert judged(tmp_path).verdict == "undecided"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "evidence_missing"),
        (b"\xff", "unreadable"),
        ("metrics =", "unparsable_output"),
        ("[metrics]\nname = 'a_ms'\n", "unparsable_output"),
        ("[[metrics]]\nnam = 'a_ms'\n", "unparsable_output"),
    ],
)
def test_a_registry_that_cannot_be_read_is_undecided(tmp_path: Path, text: str | bytes | None, code: str) -> None:
    files = {"pyproject.toml": ""} if text is None else {"pyproject.toml": "", "metrics.toml": text}
    found = run.judge(project.write(tmp_path / "project", files), MetricsGate())
    assert (found.verdict, found.reason.code) == ("undecided", code)
