"""Rules of the gate `provenance`."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.attested.refusal import About
from gates.model.rule import Rule

WHY = "gates provenance verify shows each objection; docs/explanation/attestation-refusals.md has an example of each."

MISSING = Rule(
    code="PRV001",
    name="attestation-missing",
    summary="An artifact has no signed statement of where it comes from.",
    explanation="Whoever takes it has to believe the place where it lies. Nothing ties it to a commit or a builder.",
    fix="gates provenance dist --key FILE --builder ID, in the job that built it",
)

SIGNATURE = Rule(
    code="PRV002",
    name="signature-invalid",
    summary="An attestation is not signed by whom the project trusts, or was changed since.",
    explanation=(
        "The envelope was cut off, edited, signed anew with another key, or what sigstore says of certificate, log and"
        " time does not hold. Nothing that stands in it counts."
    ),
    fix=WHY,
)

STATEMENT = Rule(
    code="PRV003",
    name="statement-invalid",
    summary="What was signed is no in-toto statement with a whole SLSA predicate.",
    explanation=(
        "A signature over an empty statement is a good signature. The predicate must name the builder, the parameters,"
        " one commit, and a digest of everything that went in; a field that nobody knows would be judged by nobody."
    ),
    fix=WHY,
)

SUBJECTS = Rule(
    code="PRV004",
    name="subjects-differ",
    summary="The attestation is not about exactly these files.",
    explanation=(
        "An artifact is missing in it, is another file than the one attested, bears another name, or the attestation"
        " speaks of a file that is not there."
    ),
    fix=WHY,
)

IDENTITY = Rule(
    code="PRV005",
    name="identity-differs",
    summary="Another builder, repository, workflow, branch or tag signed it than the trusted one.",
    explanation=(
        "Every workflow of a repository, and every branch of it, can sign in its name. Only the one that releases may."
    ),
    fix=WHY,
)

SOURCE = Rule(
    code="PRV006",
    name="source-differs",
    summary="It was built from another commit, repository, version or with other byproducts than expected.",
    explanation="A good attestation of another release was replayed, or the artifacts are those of another commit.",
    fix=WHY,
)

STALE = Rule(
    code="PRV007",
    name="attestation-stale",
    summary="The attestation is too old, from the future, or does not say when it was made.",
    explanation=(
        "An old statement can be true of a release that was withdrawn since; one of tomorrow, or of no time at all, was"
        " not made by the build that it speaks of."
    ),
    fix="Build and attest anew, or raise `max-days` in [tool.gates.provenance].",
)

NOT_PASSED = Rule(
    code="PRV008",
    name="gates-not-attested",
    summary="No signed statement says that the required gates passed for these artifacts at this commit.",
    explanation=(
        "The statement is missing, is of another report or commit, names a gate that did not pass, or lacks one that"
        " is required."
    ),
    fix="gates check --output-file json=report.json, then gates provenance dist --report report.json …",
)

RULES = (MISSING, SIGNATURE, STATEMENT, SUBJECTS, IDENTITY, SOURCE, STALE, NOT_PASSED)

ABOUT: Mapping[About, Rule] = {
    "missing": MISSING,
    "signature": SIGNATURE,
    "statement": STATEMENT,
    "subjects": SUBJECTS,
    "identity": IDENTITY,
    "source": SOURCE,
    "time": STALE,
    "gates": NOT_PASSED,
}
