"""Generated: what a command made of the files that it must leave as they are committed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path

from gates.builtin.command.facts import Changed
from gates.project.tree import printable

SHOWN = 10
"""Lines of a difference that a finding shows."""

WIDTH = 160


def compared(
    names: Sequence[str], before: Path, after: Path, written: Sequence[str], redact: Callable[[str], str]
) -> list[Changed]:
    r"""Every file of `names` (below `before`) or of `written` (below `after`) that is not the same in both folders.

    Text counts with `\r\n` read as `\n`, as a checkout may write it.
    """
    found = []
    for name in sorted({*names, *written}):
        old = _contents(before / name) if name in names else None
        new = _contents(after / name)
        if old != new:
            found.append(_changed(name, old, new, redact))
    return found


def _contents(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return data if b"\0" in data else data.replace(b"\r\n", b"\n")


def _changed(name: str, old: bytes | None, new: bytes | None, redact: Callable[[str], str]) -> Changed:
    path = printable(name)
    if old is None:
        return Changed(path=path, how="created", line=None, diff="")
    if new is None:
        return Changed(path=path, how="deleted", line=None, diff="")
    if b"\0" in old + new:
        return Changed(path=path, how="changed", line=None, diff=f"{len(old)} bytes are {len(new)} bytes")
    lines, others = _lines(old), _lines(new)
    first = next(number for number, pair in enumerate(zip_longest(lines, others), 1) if pair[0] != pair[1])
    diff = list(difflib.unified_diff(lines, others, n=0, lineterm=""))[2:]
    shown = [redact(line)[:WIDTH] for line in diff[:SHOWN]]
    more = [f"... and {len(diff) - SHOWN} lines more"] if len(diff) > SHOWN else []
    return Changed(path=path, how="changed", line=min(first, max(len(lines), 1)), diff="\n".join((*shown, *more)))


def _lines(data: bytes) -> list[str]:
    # The last element says whether the file ends with a newline, which is a difference too.
    return data.decode("utf-8", "replace").split("\n")
