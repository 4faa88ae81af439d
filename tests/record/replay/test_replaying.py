"""What a run left behind: its report, the settings that are put in the place of its own, and how both are compared."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.cli import options, recording
from gates.config.source import Source
from gates.engine import session
from gates.engine.circumstances import Consulted
from gates.engine.grounds import Grounds, JudgedGate, Place, ProjectGrounds, Written
from gates.engine.observer import Silent
from gates.errors import UsageError
from gates.model.decision import Decision
from gates.model.evidence import encode, sha256
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator
from gates.model.report import ProjectFacts, Report
from gates.record import reports
from gates.record.replay import differences, replayable, replaying, supposed, told
from gates.record.replay.replayable import ReplayError
from pytest_vltair import eventlog
from pytest_vltair.personal import scrub
from support import replays
from support.event_logs import CODEC, TRACE, started
from support.sample_gates import TODO, Notes, NotesFacts

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def plain(text: str) -> str:
    return text


def _never(text: str) -> str:
    raise AssertionError("what was found to hold nothing personal is not looked through again")


@pytest.fixture
def report(tmp_path: Path) -> Report:
    root = replays.project(tmp_path / "sample", "notes", **{"a.txt": "TODO ask ada@example.org\n"})
    return replays.judged(root, as_of=NOW).report


def test_a_report_is_named_by_the_digest_of_its_bytes_and_says_that_of_all_that_was_in_it(
    report: Report, tmp_path: Path
) -> None:
    digest = reports.keep(tmp_path, report, scrub)
    assert digest is not None
    assert digest == reports.exact(report) == reports.keep(tmp_path, report, _never)
    (path,) = (tmp_path / ".gates" / "reports").iterdir()
    assert path.name == f"{digest}.json"
    assert sha256(path.read_bytes()) == digest
    kept = reports.read(tmp_path, digest)
    assert kept.exact == reports.exact(report)
    assert kept.report is not None
    assert "run" not in kept.report


def test_what_differs_only_in_run_is_the_same_report(report: Report) -> None:
    later = msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, duration_s=99.0))
    assert reports.exact(later) == reports.exact(report)
    assert reports.exact(msgspec.structs.replace(report, exit_code=5)) != reports.exact(report)


def test_personal_data_is_not_kept_but_what_is_exact_counts(report: Report, tmp_path: Path) -> None:
    def asking(address: str) -> Report:
        (first, *others) = report.gates
        (item,) = first.findings
        item = msgspec.structs.replace(item, message=f"first\nask {address}")
        return msgspec.structs.replace(report, gates=(msgspec.structs.replace(first, findings=(item,)), *others))

    ada, bob = asking("ada@example.org"), asking("bob@example.org")
    digest = reports.keep(tmp_path, ada, scrub)
    assert digest is not None
    kept = reports.read(tmp_path, digest)
    assert kept.report is not None
    assert kept.report["gates"][0]["findings"][0]["message"] == "first\nask <email>"
    assert kept.exact == reports.exact(ada) != reports.exact(bob)


def test_a_home_at_the_beginning_of_a_line_is_personal_too(report: Report) -> None:
    told = msgspec.structs.replace(report.project, name="one\n/Users/ann/x")
    body = reports.canonical(msgspec.structs.replace(report, project=told))
    assert msgspec.json.decode(reports.scrubbed(body, scrub))["project"]["name"] == "one\n~/x"


def test_of_a_report_that_is_too_large_the_digest_is_kept(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "LARGEST", 100)
    digest = reports.keep(tmp_path, report, plain)
    assert digest is not None
    kept = reports.read(tmp_path, digest)
    assert (kept.report, kept.exact) == (None, reports.exact(report))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"exact":"x","report":null,"schema_version":2}', b"\xff"])
def test_a_kept_report_that_is_none_is_refused(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / ".gates" / "reports"
    folder.mkdir(parents=True)
    digest = sha256(data)
    (folder / f"{digest}.json").write_bytes(data)
    with pytest.raises(ValueError, match=r"schema version|no report|input data|truncated|UTF|malformed"):
        reports.read(tmp_path, digest)
    (folder / f"{digest}.json").write_bytes(data + b" ")
    with pytest.raises(ValueError, match="its digest does not match its content"):
        reports.read(tmp_path, digest)


def test_where_it_cannot_be_written_there_is_none(report: Report, tmp_path: Path) -> None:
    (tmp_path / ".gates").write_text("in the way", "utf-8")
    assert reports.keep(tmp_path, report, plain) is None


@given(value=JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert list(differences.fields(value, value)) == []


@given(first=JSON, second=JSON)
def test_two_values_differ_in_a_field_exactly_if_their_bytes_do(first: Any, second: Any) -> None:
    found = list(differences.fields(first, second))
    assert bool(found) == (encode(first) != encode(second))
    for one in found:
        assert one.recorded != one.replayed


@given(first=JSON, second=JSON)
def test_the_fields_are_named_by_pointers_that_lead_to_them(first: Any, second: Any) -> None:
    for one in differences.fields(first, second):
        for whole, shown in ((first, one.recorded), (second, one.replayed)):
            if shown != differences.NOTHING:
                assert encode(_at(whole, one.path)).decode() == shown or shown.endswith("…")


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@pytest.mark.parametrize(
    ("given", "keys", "value"),
    [
        ("coverage.total=90", ("coverage", "total"), 90),
        ("coverage.path[0].minimum = 12.5", ("coverage", "path", 0, "minimum"), 12.5),
        ('lint.extra="a=b"', ("lint", "extra"), "a=b"),
        ("waiver=[]", ("waiver",), []),
    ],
)
def test_a_setting_is_read_as_toml_has_it(given: str, keys: tuple[str | int, ...], value: Any) -> None:
    change = supposed.parsed(given)
    assert (change.project, change.keys, change.value) == ("", keys, value)
    assert supposed.parsed(f"packages/a:{given}").project == "packages/a"


@pytest.mark.parametrize(
    "given", ["", "=", "x", "lint=1", "lint.x", "lint.x=", "lint.x=1\ny=2", "[0].x=1", "lint.x=a b"]
)
def test_what_is_no_setting_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="--set "):
        supposed.parsed(given)


@given(text=st.text(max_size=12))
def test_whatever_is_given_is_a_setting_or_a_usage_error(text: str) -> None:
    try:
        change = supposed.parsed(text)
    except UsageError:
        return
    assert change.keys


def test_changes_are_put_in_their_place_and_nothing_else_is_touched() -> None:
    table = {
        "lint": {"max-age": 5},
        "coverage": {"path": [{"glob": "a"}, {"glob": "b"}]},
        "command": [{"name": "one"}, {"name": "two", "exit-codes": [0]}],
    }
    before = encode(table)
    given = ("lint.max_age=7", "coverage.path[1].minimum=9", "two.exit_codes=[1]", "types.max_age=3")
    source, origins = supposed.applied(Source(table=table), [supposed.parsed(one) for one in given])
    assert encode(table) == before
    assert source.table == {
        "lint": {"max-age": 7},
        "coverage": {"path": [{"glob": "a"}, {"glob": "b", "minimum": 9}]},
        "command": [{"name": "one"}, {"name": "two", "exit-codes": [1]}],
        "types": {"max-age": 3},
    }
    assert set(origins) == {"lint.max-age", "coverage.path.1.minimum", "command.1.exit-codes", "types.max-age"}


def run(root: Path, **told: Any) -> str:
    """The name of a closed run in the log; `told` are fields of its first event and of its last."""
    folder = root / ".gates" / "events"
    folder.mkdir(parents=True, exist_ok=True)
    log = eventlog.begin(folder, CODEC)
    log.identify(TRACE, "b" * 16, 1)
    log.write("command_start", started(log, **told.pop("start", {})))
    log.write("command_end", {"status": "passed", "verdict": "passed", "exit_code": 0, **told})
    log.close()
    return log.run


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"start": {"command": "diagnose"}}, "is a run of gates diagnose, which runs what it judges"),
        ({"start": {"command": "pytest"}}, "is a run of pytest, which runs what it judges"),
        ({"start": {"backfilled": True}}, "was taken over from another tool's report"),
        ({"status": "lost", "verdict": "undecided"}, "left nothing to decide on: it ended with the status lost"),
        ({"grounds": "f" * 64}, "grounds/ffff.* is gone; only the newest are kept"),
    ],
)
def test_a_run_that_cannot_be_decided_again_says_why(tmp_path: Path, told: dict[str, Any], said: str) -> None:
    name = run(tmp_path, **told)
    with pytest.raises(ReplayError, match=said):
        replayable.find(tmp_path, name)


def grounds_of(project: str, judged: tuple[str, ...] | None = None) -> bytes:
    """The grounds of a run that judged these gates, of which there was none, in one place; None: it was aside."""
    gates = [
        JudgedGate(name=one, because="", evidence=None, reason=None, decision=None, tools={}, commands=())
        for one in judged or ()
    ]
    consulted = Consulted(project=ProjectFacts(name="x"), baselines={}, unusable={}, moves={}, proofs={})
    grounds = ProjectGrounds(
        now=NOW,
        settings=Written(path=None, text=""),
        registered=(),
        judged=tuple(gates),
        not_judged=(),
        consulted=consulted,
        with_baseline=True,
        shard=None,
        allow_undecided=(),
        approve=(),
    )
    place = Place(project=project, name="x", grounds=None if judged is None else grounds, aside=judged is None)
    return encode(Grounds(schema_version=1, gates_version="9", places=(place,)))


@pytest.mark.parametrize("evidence", ["../../secret", "/etc/secret", "f" * 63, "F" * 64])
def test_evidence_is_named_by_its_digest_and_not_by_a_path(evidence: str) -> None:
    said: dict[str, Any] = {
        "name": "a",
        "because": "",
        "evidence": evidence,
        "reason": None,
        "decision": None,
        "tools": {},
    }
    with pytest.raises(msgspec.ValidationError, match="evidence"):
        msgspec.convert({**said, "commands": []}, JudgedGate)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{}", "cannot read it: Object missing required field"),
        (b'{"gates_version":"9","schema_version":7}', "is of schema version 7, and this gates reads 1; use gates"),
        (b'{"gates_version":"9","refused":"why not","schema_version":1}', "is not replayable: why not"),
        (b"\xff\xfe", "cannot read it"),
        (b'{"places":' + b"[" * 100_000, "cannot read it: "),
        (grounds_of(project="../other"), "../other is not below the project"),
        (grounds_of(project="/tmp"), "/tmp is not below the project"),
        (grounds_of(project="C:x"), "C:x is not below the project"),
        (grounds_of(project="a\\..\\b"), "is not below the project"),
        (grounds_of(project="."), "they are not of a run: nothing was judged"),
        (grounds_of(project="a", judged=("x",)), "they are not of a run: a gate x was judged that there was not"),
        (grounds_of(project="a", judged=()), "they are not of a run: there is no workspace that a would be in"),
    ],
)
def test_grounds_that_are_none_of_ours_are_refused(tmp_path: Path, data: bytes, said: str) -> None:
    folder = tmp_path / ".gates" / "grounds"
    folder.mkdir(parents=True)
    (folder / f"{sha256(data)}.json").write_bytes(data)
    name = run(tmp_path, grounds=sha256(data))
    with pytest.raises(ReplayError, match=said):
        replayable.find(tmp_path, name)


def recorded(root: Path) -> str:
    """The name of a run of `gates check`, written down as the command does it."""
    prepared = options.prepare(str(root), {})
    with recording.journal("check", prepared) as journal:
        judgement = session.judge(options.request(prepared, Silent(), as_of=NOW))
        journal.judged(judgement.report, judgement)
        name = journal.run
    assert name is not None
    return name


@pytest.mark.parametrize(
    ("address", "different"),
    [
        ("ada@example.org", []),
        ("bob@example.org", ["personal data that the record has not"]),
        ("nobody", ['"a TODO of <email>"']),
    ],
)
def test_a_replay_says_whether_it_comes_to_what_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, different: list[str]
) -> None:
    def saying(who: str) -> Any:
        def decide(self: Any, evidence: NotesFacts, settings: Any, now: datetime) -> Decision:
            found = finding(TODO, f"a TODO of {who}", path="a.txt", source="x")
            return Decision(denominator=Denominator(count=1, unit="files"), findings=(found,))

        return decide

    root = replays.project(tmp_path, "notes")
    monkeypatch.setattr(Notes, "decide", saying("ada@example.org"))
    name = recorded(root)
    monkeypatch.setattr(Notes, "decide", saying(address))
    found = replaying.replay(root, name[:-2], {})
    assert (found.run.run, found.same) == (name, not different)
    assert [one.recorded for one in found.different] == different


def test_a_replay_without_its_evidence_compares_nothing(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    name = recorded(root)
    for path in (root / ".gates" / "evidence").iterdir():
        path.unlink()
    found = replaying.replay(root, name, {})
    assert (found.same, found.different, {one.code for one in found.lost}) == (False, (), {"evidence_missing"})


def test_what_would_have_been_stands_beside_what_was(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    name = recorded(root)
    found = replaying.suppose(root, name, [supposed.parsed("notes.maximum=5")], None)
    assert (found.before.verdict, found.report.verdict) == ("failed", "passed")
    moved = differences.findings(found.before, found.report)
    assert (moved.new, moved.other) == ((), ())
    assert [(one.gate, one.finding.line) for one in moved.gone] == [("notes", 1), ("notes", 3)]


def reported(report: Report, *items: Finding) -> Report:
    """The report whose first gate has these findings and no other."""
    first, *others = report.gates
    return msgspec.structs.replace(report, gates=(msgspec.structs.replace(first, findings=items), *others))


@pytest.mark.parametrize(
    "change", [{"severity": "warning"}, {"waived_by": "ada"}, {"baselined": True}, {"message": "m"}]
)
def test_a_finding_that_is_other_is_neither_new_nor_gone(report: Report, change: dict[str, Any]) -> None:
    (item,) = report.gates[0].findings
    other = msgspec.structs.replace(item, **change)
    moved = differences.findings(reported(report, item), reported(report, other))
    assert (moved.new, moved.gone) == ((), ())
    assert [(one.before, one.after) for one in moved.other] == [(item, other)]


def test_of_findings_that_are_alike_only_those_that_differ_are_paired(report: Report) -> None:
    (item,) = report.gates[0].findings
    mild = msgspec.structs.replace(item, severity="warning")
    elsewhere = msgspec.structs.replace(mild, line=7)
    moved = differences.findings(reported(report, item, item, item), reported(report, item, mild, elsewhere))
    assert [one.finding for one in moved.new] == [elsewhere]
    assert [one.finding for one in moved.gone] == [item]
    assert [(one.before, one.after) for one in moved.other] == [(item, mild)]


def test_the_recorded_verdicts_are_those_of_the_log(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    name = recorded(root)
    for path in (root / ".gates" / "evidence").iterdir():
        path.unlink()
    found = replaying.suppose(root, name, [supposed.parsed("notes.maximum=5")], None)
    assert found.run.verdicts == {"notes": "failed", "policy": "passed"}
    *_, last = told.answered(found, ["notes.maximum=5"], whole=False)
    assert last == "it cannot be told what it would have been (exit 3); it was failed"
    assert found.notes == ()


def test_a_gate_that_comes_to_something_else_as_it_was_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(self: Any, evidence: NotesFacts, settings: Any, now: datetime) -> Decision:
        return Decision(denominator=Denominator(count=1, unit="files"))

    root = replays.project(tmp_path, "notes")
    name = recorded(root)
    monkeypatch.setattr(Notes, "decide", decide)
    found = replaying.suppose(root, name, [supposed.parsed("notes.maximum=5")], None)
    said = list(told.answered(found, ["notes.maximum=5"], whole=False))
    assert f"note: as it was, notes comes to passed here, and was failed: gates runs replay {name}" in said
    assert "  notes   FAILED -> passed" in said
    assert said[-1] == "it would have been passed (exit 0), and was failed"


@pytest.mark.parametrize(
    ("given", "as_of", "same"),
    [(["notes.maximum=0"], None, True), ([], NOW, False), (["notes.maximum=5"], None, False)],
)
def test_a_setting_of_which_nothing_comes_is_said(
    tmp_path: Path, given: list[str], as_of: datetime | None, same: bool
) -> None:
    root = replays.project(tmp_path, "notes")
    name = recorded(root)
    found = replaying.suppose(root, name, [supposed.parsed(one) for one in given], as_of)
    assert found.notes == ((replaying.UNCHANGED,) if same else ())


@pytest.mark.parametrize("damage", ["flip", "tear", "unlink"])
def test_a_log_or_a_report_that_is_not_what_was_written_is_refused(tmp_path: Path, damage: str) -> None:
    root = replays.project(tmp_path, "notes")
    name = recorded(root)
    log = root / ".gates" / "events" / f"{name}.jsonl"
    data = log.read_bytes()
    if damage == "unlink":
        shutil.rmtree(root / ".gates" / "reports")
    else:
        log.write_bytes(data[:-1] if damage == "tear" else data.replace(b'"check"', b'"merge"'))
    with pytest.raises(ReplayError, match=r"gates runs verify|is gone; only the newest are kept"):
        replaying.replay(root, name, {})


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("2", "may be any of 2 runs"), ("19990101T000000Z", "there is no run .*--project DIR"), ("*", "names no run")],
)
def test_what_names_no_run_or_several_is_a_usage_error(tmp_path: Path, wanted: str, said: str) -> None:
    run(tmp_path)
    run(tmp_path)
    with pytest.raises(UsageError, match=said):
        replayable.find(tmp_path, wanted)


def test_a_run_is_found_by_what_the_list_shows_of_it(tmp_path: Path) -> None:
    name = run(tmp_path)
    run(tmp_path)
    for wanted in (name, name.partition("-")[2]):
        with pytest.raises(ReplayError, match=f"^{name} left nothing"):
            replayable.find(tmp_path, wanted)


def test_a_run_that_is_under_way_is_not_taken_for_one_that_never_was(tmp_path: Path) -> None:
    folder = tmp_path / ".gates" / "events"
    folder.mkdir(parents=True)
    log = eventlog.begin(folder, CODEC)
    with pytest.raises(ReplayError, match="has not ended, or was cut off"):
        replayable.find(tmp_path, log.run)
    with pytest.raises(ReplayError, match="has not ended, or was cut off"):
        replayable.find(tmp_path, log.run.partition("-")[2])
    log.abandon()


def test_the_last_is_the_newest_that_was_decided(tmp_path: Path) -> None:
    data = b'{"gates_version":"9","refused":"why not","schema_version":1}'
    folder = tmp_path / ".gates" / "grounds"
    folder.mkdir(parents=True)
    (folder / f"{sha256(data)}.json").write_bytes(data)
    first = run(tmp_path, grounds=sha256(data))
    run(tmp_path, start={"command": "prove"})
    run(tmp_path)
    (tmp_path / ".gates" / "events" / "99999999T000000Z-00000000.jsonl").write_text("no event\n", "utf-8")
    with pytest.raises(ReplayError, match=f"{first} is not replayable: why not"):
        replayable.find(tmp_path, "last")
