"""Source: the configuration as it is written, and where in its file each key stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.errors import ConfigError
from gates.project import documents

if TYPE_CHECKING:
    from gates.config.positions import Key

PYPROJECT = "pyproject.toml"
OWN_FILE = "gates.toml"


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

    def own_text(self) -> str | None:
        """The text with every line empty that is not gates' own, so that each key keeps its line.

        None where what is left does not say the same.
        """
        from itertools import pairwise

        lines = self.text.split("\n")
        starts = sorted(set(self._lines.values()))
        # A table round gates' own counts as own, since what is below it could not be read without its header.
        own = {line for key, line in self._lines.items() if all(map(str.__eq__, map(str, key), self.prefix))}
        for start, end in pairwise([*starts, len(lines) + 1]):
            if start not in own:
                lines[start - 1 : end - 1] = [""] * (end - start)
        text = "\n".join(lines)
        try:
            return text if of(self.path, text).table == of(self.path, self.text).table else None
        except ConfigError:
            return None

    @cached_property
    def _lines(self) -> Mapping[Key, int]:
        from gates.config.positions import positions

        return positions(self.text)


def read(root: Path) -> Source:
    """The settings of the project at `root`: `[tool.gates]` of its pyproject.toml, or the whole of its gates.toml.

    Without either the table is empty and the path None.

    Raises:
        ConfigError: both are there; a file is larger than 2 MiB, is not UTF-8 or is not TOML.
        ProjectError: a file may not be read.
    """
    text = documents.text_of(root, PYPROJECT)
    own = documents.text_of(root, OWN_FILE)
    source = Source() if text is None else _from_pyproject(text)
    if own is None:
        return source
    if source.path is not None:
        raise ConfigError(
            f"settings are in both {PYPROJECT} ([tool.gates]) and {OWN_FILE}; keep one",
            path=PYPROJECT,
            line=source.line(),
        )
    return Source(table=documents.toml(own, OWN_FILE), path=OWN_FILE, text=own)


def of(path: str | None, text: str) -> Source:
    """The settings in a text that was read from the file `path`.

    Raises:
        ConfigError: it is not TOML.
    """
    if path is None:
        return Source()
    return (
        _from_pyproject(text) if path == PYPROJECT else Source(table=documents.toml(text, path), path=path, text=text)
    )


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
    tables = documents.toml(text, PYPROJECT)
    tool = tables.get("tool", {})
    whole = Source(path=PYPROJECT, text=text)
    if not isinstance(tool, dict):
        raise ConfigError("[tool] must be a table", path=PYPROJECT, line=whole.line())
    if "gates" not in tool:
        return Source()
    if not isinstance(tool["gates"], dict):
        raise ConfigError("[tool.gates] must be a table", path=PYPROJECT, line=whole.line())
    return Source(table=tool["gates"], path=PYPROJECT, text=text)
