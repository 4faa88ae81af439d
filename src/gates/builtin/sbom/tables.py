"""Tables: what `gates sbom` shows, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gates.builtin.sbom.facts import SbomEvidence
from gates.builtin.sbom.judging import elements, licensing
from gates.builtin.sbom.settings import SbomSettings


def tables(evidence: SbomEvidence, settings: SbomSettings) -> Mapping[str, Any]:
    """The source, the elements with how often each is there, the components and the licences.

    `document` is the text of the document that was made, "" of one that was there.
    """
    policed = bool(settings.allow or settings.deny)
    return {
        "project": {"name": evidence.name, "version": evidence.version},
        "source": {"kind": evidence.source, "path": evidence.path, "because": evidence.because},
        "judged": evidence.given,
        "spec_version": evidence.bom.spec,
        "serial_number": evidence.bom.serial,
        "timestamp": evidence.bom.timestamp,
        "distributions": evidence.expected.count,
        "elements": [
            {
                "name": row.element.name,
                "standard": row.element.standard,
                "present": row.present,
                "of": row.of,
                "percent": row.percent,
                "limit": row.limit,
                "met": row.met,
            }
            for row in elements.rows(evidence, settings)
        ],
        "components": [
            {
                "name": one.name,
                "version": one.version,
                "scope": one.scope,
                "supplier": one.supplier,
                "licence": one.licence or ", ".join(one.named.items),
                "policy": licensing.policy(one, settings) if policed else None,
                "hashes": list(one.hashes.items),
            }
            for one in evidence.bom.components.items
        ],
        "licences": [{"licence": name, "components": count} for name, count in licensing.summary(evidence).items()],
        "document": evidence.document,
    }
