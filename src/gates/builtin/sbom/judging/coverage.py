"""Coverage: document and source against each other, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gates.builtin.sbom.facts import Component, Expected, SbomEvidence
from gates.builtin.sbom.rules import COMPONENT_FOREIGN, COMPONENT_MISSING, HASH_DIFFERS
from gates.model.finding import Finding, finding


def findings(evidence: SbomEvidence) -> Iterator[Finding]:
    """What one of the two does not have, and where their hashes differ."""
    held = {(one.name, one.version): one for one in evidence.bom.components.items}
    wanted = {(one.name, one.version): one for one in evidence.expected.items}
    source = evidence.path or "the environment"
    document = evidence.given or "the document"
    for key, one in wanted.items():
        # Made elsewhere, it may well be of what is shipped alone.
        if key in held or (evidence.given and one.scope != "required"):
            continue
        message = f"{_shown(one)} is in {source} and not in {document}"
        yield finding(
            COMPONENT_MISSING, message, path=evidence.given or one.path, line=_line(evidence, one), subject=one.name
        )
    for key, component in held.items():
        if key not in wanted:
            message = f"{_shown(component)} is in {document} and not in {source}"
            yield finding(COMPONENT_FOREIGN, message, path=evidence.given or None, subject=component.name)
        elif _differ(component.hashes.items, wanted[key].hashes.items):
            message = f"the hash of {_shown(component)} in {document} is not the one in {source}"
            yield finding(HASH_DIFFERS, message, path=evidence.given or None, subject=component.name)
    yield from _told(evidence)
    for asked in evidence.missing.items:
        message = f"{asked}, is not in {source}"
        yield finding(COMPONENT_MISSING, message, subject=asked.partition(",")[0])
    yield from _built(evidence)


def _told(evidence: SbomEvidence) -> Iterator[Finding]:
    """What the tool itself read from the source has to be in the document as well."""
    names = {one.name for one in evidence.bom.components.items}
    root = evidence.bom.root
    for name in evidence.told.items:
        if name not in names and (root is None or name != root.name):
            message = f"cyclonedx-py finds {name} in {evidence.path or 'the environment'}, and the document has none"
            yield finding(COMPONENT_MISSING, message, subject=name)


def _built(evidence: SbomEvidence) -> Iterator[Finding]:
    """The root of a document has to have the hash of each built file."""
    root = evidence.bom.root
    if root is None:
        return
    for one in evidence.artifacts.items:
        name, _, digest = one.partition(" ")
        if f"sha256:{digest}" not in root.hashes.items:
            message = f"the document does not have the SHA-256 of {name}, which was built"
            yield finding(HASH_DIFFERS, message, path=evidence.given or None, subject=name)


def _differ(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether there are hashes of one algorithm on both sides, and none is the same."""
    first, second = set(one), set(other)
    shared = {each.partition(":")[0] for each in first} & {each.partition(":")[0] for each in second}
    return bool(shared) and not first & second


def _shown(one: Expected | Component) -> str:
    return f"{one.name} {one.version}".strip()


def _line(evidence: SbomEvidence, one: Expected) -> int | None:
    return None if evidence.given else one.line
