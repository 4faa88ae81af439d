"""Refusal: why an attestation is not believed, each way under a name of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gates.model.tested import Fact

About = Literal["missing", "signature", "statement", "subjects", "identity", "source", "time", "gates"]
"""What is wrong: that there is none, the signature, what is said, of what, by whom, from what, when, and judged how."""

REFUSALS: Mapping[str, tuple[About, str]] = {
    "attestation-missing": ("missing", "There is no attestation where one is expected."),
    "attestation-empty": ("missing", "The attestation has no content."),
    "attestation-too-large": ("signature", "The attestation has more bytes than any honest one."),
    "not-utf8": ("signature", "The attestation is not UTF-8."),
    "not-json": ("signature", "The attestation is no JSON: it was cut off or damaged."),
    "duplicate-key": ("signature", "An object names one key twice, so that two readers could read two things."),
    "unknown-document": ("signature", "It is no DSSE envelope, no sigstore bundle and no PEP 740 provenance."),
    "not-canonical": ("signature", "An envelope is spelt otherwise than gates writes it, so it was edited."),
    "envelope-fields": ("signature", "The envelope lacks a field, has one more, or one of another kind."),
    "base64": ("signature", "The payload or the signature is no base64, or not in its one canonical spelling."),
    "payload-type": ("signature", "The envelope holds something else than an in-toto statement."),
    "signature-missing": ("signature", "The envelope bears no signature."),
    "signature-count": ("signature", "The envelope bears more than one signature."),
    "key-unknown": ("signature", "It is signed with another key than the trusted one."),
    "signature-wrong": ("signature", "The signature is not that of this payload."),
    "scheme-wrong": ("signature", "It is signed by a key where a workflow is trusted, or the other way round."),
    "bundle-malformed": ("signature", "The sigstore bundle or the PEP 740 file is not of its form."),
    "bundle-unverified": ("signature", "Sigstore refuses it: certificate, transparency log, time or signature."),
    "issuer-wrong": ("identity", "The identity was vouched for by another issuer."),
    "repository-wrong": ("identity", "It was signed for another repository."),
    "workflow-wrong": ("identity", "Another workflow of the repository signed it."),
    "ref-wrong": ("identity", "The workflow ran for another branch or tag."),
    "claim-missing": ("identity", "The certificate does not say issuer, repository, workflow, ref or commit."),
    "builder-wrong": ("identity", "Another builder than the trusted one made it."),
    "payload-not-json": ("statement", "The signed payload is no JSON object."),
    "statement-fields": ("statement", "The statement lacks a field, has one more, or one of another kind."),
    "statement-type": ("statement", "It is no in-toto Statement v1."),
    "subjects-none": ("statement", "The statement is about nothing."),
    "subject-malformed": ("statement", "A subject has no file name or no SHA-256."),
    "subject-duplicate": ("statement", "Two subjects have one name."),
    "predicate-type": ("statement", "The statement is of a kind that nobody asked for."),
    "predicate-schema": ("statement", "The predicate is not what its type asks for."),
    "build-type": ("statement", "Another kind of build is described than the trusted one."),
    "dependency-undigested": ("statement", "Something that went into the build has no digest."),
    "provenance-missing": ("missing", "No statement of the asked kind is about the artifact."),
    "subject-missing": ("subjects", "An artifact is no subject of the attestation."),
    "subject-extra": ("subjects", "The attestation is about a file that is not among the artifacts."),
    "subject-digest": ("subjects", "An artifact is not the file that was attested."),
    "subject-renamed": ("subjects", "An artifact bears another name than the one under which it was attested."),
    "commit-wrong": ("source", "It was built from another commit."),
    "source-wrong": ("source", "It was built from another repository."),
    "source-ref-wrong": ("source", "It was built from another branch or tag."),
    "version-wrong": ("source", "It is of another version or project."),
    "claims-differ": ("source", "The statement names another commit than the certificate."),
    "byproduct-missing": ("source", "A file that is said to belong to the build is not named in it."),
    "byproduct-changed": ("source", "A file of the build is not the one that was attested."),
    "time-missing": ("time", "Nobody knows when it was made."),
    "time-malformed": ("time", "Its time is none, or it ended before it began."),
    "expired": ("time", "It is older than is accepted."),
    "future": ("time", "It was made in the future."),
    "result-missing": ("gates", "No signed statement says which gates the artifact passed."),
    "result-not-passed": ("gates", "The gates did not pass."),
    "result-contradicts": ("gates", "It says passed, and names a gate that did not."),
    "gate-missing": ("gates", "A gate that is required is not among those that passed."),
    "report-changed": ("gates", "The report is not the one that was attested."),
}
"""By name: what it is about, and what it means. `docs/explanation/attestation-refusals.md` has an example of each."""


class Refused(Exception):  # noqa: N818 - an answer that was asked for
    """An attestation is not believed: the name of the refusal, and one clause with what was found."""

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message
        _ = REFUSALS[slug]


class Objection(Fact, frozen=True, kw_only=True):
    """A refusal as a value: `place` is the file of the attestation or the artifact that it is about."""

    slug: str
    place: str
    message: str

    @property
    def about(self) -> About:
        """What is wrong."""
        return REFUSALS[self.slug][0]
