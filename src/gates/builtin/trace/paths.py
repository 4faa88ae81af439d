"""Paths: as documents and commands write them, brought to those from the project's root."""

from __future__ import annotations

import re

_ODD = re.compile(r"(?:^|/)(?:\.{0,2}(?:/|$))")


def inside(path: str) -> str | None:
    """The path without empty parts, `.` and `..`; None where it leads out of the project."""
    if _ODD.search(path) is None:
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
