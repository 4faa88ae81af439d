"""Licences: what the policy says of each component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gates.builtin.sbom.facts import Component, SbomEvidence
from gates.builtin.sbom.rules import LICENCE_DENIED, LICENCE_UNKNOWN
from gates.builtin.sbom.settings import SbomSettings
from gates.builtin.sbom.spdx import judged, leaves, parsed
from gates.model.finding import Finding, finding


def findings(evidence: SbomEvidence, settings: SbomSettings) -> Iterator[Finding]:
    """Components whose licence is denied, or of which nobody knows; none without a policy."""
    if not settings.allow and not settings.deny:
        return
    places = {(one.name, one.version): (one.path, one.line) for one in evidence.expected.items}
    scopes = {(one.name, one.version): one.scope for one in evidence.expected.items}
    for one in evidence.bom.components.items:
        key = (one.name, one.version)
        # What a document says of itself excuses nothing that its source requires.
        if not settings.development and scopes.get(key, one.scope) == "excluded":
            continue
        yield from _of(one, settings, evidence.given, places.get(key, (None, None)))


def policy(one: Component, settings: SbomSettings) -> str:
    """What the policy says of a component: `allowed`, `denied` or `unknown`."""
    expression = parsed(one.licence) if one.licence else None
    return "unknown" if expression is None else judged(expression, settings.allow, settings.deny)


def summary(evidence: SbomEvidence) -> Mapping[str, int]:
    """How many components have which licence, by the text of the licence; "" is none."""
    found: dict[str, int] = {}
    for one in evidence.bom.components.items:
        name = one.licence or ", ".join(one.named.items)
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _of(one: Component, settings: SbomSettings, given: str, place: tuple[str | None, int | None]) -> Iterator[Finding]:
    ruled = policy(one, settings)
    path, line = (given, None) if given else place
    shown = f"{one.name} {one.version}".strip()
    if ruled == "denied":
        message = f"the licence of {shown} is {one.licence}, which is denied"
        yield finding(LICENCE_DENIED, message, path=path, line=line, subject=one.name)
    if ruled == "unknown":
        yield finding(LICENCE_UNKNOWN, _unknown(one, shown, settings), path=path, line=line, subject=one.name)


def _unknown(one: Component, shown: str, settings: SbomSettings) -> str:
    expression = parsed(one.licence) if one.licence else None
    if expression is not None:
        unlisted = [
            leaf.text for leaf in leaves(expression) if judged(leaf, settings.allow, settings.deny) == "unknown"
        ]
        return f"the licence of {shown} is {one.licence}, and {' and '.join(dict.fromkeys(unlisted))} is on no list"
    if one.named.count:
        return f"the licence of {shown} is called {' and '.join(map(repr, one.named.items))}, which is none of SPDX's"
    return f"{shown} does not say its licence"
