"""Own: gates' settings in force, those of every gate included, as they are written in the file of one commit."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gates.config.effective.value import Known, plain
from gates.config.general import General
from gates.config.settings import Config
from gates.config.source import PYPROJECT
from gates.errors import ConfigError
from gates.model.strictness import UNKNOWN, Strictness, of_field, strictness

if TYPE_CHECKING:
    from gates.model.gate import Gate
    from gates.project.facts import Project

ELSEWHERE = frozenset({"schema-version", "select", "ignore", "severity", "waiver"})
"""Keys that are compared by what they mean together."""

SELECTED = "select: "
MEMBERS = "workspace: members"
_DEFAULT = "error"


def known(config: Config) -> Iterator[Known]:
    """Every setting of `[tool.gates]` and of the gates' tables, `tests.max-warnings`, with its value or default."""
    for key, held, value in _fields(General, config):
        yield from _flat(config, (key,), held, value)
    commands = {one.name for one in config.command}
    for name, settings in config.gates.items():
        for key, held, value in _fields(type(settings), settings) if name not in commands else ():
            yield from _flat(config, (name, key), held, value)


def judged(
    config: Config, project: Project, gates: Mapping[str, Gate[Any, Any]], names: Collection[str]
) -> Iterator[Known]:
    """Of each gate in `names` whether it is judged without anybody naming it on a command line: `select: lint`."""
    for name in sorted(names):
        ignored = name in config.ignore
        if config.select is not None:
            there = name in config.select
        else:
            there = name in config.tables or _applies(config, project, gates.get(name))
        place = _place(config, "ignore" if ignored else "select")
        held = strictness("on", "judging")
        yield Known(key=f"{SELECTED}{name}", value=there and not ignored, place=place, strictness=held)


def members(config: Config, project: Project) -> Iterator[Known]:
    """The members of a workspace, by what its globs match: one that is gone is judged no more."""
    try:
        found = project.members
    except ConfigError:
        # Of the base alone: what is judged was read before.
        return
    if found:
        place = _place(config, "members") if config.members else PYPROJECT
        held = strictness("grow", "judging")
        yield Known(key=MEMBERS, value=plain(held.way, found, place), place=place, strictness=held)


def levels(config: Config, pairs: Collection[tuple[str, str]], codes: Mapping[str, str]) -> Iterator[Known]:
    """The level in force of each pair of a rule and a glob; `codes` are the codes of rules by name."""
    for rule, glob in sorted(pairs):
        level, place = _DEFAULT, _place(config, "severity")
        for index, one in enumerate(config.severity):
            if codes.get(one.rule, one.rule) == rule and (one.path == "**" or fnmatch.fnmatchcase(glob, one.path)):
                level, place = one.level, _place(config, "severity", index, "level")
        where = "" if glob == "**" else f" in {glob}"
        yield Known(key=f"severity: {rule}{where}", value=level, place=place, strictness=strictness("level"))


def levelled(config: Config, codes: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The pairs of a rule and a glob whose level the configuration sets."""
    return frozenset((codes.get(one.rule, one.rule), one.path) for one in config.severity)


def _applies(config: Config, project: Project, gate: Gate[Any, Any] | None) -> bool:
    if gate is None or gate.name not in config.gates:
        return False
    try:
        return gate.applies(project, config.gates[gate.name]).reason is None
    except Exception:  # noqa: BLE001 - of a commit only the configuration lies on disk; what a gate misses was there
        return True


def _fields(kind: type[Any], holder: Any) -> Iterator[tuple[str, Strictness, Any]]:
    for field in msgspec.structs.fields(kind):
        if kind is General and field.encode_name in ELSEWHERE:
            continue
        yield field.encode_name, of_field(field.type), getattr(holder, field.name)


def _flat(config: Config, at: tuple[str, ...], held: Strictness, value: Any) -> Iterator[Known]:
    """A setting, or the settings inside of it: those of a table, and those of each table of a named list."""
    if held.way == "free":
        return
    name = ".".join(at)
    if isinstance(value, msgspec.Struct):
        for inner, inner_held, inner_value in _fields(type(value), value):
            yield from _flat(config, (*at, inner), inner_held, inner_value)
    elif held.by is not None:
        names = [str(getattr(one, held.by)) for one in value]
        yield _one(config, name, at, held, names)
        for index, (own_name, one) in enumerate(zip(names, value, strict=True)):
            for inner, inner_held, inner_value in _fields(type(one), one):
                if inner != held.by and inner_held.way != "free":
                    yield _one(config, f"{name}[{own_name}].{inner}", (*at, index, inner), inner_held, inner_value)
    elif isinstance(value, Mapping) and held is UNKNOWN:
        for inner, one in value.items():
            yield _one(config, f"{name}[{inner}]", (*at, inner), held, one)
    else:
        yield _one(config, name, at, held, list(value) if isinstance(value, Mapping) else value)


def _one(config: Config, name: str, at: tuple[str | int, ...], held: Strictness, value: Any) -> Known:
    place = _place(config, *at)
    nothing = value is None or (isinstance(value, list | tuple) and not value)
    return Known(key=name, value=None if nothing else plain(held.way, value, place), place=place, strictness=held)


def _place(config: Config, *at: str | int) -> str:
    """The line of a key, or where it is not written the file that could say it."""
    source = config.source
    table: Any = source.table
    for key in at:
        try:
            table = table[key]
        except (KeyError, IndexError, TypeError):
            return source.path or ""
    return f"{source.path}:{source.line(*at)}"
