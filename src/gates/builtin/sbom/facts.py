"""Facts: what a bill of materials says, and what the source of it holds."""

from __future__ import annotations

from gates.builtin.supply.source import Kind
from gates.model.evidence import Counted, Sealed
from gates.model.reason import Reason
from gates.model.tested import Fact


class Component(Fact, frozen=True, kw_only=True):
    """One component as a document has it. `name` is canonical, `scope` "" where the document gives none.

    `licence` is the SPDX expression that all its licences make together, "" where one of them is no SPDX licence;
    `named` are the names of those. `hashes` are `sha256:…`, those of its distribution files included. `related` is
    whether the document says what it depends on, if only that it is nothing.
    """

    ref: str
    name: str
    version: str
    identifier: str
    scope: str
    supplier: str
    hashes: Counted[str]
    licence: str
    named: Counted[str]
    related: bool
    depends: Counted[str]


class Bom(Fact, frozen=True, kw_only=True):
    """A document. `context` says when in the life cycle it was made; `tools` what made it.

    `dangling` are references to what is not in it (`ref -> ref`), `doubled` are references that two components have,
    `secrets` are the places of addresses with a user, a password or a token.
    """

    spec: str
    serial: str
    timestamp: str
    authors: Counted[str]
    tools: Counted[str]
    context: Counted[str]
    root: Component | None
    components: Counted[Component]
    dangling: Counted[str]
    doubled: Counted[str]
    secrets: Counted[str]


class Expected(Fact, frozen=True, kw_only=True):
    """One distribution of the source, which a document has to have; `path` and `line` are where it is written."""

    name: str
    version: str
    scope: str
    hashes: Counted[str]
    path: str | None
    line: int | None


class SbomEvidence(Sealed, frozen=True, kw_only=True):
    """A document and its source.

    `name` (canonical) and `version` are the project's. `given` is the path of a document that was there before, "" for
    one made here. `artifacts` are names and SHA-256 of built files, with a blank between. `told` are the names that
    the tool itself found, where it reads the source. `invalid` are the sentences of the strict validator. `document`
    is the text, "" of a given one. `missing` are requirements that nothing in the source meets. `undecided` are
    reasons why a part is missing. `seal` is the digest of all the rest.
    """

    name: str
    version: str
    source: Kind
    path: str
    because: str
    given: str
    artifacts: Counted[str]
    bom: Bom
    invalid: Counted[str]
    expected: Counted[Expected]
    told: Counted[str]
    missing: Counted[str]
    document: str
    notes: Counted[str]
    undecided: Counted[Reason]
