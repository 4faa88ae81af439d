"""The gate over real projects, real tools and a server on the loopback: waivers, exemptions, secrets, mirrors, uv."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.audit import planting
from gates.builtin.audit.gate import AuditGate
from gates.builtin.audit.planting import WHOLE, record
from gates.engine.session import Judgement
from gates.errors import ConfigError
from gates.model.evidence import Refusal, encode
from gates.testing import project, run
from support.advisory_service import Held, Running, serving, with_records
from support.audit_rows import LOCK, PYPROJECT, VULNERABLE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = "hunter2-hunter2-hunter2"
WAIVER = """
[[tool.gates.waiver]]
rule = "AUD001"
subject = "{subject}"
reason = "nothing of ours parses that"
owner = "platform"
expires = {expires}
"""


def judged(root: Path, url: str, files: dict[str, str], settings: str = "", **wished: Any) -> Judgement:
    own = {"pyproject.toml": PYPROJECT.format(url=url, settings=settings, patience=30), **files}
    project.write(root, own)
    return run.judged(root, AuditGate, named=("audit",), python=sys.executable, as_of=NOW, **wished)


def held() -> Held:
    other = record("GHSA-zzzz", "alpha", [*WHOLE, {"fixed": "1.2"}], "CVE-2026-1")
    gone = {**record("PYSEC-2026-2", "beta", WHOLE), "withdrawn": "2026-01-01T00:00:00Z"}
    return Held((VULNERABLE, "alpha==1.0"), (other, "alpha==1.0"), (gone, "beta==2.0"))


def test_a_waiver_names_an_advisory_by_its_id_or_an_alias_and_ends(tmp_path: Path) -> None:
    """Two records that share an alias are one vulnerability; what is withdrawn is a note."""
    cases = {
        "none": ("", "failed", []),
        "id": (WAIVER.format(subject="PYSEC-2026-1", expires="2026-06-01"), "passed", ["expiring"]),
        "alias": (WAIVER.format(subject="CVE-2026-1", expires="2026-12-31"), "passed", ["active"]),
        "over": (WAIVER.format(subject="CVE-2026-1", expires="2026-05-31"), "failed", ["expired"]),
        "other": (WAIVER.format(subject="CVE-2026-9", expires="2026-12-31"), "failed", ["unused"]),
    }
    with serving(held()) as service:
        for name, (waiver, verdict, states) in cases.items():
            judgement = judged(tmp_path / name, service.url, {"requirements.txt": "alpha==1.0\nbeta==2.0\n"}, waiver)
            (report,) = judgement.report.gates
            (found,) = report.findings
            assert found.message == (
                "alpha 1.0 has the known vulnerability PYSEC-2026-1 (CVE-2026-1, GHSA-zzzz); fixed in 1.1"
            )
            assert (found.path, found.line, found.subject) == ("requirements.txt", 1, "PYSEC-2026-1")
            assert (report.verdict, [one.state for one in judgement.report.waivers]) == (verdict, states), name
            assert report.denominator is not None
            assert report.denominator.count == 2


def test_a_token_is_sent_and_kept_nowhere(tmp_path: Path) -> None:
    settings, pins = 'service-token = "ADVISORIES"', {"requirements.txt": "beta==2.0\n"}
    with serving() as service:
        for value, sent in ((SECRET, f"Bearer {SECRET}"), (f"Basic {SECRET}", f"Basic {SECRET}")):
            root = tmp_path / sent[:5]
            judgement = judged(root, service.url, pins, settings, environ={"ADVISORIES": value})
            assert judgement.report.gates[0].verdict == "passed"
            assert {one[2]["Authorization"] for one in service.requests} == {sent}
            assert SECRET.encode() not in encode(judgement.report) + encode(judgement.evidence["audit"])
            service.requests.clear()
        missing = judged(tmp_path / "unset", service.url, pins, settings).report.gates[0]
        assert missing.reason is not None
        assert missing.reason.message == "ADVISORIES, which `service-token` in [tool.gates.audit] names, is not set"
        assert service.requests == []
    left = [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert left == []


@pytest.mark.parametrize("url", [f"http://robot:{SECRET}@127.0.0.1:9", f"http://127.0.0.1:9/osv?key={SECRET}"])
def test_an_address_with_a_secret_is_refused_and_not_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="service-token") as refused:
        judged(tmp_path / "sample", url, {"requirements.txt": "beta==2.0\n"})
    assert SECRET not in str(refused.value)
    assert not (tmp_path / "sample" / ".gates").exists()


def test_offline_there_is_a_mirror_or_no_verdict(tmp_path: Path) -> None:
    pins = {"requirements.txt": "alpha==1.0\nbeta==2.0\n"}
    refused = judged(tmp_path / "none", "http://127.0.0.1:9", pins, offline=True).report.gates[0]
    assert refused.reason is not None
    assert refused.reason.code == "network_unavailable"
    records = {f"advisories/{one['id']}.json": json.dumps(one) for one in [*planting.known(), VULNERABLE]}
    stamp = {"advisories/mirror.json": '{"taken": "2026-05-31T00:00:00Z"}'}
    settings = 'mirror = "advisories"'
    # Proxies that lead nowhere are not asked: the tool talks to this machine only.
    environ = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    files = {**pins, **records, **stamp}
    judgement = judged(tmp_path / "own", "http://127.0.0.1:9", files, settings, offline=True, environ=environ)
    (report,) = judgement.report.gates
    assert [one.subject for one in report.findings] == ["PYSEC-2026-1"]
    assert report.reason is None
    assert any("asked the mirror advisories of 2026-05-31 with 4 records" in one for one in judgement.report.run.notes)


@pytest.mark.parametrize(
    ("included", "mirror", "kept"),
    [
        ("base.txt", "advisories", True),
        ("base.pins", "advisories", False),
        ("base.txt", "./advisories", False),
        ("base.txt", "../elsewhere", False),
    ],
)
def test_an_answer_counts_again_only_where_all_that_was_read_is_an_input(
    tmp_path: Path, included: str, mirror: str, kept: bool
) -> None:
    root = tmp_path / "sample"
    lists = {"requirements.txt": f"-r {included}\n", included: "alpha==1.0\n"}
    project.write(
        root, {"pyproject.toml": PYPROJECT.format(url="http://127.0.0.1:9", settings="", patience=30), **lists}
    )
    for one in planting.known():
        project.write(root / mirror, {f"{one['id']}.json": json.dumps(one)})
    context = run.context(root, AuditGate(), mirror=mirror, mirror_max_age=36500)
    found = AuditGate().collect(context)
    assert not isinstance(found, Refusal), found
    assert (context.unkept is None) == kept, context.unkept


def test_one_that_needs_no_answer_is_named_and_a_name_that_excuses_nothing_is_said(tmp_path: Path) -> None:
    pins = {"requirements.txt": "alpha==1.0\nfork @ git+https://127.0.0.1/fork\nloose\n"}
    settings = "".join(
        f'[[tool.gates.audit.unaudited]]\nname = "{name}"\nreason = "planted"\n' for name in ("Fork", "alpha", "nobody")
    )
    with serving() as service:
        (report,) = judged(tmp_path / "sample", service.url, pins, settings).report.gates
    assert sorted((one.rule, one.subject) for one in report.findings) == [
        ("AUD002", "loose"), ("AUD003", "alpha"), ("AUD003", "nobody"),
    ]  # fmt: skip


def test_a_project_that_depends_on_every_control(tmp_path: Path) -> None:
    """The control is asked about in a run of its own, since one list has one version of a name."""
    pins = {"requirements.txt": "requests==2.32.0\njinja2==3.1.0\npyyaml==6.0\n"}
    with serving() as service:
        (report,) = judged(tmp_path / "sample", service.url, pins).report.gates
    assert (report.verdict, report.denominator and report.denominator.count) == ("passed", 3)


def test_uv_asks_about_its_lock_and_about_the_control(tmp_path: Path) -> None:
    def locked(service: Running, name: str) -> Any:
        return judged(tmp_path / name, service.url, {"uv.lock": LOCK.format(url=service.url)}).report.gates[0]

    with serving() as service:
        clean = locked(service, "clean")
        assert (clean.verdict, clean.denominator.count, set(clean.tools)) == ("passed", 2, {"uv"})
    with serving(Held((VULNERABLE, "alpha==1.0"))) as service:
        found = locked(service, "vulnerable")
        assert [(one.subject, one.path) for one in found.findings] == [("PYSEC-2026-1", "uv.lock")]
        # Whatever its port was, the command line is the same.
        assert all("127.0.0.1:$PORT" in " ".join(one) for one in found.commands)
    with serving(Held((VULNERABLE, "alpha==1.0")), with_records({"id": "PYSEC-2026-8"})) as service:
        other = locked(service, "other")
        assert "gives another advisory than PYSEC-2026-1" in other.reason.message
