"""Sites: notes which lines of the project read a factor, and gives single lines other circumstances than all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import circumstances
from .reading.language import Categories
from .reading.lines import Lines, Turned
from .reading.places import Project
from .reading.sets import Sets
from .reading.source import Rewriting, give
from .reading.watching import Watch

REWRITTEN = ("hashseed", "optimize")
STATE = frozenset({"state"})
"""What tests leave is looked at before and after each; it has no lines that need watching."""


def begin(spec: dict[str, Any], note: Callable[[dict[str, Any]], None]) -> None:
    """Watch what is to be watched, and turn factors at the lines that are asked for; before the project is imported."""
    watched = frozenset(spec.get("watch") or ()) - STATE
    at = frozenset((str(path), int(line)) for path, line in spec.get("at") or ())
    settings: dict[str, str] = spec.get("settings") or {}
    if not watched and not at:
        return
    project = Project(spec["root"])
    watch = Watch(watched, project, note, settings.get("environment", ""))
    if "hashseed" in watched or (at and set(settings) & set(REWRITTEN)):
        _rewrite(settings, at, project, watch if "hashseed" in watched else None)
    if at:
        switches: list[Turned] = [
            circumstances.SWITCHES[name] for name in sorted(settings) if name in circumstances.SWITCHES
        ]
        if "locale" in settings:
            switches.append(Categories(settings["locale"]))
        Lines(at, project, switches).start()
    else:
        watch.start()


def _rewrite(settings: dict[str, str], at: frozenset[tuple[str, int]], project: Project, watch: Watch | None) -> None:
    seed = settings.get("hashseed")
    hashes = watch is not None or seed is not None
    sets = Sets(project, at, int(seed) if at and seed is not None else None, watch.read if watch else None)
    give(sets.walk, sets.text, sets.code, sets.pop)
    level = int(settings.get("optimize", "0")) if at else 0
    Rewriting(project.below, hashes, at, level).start()
