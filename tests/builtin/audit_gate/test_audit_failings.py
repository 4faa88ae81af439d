"""Every way to fail: a server that behaves so, the tool's own answer, and the gate's beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gates.builtin.audit.gate import AuditGate
from gates.builtin.policy.gate import PolicyGate
from gates.testing import project, run
from support.advisory_service import Running, serving
from support.audit_rows import GREEN, ROWS, Row
from support.intercepting import intercepting

LIKE_ANOTHER = {"empty-list", "json-list", "schema-2", "429", "not-json", "other-object", "drops", "editable"}
"""Rows that are slow: another of their kind is in every run."""

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "audit-failings.md"


@contextmanager
def answering(row: Row) -> Iterator[Running]:
    """The service of a row, or an address where nobody listens."""
    if row.down:
        with socket.socket() as held:
            # Bound and not listening: nobody else takes the port, and nobody answers at it.
            held.bind(("127.0.0.1", 0))
            yield Running(f"http://127.0.0.1:{held.getsockname()[1]}")
        return
    with serving(row.held, row.spoil) as service:
        yield service


def asked(row: Row, root: Path, url: str) -> tuple[int, str]:
    """Exit code and output of the tool as people call it."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "UV_HTTP_RETRIES": "0"}
    words = [*row.argv, "--service-url", url]
    if row.tool == "pip-audit":
        environ["PIP_AUDIT_OSV_URL"] = f"{url}/v1/query"
        words = [*row.argv, "--cache-dir", str(root.parent / "cache"), "--progress-spinner", "off"]
    if row.intercepted:
        with intercepting(root.parent) as proxied:
            return _run(row.tool, words, root, {**environ, **proxied})
    return _run(row.tool, words, root, environ)


def _run(tool: str, words: list[str], root: Path, environ: dict[str, str]) -> tuple[int, str]:
    argv = [sys.executable, "-P", "-m", tool.replace("-", "_"), *words]
    done = subprocess.run(argv, cwd=root, env=environ, capture_output=True, text=True, timeout=600, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=row.id, marks=[pytest.mark.slow] if row.id in LIKE_ANOTHER else []) for row in ROWS],
)
def test_the_tools_answer_and_ours(row: Row, tmp_path: Path) -> None:
    with answering(row) as service:
        root = project.write(tmp_path / "sample", row.written(service.url))
        code, text = asked(row, root, service.url)
        judgement = run.judged(root, AuditGate, named=("audit",), python=sys.executable)
    assert (code, row.words in text) == (row.code, True), text[-2000:]
    (report,) = judgement.report.gates
    assert (report.verdict, report.reason and report.reason.code) == (row.verdict, row.reason)
    said = [*(one.message for one in report.findings), *([report.reason.message] if report.reason else [])]
    shown = [one.replace(f" {service.url}", "").replace(service.url, "the advisory service") for one in said]
    expected = row.says.format(service="the advisory service") if "{service}" in row.says else row.says
    assert any(one.startswith(expected) for one in shown), shown
    # No sentence of ours is a traceback or names the port of the relay.
    assert not any("Traceback" in one for one in shown)


def test_an_exception_for_nothing(tmp_path: Path) -> None:
    """pip-audit takes any id; here a waiver that excuses nothing is a finding of the gate `policy`."""
    waiver = """
[[tool.gates.waiver]]
rule = "AUD001"
subject = "PYSEC-0000-1"
reason = "planted"
owner = "platform"
expires = 2999-01-01
"""
    row = Row(id="", wrong="", vulnerable=False, settings=waiver, code=0, words=GREEN, reason=None, says="")
    with answering(row) as service:
        root = project.write(tmp_path / "sample", row.written(service.url))
        options = ["--ignore-vuln", "PYSEC-0000-1"]
        code, text = asked(replace(row, argv=(*row.argv, *options)), root, service.url)
        judgement = run.judged(root, AuditGate, PolicyGate, named=("audit",), python=sys.executable)
    assert (code, GREEN in text) == (0, True)
    verdicts = {one.name: (one.verdict, [each.rule for each in one.findings]) for one in judgement.report.gates}
    assert verdicts == {"audit": ("passed", []), "policy": ("failed", ["POL009"])}


def test_the_page_has_every_row() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [row.id for row in ROWS if table_row(row) not in text]
    assert missing == []
    assert text.count("| pip-audit |") + text.count("| uv |") == len(ROWS)


def table_row(row: Row) -> str:
    """A row as the page has it."""
    green = "**0, green**" if row.open else str(row.code)
    ours = row.says.format(service="the advisory service") if "{service}" in row.says else row.says
    return f"| {row.wrong} | {row.tool} | {green} | {row.words} | {row.verdict} | {ours} |"
