"""Rules of the gate `sbom`."""

from __future__ import annotations

from gates.model.rule import Rule

INVALID = Rule(
    code="SBOM001",
    name="sbom-invalid",
    summary="The document is no valid CycloneDX.",
    explanation=(
        "The strict schema of CycloneDX is asked: it refuses unknown keys too, so that a misspelt one is seen. A"
        " reader may drop what it does not understand, or refuse all of it."
    ),
    fix="Make the document anew with `gates sbom --output-file cyclonedx=PATH`.",
)

ROOT_MISSING = Rule(
    code="SBOM002",
    name="root-missing",
    summary="The document does not say what it is of.",
    explanation=(
        "`metadata.component` is the product that the components are in; without it, or under another name or version,"
        " nobody can tell for which release the document speaks. The schema lets it be absent."
    ),
    fix="Name the project under [project], and make the document anew with `gates sbom --output-file cyclonedx=PATH`.",
)

DANGLING = Rule(
    code="SBOM003",
    name="reference-dangling",
    summary="The dependency graph leads to a component that is not in the document, or to one of two.",
    explanation=(
        "A reference in `dependencies` has to be the `bom-ref` of exactly one component. The schema cannot check that:"
        " a document whose graph leads nowhere is valid, and whoever follows it loses what is behind."
    ),
    fix="Make the document anew with `gates sbom --output-file cyclonedx=PATH`.",
)

ELEMENT_MISSING = Rule(
    code="SBOM004",
    name="element-missing",
    summary="A minimum element of an SBOM is not there.",
    explanation=(
        "Supplier, name, version, unique identifier, dependency relationship, author and timestamp are the minimum"
        " elements of the NTIA (2021); the draft of the CISA (2025) adds hash, licence, tool name and generation"
        " context. Each has to be there for each component, or for the percentage of them that `minimum` says."
    ),
    fix=(
        "State it where the metadata does not: `suppliers`, `licences`, `author` in [tool.gates.sbom]; a lock file"
        " knows licences and suppliers only of what is installed too."
    ),
)

COMPONENT_MISSING = Rule(
    code="SBOM005",
    name="component-missing",
    summary="Something that is installed or locked is not in the document.",
    explanation=(
        "The document is compared with its source, both ways. Of a document that was made elsewhere only what the"
        " project needs at run time has to be in it. What the project requires and nothing provides is missing too."
    ),
    fix="Make the document anew with `gates sbom --output-file cyclonedx=PATH`, or install what is missing.",
)

COMPONENT_FOREIGN = Rule(
    code="SBOM006",
    name="component-foreign",
    summary="The document has a component, or a version of one, that is not installed or locked.",
    explanation=(
        "A document of another environment than the one that is shipped sends whoever looks for a vulnerability the"
        " wrong way: to what is not there, and past what is."
    ),
    fix="Make the document anew with `gates sbom --output-file cyclonedx=PATH`.",
)

HASH_DIFFERS = Rule(
    code="SBOM007",
    name="hash-differs",
    summary="A hash in the document is not that of the component or of the built file.",
    explanation=(
        "Where document and source have hashes of one algorithm, one of them has to be the same. Else the document is"
        " of another file, or one of the two was changed."
    ),
    fix="Find out which of the two is right before you make the document anew.",
)

LICENCE_DENIED = Rule(
    code="SBOM008",
    name="licence-denied",
    summary="A component has a licence that the policy denies.",
    explanation=(
        "SPDX expressions are evaluated: of `A OR B` one allowed licence is enough, of `A AND B` both have to be, and"
        " `A WITH exception` is as allowed as A unless the lists name the combination."
    ),
    fix="Replace the component, or waive it with a reason; `deny` in [tool.gates.sbom] is the list.",
)

LICENCE_UNKNOWN = Rule(
    code="SBOM009",
    name="licence-unknown",
    summary="Nobody can say whether the policy allows the licence of a component.",
    explanation=(
        "With `allow` or `deny` set, a component without a licence, with one that is no SPDX expression (`BSD License`"
        " may be any of several), or with one that is on neither list is not known to be allowed."
    ),
    fix="Read its licence and state it in `licences` of [tool.gates.sbom], or add it to `allow` or `deny`.",
)

SECRET = Rule(
    code="SBOM010",
    name="sbom-secret",
    summary="An address in the document has a user, a password or a token in it.",
    explanation=(
        "A document is handed to everybody. Indexes and repositories are often reached by addresses with credentials,"
        " and tools copy those from requirements and from what pip recorded. Documents made by gates have none."
    ),
    fix="Revoke the secret, and make the document anew with `gates sbom --output-file cyclonedx=PATH`.",
)

RULES = (
    INVALID,
    ROOT_MISSING,
    DANGLING,
    ELEMENT_MISSING,
    COMPONENT_MISSING,
    COMPONENT_FOREIGN,
    HASH_DIFFERS,
    LICENCE_DENIED,
    LICENCE_UNKNOWN,
    SECRET,
)
