"""Tables: every item with its tests, commands and files, and where outcomes are from, in plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from gates.builtin.trace.index import Index
from gates.builtin.trace.judging.joined import join

if TYPE_CHECKING:
    from gates.builtin.trace.facts import Command, Item, Place, State, TraceEvidence
    from gates.builtin.trace.settings import TraceSettings
    from gates.model.report import GateReport

SCHEMA_VERSION = 1

Standing = Literal["passed", "failed", "missing", "stale", "not-passed", "not-run", "unknown", "untested"]
"""What the tests of an item come to; `not-passed`: one was skipped or expected to fail, `unknown`: nobody can see."""

AGELESS = datetime(9000, 1, 1, tzinfo=UTC)
"""A moment after all evidence, for when nobody asks how old it is."""

STATUSES = ("open", "partial", "in-progress", "done", "blocked", "cancelled")
UNIT = "items"


def tables(evidence: TraceEvidence, settings: TraceSettings, now: datetime | None = None) -> Mapping[str, Any]:
    """`items` in the order of the documents, `documents`, `counts`, `evidence`, and what is known of the tests.

    A `state`, `exists` or `outcome` that nobody knows is None; `tests` says why. Without `now` no evidence is too old.
    """
    if now is None:
        settings, now = msgspec.structs.replace(settings, max_evidence_age=None), AGELESS
    index = Index(evidence, join(evidence, settings, now))
    items = [_item(one, index) for one in evidence.items.items]
    return {
        "items": items,
        "documents": [
            {
                "path": one.path,
                "level": one.level,
                "sha256": one.sha256,
                "readers": [{"name": name, "items": count} for name, count in one.found.items],
            }
            for one in evidence.documents.items
        ],
        "counts": _counts(items),
        "tests": {
            "collected": evidence.collected,
            "count": evidence.tests.count,
            "reason": None if evidence.collected else evidence.uncollected,
        },
        "evidence": [
            {
                "source": one.source,
                "sha256": one.sha256,
                "at": one.at or None,
                "commit": one.commit or None,
                "stale": index.joined.stale[one.source] or None,
                "tests": one.tests,
            }
            for one in evidence.evidenced.items
        ],
        "base": list(evidence.base.items),
        "notes": list(evidence.notes.items),
    }


def document(tables: Mapping[str, Any], report: GateReport) -> Mapping[str, Any]:
    """What `gates trace --output-format json` prints: the tables with the verdict and the findings of the report."""
    denominator = report.denominator
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": report.verdict,
        "reason": report.reason,
        "denominator": {"count": 0, "unit": UNIT}
        if denominator is None
        else {"count": denominator.count, "unit": denominator.unit},
        "findings": [
            {
                "rule": one.rule,
                "name": one.name,
                "severity": one.severity,
                "message": one.message,
                "path": one.path,
                "line": one.line,
                "subject": one.subject,
                "fingerprint": one.fingerprint,
                "waived_by": one.waived_by,
                "baselined": one.baselined,
                "blocks": one.blocks,
            }
            for one in report.findings
        ],
        **(tables or NOTHING),
    }


NOTHING: Mapping[str, Any] = {
    "items": [],
    "documents": [],
    "counts": {"items": 0, "status": {}, "unknown_status": 0, "standing": {}},
    "tests": {"collected": False, "count": 0, "reason": None},
    "evidence": [],
    "base": [],
    "notes": [],
}
"""The tables of a project of which nothing was found out."""


def _item(item: Item, index: Index) -> dict[str, Any]:
    tests = _tests(item, index)
    return {
        "id": item.id,
        "derived": item.derived,
        "title": item.title,
        "status": item.status,
        "status_raw": item.status_raw,
        "source": _place(item.place),
        "others": [_place(one) for one in item.others.items],
        "section": item.section,
        "severity": item.severity,
        "category": item.category,
        "level": item.level,
        "reader": item.reader,
        "acceptance": list(item.acceptance.items),
        "validation": [_validation(one) for one in item.validation.items],
        "tests": tests,
        "standing": standing(tests, [one.state for one in item.validation.items], collected=index.evidence.collected),
        "files": [
            {"token": one.token, "exists": one.exists, "paths": list(one.paths.items), "planned": one.planned}
            for one in item.files.items
        ],
        "links": [{"kind": one.kind, "target": one.target} for one in item.links.items],
        "code": index.code.get(item.id, []),
        "executed": index.executed.get(item.id, []),
        "changed": index.changed.get(item.id, []),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line}


def _validation(command: Command) -> dict[str, Any]:
    return {
        "command": command.command,
        "state": command.state,
        "tests": _named(command),
        "missing": [{"name": name, "nearest": near} for name, near in command.missing.items],
        "line": command.line,
    }


def _named(command: Command) -> list[str]:
    """The node ids that a command names, those that are there first; files and options are none."""
    return [*command.tests.items, *(name for name, _ in command.missing.items if _is_node(name))]


def _is_node(name: str) -> bool:
    return "::" in name and not name.startswith("-")


def _tests(item: Item, index: Index) -> list[dict[str, Any]]:
    """Each test of an item once, with how it belongs to it."""
    found: dict[str, list[str]] = {}
    for command in item.validation.items:
        for name in _named(command):
            found.setdefault(name, ["validation"])
    for name, by in index.naming.get(item.id, ()):
        ways = found.setdefault(name, [])
        if by not in ways:
            ways.append(by)
    return [_test(item, name, ways, index) for name, ways in found.items()]


def _test(item: Item, name: str, ways: list[str], index: Index) -> dict[str, Any]:
    held = index.joined.tests.get(name)
    if held is None:
        known = False if index.evidence.collected else None
        lost = dict.fromkeys(("outcome", "source", "path", "line", "worth", "stale"))
        return {"nodeid": name, "exists": known, "by": ways, **lost}
    worth = index.joined.worth(item, held)
    return {
        "nodeid": name,
        "exists": held.exists,
        "outcome": held.outcome,
        "by": ways,
        "source": held.source or None,
        "path": held.path,
        "line": held.line,
        "worth": worth,
        "stale": index.joined.why_stale(item, held) if worth == "stale" else None,
    }


def standing(
    tests: Iterable[Mapping[str, Any]], states: Collection[State | None] = (), *, collected: bool = True
) -> Standing:
    """What the tests of an item come to: the worst of them counts; `states` are those of its commands.

    Where nothing was collected, nobody knows whether a test names an item.
    """
    held = list(tests)
    worths = {one["worth"] for one in held}
    silent = {one["exists"] for one in held if one["outcome"] is None}
    if "failed" in worths:
        return "failed"
    if False in silent or "missing" in states:
        return "missing"
    if None in silent or None in states:
        return "unknown"
    if not held:
        return "untested" if collected else "unknown"
    worst: Standing = next((one for one in _WORSE if one in worths), "passed")
    return worst


_WORSE: tuple[Literal["stale", "not-passed", "not-run"], ...] = ("stale", "not-passed", "not-run")


def _counts(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    held = list(items)
    statuses, standings = Counter(one["status"] for one in held), Counter(one["standing"] for one in held)
    return {
        "items": len(held),
        "status": {name: statuses[name] for name in STATUSES},
        "unknown_status": statuses[None],
        "standing": dict(sorted(standings.items())),
    }
