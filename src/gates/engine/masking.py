"""Masking: what a gate says in its own words leaves the engine without secrets; evidence stays as it was sealed.

A gate redacts what it puts into its evidence. Its reasons, findings and notes quote tools, settings and files too, and
may be of anybody's making: they are masked here, whether they come from a run, from the cache or from another machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from gates.model.evidence import encode, sha256

if TYPE_CHECKING:
    from gates.engine.collection import Collected
    from gates.model.finding import Finding
    from gates.model.report import GateReport, Report
    from gates.process.redact import Redactor

S = TypeVar("S", bound=msgspec.Struct)

BETWEEN = "\0"


def collected(got: Collected, redactor: Redactor) -> Collected:
    """What was collected, its reason, tools and commands masked."""
    return msgspec.structs.replace(
        got,
        reason=None if got.reason is None else _said(got.reason, redactor, "message", "fix"),
        tools=_versions(got.tools, redactor),
        commands=_commands(got.commands, redactor),
    )


def gate(report: GateReport, redactor: Redactor) -> GateReport:
    """A gate's part of the report, masked."""
    return msgspec.structs.replace(
        report,
        reason=None if report.reason is None else _said(report.reason, redactor, "message", "fix"),
        findings=_findings(report.findings, redactor),
        tools=_versions(report.tools, redactor),
        commands=_commands(report.commands, redactor),
    )


def report(given: Report, redactor: Redactor) -> Report:
    """The report, masked beside its gates: what was not judged, waivers and notes."""
    return msgspec.structs.replace(
        given,
        not_judged=tuple(
            msgspec.structs.replace(one, reason=_said(one.reason, redactor, "message", "fix"))
            for one in given.not_judged
        ),
        waivers=tuple(_said(one, redactor, "subject", "reason", "owner", "label") for one in given.waivers),
        run=msgspec.structs.replace(given.run, notes=tuple(redactor.text(note) for note in given.run.notes)),
    )


def whole(given: Report, redactor: Redactor) -> Report:
    """The report, all of it masked."""
    gates = tuple(gate(one, redactor) for one in given.gates)
    return report(msgspec.structs.replace(given, gates=gates), redactor)


def settings(given: Any, redactor: Redactor) -> Any:
    """Settings as plain values; only their digest where a secret stands in them."""
    data = encode(given)
    return msgspec.to_builtins(given) if redactor.data(data) == data else digested(given)


def plain(given: Any, redactor: Redactor) -> Any:
    """Plain values, every text in them masked."""
    texts = list(_texts(given))
    together = BETWEEN.join(texts)
    if redactor.text(together) == together:
        return given
    return _replaced(given, redactor)


def _texts(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        yield from (text for one in given.values() for text in _texts(one))
    elif isinstance(given, list | tuple):
        yield from (text for one in given for text in _texts(one))


def _replaced(given: Any, redactor: Redactor) -> Any:
    if isinstance(given, str):
        return redactor.text(given)
    if isinstance(given, Mapping):
        return {name: one if name == "type" else _replaced(one, redactor) for name, one in given.items()}
    return [_replaced(one, redactor) for one in given] if isinstance(given, list | tuple) else given


def digested(given: Any) -> Any:
    """What is kept of settings that may not be shown: enough to know them again."""
    return {"sha256": sha256(encode(given))}


def _said(one: S, redactor: Redactor, *fields: str) -> S:
    return msgspec.structs.replace(one, **{name: redactor.text(getattr(one, name)) for name in fields})


def _versions(tools: Mapping[str, str], redactor: Redactor) -> dict[str, str]:
    return {name: redactor.text(version) for name, version in tools.items()}


def _commands(commands: Iterable[Sequence[str]], redactor: Redactor) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(redactor.text(word) for word in words) for words in commands)


def _findings(found: tuple[Finding, ...], redactor: Redactor) -> tuple[Finding, ...]:
    """The findings, masked; their fingerprints are kept, so that baselines know them again."""
    together = BETWEEN.join(text for one in found for text in (one.message, one.subject or "", *_aliases(one)))
    if redactor.text(together) == together:
        # One search instead of many: a project may have 100,000 findings, and hardly ever a secret in one.
        return found
    return tuple(_masked(one, redactor) for one in found)


def _masked(one: Finding, redactor: Redactor) -> Finding:
    aliases = tuple(redactor.text(alias) for alias in _aliases(one))
    return msgspec.structs.replace(
        one,
        message=redactor.text(one.message),
        subject=None if one.subject is None else redactor.text(one.subject),
        aliases=aliases or one.aliases,
    )


def _aliases(one: Finding) -> tuple[str, ...]:
    return () if isinstance(one.aliases, msgspec.UnsetType) else one.aliases
