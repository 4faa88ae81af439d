"""Documents: configuration files as tables, with one sentence for each that cannot be read."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from gates.errors import ConfigError, ProjectError

LIMIT = 2 * 1024 * 1024
"""Bytes; no configuration is larger, and reading one that is would take memory without end."""

BOM = "\ufeff"
_PLACE = r" \(at (?:line (\d+), column \d+|end of document)\)$"


def data_of(folder: Path, name: str, *, shown: str | None = None) -> bytes | None:
    """The bytes of the file `name` in `folder`, or None if there is none; `shown` is what errors call it.

    Raises:
        ConfigError: it is no regular file, or larger than 2 MiB.
        ProjectError: it may not be read.
    """
    place, path = folder / name, shown or name
    try:
        # A named pipe would be waited for without end.
        if not stat.S_ISREG(place.stat().st_mode):
            raise ConfigError(f"{name} is not a file", path=path)
        with place.open("rb") as file:
            data = file.read(LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        if place.is_symlink():
            raise ConfigError(f"{name} is a link to a file that does not exist", path=path) from None
        return None
    except OSError as error:
        raise ProjectError(f"{name} cannot be read: {error.strerror or error}", path=path) from error
    if len(data) > LIMIT:
        raise ConfigError(f"{name} is larger than {LIMIT // 1024 // 1024} MiB, which no configuration is", path=path)
    return data


def text_of(folder: Path, name: str, *, shown: str | None = None) -> str | None:
    """The text of the file `name` in `folder` without its byte order mark, or None if there is none.

    Raises:
        ConfigError: it is no regular file, larger than 2 MiB, binary or not UTF-8.
        ProjectError: it may not be read.
    """
    data = data_of(folder, name, shown=shown)
    return None if data is None else decode(data, name, shown=shown)


def decode(data: bytes, name: str, *, shown: str | None = None) -> str:
    """The text of a configuration file without its byte order mark.

    Raises:
        ConfigError: it is binary or not UTF-8.
    """
    path = shown or name
    if b"\0" in data:
        message = f"{name} is a binary file: it has a zero byte"
        raise ConfigError(message, path=path, line=_line(data, data.index(b"\0")))
    try:
        return data.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        message = f"{name} is not UTF-8: byte 0x{data[error.start]:02x} on this line"
        raise ConfigError(message, path=path, line=_line(data, error.start)) from error


def toml(text: str, name: str) -> Mapping[str, Any]:
    """The tables of a TOML document, called `name` in errors.

    Raises:
        ConfigError: it is not TOML, with the line where reading ended.
    """
    try:
        return tables(text)
    except RecursionError as error:
        raise ConfigError(f"{name} nests its values too deeply to be read", path=name) from error
    # Besides TOMLDecodeError, an integer of thousands of digits is a plain ValueError.
    except ValueError as error:
        message = str(error)
        found = re.search(_PLACE, message)
        line = int(found[1]) if found and found[1] else text.rstrip("\n").count("\n") + 1 if found else None
        cause = message[: found.start()] if found else message
        raise ConfigError(f"{name} is not valid TOML: {cause[:1].lower()}{cause[1:]}", path=name, line=line) from error


@lru_cache(maxsize=8)
def tables(text: str) -> Mapping[str, Any]:
    """The tables of a TOML document; parsed once, shared between callers and not to be changed.

    Raises:
        ValueError: it is not TOML.
        RecursionError: it nests too deeply.
    """
    return tomllib.loads(text)


def ini(folder: Path, name: str) -> Mapping[str, Mapping[str, str]]:
    """The sections of an INI file as plain text; none where it is absent or broken, because its tool complains."""
    try:
        text = text_of(folder, name)
    except (ConfigError, ProjectError):
        return {}
    if text is None:
        return {}
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def table(value: Any, *keys: str) -> Mapping[str, Any]:
    """The table at a path of keys inside `value`, empty where there is none or something else stands there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def words(value: Any) -> tuple[str, ...]:
    """A list of strings as TOML writes it, or a string of words as INI writes it; nothing for anything else."""
    if isinstance(value, str):
        return tuple(value.split())
    if isinstance(value, list | tuple):
        return tuple(item for item in value if isinstance(item, str))
    return ()


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
