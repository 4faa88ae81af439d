"""Whose: the names of the projects whose runs are in a folder of events, which is what its checkpoints may bear.

The folder that holds them tells nothing: an artifact is unpacked under any name, and so is a clone.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gates.record.integrity import history, links
from gates.record.integrity.links import Link
from pytest_vltair.eventlog import OPEN


class Whose(NamedTuple):
    """The names, that of the run which began last at the end; `is_all` where every run of the log tells its own."""

    names: tuple[str, ...]
    is_all: bool

    @property
    def last(self) -> str:
        """What the project is called now."""
        return self.names[-1]

    def __str__(self) -> str:
        return " or ".join(sorted(self.names))


def read(folder: Path, project: str, closed: frozenset[str]) -> Whose:
    """Whose runs they are; `project` is the name where no run tells it, `closed` are the files that the heads name.

    Raises:
        OSError: the folder cannot be listed.
    """
    files = history.names(folder)
    told = {name: who for name in sorted(files) if (who := _told(folder, name)) is not None}
    # From the end, so that a name which came back is the last one.
    names = tuple(dict.fromkeys(reversed(told.values())))[::-1]
    return Whose(names or (project,), is_all=told.keys() >= files.keys() | closed)


def _told(folder: Path, name: str) -> str | None:
    """The name of the project that the first event of a run tells; None where it cannot be read, or was changed."""
    for path in (folder / OPEN / name, folder / name):
        try:
            with path.open("rb") as file:
                first = links.read(file.readline().removesuffix(b"\n"))
        except OSError:
            continue
        project = first.fields.get("project") if isinstance(first, Link) else None
        who = project.get("name") if isinstance(project, dict) else None
        return who if isinstance(who, str) and who else None
    return None
