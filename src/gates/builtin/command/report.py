"""Report: what every parser gives back, and how it names places."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote, urlsplit

from gates.builtin.command.facts import Reported
from gates.model.reason import ReasonCode
from gates.project.source_lines import Names, SourceLines
from gates.project.tree import printable


class UnreadableReport(Exception):  # noqa: N818 - what it says is the reason of a refusal
    """A report that cannot be believed: the code of the reason, and the rest of a sentence about the command."""

    def __init__(self, message: str, code: ReasonCode = "unparsable_output") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Places:
    """The project's own names for what a command calls its files, and the text that stands there."""

    def __init__(self, names: Names, lines: SourceLines) -> None:
        self._names = names
        self._lines = lines

    def reported(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        code: str | None = None,
        subject: str | None = None,
        level: Literal["error", "note", "suppressed"] = "error",
    ) -> Reported:
        """A finding at a place of the project; a file outside of it is no place, and lines count from 1."""
        name = self._name(path) if path else None
        line = line if name is not None and line is not None and line > 0 else None
        return Reported(
            code=code or None,
            message=message.strip() or "it gives no message",
            path=None if name is None else printable(name),
            line=line,
            column=column if line is not None and column is not None and column > 0 else None,
            subject=subject or (path if name is None else None) or None,
            source=self._lines.text(name, line) if name is not None else "",
            level=level,
        )

    def _name(self, path: str) -> str | None:
        parts = urlsplit(path)
        if parts.scheme == "file":
            path = unquote(parts.path)
        elif len(parts.scheme) > 1:
            return None
        name = self._names.relative(path)
        return None if name.startswith("..") or name == "." else name
