"""Source: the configuration as it is written, and where in its file each key stands."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.errors import ConfigError
from gates.project.documents import tables

if TYPE_CHECKING:
    from gates.config.positions import Key

PYPROJECT = "pyproject.toml"
OWN_FILE = "gates.toml"
LIMIT = 2 * 1024 * 1024
BOM = "\ufeff"

_PLACE = r" \(at (?:line (\d+), column \d+|end of document)\)$"


class Source(msgspec.Struct, frozen=True, dict=True):
    """The table of gates' settings, and the file (`pyproject.toml`, `gates.toml` or None) that it was read from."""

    table: Mapping[str, Any] = msgspec.field(default_factory=dict)
    path: str | None = None
    text: str = ""

    @property
    def prefix(self) -> tuple[str, ...]:
        """The tables round gates' own: `tool.gates` in pyproject.toml, none in gates.toml."""
        return ("tool", "gates") if self.path == PYPROJECT else ()

    def line(self, *keys: str | int) -> int | None:
        """The line of a key in gates' table, by its path; of what is nearest round it if the key is not written."""
        path: Key = (*self.prefix, *keys)
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)

    def named(self, *keys: str | int) -> str:
        """A table or key as the user would write it: `[tool.gates.lint]` has the keys "lint"."""
        return dotted((*self.prefix, *keys))

    @cached_property
    def _lines(self) -> Mapping[Key, int]:
        from gates.config.positions import positions

        return positions(self.text)


def read(root: Path) -> Source:
    """The settings of the project at `root`: `[tool.gates]` of its pyproject.toml, or the whole of its gates.toml.

    Without either the table is empty and the path None.

    Raises:
        ConfigError: both are there; a file cannot be read, is larger than 2 MiB, is not UTF-8 or is not TOML.
    """
    text = text_of(root, PYPROJECT)
    own = text_of(root, OWN_FILE)
    source = Source() if text is None else _from_pyproject(text)
    if own is None:
        return source
    if source.path is not None:
        raise ConfigError(
            f"settings are in both {PYPROJECT} ([tool.gates]) and {OWN_FILE}; keep one",
            path=PYPROJECT,
            line=source.line(),
        )
    return Source(table=parse(own, OWN_FILE), path=OWN_FILE, text=own)


def text_of(root: Path, name: str) -> str | None:
    """The text of a configuration file in the project's root without its byte order mark, or None if there is none.

    Raises:
        ConfigError: it is no regular file, cannot be read, is larger than 2 MiB, binary or not UTF-8.
    """
    data = data_of(root, name)
    return None if data is None else decode(data, name)


def data_of(root: Path, name: str) -> bytes | None:
    """The bytes of a configuration file in the project's root, or None if there is none.

    Raises:
        ConfigError: it is no regular file, cannot be read, or is larger than 2 MiB.
    """
    try:
        # A named pipe would be waited for without end.
        if not stat.S_ISREG((root / name).stat().st_mode):
            raise ConfigError(f"{name} is not a file", path=name)
        with (root / name).open("rb") as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        if (root / name).is_symlink():
            raise ConfigError(f"{name} is a link to a file that does not exist", path=name) from None
        return None
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror or error}", path=name) from error
    if len(data) > LIMIT:
        raise ConfigError(f"{name} is larger than {LIMIT // 1024 // 1024} MiB, which no configuration is", path=name)
    return data


def decode(data: bytes, name: str) -> str:
    """The text of a configuration file without its byte order mark.

    Raises:
        ConfigError: it is binary or not UTF-8.
    """
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise ConfigError(f"{name} is a binary file: it has a zero byte", path=name, line=line)
    try:
        return data.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{name} is not UTF-8: byte 0x{data[error.start]:02x} on this line", path=name, line=line
        ) from error


def parse(text: str, name: str) -> Mapping[str, Any]:
    """The tables of a TOML document; they are shared between callers and not to be changed.

    Raises:
        ConfigError: it is not TOML, at the line where reading ended.
    """
    try:
        return tables(text)
    except RecursionError as error:
        raise ConfigError(f"{name} nests its values too deeply to be read", path=name) from error
    # Besides TOMLDecodeError, an integer of thousands of digits is a plain ValueError.
    except ValueError as error:
        message, line = _explained(str(error), text)
        raise ConfigError(f"{name} is not valid TOML: {message}", path=name, line=line) from error


def dotted(keys: Key) -> str:
    """A path of keys as TOML writes it, with elements of arrays counted from 1: `a."b c"[2].d`."""
    written = ""
    for key in keys:
        if isinstance(key, int):
            written += f"[{key + 1}]"
            continue
        bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
        quoted = key if bare else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
        written += f".{quoted}" if written else quoted
    return written


def _from_pyproject(text: str) -> Source:
    tables = parse(text, PYPROJECT)
    tool = tables.get("tool", {})
    whole = Source(path=PYPROJECT, text=text)
    if not isinstance(tool, dict):
        raise ConfigError("[tool] must be a table", path=PYPROJECT, line=whole.line())
    if "gates" not in tool:
        return Source()
    if not isinstance(tool["gates"], dict):
        raise ConfigError("[tool.gates] must be a table", path=PYPROJECT, line=whole.line())
    return Source(table=tool["gates"], path=PYPROJECT, text=text)


def _explained(message: str, text: str) -> tuple[str, int | None]:
    found = re.search(_PLACE, message)
    if found is None:
        return message, None
    line = int(found[1]) if found[1] else text.rstrip("\n").count("\n") + 1
    cause = message[: found.start()]
    return cause[:1].lower() + cause[1:], line
