"""Answers and verdicts: no bytes and no JSON raise, and no loss of an answer is a pass."""

from __future__ import annotations

import json
import socket
import string
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.audit.asking.pip_audit import rounds
from gates.builtin.audit.controls import CONTROLS, control
from gates.builtin.audit.decide import decide
from gates.builtin.audit.facts import Advisory, AuditEvidence, Dependency, Question, Said, Skipped
from gates.builtin.audit.service import answers
from gates.builtin.audit.service.addresses import address, proxy
from gates.builtin.audit.service.recording import Recording, normal
from gates.builtin.audit.service.upstream import Reply, Upstream
from gates.builtin.audit.settings import AuditSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from gates.model.reason import Reason

NOW = datetime(2026, 1, 31, tzinfo=UTC)
KEYS = st.sampled_from(["vulns", "results", "next_page_token", "id", "affected", "package", "name", "aliases", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


class Fixed:
    """A service that answers everything with one body."""

    shown = "http://127.0.0.1"
    who = "the advisory service"

    def __init__(self, body: bytes) -> None:
        self.body = body

    def ask(self, method: str, path: str, body: bytes) -> Reply:
        return Reply(status=200, kind="application/json", body=self.body)

    def close(self) -> None:
        pass


def query(name: str = "alpha", version: str = "1.0", **more: str) -> dict[str, Any]:
    return {"package": {"name": name, "ecosystem": "PyPI"}, "version": version, **more}


@given(JSON)
def test_whatever_is_answered_is_counted_or_a_fault(value: Any) -> None:
    """An answer that is neither an answer nor a fault would be a dependency that nobody asks about."""
    for path, asked in (("/v1/query", query()), ("/v1/querybatch", {"queries": [query(), query("beta")]})):
        recording = Recording(Fixed(json.dumps(value).encode()), "pip-audit")
        recording.pass_on("POST", path, json.dumps(asked).encode())
        assert bool(recording.questions()) != bool(recording.faults())


@given(st.binary(max_size=40), st.integers(100, 599), st.sampled_from(["", "text/html", "application/json"]))
def test_no_bytes_raise(body: bytes, status: int, kind: str) -> None:
    found = answers.document(status, kind, body, "the service")
    assert isinstance(found, dict) == (not isinstance(found, Reason))
    assert isinstance(found, Reason) or status == 200


@given(JSON)
def test_no_record_raises_and_one_without_a_package_is_flawed(value: Any) -> None:
    one = answers.advisory(value)
    assert one.flaw or (isinstance(value, dict) and value.get("id") and value.get("affected"))


@given(st.binary(max_size=60) | JSON.map(lambda one: json.dumps(one).encode()))
def test_no_question_raises(body: bytes) -> None:
    recording = Recording(Fixed(b"{}"), "uv")
    for path in ("/v1/query", "/v1/querybatch", "/v1/vulns/X", "/", "/v1/query?x"):
        recording.pass_on("POST", path, body)
    assert recording.faults()


@pytest.mark.parametrize(
    "held",
    [
        {"results": [{}, {"error": {"code": 13, "message": "internal"}}]},
        {"results": [{}, {"code": 3}]},
        {"results": [{}, {}], "next_page_token": "more"},
        {"results": [{}, {}], "errors": ["one was not looked up"]},
    ],
)
def test_an_error_in_a_list_of_answers_is_no_clean_answer(held: dict[str, Any]) -> None:
    found = answers.batch(held, 2, "the service")
    assert isinstance(found, Reason)
    assert found.code == "unparsable_output"


def test_pages_that_were_read_to_the_end_are_an_answer() -> None:
    service = Fixed(b"")
    recording = Recording(service, "uv")
    pages = [("", {"vulns": [{"id": "A"}], "next_page_token": "t"}), ("t", {"vulns": [{"id": "B"}]})]
    for token, page in pages:
        service.body = json.dumps({"results": [page]}).encode()
        more = {"page_token": token} if token else {}
        recording.pass_on("POST", "/v1/querybatch", json.dumps({"queries": [query(**more)]}).encode())
        assert [one.pending for one in recording.questions()] == [not token]
    assert [one.ids.items for one in recording.questions()] == [("A", "B")]
    # A page that nobody announced does not end the pages of another one.
    service.body = json.dumps({"results": [{"next_page_token": "u"}]}).encode()
    recording.pass_on("POST", "/v1/querybatch", json.dumps({"queries": [query()]}).encode())
    service.body = json.dumps({"results": [{}]}).encode()
    stray = json.dumps({"queries": [query(page_token="other")]}).encode()
    recording.pass_on("POST", "/v1/querybatch", stray)
    assert [one.pending for one in recording.questions()] == [True]


def dependency(name: str, **more: Any) -> Dependency:
    held = {"version": "1.0", "origin": "index", "own": False, "asked": True, "path": None, "line": None}
    return Dependency(name=name, **{**held, **more})


def evidence(**changed: Any) -> AuditEvidence:
    """A pass over two dependencies."""
    one = CONTROLS[0]
    held: dict[str, Any] = {
        "ruled": "requirements.txt",
        "tool": "pip-audit",
        "service": "https://service",
        "mirror": None,
        "control": one,
        "dependencies": [dependency("alpha"), dependency("beta")],
        "questions": [question("alpha"), question("beta"), question(one.name, one.version, "CONTROL")],
        "advisories": [advisory("CONTROL", one.advisory)],
        "said": [said(one.name, one.version, "CONTROL", one.advisory)],
        "skipped": [],
        "codes": [1],
        "faults": [],
        "notes": [],
        **changed,
    }
    return AuditEvidence.sealed(**{key: counted(one) if isinstance(one, list) else one for key, one in held.items()})


def question(name: str, version: str = "1.0", *ids: str, pending: bool = False) -> Question:
    return Question(name=name, version=version, ids=counted(ids), pending=pending)


def advisory(name: str, *aliases: str, **more: Any) -> Advisory:
    return Advisory(id=name, aliases=counted(aliases), **{"withdrawn": "", "newer": False, "flaw": "", **more})


def said(name: str, version: str, *ids: str) -> Said:
    return Said(name=name, version=version, id=ids[0], aliases=counted(ids[1:]), fixed=counted(()))


def judged(**changed: Any) -> Decision:
    return decide(evidence(**changed), AuditSettings(), NOW)


def test_all_answers_and_a_control_are_a_pass() -> None:
    decision = judged()
    assert (verdict_of(decision), decision.denominator.count, decision.findings) == ("passed", 2, ())


ONE = CONTROLS[0]
CONTROL = question(ONE.name, ONE.version, "CONTROL")
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "no question about one": ({"questions": [question("alpha"), CONTROL]}, "failed"),
    "another version was asked": ({"questions": [question("alpha"), question("beta", "1.1"), CONTROL]}, "failed"),
    "the tool left one out": ({"skipped": [Skipped(name="beta", reason="because")]}, "failed"),
    "nothing to ask about": ({"dependencies": []}, "undecided"),
    "only the project itself": ({"dependencies": [dependency("me", own=True, asked=False)]}, "undecided"),
    "the control was not asked": ({"questions": [question("alpha"), question("beta")]}, "undecided"),
    "the control came back clean": (
        {"questions": [question("alpha"), question("beta"), question(ONE.name, ONE.version)], "said": []},
        "undecided",
    ),
    "the control's own advisory is missing": ({"advisories": [advisory("CONTROL", "CVE-1")]}, "undecided"),
    "the control is withdrawn": (
        {"advisories": [advisory("CONTROL", ONE.advisory, withdrawn="2020-01-01T00:00:00Z")]},
        "undecided",
    ),
    "the tool says nothing of the control": ({"said": []}, "undecided"),
    "the control is flawed": ({"advisories": [advisory("CONTROL", ONE.advisory, flaw="has no id")]}, "undecided"),
    "a record was never read": ({"advisories": []}, "undecided"),
    "pages are left": ({"questions": [question("alpha", pending=True), question("beta"), CONTROL]}, "undecided"),
    "a fault": ({"faults": [Reason(code="timeout", message="late", fix="wait")]}, "undecided"),
    "the tool left out an advisory": (
        {
            "questions": [question("alpha", "1.0", "X"), question("beta"), CONTROL],
            "advisories": [advisory("CONTROL", ONE.advisory), advisory("X")],
        },
        "failed",
    ),
    "an advisory that will be withdrawn": (
        {
            "questions": [question("alpha", "1.0", "X"), question("beta"), CONTROL],
            "advisories": [advisory("CONTROL", ONE.advisory), advisory("X", withdrawn="2027-01-01T00:00:00Z")],
        },
        "failed",
    ),
    "one that was withdrawn at no time": (
        {
            "questions": [question("alpha", "1.0", "X"), question("beta"), CONTROL],
            "advisories": [advisory("CONTROL", ONE.advisory), advisory("X", withdrawn="once")],
        },
        "failed",
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_is_never_a_pass(name: str) -> None:
    changed, verdict = LOST[name]
    decision = judged(**changed)
    assert verdict_of(decision) == verdict
    assert decision.reason is not None or decision.findings


@given(st.sampled_from(["dependencies", "questions", "advisories", "said"]), st.integers(0, 2))
def test_no_element_that_is_taken_out_leaves_a_pass_over_as_much(name: str, at: int) -> None:
    whole = list(getattr(evidence(), name).items)
    left = [one for index, one in enumerate(whole) if index != at]
    decision = judged(**{name: left})
    assert left == whole or verdict_of(decision) != "passed" or decision.denominator.count < 2


def test_a_withdrawn_advisory_is_a_note() -> None:
    held = [advisory("CONTROL", ONE.advisory), advisory("X", withdrawn="2026-01-01T00:00:00Z")]
    decision = judged(
        questions=[question("alpha", "1.0", "X"), question("beta"), CONTROL],
        advisories=held,
        # uv names it all the same.
        said=[said(ONE.name, ONE.version, "CONTROL", ONE.advisory), said("alpha", "1.0", "X")],
    )
    assert verdict_of(decision) == "passed"
    assert "the advisory X was withdrawn on 2026-01-01, and does not count" in decision.notes


def test_the_seal_is_over_all_of_it() -> None:
    held = json.loads(msgspec.json.encode(evidence()))
    held["control"]["advisory"] = ""
    with pytest.raises(msgspec.ValidationError, match="seal"):
        msgspec.convert(held, type=AuditEvidence)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "3"])), max_size=9))
def test_every_pin_is_in_one_round_and_no_name_twice_in_any(pins: list[tuple[str, str]]) -> None:
    parts = rounds(pins)
    assert sorted(one for part in parts for one in part) == sorted(set(pins))
    assert all(len({name for name, _ in part}) == len(part) for part in parts)


@given(st.text(alphabet=string.ascii_letters + ":@%!$+", max_size=30))
def test_no_address_shows_a_user(text: str) -> None:
    try:
        found = address(f"https://{text}@host.example/base")
    except ValueError:
        return
    assert "@" not in found.shown


@pytest.mark.parametrize(
    ("url", "environ", "through"),
    [
        ("https://a.example", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://a.example", {"https_proxy": "p:1", "HTTPS_PROXY": "http://q:1"}, "http://p:1"),
        ("https://a.example", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://a.example", {"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ("https://a.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example"}, None),
        ("https://a.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("https://a.example", {}, None),
    ],
)
def test_which_proxy(url: str, environ: dict[str, str], through: str | None) -> None:
    found = proxy(address(url), environ)
    assert (found and found.shown) == through


def test_versions_are_compared_as_they_are_meant() -> None:
    assert normal("1.0.0-RC.1") == normal("1.0.0rc1") == "1.0.0rc1"
    assert normal("not a version") == "not a version"


def test_a_control_is_one_that_nobody_depends_on() -> None:
    assert control({CONTROLS[0].name}) == CONTROLS[1]
    assert control({one.name for one in CONTROLS}) == CONTROLS[0]


@pytest.mark.parametrize("url", ["http://no-such-host.invalid/osv", "http://127.0.0.1:{port}/osv"])
def test_without_a_network_it_is_not_the_setting_that_is_to_be_mended(url: str) -> None:
    with socket.socket() as held:
        # Bound and not listening: nobody else takes the port, and nobody answers at it.
        held.bind(("127.0.0.1", 0))
        service = Upstream(url.format(port=held.getsockname()[1]), timeout=30, environ={})
        found = service.ask("POST", "/v1/query", b"{}")
    assert isinstance(found, Reason)
    assert found.code == "network_unavailable"
    assert found.fix == answers.AWAY
