"""Renames: what had another name in an earlier version, and until when the old one is understood.

A rename works for two minor releases: what 0.2 renames is understood by 0.2 and 0.3 and unknown to 0.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from gates.model.rule import Former, understood


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """A name, its successor, and the first version that does not know the old one: `0.4`.

    A key of a gate's table is written with the table, `tests.max-warnings`.
    """

    old: str
    new: str
    until: str


KEYS: tuple[Renamed, ...] = ()
"""Keys of `[tool.gates]` and of the gates' tables; a successor stands in the same table."""

COMMANDS: tuple[Renamed, ...] = ()
"""Commands of `gates`."""


def successor(name: str, renamed: Iterable[Renamed]) -> Renamed | None:
    """What a name is called now, or None where it was not renamed or its time is over."""
    return next((one for one in renamed if one.old == name and understood(one.until)), None)


def note(old: str, new: str, until: str) -> str:
    """One sentence that names the successor."""
    return f"{old} is called {new} now; the old name is understood until gates {until}"


def current(
    table: Mapping[str, Any], rules: Mapping[str, tuple[str, Former]], keys: Sequence[Renamed] = ()
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """A table of settings under the names of today, and a note for each that it had under an older one.

    `rules` are the codes that former names and codes of rules stand for. Where the old and the new name of a key are
    both written, the table is left alone, and the old one is an unknown key.
    """
    found: dict[str, Any] = dict(table)
    notes: list[str] = []
    for one in keys or KEYS:
        *path, old = one.old.split(".")
        new = one.new.rpartition(".")[2]
        held: Any = found.get(path[0]) if path else found
        if not isinstance(held, Mapping) or old not in held or new in held or not understood(one.until):
            continue
        changed = {new if key == old else key: value for key, value in held.items()}
        found = {**found, path[0]: changed} if path else changed
        notes.append(note(one.old, one.new, one.until))
    if rules:
        found = {key: _with_rules(key, value, rules, notes) for key, value in found.items()}
    return found, tuple(dict.fromkeys(notes))


def _with_rules(key: str, value: Any, rules: Mapping[str, tuple[str, Former]], notes: list[str]) -> Any:
    def today(name: Any) -> Any:
        if not isinstance(name, str) or name not in rules:
            return name
        code, former = rules[name]
        notes.append(note(name, code, former.until))
        return code

    if key in {"severity", "waiver"} and isinstance(value, list):
        return [
            {**one, "rule": today(one["rule"])} if isinstance(one, Mapping) and "rule" in one else one for one in value
        ]
    if key == "preview" and isinstance(value, list):
        return [today(one) for one in value]
    if key == "prove" and isinstance(value, Mapping) and isinstance(value.get("excused"), Mapping):
        return {**value, "excused": {today(name): why for name, why in value["excused"].items()}}
    return value
