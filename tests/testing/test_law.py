"""The law itself: what counts as a loss, and that gates which break it are found out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.model.decision import Decision
from gates.model.evidence import counted, encode
from gates.model.measure import Denominator
from gates.testing.law import breaches, losses
from support.sample_gates import Note, Notes, NotesFacts, NotesSettings, made

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_every_loss_changes_the_document(document: Any) -> None:
    for place, lost in losses(document):
        assert lost != document, place


@given(JSON)
def test_every_loss_makes_the_document_smaller_or_null(document: Any) -> None:
    size = len(encode(document))
    for place, lost in losses(document):
        assert len(encode(lost)) < size or place.endswith("null"), place


def facts(files: int, notes: int) -> NotesFacts:
    return NotesFacts(
        files=counted(f"{number}.txt" for number in range(files)),
        notes=counted(Note(f"{number}.txt", 1, "TODO") for number in range(notes)),
    )


@pytest.mark.requirement("VRD-3")
@pytest.mark.parametrize(("files", "notes"), [(0, 0), (1, 0), (3, 0), (3, 1), (3, 3)])
def test_a_gate_with_counted_lists_obeys(files: int, notes: int) -> None:
    assert breaches(Notes(), facts(files, notes), NotesSettings()) == []


class LooseFacts(msgspec.Struct, frozen=True):
    """Evidence that cannot tell when it lost something."""

    files: list[str] = []
    notes: list[str] = []


def loose(self: Any, evidence: LooseFacts, settings: Any, now: Any) -> Decision:
    lost = Notes.decide(self, facts(len(evidence.files), len(evidence.notes)), settings, now)
    return msgspec.structs.replace(lost, denominator=Denominator(count=len(evidence.files) or 1, unit="files"))


@pytest.mark.requirement("VRD-3")
def test_a_gate_that_forgets_is_found_out() -> None:
    gate = made("loose", Evidence=LooseFacts, decide=loose)()
    evidence: Any = LooseFacts(files=["a", "b"], notes=["TODO"])
    places = breaches(gate, evidence, NotesSettings())
    assert "$.notes deleted" in places
    assert "$.notes[0] deleted" in places


def test_a_gate_that_passes_over_less_is_found_out() -> None:
    gate = made("loose", Evidence=LooseFacts, decide=loose)()
    evidence: Any = LooseFacts(files=["a", "b"], notes=[])
    assert "$.files cut" in breaches(gate, evidence, NotesSettings())
