"""Rule: one thing that a gate can object to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import msgspec

from gates import __version__

Severity = Literal["error", "warning", "note"]


class Former(msgspec.Struct, frozen=True):
    """A name or code that a rule had, and the first version of gates that does not know it any more: `0.4`."""

    name: str
    until: str


def understood(until: str, version: str = __version__) -> bool:
    """Whether `version` still understands a name that `until` does not; only major and minor numbers count."""
    return _minor(version) < _minor(until)


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A code and a name, both accepted wherever a rule is named; a code is never reused.

    A rule in `preview` is off unless the configuration asks for it, so that an upgrade makes no project red. One that
    `undecides` says that the figures allow no verdict: unless its severity is made `error`, the gate is undecided with
    its finding.
    """

    code: str
    name: str
    summary: str
    explanation: str
    fix: str
    severity: Severity = "error"
    preview: bool = False
    undecides: bool = False
    formerly: tuple[Former, ...] = ()

    @property
    def waivable(self) -> bool:
        """Whether a waiver or a baseline may excuse its findings; those of `policy` are about such excuses."""
        return not self.code.startswith("POL")


UNLISTED = ("POL", "COV")
"""Beginnings of the codes of rules whose findings no baseline lists.

Those about such excuses themselves, and those about figures, which a baseline holds as figures: a known "too little
ran" would be known however much less it became.
"""


def asleep(rules: Iterable[Rule], asked: bool | Collection[str]) -> frozenset[str]:
    """The codes of the rules in preview that are not asked for by code or name; `asked` is True for all of them."""
    if asked is True:
        return frozenset()
    named = asked or ()
    return frozenset(rule.code for rule in rules if rule.preview and not {rule.code, rule.name} & set(named))
