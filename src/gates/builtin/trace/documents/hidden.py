"""Hidden: what no reader of the page sees, comments and the tags of HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

RAW = re.compile(r"<(pre|script|style|textarea)\b", re.IGNORECASE)
MDX = re.compile(r"\{/\*.*?\*/\}", re.DOTALL)
TAGS = re.compile(r"</?[A-Za-z][^<>]*>")


def without_mdx(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines of MDX without its comments, each where it was."""
    text = MDX.sub(lambda match: "\n" * match.group().count("\n"), "\n".join(lines))
    return tuple(text.split("\n"))


class Hidden:
    """What is hidden in the lines of one document; what never ends is looked for once."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.endless: set[str] = set()

    def without_tags(self, at: int, body: str) -> tuple[str, int]:
        """The text of a line that begins with a tag, and the index of the last line that the tag takes with it."""
        match = RAW.match(body)
        if match is not None:
            closing = f"</{match.group(1).lower()}"
            last = self._first(at, closing)
            if last is not None:
                return "", last
        return TAGS.sub(" ", body).strip(), at

    def without_comment(self, at: int, raw: str) -> tuple[str, int, int | None]:
        """The text of a line without comments, the index of the line that it is on, and that of the last comment's end.

        The last one is None where the comment does not end.
        """
        if raw.partition("<!--")[0].count("`") % 2:
            return raw, at, at
        text, ended = _closed(raw)
        if ended:
            return text, at, at
        for index in range(at + 1, len(self.lines)):
            _, mark, after = self.lines[index].partition("-->")
            if mark:
                return (text.rstrip(), at, index) if text.strip() else (after, index, index)
        return text, at, None

    def _first(self, at: int, closing: str) -> int | None:
        """The index of the first line from `at` on that holds a closing tag."""
        if closing not in self.endless:
            for index in range(at, len(self.lines)):
                if closing in self.lines[index].lower():
                    return index
            self.endless.add(closing)
        return None


def _closed(raw: str) -> tuple[str, bool]:
    """A line without the comments that end on it, and whether all do; without the rest of it where one does not."""
    kept = []
    at = 0
    while (begins := raw.find("<!--", at)) >= 0:
        kept.append(raw[at:begins])
        ends = raw.find("-->", begins + 2)
        if ends < 0:
            return "".join(kept), False
        at = ends + 3
    return "".join([*kept, raw[at:]]), True
