"""Bounds: an answer that does no harm and is small, whatever it is about, and says what was left out of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from gates.model.evidence import encode

LONGEST = 1_000
"""Characters of one text."""
READ = 20 * LONGEST
"""Characters of one text that are looked at; a word that this cuts through is left out whole."""
LISTED = 30
"""Entries of a list within a row."""
SHORT = 200
"""Characters of such an entry."""
NAMES = frozenset({
    "commit", "configuration", "inputs", "outputs", "retry_of", "run", "span_id", "stack_hash", "trace_id"
})  # fmt: skip
NAME = re.compile(r"[0-9a-f]{16,64}|[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
"""What names a run, an execution or a digest; to strict eyes it looks like a token, and nothing can be asked by one."""
LARGEST = 64 * 1024
"""Bytes of an answer as JSON."""


class Bounds:
    """Takes rows as far as there is room; `safe` makes a text of others one line in which nothing acts."""

    def __init__(self, safe: Callable[[str], str]) -> None:
        self._safe = safe
        self._room = LARGEST
        self._left_out: dict[str, int] = {}

    def rows(self, found: Iterable[Any]) -> list[Any]:
        """The rows as plain values, as many as there is room for: the first one, and what follows it."""
        kept: list[Any] = []
        for row in found:
            plain = self.plain(row)
            self._room -= len(encode(plain)) + 1
            if kept and self._room < 0:
                self._missing(f"rows, as an answer is at most {LARGEST // 1024} KiB")
            else:
                kept.append(plain)
        return kept

    def plain(self, value: Any, longest: int = LONGEST) -> Any:
        """A value of built-in types, with texts and lists within their limits."""
        if isinstance(value, str):
            return self.text(value, longest)
        if isinstance(value, dict):
            return {key: self._field(key, one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            self._missing(f"entries of lists, each of at most {LISTED}", len(value) - LISTED)
            return [self.plain(one, SHORT) for one in value[:LISTED]]
        return value

    def _field(self, key: str, value: Any) -> Any:
        if key == "reproduce":
            return self._words(value)
        if key in NAMES and isinstance(value, str) and NAME.fullmatch(value):
            return value
        return self.plain(value)

    def text(self, text: str, longest: int = LONGEST) -> str:
        """A text of others as one line without secrets, of at most `longest` characters."""
        read = text if len(text) <= READ else text[:READ].rpartition(" ")[0]
        shown = self._safe(read)
        if len(shown) <= longest and read is text:
            return shown
        self._missing(f"ends of texts of more than {longest} characters")
        return f"{shown[: longest - 1]}…"

    @property
    def cut(self) -> list[str]:
        """What was left out so far, a sentence each."""
        return [f"left out: {count} {what}" for what, count in self._left_out.items()]

    def _words(self, words: Iterable[str]) -> list[str]:
        """The words of a command, or none: a part of a command is another one."""
        given = list(words)
        shown = [self._safe(word[:READ]) for word in given]
        if sum(map(len, given)) <= READ and sum(map(len, shown)) <= 2 * LONGEST:
            return shown
        self._missing(f"commands of more than {2 * LONGEST} characters")
        return []

    def _missing(self, what: str, count: int = 1) -> None:
        if count > 0:
            self._left_out[what] = self._left_out.get(what, 0) + count
