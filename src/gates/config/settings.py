"""Settings: what the user asked for, typed and checked, from the command line, the environment and the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import msgspec

from gates import __version__
from gates.config import checks, overrides, renames
from gates.config.command import CommandTable, Placed
from gates.config.fault import Fault, convert, nearest
from gates.config.general import KEYS, SCHEMA_VERSION, General, Prove, Record, Redact, SeverityOverride
from gates.config.source import Source
from gates.errors import ConfigError
from gates.model.gate import GateSettings
from gates.model.rule import Former
from gates.model.waiver import Waiver

__all__ = [
    "KEYS",
    "SCHEMA_VERSION",
    "Config",
    "General",
    "Redact",
    "SeverityOverride",
    "check_versions",
    "commands",
    "plugins",
    "resolve",
]

T = TypeVar("T")

_NONE: Mapping[str, tuple[str, Former]] = {}


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Resolved settings; `gates` has those of every registered gate, `tables` the gates with a table of their own."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    python: str | None = None
    plugins: tuple[str, ...] = ()
    jobs: int | None = None
    base: str | None = None
    output_format: str | None = None
    offline: bool = False
    severity: tuple[SeverityOverride, ...] = ()
    waiver: tuple[Waiver, ...] = ()
    baseline: tuple[str, ...] = ()
    redact: Redact = msgspec.field(default_factory=Redact)
    record: Record = msgspec.field(default_factory=Record)
    prove: Prove = msgspec.field(default_factory=Prove)
    members: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    required_version: str | None = None
    command: tuple[CommandTable, ...] = ()
    gates: Mapping[str, GateSettings] = msgspec.field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    preview: bool | tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: Source = msgspec.field(default_factory=Source)
    origins: Mapping[str, str] = msgspec.field(default_factory=dict)

    def where(self, gate: str, key: str) -> str:
        """Where a setting comes from: `pyproject.toml:12`, `--select`, `GATES_JOBS`, or `default`.

        `gate` is "" for the keys of `[tool.gates]` itself; `key` may be spelled with dashes or underscores, and may
        lead into a nested table (`path[2].minimum`, counted from 0). The origin of a table is that of its keys.
        """
        keys: list[str | int] = list(self._table_of(gate)) if gate else []
        names = re.findall(r"[^.\[\]]+", key)
        keys += [int(name) if name.isdigit() else name.replace("_", "-") for name in names]
        for end in range(1, len(keys) + 1):
            origin = self.origins.get(".".join(map(str, keys[:end])))
            if origin is not None:
                return origin
        table: Any = self.source.table
        for one in keys:
            try:
                table = table[one]
            except (KeyError, IndexError, TypeError):
                return "default"
        return f"{self.source.path}:{self.source.line(*keys)}"

    def _table_of(self, gate: str) -> tuple[str | int, ...]:
        index = next((index for index, one in enumerate(self.command) if one.name == gate), None)
        return (gate,) if index is None else ("command", index)


def resolve(
    source: Source,
    gates: Mapping[str, type[GateSettings]],
    *,
    environ: Mapping[str, str],
    flags: Mapping[str, Any],
    rules: Collection[str],
    unwaivable: Collection[str] = (),
    former: Mapping[str, tuple[str, Former]] = _NONE,
) -> Config:
    """The settings in force: a flag over the environment (`overrides.VARIABLES`) over the file over the default.

    `gates` are the settings' types of every registered gate, `rules` the codes and names of every rule, `unwaivable`
    of those that no waiver may name, `former` the codes behind names that rules had before. A flag that is None was
    not given.

    Raises:
        ConfigError: the file or the environment is made for another version, says something unknown (with the nearest
            valid name), or has a value of the wrong type.
        UsageError: a flag names what does not exist.
    """
    check_versions(source)
    table, notes = renames.current(source.table, former)
    source = msgspec.structs.replace(source, table=table)
    general, named = _file(source, gates)
    written = {one.name: one for one in general.command}
    settings = {name: written.get(name) or _gate(source, name, kind) for name, kind in gates.items()}
    checks.general(source, general, rules, unwaivable)
    asked = overrides.merged(environ, flags)
    values = {key: getattr(general, key) for key in General.__struct_fields__ if key != "schema_version"}
    values |= {key: override.value for key, override in asked.items()}
    known = checks.Known(gates=frozenset(gates), rules=frozenset(rules))
    checks.names(source, "baseline", general.baseline, None, known)
    for key in ("select", "ignore"):
        checks.names(source, key, getattr(general, key) or (), None, known)
        if key in asked:
            checks.names(source, key, values[key], asked[key], known)
        values[key] = None if values[key] is None else tuple(dict.fromkeys(values[key]))
    return Config(
        **values,
        gates=settings,
        tables=frozenset(named),
        notes=notes,
        source=source,
        origins={key.replace("_", "-"): override.origin for key, override in asked.items()},
    )


def plugins(source: Source) -> tuple[str, ...]:
    """The project's own modules that register gates; read before their gates, and so the other tables, are known.

    Raises:
        ConfigError: the file is made for another version, or `plugins` is not a list of strings.
    """
    check_versions(source)
    found = _converted(source, (), {key: source.table[key] for key in ("plugins",) if key in source.table}, General)
    return found.plugins


def commands(source: Source) -> tuple[Placed, ...]:
    """The tables `[[command]]` and where they stand; read before the gates that they make are known.

    Raises:
        ConfigError: the file is made for another version, a table is wrong, or two bear one name.
    """
    if "command" not in source.table:
        return ()
    check_versions(source)
    found = _converted(source, (), {"command": source.table["command"]}, General).command
    names = [one.name for one in found]
    for index, one in enumerate(found):
        keys = ("command", index, "name")
        if one.name in names[:index]:
            raise checks.wrong(source, keys, f"two commands are named {one.name!r}; rename one")
        if one.name in KEYS:
            raise checks.wrong(
                source, keys, f"{one.name!r} is a key of [{source.named()}] and no name of a gate; rename it"
            )
    path = source.path or ""
    return tuple(Placed(table=one, path=path, line=source.line("command", index)) for index, one in enumerate(found))


def as_written(
    source: Source, gates: Mapping[str, type[GateSettings]], former: Mapping[str, tuple[str, Former]]
) -> Config:
    """What the file of another commit says, without the environment and without asking that its names exist here.

    Tables of gates that are not known here are left out; `tables` names them all the same. The version of gates that
    the file asks for is not looked at, since a change may raise it.

    Raises:
        ConfigError: the file is written in another form, or a value has the wrong type.
    """
    stated = {key: source.table[key] for key in ("schema-version",) if key in source.table}
    checks.schema_version(source, _converted(source, (), stated, General))
    table, _ = renames.current(source.table, former)
    source = msgspec.structs.replace(source, table=table)
    general = _converted(source, (), {key: one for key, one in table.items() if key in KEYS}, General)
    written: dict[str, GateSettings] = {one.name: one for one in general.command}
    settings = {name: _gate(source, name, kind) for name, kind in gates.items() if kind is not CommandTable} | written
    values = {key: getattr(general, key) for key in General.__struct_fields__ if key != "schema_version"}
    named = frozenset(key for key, one in table.items() if key not in KEYS and isinstance(one, Mapping))
    return Config(**values, gates=settings, tables=named, source=source)


def check_versions(source: Source) -> None:
    """Refuse a file that asks for another version of gates or is written in another form, before all else is read.

    Raises:
        ConfigError: `required-version` excludes this version or is no specifier; `schema-version` is not 1.
    """
    stated = {key: source.table[key] for key in ("required-version", "schema-version") if key in source.table}
    found = _converted(source, (), stated, General)
    if found.required_version is not None:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            wanted = SpecifierSet(found.required_version)
        except InvalidSpecifier as error:
            message = f'required-version must be a version specifier such as ">=0.1", not "{found.required_version}"'
            raise checks.wrong(source, ("required-version",), message) from error
        if not wanted.contains(__version__, prereleases=True):
            message = f"this project asks for gates {found.required_version} (required-version); this is {__version__}"
            raise checks.wrong(source, ("required-version",), message)
    checks.schema_version(source, found)


def _file(source: Source, gates: Mapping[str, type[GateSettings]]) -> tuple[General, list[str]]:
    taken = sorted(set(KEYS) & set(gates))
    if taken:
        raise ConfigError(f"a plugin's gate is named {taken[0]!r}, which is a key of [tool.gates]; rename the gate")
    general = _converted(source, (), {key: one for key, one in source.table.items() if key in KEYS}, General)
    commands = {one.name for one in general.command}
    for key in source.table:
        if key in commands:
            raise checks.unknown(
                source, (key,), f"{key!r} is a command: its keys are in its [[{source.named('command')}]]"
            )
        if key not in KEYS and key not in gates:
            raise checks.unknown(
                source, (key,), nearest(key, [*KEYS, *(name for name in gates if name not in commands)])
            )
    return general, [key for key in source.table if key in gates]


def _gate(source: Source, name: str, kind: type[GateSettings]) -> GateSettings:
    if name not in source.table and _is_optional(kind):
        # To read a table, all that is annotated has to be understood first, gate by gate.
        return kind()
    table = source.table.get(name, {})
    if not isinstance(table, Mapping):
        raise checks.wrong(source, (name,), f"{source.named(name)} must be a table")
    return _converted(source, (name,), table, kind)


def _converted(source: Source, at: tuple[str, ...], table: Mapping[str, Any], kind: type[T]) -> T:
    found = convert(table, kind)
    if not isinstance(found, Fault):
        return found
    keys = (*at, *found.keys)
    if found.unknown:
        raise checks.unknown(source, keys, found.message)
    raise checks.wrong(source, keys, f"{source.named(*keys)} {found.message}")


def _is_optional(kind: type[GateSettings]) -> bool:
    """Whether no key of a table must be there."""
    defaults = kind.__struct_defaults__
    return len(defaults) == len(kind.__struct_fields__) and not any(one is msgspec.NODEFAULT for one in defaults)
