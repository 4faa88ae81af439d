"""Every kind of verdict, decided again from what is kept when nothing else of the project is left."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from msgspec.structs import replace

from gates.config import baseline
from gates.engine import merging, ratchet, session
from gates.engine.cache import Cache
from gates.engine.collection import Collected
from gates.engine.grounds import Grounds
from gates.engine.plan import Plan, draw
from gates.engine.runner import Outcome
from gates.engine.session import Judgement
from gates.errors import UsageError
from gates.model.evidence import counted, encode, sha256
from gates.model.gate import Shard
from gates.record import reports
from gates.record.replay import deciding, supposed
from gates.record.replay.replayable import ReplayError
from support import replays
from support.parts import keep
from support.repositories import commit_all, git
from support.sample_gates import Note, Notes, NotesFacts

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
WAIVER = """
[[tool.gates.waiver]]
rule = "XTD001"
subject = "a.txt"
reason = "later"
owner = "ada"
expires = {expires}
"""
FINE = {"a.txt": "fine\n"}

Made = tuple[Path, Judgement]


def passed(folder: Path) -> Made:
    root = replays.project(folder, "notes", "measured", **FINE)
    return root, replays.judged(root, as_of=NOW)


def failed(folder: Path) -> Made:
    root = replays.project(folder, "notes", "measured", more="[tool.gates.measured]\nmaximum = 1\n")
    return root, replays.judged(root, as_of=NOW)


def undecided(folder: Path) -> Made:
    root = replays.project(folder, "notes", "absent", "broken", **FINE)
    return root, replays.judged(root, as_of=NOW)


def nothing_examined(folder: Path) -> Made:
    root = replays.project(folder, "notes")
    for path in root.glob("*.txt"):
        path.unlink()
    return root, replays.judged(root, as_of=NOW)


def allowed(folder: Path) -> Made:
    root = replays.project(folder, "notes", "absent", **FINE)
    return root, replays.judged(root, as_of=NOW, allow_undecided=("absent",))


def waived(folder: Path) -> Made:
    root = replays.project(folder, "notes", more=WAIVER.format(expires="2026-06-20"))
    return root, replays.judged(root, as_of=NOW)


def waived_no_more(folder: Path) -> Made:
    root = replays.project(folder, "notes", more=WAIVER.format(expires="2026-06-14"))
    return root, replays.judged(root, as_of=NOW)


def of_other_severity(folder: Path) -> Made:
    level = '[[tool.gates.severity]]\nrule = "XTD001"\nlevel = "warning"\npath = "a.*"\n'
    root = replays.project(folder, "notes", more=level)
    return root, replays.judged(root, as_of=NOW)


def baselined(folder: Path) -> Made:
    """With a file that was renamed and one that was deleted since, which git tells."""
    root = replays.project(folder, "notes")
    (found,) = [one for one in replays.judged(root).report.gates if one.name == "notes"]
    place = root / baseline.name("notes")
    place.parent.mkdir()
    place.write_bytes(baseline.encode(ratchet.today(found)))
    commit_all(root)
    git(root, "mv", "a.txt", "c.txt")
    (root / "b.txt").unlink()
    return root, replays.judged(root, as_of=NOW)


def of_damaged_baseline(folder: Path) -> Made:
    root = replays.project(folder, "notes")
    (root / baseline.FOLDER).mkdir()
    (root / baseline.name("notes")).write_bytes(b"\xff{}\n")
    return root, replays.judged(root, as_of=NOW)


def of_changed_policy(folder: Path) -> Made:
    """A change that judges less than its base."""
    root = replays.project(folder, "notes", "measured", **FINE)
    text = (root / "pyproject.toml").read_text("utf-8")
    (root / "pyproject.toml").write_text(text.replace(', "measured"', ""), "utf-8")
    return root, replays.judged(root, as_of=NOW)


def approved(folder: Path) -> Made:
    root, judgement = of_changed_policy(folder)
    (item,) = [item for one in judgement.report.gates for item in one.findings]
    approve = ((item.rule, item.subject or ""), ("POL003", "nothing"))
    return root, replays.judged(root, as_of=NOW, approve=approve)


def unproved(folder: Path) -> Made:
    root = replays.project(folder, "notes", more="[tool.gates.prove]\nmax-age = 7\n", **FINE)
    return root, replays.judged(root, as_of=NOW)


def of_a_shard(folder: Path) -> Made:
    """With a waiver that would be unused, had all been judged."""
    root = replays.project(folder, "notes", more=WAIVER.format(expires="2026-06-20"), **FINE)
    return root, replays.judged(root, as_of=NOW, shard=Shard(index=1, count=2))


def merged(folder: Path) -> Made:
    root = replays.project(folder / "project", "notes")
    keep(root, folder / "parts", [Notes], facts(("a.txt", 1)))
    return root, merging.judge(replays.request(root, as_of=NOW), merging.load([folder / "parts"]))


def merged_apart(folder: Path) -> Made:
    """Two lanes that say different things, each of which is decided by itself."""
    more = 'lanes = ["linux", "macos"]\n'
    root = replays.project(folder / "project", "notes", more=more)
    for lane, line in (("linux", 1), ("macos", 2)):
        keep(root, folder / "parts", [Notes], facts(("a.txt", line)), lane=lane)
    return root, merging.judge(replays.request(root, as_of=NOW), merging.load([folder / "parts"]))


SITUATIONS: dict[Callable[[Path], Made], str] = {
    passed: "passed",
    failed: "failed",
    undecided: "undecided",
    nothing_examined: "undecided",
    allowed: "passed",
    waived: "passed",
    waived_no_more: "failed",
    of_other_severity: "passed",
    baselined: "failed",
    of_damaged_baseline: "undecided",
    of_changed_policy: "failed",
    approved: "passed",
    unproved: "undecided",
    of_a_shard: "passed",
    merged: "failed",
    merged_apart: "failed",
}


def facts(*notes: tuple[str, int], files: int = 2) -> NotesFacts:
    return NotesFacts(
        files=counted(f"{number}.txt" for number in range(files)),
        notes=counted(Note(path, line, "TODO") for path, line in notes),
    )


@pytest.mark.parametrize(("made", "verdict"), SITUATIONS.items(), ids=[one.__name__ for one in SITUATIONS])
def test_a_run_comes_to_the_same_when_all_but_its_state_is_gone(
    tmp_path: Path, made: Callable[[Path], Made], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, judgement = made(tmp_path / "sample")
    assert judgement.report.verdict == verdict
    held = replays.kept(root, judgement)
    replays.emptied(root)
    monkeypatch.setattr(subprocess, "Popen", None)
    again = deciding.again(root, held)
    assert reports.canonical(again.judged.report) == reports.canonical(judgement.report)
    assert (again.lost, again.notes) == ((), ())


def test_the_situations_are_what_they_are_called(tmp_path: Path) -> None:
    _, known = baselined(tmp_path / "baselined")
    assert set(known.consulted.moves["notes"].renamed.values()) == {"c.txt"}
    assert any(item.baselined for one in known.report.gates for item in one.findings)
    _, damaged = of_damaged_baseline(tmp_path / "damaged")
    assert set(damaged.consulted.unusable) == {"notes"}
    _, unlike = merged_apart(tmp_path / "apart")
    assert unlike.outcomes["notes"].collected.digest is None
    assert unlike.outcomes["notes"].decision is not None
    _, let = approved(tmp_path / "approved")
    assert any(item.waived_by for one in let.report.gates for item in one.findings)


@limits(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(
    places=st.lists(st.tuples(st.sampled_from(["a.txt", "ä b.txt", "c/d.txt"]), st.integers(1, 9)), max_size=6),
    files=st.integers(0, 3),
    maximum=st.integers(0, 4),
)
def test_whatever_the_evidence_a_replay_comes_to_the_same(
    shared: Path, places: list[tuple[str, int]], files: int, maximum: int
) -> None:
    settings = replays.SETTINGS.format(select='"notes"', more=f"[tool.gates.notes]\nmaximum = {maximum}\n")
    (shared / "pyproject.toml").write_text(settings + WAIVER.format(expires="2026-06-20"), "utf-8")
    request = replays.request(shared, as_of=NOW)
    plan = draw(request.project, request.gates, request.config, ("notes",))
    (planned,) = plan.asked
    found = facts(*places, files=files)
    data = encode(found)
    Cache(shared).store(sha256(data), data)
    decision = planned.gate.decide(found, planned.settings, NOW)
    outcome = Outcome(planned=planned, collected=Collected(facts=found, digest=sha256(data)), decision=decision)
    judgement = session.conclude(request, Plan(planned=(planned,), not_judged=()), {"notes": outcome}, NOW)
    again = deciding.again(shared, replays.kept(shared, judgement))
    assert reports.canonical(again.judged.report) == reports.canonical(judgement.report)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replays.project(tmp_path_factory.mktemp("shared"), "notes")


def test_other_settings_give_the_verdict_that_they_would_have_given(tmp_path: Path) -> None:
    root, judgement = failed(tmp_path)
    held = replays.kept(root, judgement)
    changes = [supposed.parsed("notes.maximum=2"), supposed.parsed("measured.maximum = 2")]
    report = deciding.again(root, held, changes).judged.report
    assert (report.verdict, report.exit_code) == ("passed", 0)
    (measure,) = [one for gate in report.gates for one in gate.measures if one.name == "measured.count"]
    assert (measure.limit, measure.limit_from) == (2, "--set")
    (before,) = [one for gate in judgement.report.gates for one in gate.measures if one.name == "measured.count"]
    assert (before.limit, before.limit_from) == (1, "pyproject.toml:5")


def test_excuses_can_be_taken_away_and_moments_moved(tmp_path: Path) -> None:
    root, judgement = waived(tmp_path)
    held = replays.kept(root, judgement)
    assert deciding.again(root, held, [supposed.parsed("waiver=[]")]).judged.report.verdict == "failed"
    later = deciding.again(root, held, as_of=datetime(2026, 6, 21, tzinfo=UTC)).judged.report
    assert later.verdict == "failed"
    assert [one.state for one in later.waivers] == ["expired"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("lint.select=1", "the run did not judge lint, so there is no evidence of it .*; it judged measured, notes"),
        ("lnt.select=1", "there was no gate lnt; what the run decided on are measured, .* and the keys severity, "),
        ("notes=1", "it names no key of notes; write notes.KEY=VALUE"),
        ("select=['lint']", "select says what is collected, .* can be chosen afterwards. Name one of severity, "),
        ("output_format='json'", "output_format says what is collected, or how a run is shown"),
        ("command[0].args=[]", "write a command's setting under its name"),
        ("severity[0].rule='X'", "had no list severity.*; write all of it: severity=.{rule=.X., level=.warning.}"),
        ("measured.path[0].minimum=1", "had no list path.*; write all of it: path="),
        ("notes.maximum='two'", "--set cannot be meant: .*maximum.* must be"),
        ("notes.maximun=2", "--set cannot be meant: unknown key 'maximun'"),
        ("notes.maximum.more=2", "nothing can be below a value such as 0|nothing can be below a value such as 1"),
        ("waiver[3].rule='X'", "there is no element 3 among the 1 that the run had"),
        ("b:notes.maximum=2", "the run judged no project b"),
    ],
)
def test_what_cannot_be_supposed_is_refused_in_a_sentence(tmp_path: Path, given: str, said: str) -> None:
    more = "[tool.gates.notes]\nmaximum = 1\n" + WAIVER.format(expires="2026-06-20")
    root = replays.project(tmp_path, "notes", "measured", more=more)
    held = replays.kept(root, replays.judged(root, as_of=NOW))
    with pytest.raises(UsageError, match=said):
        deciding.again(root, held, [supposed.parsed(given)])


def evidence_of(root: Path, judgement: Judgement) -> Path:
    digest = judgement.outcomes["notes"].collected.digest
    return root / ".gates" / "evidence" / f"{digest}.json"


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda path: path.unlink(), "evidence_missing"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b"TODO", b"Todo")), "evidence_corrupt"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "evidence_corrupt"),
        (lambda path: (path.unlink(), path.mkdir()), "unreadable"),
    ],
)
def test_evidence_that_is_not_what_it_was_is_undecided(
    tmp_path: Path, damage: Callable[[Path], object], code: str
) -> None:
    root, judgement = waived(tmp_path)
    held = replays.kept(root, judgement)
    damage(evidence_of(root, judgement))
    again = deciding.again(root, held)
    assert [(one.code, one.fix) for one in again.lost] == [(code, "gates check notes")]
    verdicts = {one.name: one.verdict for one in again.judged.report.gates}
    assert verdicts == {"notes": "undecided", "policy": "passed"}


def test_a_gate_that_is_not_there_any_more_is_named(tmp_path: Path) -> None:
    root, judgement = passed(tmp_path)
    held = replays.kept(root, judgement)
    (place,) = held.places
    assert place.grounds is not None
    registered = (*place.grounds.registered, ("former", ""))
    changed = _with(held, registered=registered)
    with pytest.raises(ReplayError, match="the gate former was there then, and is not installed now"):
        deciding.again(root, changed)


def test_other_code_and_another_version_are_said(tmp_path: Path) -> None:
    root, judgement = passed(tmp_path)
    held = replays.kept(root, judgement)
    (place,) = held.places
    assert place.grounds is not None
    registered = tuple((name, "other" if name == "notes" else code) for name, code in place.grounds.registered)
    changed = _with(held, registered=registered)
    again = deciding.again(root, replace(changed, gates_version="0.0.9"))
    assert again.notes[0] == "the code of the gate notes is not what it was"
    assert again.notes[1].startswith("it was decided by gates 0.0.9; this is ")


def _with(held: Grounds, **changes: object) -> Grounds:
    (place,) = held.places
    assert place.grounds is not None
    return replace(held, places=(replace(place, grounds=replace(place.grounds, **changes)),))
