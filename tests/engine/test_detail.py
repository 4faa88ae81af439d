"""Details: settings and sections behind a verdict, of every run, masked, and never in the way of the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from gates.engine import detail, session
from gates.engine.joined import Joined
from gates.model.section import Column, Entries, Entry, Mark, Section, Table
from support import parts
from support.sample_gates import Notes, NotesFacts, made, raising
from support.sessions import request, verdicts

SECRET = "correct-horse-battery-staple-4711"


def listed(self: Any, evidence: NotesFacts, settings: Any, now: Any) -> Iterable[Section]:
    """A table of the notes, and the settings and the clock that they were made with."""
    rows = tuple((one.path, one.line, Mark(one.text, "failed")) for one in evidence.notes.items)
    yield Table(title="Notes", columns=(Column("path", "code"), Column("line", "number"), Column("text")), rows=rows)
    yield Entries(title=now.isoformat(), entries=(Entry(title=str(settings.maximum)),))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "a.txt").write_text("fine\nTODO later\n")
    return folder


def sections(judgement: session.Judgement, name: str = "listed") -> tuple[Section, ...]:
    return detail.details(judgement)[".", name].sections


def test_sections_are_made_of_the_evidence_that_was_judged(root: Path) -> None:
    judgement = session.judge(request(root, made("listed", sections=listed)))
    table, entries = sections(judgement)
    assert isinstance(table, Table)
    assert table.rows == (("a.txt", 2, Mark("TODO later", "failed")),)
    assert isinstance(entries, Entries)
    assert entries.title == judgement.now.isoformat()
    held = detail.details(judgement)[".", "listed"]
    assert held.settings["maximum"] == 0
    assert not held.problem


def test_cached_and_merged_evidence_has_the_same_sections(root: Path, tmp_path: Path) -> None:
    gate = made("listed", sections=listed)
    fresh = session.judge(request(root, gate))
    cached = session.judge(request(root, gate))
    parts.collect(root, tmp_path / "parts", gate)
    merged = parts.merged(root, tmp_path / "parts", gate)
    assert cached.report.run.cached == ("listed",)
    assert sections(fresh)[0] == sections(cached)[0] == sections(merged)[0]


def test_a_gate_without_sections_or_evidence_has_settings_all_the_same(root: Path) -> None:
    from support.sample_gates import refusing

    judgement = session.judge(request(root, Notes, made("gone", collect=refusing, sections=listed)))
    held = detail.details(judgement)
    assert held[".", "notes"].sections == held[".", "gone"].sections == ()
    assert not held[".", "gone"].problem
    assert held[".", "gone"].settings["maximum"] == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (raising, "RuntimeError: a bug in the gate"),
        (lambda *_: None, "TypeError"),
        (lambda *_: ("text",), "ValidationError"),
        (lambda *_: (Table(title="t", columns=(Column("a"), Column("b")), rows=((1,),)),), "a row without a cell"),
        (lambda *_: (Table(title="t", columns=(Column("a"),), rows=((object(),),)),), "TypeError"),  # type: ignore[arg-type]
    ],
)
def test_sections_that_cannot_be_made_say_so_and_leave_the_verdict(root: Path, answer: Any, said: str) -> None:
    judgement = session.judge(request(root, made("odd", sections=answer)))
    held = detail.details(judgement)[".", "odd"]
    assert verdicts(judgement) == {"odd": "failed"}
    assert held.sections == ()
    assert held.problem.startswith("the sections of odd cannot be made: ")
    assert said in held.problem
    assert "\n" not in held.problem


def test_secrets_are_masked_in_sections_and_settings(root: Path) -> None:
    def told(*_: Any) -> Iterable[Section]:
        yield Table(title=SECRET, columns=(Column(SECRET),), rows=(((Mark("a", about=f"see {SECRET}"),),),))
        yield Entries(title="e", entries=(Entry(title="t", facts=((SECRET, SECRET),), code=SECRET),))

    (root / "pyproject.toml").write_text(f'[tool.gates.redact]\npatterns = ["{SECRET}"]\n')
    judgement = session.judge(request(root, made("told", sections=told)))
    held = detail.details(judgement)[".", "told"]
    assert len(held.sections) == 2
    assert not held.problem
    assert SECRET not in repr(held)


def test_each_project_of_a_workspace_has_its_own(root: Path) -> None:
    judgement = session.judge(request(root, made("listed", sections=listed)))
    both = {"packages/a": judgement, ".": judgement}
    joined = Joined(report=judgement.report, judgements=both, name="sample", parts=(), chosen=())
    held = detail.details(joined)
    assert set(held) == {("packages/a", "listed"), (".", "listed")}
    assert all(len(one.sections) == 2 for one in held.values())
