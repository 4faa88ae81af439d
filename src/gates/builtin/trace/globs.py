"""Globs: brace groups and wildcards as they are written in documents and commands."""

from __future__ import annotations

import re

MOST = 256
"""Names that one brace group may come to; a person wrote fewer."""

_GROUP = re.compile(r"\{([^{}]*,[^{}]*)\}")


def braces(word: str) -> list[str]:
    """The words that a shell makes of one with brace groups: `a/{b,c}.py` is two."""
    found = [word]
    while True:
        match = _GROUP.search(found[0])
        if match is None or len(found) * match[1].count(",") > MOST:
            return found
        found = [
            one[: group.start()] + part.strip() + one[group.end() :]
            for one in found
            if (group := _GROUP.search(one)) is not None
            for part in group[1].split(",")
        ]


def is_glob(word: str) -> bool:
    """Whether a path has wildcards."""
    return any(mark in word.partition("[")[0] for mark in "*?") or re.search(r"\[[^\]/]+\][^\]]*[./]", word) is not None
