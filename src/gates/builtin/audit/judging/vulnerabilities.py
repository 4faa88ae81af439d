"""Vulnerabilities: the advisories that tool or service name for each dependency, each once under all its names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from gates.builtin.audit.facts import Advisory, AuditEvidence, Dependency, Question
from gates.builtin.audit.mirror.records import moment
from gates.builtin.audit.rules import KNOWN_VULNERABILITY
from gates.model.finding import Finding, finding

Pin = tuple[str, str]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One vulnerability of one version under all its names, and the versions in which it is fixed.

    `told` is whether the tool names it, `standing` whether it has not been taken back.
    """

    names: frozenset[str]
    fixed: tuple[str, ...]
    told: bool
    standing: bool

    @property
    def id(self) -> str:
        """The name it goes by: the Python database's own, else GitHub's, else the first."""
        return min(self.names, key=lambda one: (not one.startswith("PYSEC-"), not one.startswith("GHSA-"), one))


def findings(evidence: AuditEvidence, now: datetime) -> Iterator[Finding]:
    """A finding for each vulnerability of each dependency that has not been taken back."""
    known = known_of(evidence, now)
    for one in evidence.dependencies.items:
        for each in known.get((one.name, one.version), ()):
            if each.standing:
                yield _finding(one, each)


def _finding(one: Dependency, each: Known) -> Finding:
    others = sorted(each.names - {each.id})
    also = f" ({', '.join(others)})" if others else ""
    cure = f"fixed in {', '.join(each.fixed)}" if each.fixed else "no version is known in which it is fixed"
    found = finding(
        KNOWN_VULNERABILITY,
        f"{one.name} {one.version} has the known vulnerability {each.id}{also}; {cure}",
        path=one.path,
        line=one.line,
        subject=each.id,
        source=one.name,
    )
    return msgspec.structs.replace(found, aliases=tuple(others)) if others else found


def known_of(evidence: AuditEvidence, now: datetime) -> Mapping[Pin, tuple[Known, ...]]:
    """What is known of each version that was asked about, by name and version."""
    told = {one.id: one for one in evidence.advisories.items}
    found: dict[Pin, list[Known]] = {}
    for question in evidence.questions.items:
        found.setdefault((question.name, question.version), []).extend(_heard(question, told, now))
    for said in evidence.said.items:
        one = Known(
            names=frozenset({said.id, *said.aliases.items}) - {""}, fixed=said.fixed.items, told=True, standing=True
        )
        found.setdefault((said.name, said.version), []).append(one)
    return {pin: tuple(sorted(_joined(listed), key=lambda one: one.id)) for pin, listed in found.items()}


def heard_of(evidence: AuditEvidence, pin: Pin, now: datetime) -> tuple[Known, ...]:
    """What the service itself says of a version, whatever the tool makes of it."""
    told = {one.id: one for one in evidence.advisories.items}
    asked = [one for one in evidence.questions.items if (one.name, one.version) == pin]
    return tuple(each for one in asked for each in _heard(one, told, now))


def _heard(question: Question, told: Mapping[str, Advisory], now: datetime) -> Iterator[Known]:
    """Those of one answer by which one can judge."""
    for name in question.ids.items:
        advisory = told.get(name)
        if advisory is None or not advisory.flaw:
            aliases = () if advisory is None else advisory.aliases.items
            standing = advisory is None or not is_withdrawn(advisory, now)
            yield Known(names=frozenset({name, *aliases}) - {""}, fixed=(), told=False, standing=standing)


def is_withdrawn(advisory: Advisory, now: datetime) -> bool:
    """Whether it was taken back before `now`; one that will be, or at no time that can be read, stands."""
    when = moment(advisory.withdrawn) if advisory.withdrawn else None
    return when is not None and when <= now


def _joined(listed: list[Known]) -> list[Known]:
    """Those that share a name as one. What the service took back does not stand because the tool names it."""
    found: list[Known] = []
    for one in listed:
        same = [each for each in found if each.names & one.names]
        found = [each for each in found if each not in same]
        held = [*same, one]
        heard = [each for each in held if not each.told]
        found.append(
            Known(
                names=frozenset[str]().union(*(each.names for each in held)),
                fixed=max((each.fixed for each in held), key=len),
                told=any(each.told for each in held),
                standing=any(each.standing for each in heard or held),
            )
        )
    return found
