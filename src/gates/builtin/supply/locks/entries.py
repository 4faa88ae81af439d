"""Entries: the tables `[[package]]` of a lock file in TOML, with the line of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from gates.builtin.supply.addresses import cleaned
from gates.builtin.supply.distribution import Artifact
from gates.errors import ConfigError
from gates.model.evidence import counted

HASH = re.compile(r"[a-z0-9_]+:[0-9a-fA-F]{16,}")


def entries(held: Mapping[str, Any], text: str, key: str, name: str) -> Iterator[tuple[Mapping[str, Any], int | None]]:
    """Each table of the list `key` with its line; `name` is the file in errors.

    Raises:
        ConfigError: the list is none, or an element of it has no name.
    """
    listed = held.get(key, [])
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == f"[[{key}]]"]
    if not isinstance(listed, list):
        raise ConfigError(f"{name} is damaged: `{key}` is no list of tables", path=name)
    for index, one in enumerate(listed):
        line = lines[index] if len(lines) == len(listed) else None
        if not isinstance(one, Mapping) or not isinstance(one.get("name"), str) or not one["name"]:
            raise ConfigError(f"{name} is damaged: an entry of `{key}` has no name", path=name, line=line)
        yield one, line


def artifact(held: Any) -> Artifact | None:
    """The file that a table with `url`, `path`, `file` or `name` and `hash` or `hashes` names; None else."""
    if not isinstance(held, Mapping):
        return None
    url = cleaned(text(held, "url"))
    if urlsplit(url).scheme == "file":
        url = ""
    place = text(held, "name") or text(held, "file") or urlsplit(url).path or text(held, "path")
    several = held.get("hashes")
    found = [f"{name}:{value}" for name, value in several.items()] if isinstance(several, Mapping) else []
    if not found and text(held, "hash"):
        found = [text(held, "hash")]
    return Artifact(
        name=unquote(PurePosixPath(place).name),
        url=url,
        hashes=counted(sorted(one.lower() for one in found if HASH.fullmatch(one))),
    )


def artifacts(*listed: Any) -> tuple[Artifact, ...]:
    """The files that are named one by one and in lists, in their order."""
    flat = [one for each in listed for one in (each if isinstance(each, list) else [each])]
    return tuple(found for one in flat if (found := artifact(one)) is not None)


def text(held: Mapping[str, Any], key: str) -> str:
    """The string at `key`, "" where there is none or something else."""
    value = held.get(key)
    return value if isinstance(value, str) else ""
