"""Selectors: what ruff selects and ignores, compared code by code without knowing which rules there are.

A selector stands for all codes that begin with it, the longer one wins, and of two equally long ones `ignore` wins. So
two selections differ, if anywhere, at one of the selectors that either of them names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

DEFAULT = "DEFAULT"
ALL = "ALL"
_CODE = re.compile(r"([A-Za-z-]+)(\d*)")


class Loss(msgspec.Struct, frozen=True, order=True):
    """A selector that was in force and is not; `glob` is where, or all files, `line` the element that took it away."""

    selector: str
    glob: str
    line: str | None


class _Selection:
    def __init__(self, lines: Iterable[str], *, everything: bool) -> None:
        self.select: set[str] = set()
        self.ignore: set[str] = set()
        self.files: dict[str, set[str]] = {}
        self.everything = everything
        for line in lines:
            verb, _, rest = line.partition(" ")
            code, _, glob = rest.partition(" in ")
            if glob:
                self.files.setdefault(glob, set()).add(code)
            else:
                (self.select if verb == "select" else self.ignore).add(code)

    def on(self, code: str, glob: str = "") -> bool:
        """Whether a code is in force, in the files of a glob or everywhere."""
        chosen = self._longest(self.select, code)
        if chosen <= self._longest(self.ignore, code):
            return False
        return not any(covers(one, code) for one in self.files.get(glob, ()))

    def _longest(self, selectors: set[str], code: str) -> int:
        # What ruff selects by itself is unknown: of a base it may be anything, of a head it is nothing in particular.
        found = [0 if one in {ALL, DEFAULT} else len(one) for one in selectors if self._covers(one, code)]
        return max(found, default=-1)

    def _covers(self, selector: str, code: str) -> bool:
        return covers(selector, code) or (selector == DEFAULT and self.everything)


def losses(base: Iterable[str], head: Iterable[str]) -> Iterator[Loss]:
    """What `base` had in force and `head` has not; of selectors that include each other only the widest."""
    before_lines, now_lines = list(base), list(head)
    known = f"select {DEFAULT}" in before_lines
    before = _Selection(before_lines, everything=known)
    now = _Selection(now_lines, everything=known and f"select {DEFAULT}" in now_lines)
    points = before.select | before.ignore | now.select | now.ignore
    points |= {code for codes in (*before.files.values(), *now.files.values()) for code in codes}
    lost = _widest({one for one in points if before.on(one) and not now.on(one)})
    for one in sorted(lost):
        yield Loss(one, "", f"ignore {one}" if one in now.ignore else None)
    for glob in sorted(now.files):
        here = {one for one in points if before.on(one, glob) and not now.on(one, glob)}
        here = {one for one in here if not any(covers(wide, one) for wide in lost)}
        for one in sorted(_widest(here)):
            line = f"ignore {one} in {glob}"
            yield Loss(one, glob, line if line in now_lines else None)


def covers(selector: str, code: str) -> bool:
    """Whether the rules of `code` are among those of `selector`: `E` covers `E501` and not `ERA001`."""
    if selector in {code, ALL} or (selector == "PL" and re.match(r"PL[CERW](?!\w*[A-Z])", code)):
        return True
    wide, narrow = _CODE.fullmatch(selector), _CODE.fullmatch(code)
    if wide is None or narrow is None:
        return False
    return wide[1] == narrow[1] and narrow[2].startswith(wide[2])


def _widest(found: set[str]) -> set[str]:
    if found & {ALL, DEFAULT}:
        return found & {ALL, DEFAULT}
    return {one for one in found if not any(other != one and covers(other, one) for other in found)}
