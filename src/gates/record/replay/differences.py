"""Differences: the fields in which two reports differ, and the findings that only one has, or has in another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from gates.model.evidence import encode
from gates.model.finding import Finding
from gates.model.report import Report
from gates.model.report import key as key_of

Identity: TypeAlias = tuple[str | int | None, ...]

NOTHING = "nothing"
SHOWN = 120
"""Characters of a value that are shown."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A field by its JSON pointer (RFC 6901), and its two values as JSON, cut where they are long."""

    path: str
    recorded: str
    replayed: str


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that only one of two reports has, and the gate that it is of."""

    gate: str
    finding: Finding


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that both reports have, of another level or message, or excused in one of them."""

    gate: str
    before: Finding
    after: Finding


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """The findings that only the second of two reports has, those that only the first has, and those that are other."""

    new: tuple[Moved, ...]
    gone: tuple[Moved, ...]
    other: tuple[Other, ...]


def fields(recorded: Any, replayed: Any, path: str = "") -> Iterator[Difference]:
    """The fields that differ, in the order in which the reports have them."""
    if isinstance(recorded, Mapping) and isinstance(replayed, Mapping):
        for name in sorted({*recorded, *replayed}):
            step = f"{path}/{_escaped(name)}"
            yield from fields(recorded.get(name, msgspec.UNSET), replayed.get(name, msgspec.UNSET), step)
    elif isinstance(recorded, list) and isinstance(replayed, list):
        for at in range(max(len(recorded), len(replayed))):
            before = recorded[at] if at < len(recorded) else msgspec.UNSET
            after = replayed[at] if at < len(replayed) else msgspec.UNSET
            yield from fields(before, after, f"{path}/{at}")
    elif type(recorded) is not type(replayed) or recorded != replayed:
        yield Difference(path=path, recorded=_shown(recorded), replayed=_shown(replayed))


def findings(before: Report, after: Report) -> Findings:
    """How the findings of the second report differ from those of the first."""
    first, second = Counter(_all(before)), Counter(_all(after))
    less: dict[Identity, list[Moved]] = {}
    for one in (first - second).elements():
        less.setdefault(_identity(one), []).append(one)
    new, other = [], []
    for one in (second - first).elements():
        # Two alike on one line are told apart by nothing: any of them may be the one that it was.
        was = less.get(_identity(one))
        if was:
            other.append(Other(gate=one.gate, before=was.pop(0).finding, after=one.finding))
        else:
            new.append(one)
    return Findings(new=tuple(new), gone=tuple(one for left in less.values() for one in left), other=tuple(other))


def _all(report: Report) -> Iterator[Moved]:
    return (Moved(gate=key_of(gate.project, gate.name), finding=one) for gate in report.gates for one in gate.findings)


def _identity(one: Moved) -> Identity:
    """What stays as it is when a finding has another level or message, or is excused."""
    item = one.finding
    return one.gate, item.rule, item.tool_rule, item.fingerprint, item.path, item.line, item.column


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    if value is msgspec.UNSET:
        return NOTHING
    text = encode(value).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
