"""Fetching: what pip is told is heeded, what the child answers is checked, and what the command line names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gates.builtin.repro import commands
from gates.builtin.repro.against import artifacts, fetching, fetching_child
from gates.builtin.repro.against.comparing import verdict
from gates.builtin.repro.explaining.compared import Change
from gates.builtin.repro.settings import ReproSettings
from gates.model.evidence import Refusal
from gates.model.finding import Finding
from gates.model.reason import Reason
from support import reports
from support.repro_projects import project, published

WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of pip's configuration, and none else."""
    for name in [one for one in os.environ if one.startswith("PIP_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "pip.conf"
    path.write_text("")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    return path


def test_variables_count_more_than_sections_and_sections_more_than_global(
    pip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip.write_text(
        "[global]\nindex-url = https://global.example/simple\ntimeout = 5\ntrusted-host = a b\nproxy = http://p\n"
        "[download]\nindex-url = https://download.example/simple\ntimeout = 6\n"
        "[install]\nindex-url = https://install.example/simple\n"
    )
    monkeypatch.setenv("PIP_TIMEOUT", "7")
    found = fetching_child.configuration()
    assert found["index-url"] == "https://download.example/simple"
    assert found["timeout"] == "7"
    assert fetching_child.words(found["trusted-host"]) == ["a", "b"]


def test_certificates_and_proxies_of_pip_hold_unless_there_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "https_proxy", "http_proxy"):
        # Set first, so that it is taken away in the end where it was not there.
        monkeypatch.setenv(name, "own.pem")
    monkeypatch.delenv("https_proxy")
    monkeypatch.delenv("http_proxy")
    fetching_child.use_certificates({"cert": "pip.pem", "proxy": "http://proxy.example"})
    assert os.environ["SSL_CERT_FILE"] == "own.pem"
    assert os.environ["https_proxy"] == "http://proxy.example"
    del os.environ["SSL_CERT_FILE"]
    fetching_child.use_certificates({"cert": "pip.pem"})
    assert os.environ["SSL_CERT_FILE"] == "pip.pem"


def test_a_folder_of_links_is_asked(pip: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(project(tmp_path / "project"), tmp_path / "dist")
    pip.write_text(f"[global]\nno-index = true\nfind-links = {folder.as_uri()}\n    {tmp_path / 'absent'}\n")
    found = fetching_child.main("demo", "1.0", "3.12.1", str(tmp_path / "here"))
    assert {one["name"]: one["yanked"] for one in found["files"]} == {WHEEL: None, SDIST: None}
    assert fetching_child.main("demo", "2.0", "3.12.1", str(tmp_path / "here")) == {"files": []}


def test_without_index_and_links_nobody_is_asked(pip: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    pip.write_text("[global]\nno-index = yes\nindex-url = http://127.0.0.1:9/simple\n")
    assert fetching_child.main("demo", "1.0", "3.12", str(tmp_path)) == {"files": []}


def test_an_index_that_does_not_answer_is_a_problem_of_the_network(pip: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    pip.write_text("[global]\nindex-url = http://127.0.0.1:9/simple\n")
    assert fetching_child.main("demo", "1.0", "3.12", str(tmp_path))["problem"]["kind"] == "network"


def test_a_file_of_another_hash_is_corrupt(pip: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(project(tmp_path / "project"), tmp_path / "dist")
    (folder / "index.html").write_text(f'<a href="{WHEEL}#sha256={"0" * 64}">{WHEEL}</a>')
    pip.write_text(f"[global]\nno-index = 1\nfind-links = {(folder / 'index.html').as_uri()}\n")
    found = fetching_child.main("demo", "1.0", "3.12", str(tmp_path / "here"))
    assert found["problem"]["kind"] == "corrupt"
    assert "\n" not in found["problem"]["message"]


def test_of_each_kind_the_best_is_taken_and_the_one_for_every_platform() -> None:
    names = ["x-1-cp312-cp312-any.whl", "x-1-cp311-cp311-any.whl", WHEEL, "x-1-py2.py3-none-any.whl", SDIST, "x-1.zip"]
    found = [SimpleNamespace(link=SimpleNamespace(filename=one, is_wheel=one.endswith(".whl"))) for one in names]
    assert [one.link.filename for one in fetching_child.chosen(found)] == [names[0], WHEEL, SDIST]


@pytest.mark.parametrize(("value", "on"), [("1", True), (" Yes ", True), ("0", False), ("", False), (None, False)])
def test_switches_of_pip(value: str | None, on: bool) -> None:
    assert fetching_child.is_set(value) is on


def asked(status: str, text: str, tmp_path: Path) -> Any:
    from gates.process.completed import Completed

    ended = Completed(
        argv=("x",),
        status=status,  # type: ignore[arg-type]
        code=0 if status == "OK" else 1,
        reason="it took longer" if status == "TIMEOUT" else "",
        stdout=text.encode(),
        stderr=b"boom",
    )
    context: Any = SimpleNamespace(
        offline=False, tool=lambda _: "unearth", progress=lambda _: None, run=lambda *_, **__: ended
    )
    python: Any = SimpleNamespace(version="3.12.1")
    return fetching.fetched(context, python, "demo", "1.0", tmp_path / "fetched")


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        ("TIMEOUT", "", "timeout"),
        ("FAILED", "", "tool_crashed"),
        ("OK", "", "unparsable_output"),
        ("OK", "a line\nand no JSON", "unparsable_output"),
        ("OK", '{"files": [1]}', "unparsable_output"),
        ("OK", '{"problem": {"kind": "other", "message": "no"}}', "tool_crashed"),
        ("OK", "{}", "evidence_missing"),
    ],
)
def test_an_answer_that_is_none_is_refused(tmp_path: Path, status: str, text: str, code: str) -> None:
    found = asked(status, text, tmp_path)
    assert isinstance(found, Refusal)
    assert found.reason.code == code
    assert "demo==1.0" in found.reason.message


def test_an_answer_is_the_last_line(tmp_path: Path) -> None:
    text = "a warning\n" + json.dumps({"files": [{"name": WHEEL, "path": f"/x/{WHEEL}", "yanked": None}]}) + "\n"
    assert asked("OK", text, tmp_path) == (Path(f"/x/{WHEEL}"),)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ((), "bit-equal"),
        (("mtime", "mode", "owner", "order", "header", "pax"), "content-equal"),
        (("compressed", "gzip-mtime", "gzip-header"), "content-equal"),
        (("mtime", "content"), "different"),
        (("member",), "different"),
        (("METADATA",), "different"),
        (("RECORD",), "different"),
        (("generator",), "different"),
        (("type",), "different"),
        (("link",), "different"),
        (("name",), "different"),
    ],
)
def test_the_verdict_follows_from_what_differs(attributes: tuple[Any, ...], expected: str) -> None:
    assert verdict(tuple(Change(member="a", attribute=one, before="", after="") for one in attributes)) == expected


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / WHEEL).mkdir()
    found = artifacts.read(tmp_path / WHEEL, "x")
    assert isinstance(found, Reason)
    assert WHEEL in found.message


def test_what_the_command_line_names_is_seen_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "kept==1.0").write_text("")
    monkeypatch.chdir(tmp_path)
    settings = ReproSettings(against=("dist", "demo==1.0"))
    given = ("demo==1.0", "dist", str(tmp_path / "x.whl"), "kept==1.0")
    found = commands.against(settings, given, tmp_path / "project")
    assert found.against == ("dist", "demo==1.0", "../dist", "../x.whl", "../kept==1.0")


@pytest.mark.parametrize(
    ("verdict_now", "rules", "undecided", "expected"),
    [
        ("failed", ("REP004", "REP006"), False, "passed"),
        ("failed", ("REP006",), True, "undecided"),
        ("failed", ("REP006", "REP001"), False, "failed"),
        ("undecided", (), True, "undecided"),
        ("passed", (), False, "passed"),
    ],
)
def test_a_new_record_settles_what_differed_from_the_old(
    verdict_now: Any, rules: tuple[str, ...], undecided: bool, expected: str
) -> None:
    report = reports.gate(
        "repro",
        verdict_now,
        reason=Reason(code="evidence_incomplete", message="", fix="") if undecided else None,
        findings=tuple(Finding(rule=one, name=one, message="", fingerprint="") for one in rules),
    )
    assert commands.verdict_once_recorded(report) == expected
