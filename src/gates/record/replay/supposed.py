"""Supposed: settings as they might have been, `coverage.total=90`, put in the place of those that a run had."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from gates.config import general
from gates.config.source import Source
from gates.engine.grounds import Grounds, Place
from gates.errors import ConfigError, UsageError
from gates.project import documents

OPTION = "--set"
GENERAL = ("severity", "waiver", "baseline", "preview", "prove")
"""The keys of `[tool.gates]` that have a part in deciding; all others say what to collect, or how to show it."""

COMMAND = "command"
COLLECTING = frozenset(general.KEYS) - {*GENERAL, COMMAND}
WRITTEN = {
    "severity": 'severity=[{rule="X", level="warning"}]',
    "waiver": 'waiver=[{rule="X", subject="**", reason="R", owner="O", expires=2027-01-31}]',
}
"""How the lists are written whole."""

_PART = re.compile(r"[^.\[\]]+")

Keys: TypeAlias = tuple[str | int, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: the project of a workspace that alone is meant, or "", its keys, its value, and how it was given."""

    project: str
    keys: Keys
    value: Any
    given: str

    @property
    def gate(self) -> str | None:
        """The gate whose setting it is, None for a key of `[tool.gates]` itself."""
        return None if self.keys[0] in GENERAL else str(self.keys[0])

    def error(self, problem: str) -> UsageError:
        """An error about it."""
        return UsageError(f"{OPTION} {self.given}: {problem}")


def parsed(given: str) -> Change:
    """The change that `GATE.KEY=VALUE` asks for, or `PROJECT:GATE.KEY=VALUE` in a workspace; VALUE is one of TOML.

    Raises:
        UsageError: it is not of this form.
    """
    name, equals, value = given.partition("=")
    project, _, path = name.strip().rpartition(":")
    keys: Keys = tuple(int(one) if one.isdecimal() else one for one in _PART.findall(path))
    if not equals or not keys or isinstance(keys[0], int):
        raise UsageError(f"{OPTION} {given}: write it as GATE.KEY=VALUE, for instance coverage.total=90")
    change = Change(project=project, keys=keys, value=_read(value, given), given=given)
    if _spelt(keys[0]) == COMMAND:
        raise change.error("write a command's setting under its name, NAME.KEY=VALUE")
    if _spelt(keys[0]) in COLLECTING:
        raise change.error(
            f"{keys[0]} says what is collected, or how a run is shown; neither can be chosen afterwards."
            f" Name one of {', '.join(GENERAL)}, or a setting of a gate, GATE.KEY=VALUE"
        )
    if len(keys) == 1 and change.gate is not None:
        raise change.error(f"it names no key of {keys[0]}; write {keys[0]}.KEY=VALUE")
    return change


def applied(source: Source, changes: Iterable[Change]) -> tuple[Source, Mapping[str, str]]:
    """The settings with the changes in them, and where each changed one comes from, by its keys.

    Raises:
        UsageError: a change leads into what is no table or list, or past the end of one.
    """
    table = copy.deepcopy(dict(source.table))
    origins = {}
    for change in changes:
        keys = _placed(table, change)
        spelled = _put(table, change, keys)
        origins[".".join(map(str, spelled))] = OPTION
    return msgspec.structs.replace(source, table=table), origins


def about(place: Place, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes that are about a project: those that name it, and of what it judged those that name none."""
    judged = () if place.grounds is None else tuple(one.name for one in place.grounds.judged)
    return tuple(
        one
        for one in changes
        if one.project == place.project or (not one.project and (one.gate is None or one.gate in judged))
    )


def refuse_strangers(grounds: Grounds, changes: Sequence[Change]) -> None:
    """Refuse changes of what a run did not judge.

    Raises:
        UsageError: there is one.
    """
    for one in changes:
        places = [place for place in grounds.places if one.project in {"", place.project}]
        judged = sorted({gate.name for place in places if place.grounds for gate in place.grounds.judged})
        if not places:
            raise one.error(f"the run judged no project {one.project}")
        if one.gate is not None and one.gate not in judged:
            known = {name for place in places if place.grounds for name, _ in place.grounds.registered}
            there = f"{', '.join(judged)} and the keys {', '.join(GENERAL)}"
            if one.gate not in known:
                raise one.error(f"there was no gate {one.gate}; what the run decided on are {there}")
            raise one.error(
                f"the run did not judge {one.gate}, so there is no evidence of it to decide on; it judged"
                f" {', '.join(judged)}. `gates check {one.gate}` leaves a run that can be asked"
            )


def _read(value: str, given: str) -> Any:
    try:
        table = documents.toml(f"value = {value}", OPTION)
    except ConfigError:
        table = {}
    if set(table) != {"value"}:
        raise UsageError(f"{OPTION} {given}: {value!r} is no value of TOML; a text stands in quotation marks")
    return table["value"]


def _placed(table: Mapping[str, Any], change: Change) -> Keys:
    """The keys from gates' table on: those of a command are in its own element of `command`."""
    commands = table.get("command", [])
    for index, one in enumerate(commands if isinstance(commands, Sequence) else []):
        if one.get("name") == change.keys[0]:
            return ("command", index, *change.keys[1:])
    return change.keys


def _put(table: Any, change: Change, keys: Keys) -> Keys:
    """Put the value in its place; the keys as they are spelled there."""
    spelled: Keys = ()
    for at, key in enumerate(keys):
        found = _spelled(table, key, change)
        spelled = (*spelled, found)
        if at == len(keys) - 1:
            table[found] = change.value
        elif isinstance(found, str):
            if found not in table and isinstance(keys[at + 1], int):
                raise change.error(_without(found))
            table = table.setdefault(found, {})
        else:
            table = table[found]
    return spelled


def _without(name: str) -> str:
    """The sentence on an element of a list that the run did not have."""
    return f"the run had no list {name}, so it has no elements; write all of it: {WRITTEN.get(name, f'{name}=[…]')}"


def _spelt(key: str | int) -> str:
    return str(key).replace("_", "-")


def _spelled(table: Any, key: str | int, change: Change) -> str | int:
    if isinstance(table, list):
        if isinstance(key, int) and key < len(table):
            return key
        raise change.error(f"there is no element {key} among the {len(table)} that the run had, counted from 0")
    if not isinstance(table, dict):
        raise change.error(f"nothing can be below a value such as {table!r}")
    name = str(key)
    return name if name in table else _spelt(key)
