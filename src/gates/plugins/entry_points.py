"""Entry points of the group `gates`, found without reading every installed distribution's metadata.

`importlib.metadata.entry_points` parses all of it (40 CPU-ms for 95 distributions, measured); looking for the
group's header in each `entry_points.txt` first costs a tenth, and only a distribution that has it is parsed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gates"
SUFFIXES = (".dist-info", ".egg-info")


def find(paths: Sequence[str] | None = None) -> list[tuple[str, EntryPoint]]:
    """Pairs of `name version` of a distribution and one entry point of it, sorted.

    Of a distribution that is on the path twice the first counts, as for imports.
    """
    found: list[tuple[str, EntryPoint]] = []
    seen: set[str] = set()
    for folder in _with_the_group(sys.path if paths is None else paths):
        from importlib.metadata import Distribution

        distribution = Distribution.at(folder)
        name = distribution.metadata["Name"] or folder.name
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        origin = f"{name} {distribution.version}"
        found += [(origin, point) for point in distribution.entry_points if point.group == GROUP]
    return sorted(found, key=lambda pair: (pair[0], pair[1].name, pair[1].value))


def _with_the_group(paths: Sequence[str]) -> Iterator[Path]:
    header = f"[{GROUP}]".encode()
    for path in dict.fromkeys(paths):
        try:
            with os.scandir(path or os.curdir) as entries:
                folders = sorted(entry.path for entry in entries if entry.name.endswith(SUFFIXES))
        except OSError:
            continue
        for folder in folders:
            try:
                with open(f"{folder}/entry_points.txt", "rb") as file:  # noqa: PTH123 - a Path for each costs too much
                    text = file.read()
            except OSError:
                continue
            if header in text:
                yield Path(folder)
