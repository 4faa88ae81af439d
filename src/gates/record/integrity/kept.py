"""Kept: what events name by its digest, and where it is kept beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from gates.project.git import STATE

PLACES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "gate": (("outputs", "evidence", ".json"),),
    "tests": (("recording", "recordings", ".jsonl"),),
    "command_end": (("grounds", "grounds", ".json"), ("report", "reports", ".json")),
}
"""By event: the field, the folder of `.gates`, and how the file's name ends after the digest."""


MEMBERS = frozenset({"evidence"})
"""The folders that each member of a workspace has in a `.gates` of its own."""


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
            beside = _member(fields.get("project")) if folder in MEMBERS else ""
            yield Named(folder, f"{beside}{folder}/{digest}{suffix}", digest)


def _member(project: Any) -> str:
    """The way from the `.gates` of the project at hand to that of a member of its workspace."""
    path = PurePosixPath(project) if isinstance(project, str) else PurePosixPath()
    if not path.parts or path.is_absolute() or ".." in path.parts:
        return ""
    return f"../{path}/{STATE}/"
