from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from gates.config import baseline
from gates.engine import ratchet
from gates.engine.session import Judgement
from gates.model import account
from gates.model.decision import Decision
from gates.model.evidence import Facts
from gates.model.finding import Finding
from gates.model.gate import Applies, Gate, GateSettings, Inputs, Shard
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason
from gates.model.rule import Rule
from support import sessions
from support.projects import write_project
from support.repositories import commit_all, git, make_repository
from support.sample_gates import Notes, made, refusing

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
FILES = {"a.txt": "TODO one\nfine\nTODO two\n", "b.txt": "fine\n"}
WAIVER = """
    [[waiver]]
    rule = "{rule}"
    subject = "{subject}"
    reason = "later"
    owner = "ada"
    expires = {expires}
"""


class Nothing(Facts, frozen=True, kw_only=True):
    """No evidence is needed."""


class Ledger(Gate[GateSettings, Nothing]):
    """Passes by itself, and lists the rules about waivers and baselines, as `policy` does."""

    name: ClassVar[str] = "ledger"
    title: ClassVar[str] = "excuses are in order"
    rules: ClassVar[tuple[Rule, ...]] = account.RULES
    Evidence = Nothing

    def applies(self, project: Any, settings: Any) -> Applies:
        return Applies(because="it always does")

    def inputs(self, project: Any, settings: Any) -> Inputs:
        return Inputs()

    def collect(self, context: Any) -> Nothing:
        return Nothing()

    def decide(self, evidence: Nothing, settings: Any, now: datetime) -> Decision:
        return Decision(denominator=Denominator(count=1, unit="ledgers"))

    def canaries(self) -> Iterable[Any]:
        return ()


def settings(**given: str) -> str:
    return WAIVER.format(**{"rule": "XTD001", "subject": "**", "expires": "2026-12-31", **given})


def judged(root: Path, *kinds: type[Gate[Any, Any]], **wished: Any) -> Judgement:
    return sessions.judged(root, *(kinds or (Notes, Ledger)), **{"as_of": NOW, **wished})


def found(judgement: Judgement, gate: str = "ledger") -> list[Finding]:
    return [item for one in judgement.report.gates if one.name == gate for item in one.findings]


def rules(judgement: Judgement) -> list[str]:
    return [item.rule for item in found(judgement)]


def adopt(root: Path, *kinds: type[Gate[Any, Any]]) -> None:
    """Write the baseline of every gate as it stands."""
    (root / "gates-baseline").mkdir(exist_ok=True)
    for one in judged(root, *kinds, with_baseline=False).report.gates:
        (root / baseline.name(one.name)).write_bytes(baseline.encode(ratchet.today(one)))


def test_a_waiver_excuses_and_the_report_says_what_became_of_it(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "gates.toml": settings()})
    judgement = judged(root)
    assert sessions.verdicts(judgement) == {"notes": "passed", "ledger": "passed"}
    assert {item.waived_by for item in found(judgement, "notes")} == {"ada until 2026-12-31 [XTD001 **]"}
    (waiver,) = judgement.report.waivers
    assert (waiver.state, waiver.uses, waiver.path, waiver.line) == ("active", 2, "gates.toml", 1)


def test_without_the_waiver_it_is_red(tmp_path: Path) -> None:
    assert sessions.verdicts(judged(write_project(tmp_path, FILES)))["notes"] == "failed"


@pytest.mark.requirement("EXC-1")
def test_an_expired_waiver_excuses_nothing_and_is_a_finding_where_it_is_written(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "gates.toml": settings(expires="2026-06-14")})
    judgement = judged(root)
    assert sessions.verdicts(judgement) == {"notes": "failed", "ledger": "failed"}
    (item,) = found(judgement)
    assert (item.rule, item.path, item.line) == ("POL008", "gates.toml", 1)
    assert item.message == "the waiver of XTD001 ** (ada) ended on 2026-06-14; 2 findings match it"


@pytest.mark.requirement("EXC-2")
def test_an_unused_waiver_is_a_finding(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "gates.toml": settings() + settings(subject="c.txt")})
    judgement = judged(root)
    assert rules(judgement) == ["POL009"]
    assert [one.state for one in judgement.report.waivers] == ["active", "unused"]


@pytest.mark.requirement("EXC-2")
@pytest.mark.parametrize(
    "wished",
    [
        {"named": ("ledger",)},
        {"shard": Shard(index=1, count=2)},
    ],
)
def test_a_waiver_is_not_called_unused_where_its_gate_was_not_judged_in_whole(tmp_path: Path, wished: Any) -> None:
    root = write_project(tmp_path, {**FILES, "gates.toml": settings(subject="c.txt")})
    judgement = judged(root, **wished)
    assert rules(judgement) == []
    assert [one.state for one in judgement.report.waivers] == ["not_judged"]


@pytest.mark.parametrize(
    "changes",
    [
        {"collect": refusing},
        {"of_change": True},
    ],
)
def test_nor_where_it_could_not_decide_or_judges_a_change(tmp_path: Path, changes: Any) -> None:
    root = write_project(tmp_path, {**FILES, "gates.toml": settings(rule="XOTHER", subject="c.txt")})
    assert rules(judged(root, made("other", **changes), Ledger)) == []


def _torn(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    """Fails on what it found, and says that it could not see all."""
    whole = Notes.decide(self, evidence, settings, now)
    reason = Reason(code="evidence_incomplete", message="half of it is missing", fix="collect it again")
    return msgspec.structs.replace(whole, reason=reason)


def test_a_gate_that_fails_on_a_part_is_not_whole(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "gates.toml": settings(rule="XTORN", subject="c.txt")})
    judgement = judged(root, made("torn", decide=_torn), Ledger)
    assert sessions.verdicts(judgement) == {"torn": "failed", "ledger": "passed"}
    assert judgement.report.waivers[0].state == "not_judged"


def test_a_shard_says_nothing_of_what_is_missing_from_it(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    adopt(root)
    (root / "a.txt").unlink()
    assert rules(judged(root)) == ["POL004", "POL011"]
    assert rules(judged(root, shard=Shard(index=1, count=2))) == []


def test_a_rule_about_waivers_can_be_silenced_by_its_severity_and_by_no_waiver(tmp_path: Path) -> None:
    level = '\n[[severity]]\nrule = "waiver-unused"\nlevel = "warning"\n'
    root = write_project(tmp_path, {**FILES, "gates.toml": settings() + settings(subject="c.txt") + level})
    assert sessions.verdicts(judged(root))["ledger"] == "passed"
    assert [item.severity for item in found(judged(root))] == ["warning"]


def test_a_finding_makes_a_gate_fail_that_could_not_decide_itself(tmp_path: Path) -> None:
    unable = type("Unable", (Ledger,), {"collect": refusing})
    root = write_project(tmp_path, {**FILES, "gates.toml": settings(expires="2026-06-14")})
    (_, ledger) = judged(root, Notes, unable).report.gates
    assert (ledger.verdict, ledger.reason is not None) == ("failed", True)
    assert ledger.denominator is not None, "a failed gate says over how much"


@pytest.mark.requirement("EXC-3")
def test_known_findings_do_not_count_and_a_new_one_does(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    adopt(root)
    assert sessions.verdicts(judged(root)) == {"notes": "passed", "ledger": "passed"}
    (root / "a.txt").write_text("TODO new\nTODO one\nfine\nTODO two\n", "utf-8")
    (item,) = (one for one in found(judged(root), "notes") if one.blocks)
    assert item.line == 1


def test_what_was_mended_is_a_warning(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    adopt(root)
    (root / "a.txt").write_text("TODO two\n", "utf-8")
    judgement = judged(root)
    assert (rules(judgement), sessions.verdicts(judgement)["ledger"]) == (["POL011"], "passed")


def test_a_waived_finding_that_is_known_too_is_waived(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    adopt(root)
    (root / "gates.toml").write_text(settings(), "utf-8")
    assert [(item.baselined, item.waived_by is not None) for item in found(judged(root), "notes")] == [
        (False, True),
        (False, True),
    ]


def test_a_renamed_file_is_followed_also_when_the_rename_was_committed_long_ago(tmp_path: Path) -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    root = make_repository(tmp_path / "project", {"a.txt": text + "TODO one\n"})
    adopt(root)
    commit_all(root, "baseline")
    (root / "a.txt").rename(root / "moved.txt")
    for _ in range(2):
        judgement = judged(root)
        assert sessions.verdicts(judgement) == {"notes": "passed", "ledger": "passed"}
        assert "renamed" in found(judgement)[0].message
        commit_all(root)
    git(root, "mv", "moved.txt", "again.txt")
    assert sessions.verdicts(judged(root))["notes"] == "passed"


def test_a_baseline_that_is_gone_is_undecided_where_the_configuration_names_it(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"b.txt": "fine\n", "gates.toml": 'baseline = ["notes"]\n'})
    judgement = judged(root)
    assert sessions.reasons(judgement) == {"notes": "evidence_missing"}
    (notes, _) = judgement.report.gates
    assert notes.reason is not None
    assert "gates-baseline/notes.jsonl is not there, and gates.toml:1 says" in notes.reason.message
    assert notes.reason.fix == "git checkout -- gates-baseline/notes.jsonl"


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda data: b"", "evidence_corrupt"),
        (lambda data: data[:-4], "evidence_corrupt"),
        (lambda data: data.replace(b'"notes"', b'"lint"'), "evidence_foreign"),
        (lambda data: data.replace(b'version":1', b'version":7'), "schema_version_mismatch"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_never_a_pass(tmp_path: Path, damage: Any, code: str) -> None:
    root = write_project(tmp_path, FILES)
    adopt(root)
    path = root / "gates-baseline/notes.jsonl"
    path.write_bytes(damage(path.read_bytes()))
    judgement = judged(root)
    assert sessions.reasons(judgement) == {"notes": code}
    assert judgement.report.exit_code == 3


def test_less_than_before_is_a_finding_unless_files_were_deleted(tmp_path: Path) -> None:
    def over(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
        return Decision(denominator=Denominator(count=evidence.files.count, unit="files"))

    kind = made("sized", decide=over, collect=_collect_py, inputs=lambda *_: Inputs(globs=("**/*.py",)))
    root = make_repository(tmp_path / "project", {f"m{at}.py": f"{at}\n" * 9 for at in range(4)})
    adopt(root, kind)
    commit_all(root)
    (root / "m0.py").unlink()
    assert rules(judged(root, kind, Ledger)) == []
    (root / "m1.py").rename(root / "m1.txt")
    assert rules(judged(root, kind, Ledger)) == ["POL004"], "renamed, and so not deleted"


def _collect_py(self: Any, context: Any) -> Any:
    from gates.model.evidence import counted
    from support.sample_gates import NotesFacts

    return NotesFacts(files=counted(context.project.tree.matching(("**/*.py",))), notes=counted(()))


def test_a_figure_that_got_worse_is_a_finding(tmp_path: Path) -> None:
    def share(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
        value = 100 - evidence.notes.count
        return Decision(
            denominator=Denominator(count=evidence.files.count, unit="files"),
            measures=(Measure(name="done", value=value, unit="percent", direction="min"),),
        )

    kind = made("share", decide=share)
    root = write_project(tmp_path, FILES)
    adopt(root, kind)
    assert rules(judged(root, kind, Ledger)) == []
    (root / "c.txt").write_text("TODO\n", "utf-8")
    (item,) = found(judged(root, kind, Ledger))
    assert (item.rule, item.message) == ("POL010", "done is 97; the baseline has 98, and it may only get better")
