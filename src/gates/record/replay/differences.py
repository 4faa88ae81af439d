"""Differences: the fields in which two reports differ, and the findings that one has and the other has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gates.model.evidence import encode
from gates.model.finding import Finding
from gates.model.report import Report
from gates.model.report import key as key_of

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


def findings(before: Report, after: Report) -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """The findings that only the second report has, and those that only the first has."""
    first, second = _counted(before), _counted(after)
    return tuple((second - first).elements()), tuple((first - second).elements())


def _counted(report: Report) -> Counter[Moved]:
    return Counter(
        Moved(gate=key_of(gate.project, gate.name), finding=one) for gate in report.gates for one in gate.findings
    )


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    if value is msgspec.UNSET:
        return NOTHING
    text = encode(value).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
