"""Limits: how much slower a benchmark may be, and who says so.

A table of the settings that names the benchmark counts before the setting `limit`, the last such table before the
others, and what a command's own table says before all of them. The mark on a test counts before `limit` too; where a
table names the test as well, the stricter of the two counts: a mark is changed together with what it limits, so that it
may not loosen what the settings say of this very benchmark, nor what base allowed it, until it is merged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from gates.builtin.bench.facts import Benchmark
from gates.builtin.bench.settings import BenchSettings
from gates.project.tree import translate

MARKED = "mark"
BEFORE = "base"
"""Where a limit stands that a mark loosens in the change that is judged."""


@dataclass(frozen=True)
class Held:
    """A limit in percent, and where it stands."""

    percent: float
    place: str


def limit_of(one: Benchmark, settings: BenchSettings) -> Held:
    """The limit that holds for a benchmark."""
    table = _of_settings(one, settings)
    if not one.limit.items:
        return table or Held(settings.limit, "setting:limit")
    own = Held(one.limit.items[0], MARKED if one.path is None else f"{one.path}:{one.line or 1}")
    if one.was.items and one.was.items[0] < own.percent:
        own = Held(one.was.items[0], BEFORE)
    return table if table is not None and table.percent <= own.percent else own


def _of_settings(one: Benchmark, settings: BenchSettings) -> Held | None:
    for index, command in enumerate(settings.command):
        if one.kind == "command" and command.name == one.id and command.limit is not None:
            return Held(command.limit, f"setting:command[{index}].limit")
    found = None
    for index, table in enumerate(settings.limits):
        if names(table.glob, one.id):
            found = Held(table.limit, f"setting:limits[{index}].limit")
    return found


def names(glob: str, benchmark: str) -> bool:
    """Whether a glob names a benchmark: `tests/bench/*::test_parse*`, `tests/bench/*`, `test_parse*`.

    In a path `*` stays inside a folder and `**` does not; in a name it stands for anything. Brackets are themselves, as
    the names of parametrized tests have them.
    """
    return _wanted(glob).fullmatch(benchmark) is not None


@lru_cache(maxsize=1024)
def _wanted(glob: str) -> re.Pattern[str]:
    path, colons, name = glob.partition("::")
    if colons:
        pattern = f"{translate(path) if path else '.*'}::(?:.*::)?{_free(name)}"
    elif "/" in glob:
        pattern = f"{translate(glob)}(?:::.*)?|{re.escape(glob)}"
    else:
        pattern = f"(?:.*::)?{_free(glob)}|{translate(glob)}::.*"
    return re.compile(pattern, re.DOTALL)


def _free(glob: str) -> str:
    meaning = {"*": ".*", "?": "."}
    return "".join(meaning.get(char) or re.escape(char) for char in re.sub(r"\*+", "*", glob))
