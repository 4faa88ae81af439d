"""Source lines: the text at a place, which is what names a finding when lines move."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

LINE_END = re.compile(r"\r\n|\r|\n")


class SourceLines:
    """The lines of files under a root, each file read once; unreadable ones have empty lines.

    `redact` takes secrets out of a line, since what is read here may be kept and printed.
    """

    def __init__(self, root: Path, redact: Callable[[str], str] = str) -> None:
        self._root = root
        self._redact = redact
        self._files: dict[str, list[str]] = {}

    def text(self, path: str, line: int | None) -> str:
        """Line `line` (from 1) of `path` (relative to the root), stripped; "" if there is none."""
        if line is None:
            return ""
        if path not in self._files:
            self._files[path] = self._read(path)
        lines = self._files[path]
        return self._redact(lines[line - 1]).strip() if 0 < line <= len(lines) else ""

    def _read(self, path: str) -> list[str]:
        try:
            data = Path(self._root, path).read_bytes()
        except (OSError, ValueError):
            return []
        return LINE_END.split(data.decode("utf-8", "replace"))


class Names:
    """The project's own names for what a tool calls its files: relative to the root, with forward slashes.

    A tool that prints a name that is not UTF-8 with replacement characters gets the project's own name back, if only
    one file fits. Such names are for opening files; a report shows them through `gates.project.tree.printable`.
    """

    def __init__(self, root: Path, files: tuple[str, ...]) -> None:
        self._roots = tuple(dict.fromkeys((os.path.realpath(root), str(root))))
        self._files = files
        self._lossy: dict[str, list[str]] | None = None

    def relative(self, name: str) -> str:
        """`name` (absolute, or relative to the root) as the project has it."""
        path = name
        if Path(name).is_absolute():
            path = min((os.path.relpath(name, root) for root in self._roots), key=lambda one: (one.count(".."), one))
        path = Path(os.path.normpath(path)).as_posix()
        return self._known(path) if "\ufffd" in path else path

    def _known(self, path: str) -> str:
        if self._lossy is None:
            self._lossy = {}
            for file in self._files:
                shown = os.fsencode(file).decode("utf-8", "replace")
                if shown != file:
                    self._lossy.setdefault(shown, []).append(file)
        candidates = self._lossy.get(path, [])
        return candidates[0] if len(candidates) == 1 else path
