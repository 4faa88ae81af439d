"""Evidence is used again only while every input is the same, and never when it is damaged."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gates.model.decision import Decision
from gates.model.gate import CachePolicy, Inputs
from gates.model.measure import Denominator
from support.repositories import commit_all, git
from support.sample_gates import NEVER, Notes, made, refusing
from support.sessions import judged, reasons, verdicts


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("fine\n", "utf-8")
    return tmp_path


def cached(root: Path, *kinds: Any, **wished: Any) -> bool:
    return bool(judged(root, *kinds, **wished).report.run.cached)


@pytest.mark.requirement("EVD-1")
def test_the_second_run_is_cached_with_denominator_and_receipt(root: Path) -> None:
    first, second = judged(root, Notes), judged(root, Notes)
    assert first.report.run.cached == ()
    assert second.report.run.cached == ("notes",)
    assert second.report.gates == first.report.gates
    assert second.report.run.receipts == first.report.run.receipts


@pytest.mark.requirement("EVD-3")
def test_a_changed_input_is_collected_anew(root: Path) -> None:
    judged(root, Notes)
    (root / "a.txt").write_text("TODO\n", "utf-8")
    judgement = judged(root, Notes)
    assert judgement.report.run.cached == ()
    assert verdicts(judgement) == {"notes": "failed"}


def test_a_file_that_is_no_input_changes_nothing(root: Path) -> None:
    judged(root, Notes)
    (root / "b.md").write_text("TODO\n", "utf-8")
    assert cached(root, Notes)


def test_a_tag_counts_where_the_history_is_read(root: Path) -> None:
    git(root, "init", "--quiet")
    commit_all(root)
    kinds = [made("plain"), made("tagged", inputs=lambda self, project, settings: Inputs(history=True))]
    judged(root, *kinds)
    assert set(judged(root, *kinds).report.run.cached) == {"plain", "tagged"}
    git(root, "tag", "v1.0")
    assert judged(root, *kinds).report.run.cached == ("plain",)
    git(root, "commit", "--quiet", "--allow-empty", "--message=more")
    assert judged(root, *kinds).report.run.cached == ("plain",)


@pytest.mark.parametrize("change", ["rename", "add", "remove", "same size and time"])
def test_any_change_of_the_files_counts(root: Path, change: str) -> None:
    (root / "b.txt").write_text("good\n", "utf-8")
    judged(root, Notes)
    file, times = root / "b.txt", (root / "b.txt").stat()
    if change == "rename":
        file.rename(root / "c.txt")
    elif change == "add":
        (root / "d.txt").write_text("", "utf-8")
    elif change == "remove":
        file.unlink()
    else:
        file.write_text("bad!\n", "utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert not cached(root, Notes)


@pytest.mark.requirement("EVD-3")
def test_changed_settings_count(root: Path) -> None:
    judged(root, Notes)
    (root / "gates.toml").write_text("[notes]\nmaximum = 1\n", "utf-8")
    assert not cached(root, Notes)


@pytest.mark.requirement("EVD-1")
def test_a_verdict_is_decided_anew_on_cached_evidence(root: Path) -> None:
    judged(root, Notes)
    strict = made("notes", rules=Notes.rules, decide=lambda *_: Decision(denominator=ZERO))
    judgement = judged(root, strict)
    assert judgement.report.run.cached == ("notes",)
    assert verdicts(judgement) == {"notes": "undecided"}


ZERO = Denominator(count=0, unit="files")


@pytest.mark.requirement("EVD-3")
@pytest.mark.parametrize(
    ("inputs", "before", "after"),
    [
        (Inputs(environment=("COLOR",)), {"COLOR": "red"}, {"COLOR": "blue"}),
        (Inputs(environment=("COLOR_*",)), {"COLOR_A": "1"}, {}),
        (Inputs(environment=None), {}, {"ANYTHING": "1"}),
        (Inputs(), {}, {"GATES_HIDE": "ruff"}),
    ],
)
def test_variables_that_a_gate_reads_count(root: Path, inputs: Inputs, before: Any, after: Any) -> None:
    gate = made("one", inputs=lambda *_: inputs)
    judged(root, gate, environ=before)
    assert cached(root, gate, environ=before)
    assert not cached(root, gate, environ=after)


def test_variables_of_the_shell_do_not_count(root: Path) -> None:
    gate = made("one", inputs=lambda *_: Inputs(environment=None))
    judged(root, gate, environ={"SHLVL": "1", "SSH_TTY": "a"})
    assert cached(root, gate, environ={"SHLVL": "2"})


def test_no_cache_collects_and_keeps(root: Path) -> None:
    judged(root, Notes)
    assert not cached(root, Notes, use_cache=False)
    assert cached(root, Notes)


def test_a_gate_may_forbid_it(root: Path) -> None:
    never = made("never", cache=NEVER)
    judged(root, never)
    assert not cached(root, never)


def test_a_gate_may_forbid_it_for_one_run(root: Path) -> None:
    def collect(self: Any, context: Any) -> Any:
        context.volatile("the clock was read")
        return Notes.collect(self, context)

    gate = made("one", collect=collect)
    judged(root, gate)
    assert not cached(root, gate)


def test_the_user_may_forbid_it(root: Path) -> None:
    (root / "gates.toml").write_text("[notes]\nmax-age = 0\n", "utf-8")
    judged(root, Notes)
    assert not cached(root, Notes)


def test_evidence_grows_too_old(root: Path) -> None:
    gate = made("one", cache=CachePolicy(max_age=60))
    now = datetime.now(UTC)
    judged(root, gate)
    assert cached(root, gate, as_of=now + timedelta(seconds=30))
    assert not cached(root, gate, as_of=now + timedelta(seconds=90))


def test_evidence_from_the_future_is_not_used(root: Path) -> None:
    gate = made("one", cache=CachePolicy(max_age=60))
    judged(root, gate)
    assert not cached(root, gate, as_of=datetime.now(UTC) - timedelta(days=1))


@pytest.mark.requirement("EVD-2")
def test_a_refusal_is_never_kept(root: Path) -> None:
    assert reasons(judged(root, made("one", collect=refusing))) == {"one": "tool_missing"}
    assert not cached(root, made("one"))


@pytest.mark.requirement("VRD-10")
def test_an_input_that_changes_while_it_is_read_is_not_kept(root: Path) -> None:
    def collect(self: Any, context: Any) -> Any:
        facts = Notes.collect(self, context)
        (root / "a.txt").write_text("changed meanwhile\n", "utf-8")
        return facts

    judged(root, made("one", collect=collect))
    assert not cached(root, made("one"))


def kept(root: Path, kind: str) -> Path:
    (path,) = (root / ".gates" / kind).rglob("*.json")
    return path


@pytest.mark.requirement("EVD-4")
@pytest.mark.parametrize("kind", ["receipts", "evidence"])
@pytest.mark.parametrize("damage", ["empty", "half", "flip", "text", "foreign"])
def test_damage_is_undecided_and_mended_without_cache(root: Path, kind: str, damage: str) -> None:
    judged(root, Notes)
    path = kept(root, kind)
    data = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "half": data[: len(data) // 2],
            "flip": data.replace(b"a.txt", b"b.txt").replace(b'"gate":"notes"', b'"gate":"nodes"'),
            "text": b"\xff\xfe not JSON",
            "foreign": data.replace(b"}", b',"more":1}', 1),
        }[damage]
    )
    judgement = judged(root, Notes)
    assert reasons(judgement) == {"notes": "evidence_corrupt"}
    assert judgement.report.exit_code == 3
    assert "--no-cache" in str(judgement.report.gates[0].reason)
    assert verdicts(judged(root, Notes, use_cache=False)) == {"notes": "passed"}
    assert cached(root, Notes)


@pytest.mark.requirement("EVD-4")
def test_a_receipt_in_the_place_of_another_is_undecided(root: Path) -> None:
    judged(root, Notes)
    first = kept(root, "receipts")
    (root / "a.txt").write_text("also fine\n", "utf-8")
    judged(root, Notes)
    (second,) = set((root / ".gates" / "receipts").rglob("*.json")) - {first}
    second.write_bytes(first.read_bytes())
    judgement = judged(root, Notes)
    assert reasons(judgement) == {"notes": "evidence_corrupt"}
    assert "belongs to another gate or other inputs" in str(judgement.report.gates[0].reason)


def test_the_stricter_of_two_ages_counts(root: Path) -> None:
    (root / "gates.toml").write_text("[one]\nmax-age = 3600\n", "utf-8")
    gate, now = made("one", cache=CachePolicy(max_age=60)), datetime.now(UTC)
    judged(root, gate)
    assert cached(root, gate, as_of=now + timedelta(seconds=30))
    assert not cached(root, gate, as_of=now + timedelta(seconds=90))


def test_named_distributions_of_the_project_count(root: Path) -> None:
    gate = made("one", inputs=lambda *_: Inputs(project_distributions=("pytest", "surely-absent")))
    judged(root, gate)
    assert cached(root, gate)
    assert "surely-absent==absent" in json.loads(kept(root, "receipts").read_bytes())["receipt"]["parts"]["python"]


def test_a_receipt_without_evidence_finds_nothing(root: Path) -> None:
    judged(root, Notes)
    kept(root, "evidence").unlink()
    assert not cached(root, Notes)


def test_unfinished_writes_are_never_read(root: Path) -> None:
    judged(root, Notes)
    path = kept(root, "receipts")
    path.rename(path.with_name(f".{path.name}.0.tmp"))
    assert not cached(root, Notes)


def test_old_receipts_are_removed(root: Path) -> None:
    for number in range(12):
        (root / "a.txt").write_text(f"{number}\n", "utf-8")
        judged(root, Notes)
    assert len(list((root / ".gates" / "receipts" / "notes").iterdir())) == 8


def test_the_state_ignores_itself(root: Path) -> None:
    judged(root, Notes)
    assert (root / ".gates" / ".gitignore").read_text("utf-8") == "*\n"


def test_two_runs_at_once_disturb_nothing(root: Path) -> None:
    found: list[dict[str, str]] = []
    threads = [
        threading.Thread(target=lambda: found.append(verdicts(judged(root, Notes, made("other"), use_cache=False))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"notes": "passed", "other": "passed"}] * 4
    assert cached(root, Notes)


@pytest.mark.requirement("EVD-5")
def test_evidence_that_came_with_a_commit_is_not_used(root: Path) -> None:
    judged(root, Notes)
    git(root, "init", "-q")
    assert cached(root, Notes)
    git(root, "add", "-f", ".gates")
    judgement = judged(root, Notes)
    assert judgement.report.run.cached == ()
    assert "git rm -r --cached .gates" in judgement.report.run.notes[0]


@pytest.mark.requirement("EVD-3")
def test_another_state_of_a_gates_code_is_another_key(root: Path) -> None:
    judged(root, Notes, revisions={"notes": "one"})
    assert cached(root, Notes, revisions={"notes": "one"})
    assert not cached(root, Notes, revisions={"notes": "two"})


def test_a_forbidden_network_is_another_key(root: Path) -> None:
    judged(root, Notes)
    assert not cached(root, Notes, offline=True)


@pytest.mark.parametrize("name", ["HISTOGRAM", "CI_DATABASE", "SSH_KEY_DIR", "TERM", "GITHUB_REPOSITORY", "GATES_MINE"])
def test_variables_that_only_look_like_those_of_a_shell_count(root: Path, name: str) -> None:
    gate = made("one", inputs=lambda *_: Inputs(environment=None))
    judged(root, gate, environ={name: "1"})
    assert not cached(root, gate, environ={name: "2"})


def test_a_variable_that_the_locale_cannot_spell_counts_too(root: Path) -> None:
    gate = made("one", inputs=lambda *_: Inputs(environment=None))
    assert verdicts(judged(root, gate, environ={"PLACE": "\udcc3"})) == {"one": "passed"}
    assert cached(root, gate, environ={"PLACE": "\udcc3"})
    assert not cached(root, gate, environ={"PLACE": "\udcc4"})


def test_a_state_that_leads_elsewhere_is_not_written_to(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (root / ".gates").symlink_to(elsewhere)
    assert verdicts(judged(root, Notes)) == {"notes": "passed"}
    assert list(elsewhere.iterdir()) == []
