"""Overlay: the copy's configuration as a proof needs it, written into its own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gates.config.source import OWN_FILE, PYPROJECT, Source

if TYPE_CHECKING:
    from gates.model.canary import Planted
    from gates.prove.copy import Copy


def place(source: Source, copy: Copy) -> str:
    """The file that holds the settings, or would."""
    if source.path is not None:
        return source.path
    return PYPROJECT if (copy.root / PYPROJECT).is_file() else OWN_FILE


def written(text: str, path: str, *, without: Mapping[str, tuple[str, ...]], added: Mapping[str, Any]) -> str:
    """The configuration `text` of the file `path` without the keys named by table, and with `added` laid over it.

    Tables are merged and lists are appended; what is not touched stays as it was written.
    """
    import tomlkit

    document = tomlkit.parse(text)
    table = _table(document, path)
    for name, keys in without.items():
        held = table.get(name)
        for key in keys if isinstance(held, dict) else ():
            held.pop(key, None)
    _merge(table, added)
    return tomlkit.dumps(document)


def narrowed(text: str, path: str, settings: Mapping[str, Mapping[str, Any]]) -> str:
    """The configuration with keys of gates' tables replaced."""
    import tomlkit

    document = tomlkit.parse(text)
    table = _table(document, path)
    for gate, keys in settings.items():
        if gate not in table:
            table[gate] = tomlkit.table()
        for key, value in keys.items():
            table[gate][key] = _plain(value)
    return tomlkit.dumps(document)


def joined(parts: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What several plants narrow a run to together: lists are joined; None where they contradict each other."""
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key not in whole:
                whole[key] = value
            elif isinstance(value, list | tuple) and isinstance(whole[key], list | tuple):
                whole[key] = list(dict.fromkeys([*whole[key], *value]))
            elif whole[key] != value:
                return None
    if any(set(part) != set(whole) for part in parts):
        return None
    return whole


def narrowing(gate: str, planted: Sequence[Planted]) -> Mapping[str, Mapping[str, Any]] | None:
    """What several plants narrow a run to, by gate; None where they contradict each other."""
    whole: dict[str, Mapping[str, Any]] = {}
    for name in dict.fromkeys([gate, *(name for one in planted for name in one.needed)]):
        found = joined([one.settings if name == gate else one.needed.get(name, {}) for one in planted])
        if found is None:
            return None
        if found:
            whole[name] = found
    return whole


def merged(table: Mapping[str, Any], added: Mapping[str, Any]) -> Mapping[str, Any]:
    """`table` with `added` laid over it: tables are merged and lists are appended."""
    whole: dict[str, Any] = _plain(table)
    _merge(whole, added)
    return whole


def _table(document: Any, path: str) -> Any:
    import tomlkit

    table = document
    for name in ("tool", "gates") if path == PYPROJECT else ():
        if name not in table:
            table[name] = tomlkit.table(is_super_table=name == "tool")
        table = table[name]
    return table


def _merge(table: Any, added: Mapping[str, Any]) -> None:
    for key, value in added.items():
        held = table.get(key)
        if isinstance(value, Mapping) and isinstance(held, dict):
            _merge(held, value)
        elif isinstance(value, list | tuple) and isinstance(held, list | tuple):
            table[key] = [*_plain(held), *_plain(value)]
        else:
            table[key] = _plain(value)


def _plain(value: Any) -> Any:
    """A value without what a parsed document remembers of its shape."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.unwrap() if hasattr(value, "unwrap") else value
