"""Kept: what events name by its digest, and where it is kept beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PLACES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "gate": (("outputs", "evidence", ".json"),),
    "tests": (("recording", "recordings", ".jsonl"),),
    "command_end": (("grounds", "grounds", ".json"), ("report", "reports", ".json")),
}
"""By event: the field, the folder of `.gates`, and how the file's name ends after the digest."""


class Named(NamedTuple):
    """A file that an event names: its folder, its path from `.gates` on, and the digest of its bytes."""

    folder: str
    path: str
    sha256: str

    def within(self, state: Path) -> Path:
        """Where it is, in this folder `.gates`."""
        return state / self.path


def named(fields: Mapping[str, Any]) -> Iterator[Named]:
    """The files that the event with these fields names."""
    for field, folder, suffix in PLACES.get(str(fields.get("event")), ()):
        digest = fields.get(field)
        # What is no digest could lead elsewhere.
        if isinstance(digest, str) and len(digest) == 64 and set(digest) <= set("0123456789abcdef"):
            yield Named(folder, f"{folder}/{digest}{suffix}", digest)
