from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gates.config import source
from gates.config.baseline import BaselineError
from gates.engine import grounds, state
from gates.engine.circumstances import Consulted, Past, Present, Unusable
from gates.engine.grounds import SECRET, Grounds
from gates.model.evidence import sha256
from gates.model.report import ProjectFacts
from gates.project.moves import Moves
from support import replays
from support.sample_gates import Notes

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TOKEN = "ghp_" + "aB3dE5gH7j" * 4
CONSULTED = Consulted(project=ProjectFacts(name="sample"), baselines={}, unusable={}, moves={}, proofs={})


def files(root: Path, folder: str = "grounds") -> list[Path]:
    return sorted((root / ".gates" / folder).iterdir())


def test_they_are_named_by_their_digest_and_the_same_run_has_the_same(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    judgement = replays.judged(root, as_of=NOW)
    first = grounds.keep(root, judgement)
    again = grounds.keep(root, replays.judged(root, as_of=NOW))
    (path,) = files(root)
    assert (path.name, first) == (f"{again}.json", again)
    assert sha256(path.read_bytes()) == first
    other = grounds.keep(root, replays.judged(root, as_of=datetime(2026, 6, 16, tzinfo=UTC)))
    assert other != first


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    judgement = replays.judged(root, as_of=NOW)
    grounds.keep(root, judgement)
    (path,) = files(root)
    os.utime(path, (1, 1))
    before = path.stat()
    grounds.keep(root, judgement)
    assert os.path.samestat(path.stat(), before)
    assert path.stat().st_mtime > 1, "it was used now"


def test_evidence_that_they_name_counts_as_used(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    judgement = replays.judged(root, as_of=NOW)
    for path in files(root, "evidence"):
        os.utime(path, (1, 1))
    grounds.keep(root, judgement)
    assert all(path.stat().st_mtime > 1 for path in files(root, "evidence"))


def test_where_nothing_can_be_written_there_are_none(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    judgement = replays.judged(root, as_of=NOW)
    (root / ".gates" / "grounds").write_text("in the way", "utf-8")
    assert grounds.keep(root, judgement) is None


def test_a_secret_in_gates_own_settings_leaves_only_the_reason(tmp_path: Path) -> None:
    more = f'[tool.gates.prove]\nexcused = {{ XTD001 = "{TOKEN}" }}\n'
    root = replays.project(tmp_path, "notes", more=more)
    held = replays.kept(root, replays.judged(root, as_of=NOW))
    assert (held.refused, held.places) == (SECRET, ())
    assert all(TOKEN.encode() not in path.read_bytes() for path in files(root))


def test_of_a_file_with_a_secret_elsewhere_only_gates_own_lines_are_kept(tmp_path: Path) -> None:
    more = f'[tool.gates.measured]\nmaximum = 1\n\n[tool.other]\nkey = "{TOKEN}"\n'
    root = replays.project(tmp_path, "notes", "measured", more=more)
    request = replays.request(root, as_of=NOW)
    held = replays.kept(root, replays.judged(root, as_of=NOW))
    (place,) = held.places
    assert place.grounds is not None
    kept = source.of(place.grounds.settings.path, place.grounds.settings.text)
    assert kept.table == request.config.source.table
    assert kept.line("measured", "maximum") == request.config.source.line("measured", "maximum")
    assert all(TOKEN.encode() not in path.read_bytes() for path in files(root))


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "x"\n\n[tool.gates]\nselect = [\n  "lint", # y\n]\n[tool.z]\nkey = """\n[tool.gates]\n"""\n',
        '[tool]\ngates.jobs = 2\nother.key = "x"\n[tool.gates.lint]\ntimeout = 3\n',
        'tool = { gates = { jobs = 2 }, other = "x" }\n',
    ],
)
def test_gates_own_text_says_the_same_on_the_same_lines_or_is_none(text: str) -> None:
    whole = source.of("pyproject.toml", text)
    own = whole.own_text()
    assert own is not None
    kept = source.of("pyproject.toml", own)
    assert kept.table == whole.table
    assert [kept.line(key) for key in whole.table] == [whole.line(key) for key in whole.table]
    assert own.count("\n") == text.count("\n")


def test_a_run_without_a_baseline_asks_neither_git_nor_proofs(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    consulted = replays.judged(root, as_of=NOW).consulted
    assert (consulted.baselines, consulted.unusable, consulted.moves, consulted.proofs) == ({}, {}, {}, {})
    assert consulted.project.commit is not None


def test_what_was_asked_once_is_what_is_remembered(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes")
    request = replays.request(root, as_of=NOW)
    present = Present(request, NOW)
    assert present.baseline("notes") is None
    assert present.moves("notes") == Moves()
    reason = present.unproved(Notes(), {})
    past = Past(present.consulted())
    assert past.unproved(Notes(), {}) == reason
    assert reason is not None
    assert (past.project(), past.baseline("notes"), past.moves("notes")) == (present.project(), None, Moves())


def test_what_nobody_asked_makes_nothing_better() -> None:
    past = Past(CONSULTED)
    reason = past.unproved(Notes(), {})
    assert reason is not None
    assert (reason.code, reason.fix) == ("evidence_missing", "gates prove notes")
    assert past.moves("notes") == Moves()


def test_a_baseline_that_could_not_be_used_cannot_be_used_later() -> None:
    unusable = Unusable(code="evidence_foreign", message="it is another's", path="gates-baseline/notes.jsonl", line=3)
    past = Past(msgspec.structs.replace(CONSULTED, unusable={"notes": unusable}))
    with pytest.raises(BaselineError, match=r"jsonl:3: it is another's$") as raised:
        past.baseline("notes")
    assert raised.value.code == "evidence_foreign"


def test_they_survive_being_written(tmp_path: Path) -> None:
    root = replays.project(tmp_path, "notes", "absent")
    held = replays.kept(root, replays.judged(root, as_of=NOW, allow_undecided=("absent",)))
    assert msgspec.json.decode(msgspec.json.encode(held), type=Grounds) == held


def test_only_the_newest_are_kept_by_count_and_by_size(tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / f"{number}.json"
        path.write_bytes(b"x" * 10)
        os.utime(path, (number, number))
    (tmp_path / ".unfinished.json").write_bytes(b"x" * 100)
    state.prune(tmp_path, 5)
    assert {path.name for path in tmp_path.iterdir()} == {".unfinished.json", *(f"{n}.json" for n in range(1, 6))}
    state.prune(tmp_path, 5, 35)
    assert [one.path.name for one in state.newest_first(tmp_path)] == ["5.json", "4.json", "3.json"]
    state.prune(tmp_path, 5, 1)
    assert [one.path.name for one in state.newest_first(tmp_path)] == ["5.json"], "the newest is kept, however large"
