"""A plugin with small gates, for runs that are decided again: each comes to its verdict in another way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from gates.model.decision import Decision
from gates.model.gate import Gate
from gates.model.measure import Measure
from gates.plugins.hookspecs import hookimpl
from support.sample_gates import Notes, NotesFacts, NotesSettings, made, raising, refusing


def measured(self: Notes, evidence: NotesFacts, settings: NotesSettings, now: datetime) -> Decision:
    """What `Notes` decides, with the number that it judged and where its limit stands."""
    decided = Notes.decide(self, evidence, settings, now)
    count = Measure(
        name="measured.count",
        value=evidence.notes.count,
        unit="notes",
        limit=settings.maximum,
        limit_from="setting:maximum",
        direction="max",
    )
    dated = f"it was decided on {now.date().isoformat()}"
    return msgspec.structs.replace(decided, measures=(count,), notes=(dated,))


Measured = made("measured", decide=measured)
Absent = made("absent", collect=refusing)
Broken = made("broken", decide=raising)


@hookimpl
def gates_register() -> list[type[Gate[Any, Any]]]:
    return [Notes, Measured, Absent, Broken]
