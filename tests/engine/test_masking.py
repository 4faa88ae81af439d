"""What a gate says in its own words leaves the engine without secrets, wherever its evidence comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.engine import masking, part
from gates.engine.collection import Collected
from gates.engine.session import Judgement
from gates.model.decision import Decision
from gates.model.evidence import Refusal, encode, refuse
from gates.model.finding import finding
from gates.model.gate import Applies
from gates.model.reason import Reason
from gates.process.redact import redactor
from pytest_vltair.tokens import MASK
from support import parts
from support.sample_gates import Notes, made
from support.sessions import judged, reasons, request

TOKEN = "gh" + "p_" + "Abcd1234" * 5
KIND = "PRIVATE KEY"  # in parts: a scanner of this repository must not take an example for the real thing
PEM = f"-----BEGIN {KIND}-----\nMC4CAQAwBQYDK2VwBCIEIAbcdefghijklmnop\n-----END {KIND}-----"
URL = "https://robot:" + "pa55word-of-robot" + "@index.example/simple"
SECRETS = (TOKEN, "MC4CAQAwBQYDK2VwBCIEIA", "pa55word-of-robot")
TOLD = f"{TOKEN} {URL} {PEM}"


def telling(self: Any, context: Any) -> Refusal:
    """A `collect` that quotes what it should not."""
    context.tools["tool"] = f"1.0 {TOLD}"
    context.progress(TOLD)
    return refuse("tool_crashed", f"the tool said {TOLD}", f"pip install --index-url {URL} tool")


def deciding(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    """A `decide` that quotes what it should not."""
    decision: Decision = Notes.decide(self, evidence, settings, now)
    (rule,) = self.rules
    item = finding(rule, f"{TOLD} is here", path="a.txt", subject=TOLD, source="a")
    item = msgspec.structs.replace(item, aliases=(TOLD,), severity="warning")
    reason = Reason(code="unparsable_output", message=TOLD, fix=TOLD)
    return msgspec.structs.replace(decision, findings=(item,), reason=reason, notes=(TOLD,))


def not_applying(self: Any, project: Any, settings: Any) -> Applies:
    """An `applies` that quotes what it should not."""
    return Applies(reason=Reason(code="not_configured", message=TOLD, fix=TOLD))


Telling = made("telling", collect=telling)
Deciding = made("deciding", decide=deciding)
Idle = made("idle", applies=not_applying)


def leaks(text: str | bytes) -> list[str]:
    said = text.decode() if isinstance(text, bytes) else text
    return [secret for secret in SECRETS if secret in said]


def shown(judgement: Judgement) -> str:
    return encode(judgement.report).decode()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.txt").write_text("fine\n", "utf-8")
    return tmp_path / "project"


def test_a_refusal_is_masked_in_report_and_in_part(root: Path, tmp_path: Path) -> None:
    judgement = parts.collect(root, tmp_path / "parts", Telling)
    assert reasons(judgement) == {"telling": "tool_crashed"}
    assert leaks(shown(judgement)) == []
    assert MASK in shown(judgement)
    (written,) = (tmp_path / "parts").iterdir()
    assert leaks(written.read_bytes()) == []


def test_a_part_of_another_machine_is_masked_when_it_is_merged(root: Path, tmp_path: Path) -> None:
    asked = request(root, Telling)
    refusal = Collected(
        reason=Reason(code="tool_crashed", message=TOLD, fix=TOLD), tools={"tool": TOLD}, commands=(("tool", TOLD),)
    )
    told = part.make(
        "telling",
        refusal,
        asked.config.gates["telling"],
        shard=None,
        commit=None,
        tree=asked.project.tree.digest(),
        python="3.11",
    )
    path = part.write(told, tmp_path / "parts")
    assert leaks(path.read_bytes()) != []
    merged = parts.merged(root, tmp_path / "parts", Telling)
    assert reasons(merged) == {"telling": "tool_crashed"}
    assert leaks(shown(merged)) == []


def test_a_decision_is_masked_live_cached_and_merged_and_its_evidence_is_not_touched(
    root: Path, tmp_path: Path
) -> None:
    live, cached = judged(root, Deciding), judged(root, Deciding)
    parts.collect(root, tmp_path / "parts", Deciding)
    merged = parts.merged(root, tmp_path / "parts", Deciding)
    assert cached.report.run.cached == ("deciding",)
    for one in (live, cached, merged):
        (report,) = one.report.gates
        (item,) = report.findings
        assert report.reason is not None
        quoting = (report.reason.message, report.reason.fix, item.message, item.subject or "", str(item.aliases))
        assert all(MASK in text for text in quoting)
        assert any(MASK in note for note in one.report.run.notes)
        assert leaks(shown(one)) == []
        assert one.report.gates[0].evidence == live.report.gates[0].evidence
        unmasked = one.outcomes["deciding"].decision
        assert unmasked is not None
        assert item.fingerprint == unmasked.findings[0].fingerprint


def test_why_a_gate_is_not_judged_is_masked(root: Path) -> None:
    judgement = judged(root, Deciding, Idle)
    assert [one.name for one in judgement.report.not_judged] == ["idle"]
    assert leaks(shown(judgement)) == []


def test_settings_with_a_secret_are_kept_as_a_digest_that_knows_them_again() -> None:
    hiding = redactor({})
    plain, secret = {"index": "https://index.example"}, {"index": URL}
    assert masking.settings(plain, hiding) == plain
    assert masking.settings(secret, hiding) == masking.digested(secret)
    assert masking.digested(secret) != masking.digested({"index": URL + "/"})
    assert leaks(encode(masking.settings(secret, hiding))) == []
