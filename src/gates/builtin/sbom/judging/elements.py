"""Minimum elements: for how many components each is there, and of which it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from gates.builtin.sbom.elements import ELEMENTS, Element
from gates.builtin.sbom.facts import Bom, Component, SbomEvidence
from gates.builtin.sbom.rules import ELEMENT_MISSING
from gates.builtin.sbom.settings import SbomSettings
from gates.model.finding import Finding, finding
from gates.model.measure import Measure

HAS: Mapping[str, Callable[[Component], bool]] = {
    "supplier": lambda one: bool(one.supplier),
    "name": lambda one: bool(one.name),
    "version": lambda one: bool(one.version),
    "identifier": lambda one: bool(one.identifier),
    "dependencies": lambda one: one.related,
    "hash": lambda one: one.hashes.count > 0,
    "licence": lambda one: bool(one.licence or one.named.count),
}
SAYS: Mapping[str, Callable[[Bom], bool]] = {
    "author": lambda bom: bom.authors.count > 0,
    "timestamp": lambda bom: bool(bom.timestamp),
    "tool": lambda bom: bom.tools.count > 0,
    "context": lambda bom: bom.context.count > 0,
}
CURES: Mapping[str, str] = {
    "author": "set `author` in [tool.gates.sbom], or `authors` under [project]",
    "timestamp": "set SOURCE_DATE_EPOCH, or commit the project, whose time is taken then",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One element: for how many components it is there, out of how many, the percentage, and the limit."""

    element: Element
    present: int
    of: int
    percent: float
    limit: float
    lacking: tuple[Component, ...]

    @property
    def met(self) -> bool:
        """Whether there is enough of it."""
        return self.percent >= self.limit


def rows(evidence: SbomEvidence, settings: SbomSettings) -> tuple[Row, ...]:
    """Each element in the order of the standards. A hash is asked of the root only where built files are named."""
    return tuple(_row(one, evidence, settings) for one in ELEMENTS)


def findings(evidence: SbomEvidence, settings: SbomSettings) -> Iterator[Finding]:
    """What lacks an element of which there is too little."""
    places = {(one.name, one.version): (one.path, one.line) for one in evidence.expected.items}
    for row in rows(evidence, settings):
        if row.met:
            continue
        element = row.element
        if not element.each:
            cure = CURES.get(element.name)
            message = f"the document has no {element.words}" + (f": {cure}" if cure else "")
            yield finding(ELEMENT_MISSING, message, path=evidence.given or None, subject=element.name)
        for one in row.lacking:
            path, line = places.get((one.name, one.version), (None, None))
            shown = f"{one.name} {one.version}".strip() or "a component without a name"
            message = f"{shown} has no {element.words} in the document"
            yield finding(
                ELEMENT_MISSING,
                message,
                path=evidence.given or path,
                line=None if evidence.given else line,
                subject=f"{one.name} {element.name}",
            )


def measures(evidence: SbomEvidence, settings: SbomSettings) -> Iterator[Measure]:
    """The percentage of each element of components."""
    for row in rows(evidence, settings):
        if row.element.each:
            where = "setting:minimum" if row.element.name in settings.minimum else "default"
            yield Measure(
                name=f"sbom.{row.element.name}",
                value=row.percent,
                unit="percent",
                limit=row.limit,
                limit_from=where,
                direction="min",
            )


def _row(element: Element, evidence: SbomEvidence, settings: SbomSettings) -> Row:
    bom = evidence.bom
    limit = settings.minimum.get(element.name, 100.0)
    if not element.each:
        there = SAYS[element.name](bom)
        percent = 100.0 if there else 0.0
        return Row(element=element, present=int(there), of=1, percent=percent, limit=limit, lacking=())
    rooted = bom.root is not None and (element.name != "hash" or evidence.artifacts.count > 0)
    held = (*([bom.root] if rooted and bom.root else []), *bom.components.items)
    lacking = tuple(one for one in held if not HAS[element.name](one))
    present = len(held) - len(lacking)
    # Rounded down: 100 is all of them.
    percent = int(10_000 * present / len(held)) / 100 if held else 0.0
    if not held and evidence.expected.count == 0:
        percent = 100.0
    return Row(element=element, present=present, of=len(held), percent=percent, limit=limit, lacking=lacking)
