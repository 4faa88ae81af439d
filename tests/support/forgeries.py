"""Forgeries: what is done to a good release, and the one name under which it is refused.

The page docs/explanation/attestation-refusals.md has a row for each.
"""

from __future__ import annotations

import json

from gates.builtin.attested.document import MOST
from gates.builtin.attested.facts import Dist
from support.attestations import CLAIMS, COMMIT, OTHER, SBOM, SDIST, WHEEL, bundle, der
from support.forging import (
    ABSENT,
    Edit,
    artifact,
    at,
    b64,
    bundled,
    certified,
    claimed_key,
    cut_payload,
    definition,
    details,
    drop,
    edited_payload,
    elsewhere,
    expecting,
    further,
    judged,
    keyless,
    late_results,
    lines,
    loosened,
    partial_results,
    payload,
    published,
    raw,
    renamed,
    replay,
    results_only,
    second_release,
    set_,
    signed,
    signed_by_other,
    source,
    subject,
    swapped,
    unknown_predicate,
    whole,
    workflow_trusted,
)

SIGNER = CLAIMS["9"]


def signer_of(before: str, after: str) -> dict[str, str]:
    """The claims of a certificate in which who signed is another."""
    return {name: SIGNER.replace(before, after) for name in ("9", "18")}


FORGERIES: dict[str, tuple[str, Edit]] = {
    # the file
    "there is no file": ("attestation-missing", lambda scene: ABSENT),
    "the file is empty": ("attestation-empty", raw(lambda data: b"")),
    "the file holds only white space": ("attestation-empty", raw(lambda data: b" \n\n")),
    "the file is endless": ("attestation-too-large", raw(lambda data: b" " * (MOST + 1))),
    "a byte of the file is no UTF-8": ("not-utf8", raw(lambda data: data.replace(b"payload", b"p\xffyload", 1))),
    "the file is cut off in the middle": ("not-json", raw(lambda data: data[: len(data) // 2])),
    "the last byte of the envelope is missing": ("not-json", raw(lambda data: data[:-2])),
    "the envelope is followed by something": ("not-json", raw(lambda data: data[:-1] + b"]\n")),
    "a number of it is NaN": ("not-json", raw(lambda data: b'{"payload":NaN}\n')),
    "it is nested ten thousand times": ("not-json", raw(lambda data: b"[" * 10_000 + b"]" * 10_000)),
    "the payload is there twice": ("duplicate-key", raw(lambda data: data.replace(b"{", b'{"payload":"e30=",', 1))),
    "it is a list": ("unknown-document", raw(lambda data: b"[]\n")),
    "it is some other object": ("unknown-document", raw(lambda data: b'{"verified":true}\n')),
    "the envelope is spelt with spaces": ("not-canonical", raw(lambda data: data.replace(b'":"', b'": "', 1))),
    "a letter of a key is written as an escape": (
        "not-canonical",
        raw(lambda data: data.replace(b"payloadType", b"payload\\u0054ype", 1)),
    ),
    # the envelope
    "the envelope has no payload": ("envelope-fields", lines(drop(whole, "payload"))),
    "the envelope has no type": ("envelope-fields", lines(drop(whole, "payloadType"))),
    "the envelope has no signatures": ("envelope-fields", lines(drop(whole, "signatures"))),
    "the envelope has a field more": ("envelope-fields", lines(set_(whole, "verified", value=True))),
    "the payload is no text": ("envelope-fields", lines(set_(whole, "payload", {"a": 1}))),
    "the signatures are an object": ("envelope-fields", lines(set_(whole, "signatures", {"sig": ""}))),
    "a signature has no key id": ("envelope-fields", lines(drop(lambda one: one["signatures"][0], "keyid"))),
    "the payload is said to be another thing": ("payload-type", lines(set_(whole, "payloadType", "application/json"))),
    "the payload has a letter that is none of base64": ("base64", lines(set_(whole, "payload", "e30=!"))),
    "the signature is in another spelling of base64": (
        "base64",
        lines(lambda one: one["signatures"][0].update(sig=loosened(one["signatures"][0]["sig"]))),
    ),
    "there is no signature": ("signature-missing", lines(set_(whole, "signatures", []))),
    "the signature is empty": ("signature-missing", lines(set_(lambda one: one["signatures"][0], "sig", ""))),
    "the signature is there twice": (
        "signature-count",
        lines(lambda one: one["signatures"].append(one["signatures"][0])),
    ),
    "a second signature is added": (
        "signature-count",
        lines(lambda one: one["signatures"].append({"keyid": "0" * 64, "sig": "AAAA"})),
    ),
    "it is signed anew with another key": ("key-unknown", signed_by_other),
    "the id of the key is another": ("key-unknown", lines(set_(lambda one: one["signatures"][0], "keyid", "0" * 64))),
    "another key signs under the id of the trusted one": ("signature-wrong", lines(claimed_key)),
    "the payload is edited": ("signature-wrong", lines(edited_payload)),
    "the payload is cut off": ("signature-wrong", lines(cut_payload)),
    "the payload is replaced": ("signature-wrong", lines(set_(whole, "payload", b64(b"{}")))),
    "the signature is cut off": (
        "signature-wrong",
        lines(set_(lambda one: one["signatures"][0], "sig", b64(bytes(32)))),
    ),
    "the signature is all zeros": (
        "signature-wrong",
        lines(set_(lambda one: one["signatures"][0], "sig", b64(bytes(64)))),
    ),
    "a workflow is trusted, and a key signs": ("scheme-wrong", workflow_trusted()),
    "a key is trusted, and a workflow signs": ("scheme-wrong", lambda scene: json.dumps(bundle()).encode()),
    # sigstore
    "a bundle has no certificate": ("bundle-malformed", bundled(verificationMaterial={"tlogEntries": []})),
    "a bundle has no log entry": (
        "bundle-malformed",
        bundled(verificationMaterial={**bundle()["verificationMaterial"], "tlogEntries": []}),
    ),
    "a bundle is of a version to come": (
        "bundle-malformed",
        bundled(mediaType="application/vnd.dev.sigstore.bundle.v9+json"),
    ),
    "a bundle has neither statement nor signature": ("bundle-malformed", bundled(dsseEnvelope=None)),
    "a PEP 740 file holds no attestation": (
        "bundle-malformed",
        workflow_trusted(b'{"version":1,"attestation_bundles":[]}'),
    ),
    "a PEP 740 file is of a version to come": (
        "bundle-malformed",
        workflow_trusted(b'{"version":2,"attestation_bundles":[{}]}'),
    ),
    "a PEP 740 attestation is torn": (
        "bundle-malformed",
        workflow_trusted(b'{"version":1,"envelope":{},"verification_material":{}}'),
    ),
    "the certificate of a bundle is issued by nobody": ("bundle-unverified", bundled()),
    "another issuer vouches": ("issuer-wrong", certified(claims={"8": "https://accounts.example"})),
    "a workflow of another repository signs": (
        "repository-wrong",
        certified(claims={"12": "https://github.com/mallory/sample"}),
    ),
    "a fork of the same name signs": (
        "repository-wrong",
        certified(claims={"12": "https://github.com/ada/sample-fork"}),
    ),
    "another workflow of the repository signs": ("workflow-wrong", certified(claims=signer_of("release", "test"))),
    "a workflow of elsewhere signs, called by the trusted one": (
        "workflow-wrong",
        certified(claims={"9": "https://github.com/mallory/x/.github/workflows/release.yml@refs/tags/v1.0"}),
    ),
    "another workflow calls the trusted one": (
        "workflow-wrong",
        certified(claims={"18": SIGNER.replace("release", "pull")}),
    ),
    "the workflow ran for a branch": (
        "ref-wrong",
        certified(claims={"14": "refs/heads/main", **signer_of("refs/tags/v1.0", "refs/heads/main")}),
    ),
    "the workflow ran for another tag": (
        "ref-wrong",
        certified(claims={"14": "refs/tags/v0.9", **signer_of("v1.0", "v0.9")}),
    ),
    "the workflow ran for a tag that begins like it": ("ref-wrong", certified(claims={"14": "refs/tags/v1.0.1"})),
    "the certificate names no repository": ("claim-missing", certified(claims={"12": None})),
    "the certificate names no issuer": ("claim-missing", certified(claims={"8": None})),
    "a claim of the certificate is cut off": (
        "claim-missing",
        certified(claims={"12": der("https://github.com/ada/sample")[:-3]}),
    ),
    "a claim of the certificate is no text": ("claim-missing", certified(claims={"14": b"\x02\x01\x05"})),
    # the statement
    "the signed payload is no JSON": ("payload-not-json", payload(b"release 1.0 is good")),
    "the signed payload is a list": ("payload-not-json", payload(b"[]")),
    "the signed payload is no UTF-8": ("payload-not-json", payload(b'{"_type":"\xff"}')),
    "the signed payload names a key twice": ("duplicate-key", payload(b'{"_type":"a","_type":"b"}')),
    "the statement has no subject field": ("statement-fields", signed(drop(whole, "subject"))),
    "the statement has no predicate": ("statement-fields", signed(drop(whole, "predicate"))),
    "the statement has a field more": ("statement-fields", signed(set_(whole, "subjects", []))),
    "the statement is of version 0.1": (
        "statement-type",
        signed(set_(whole, "_type", "https://in-toto.io/Statement/v0.1")),
    ),
    "the statement is about nothing": ("subjects-none", signed(set_(whole, "subject", []))),
    "a subject has no name": ("subject-malformed", signed(drop(subject, "name"))),
    "a subject is a path": ("subject-malformed", signed(set_(subject, "name", f"../{SDIST}"))),
    "a subject has no digest": ("subject-malformed", signed(set_(subject, "digest", {}))),
    "a subject has a SHA-1 only": ("subject-malformed", signed(set_(subject, "digest", {"sha1": "0" * 40}))),
    "a subject's digest is cut off": (
        "subject-malformed",
        signed(lambda one: subject(one)["digest"].update(sha256=subject(one)["digest"]["sha256"][:32])),
    ),
    "a subject's digest is in capitals": (
        "subject-malformed",
        signed(lambda one: subject(one)["digest"].update(sha256=subject(one)["digest"]["sha256"].upper())),
    ),
    "a subject is there twice": ("subject-duplicate", signed(lambda one: one["subject"].append(subject(one)))),
    "the predicate is of another type": ("predicate-type", signed(unknown_predicate)),
    "the predicate has nothing in it": ("predicate-schema", signed(set_(whole, "predicate", {"a": 1}))),
    "the predicate is null": ("predicate-schema", signed(set_(whole, "predicate", None))),
    "the predicate names no builder": ("predicate-schema", signed(drop(details, "builder"))),
    "the builder's id is empty": ("predicate-schema", signed(set_(details, "builder", {"id": ""}))),
    "the predicate has no parameters": ("predicate-schema", signed(set_(definition, "externalParameters", {}))),
    "the predicate has a field that nobody knows": (
        "predicate-schema",
        signed(set_(definition, "trustMe", value=True)),
    ),
    "no commit is named": ("predicate-schema", signed(drop(lambda one: definition(one)["resolvedDependencies"], 0))),
    "two commits are named": (
        "predicate-schema",
        signed(
            lambda one: definition(one)["resolvedDependencies"].append(
                {"uri": "git+https://x", "digest": {"gitCommit": OTHER}}
            )
        ),
    ),
    "the commit is shortened": ("predicate-schema", signed(set_(source, "digest", {"gitCommit": COMMIT[:12]}))),
    "a publication says more than it may": ("predicate-schema", published),
    "a build dependency has no digest": (
        "dependency-undigested",
        signed(drop(lambda one: definition(one)["resolvedDependencies"][1], "digest")),
    ),
    "it is another kind of build": ("build-type", signed(set_(definition, "buildType", "https://example.org/by-hand"))),
    "another builder made it": (
        "builder-wrong",
        signed(set_(details, "builder", {"id": "https://ci.example/mallory"})),
    ),
    "another builder than the workflow that signed": (
        "builder-wrong",
        keyless(lambda scene: details(scene.statement).update(builder={"id": "https://ci.example/x"})),
    ),
    # the subjects
    "nothing is attested of an artifact": ("subject-missing", artifact(further)),
    "an artifact is left out of the subjects": ("subject-missing", signed(lambda one: one["subject"].pop())),
    "a file that is not there is attested too": (
        "subject-extra",
        signed(lambda one: one["subject"].append({"name": "sample-1.0.zip", "digest": {"sha256": "0" * 64}})),
    ),
    "an attestation of another release lies beside it": ("subject-extra", second_release),
    "an artifact is taken away": ("subject-extra", artifact(lambda scene: (scene.folder / WHEEL).unlink())),
    "a byte of an artifact is changed": (
        "subject-digest",
        artifact(lambda scene: (scene.folder / SDIST).write_bytes(b"x")),
    ),
    "an artifact is emptied": ("subject-digest", artifact(lambda scene: (scene.folder / WHEEL).write_bytes(b""))),
    "the attestation of the release before is replayed": ("subject-digest", replay),
    "two artifacts change places": ("subject-digest", artifact(swapped)),
    "an artifact is renamed": ("subject-renamed", artifact(renamed)),
    # the source
    "it was built from another commit": ("commit-wrong", signed(set_(source, "digest", {"gitCommit": OTHER}))),
    "another commit is expected": ("commit-wrong", expecting(commit=OTHER)),
    "it was built from a fork": (
        "source-wrong",
        signed(set_(source, "uri", "git+https://github.com/mallory/sample@refs/tags/v1.0")),
    ),
    "it was built from a branch": (
        "source-ref-wrong",
        signed(set_(source, "uri", "git+https://github.com/ada/sample@refs/heads/main")),
    ),
    "it was built from no ref": ("source-ref-wrong", signed(set_(source, "uri", "git+https://github.com/ada/sample"))),
    "another version is expected": ("version-wrong", expecting(version="1.1")),
    "its parameters are of another version": (
        "version-wrong",
        signed(lambda one: definition(one)["externalParameters"].update(version="0.9")),
    ),
    "its parameters are of another project": (
        "version-wrong",
        signed(lambda one: definition(one)["externalParameters"].update(project="simple")),
    ),
    "statement and certificate name two commits": ("claims-differ", keyless(commit=OTHER)),
    "the certificate is of another ref than the source": ("source-ref-wrong", keyless(ref="refs/tags/v2.0")),
    "the certificate is of another repository than the source": (
        "source-wrong",
        keyless(repository="https://github.com/ada/other"),
    ),
    "the SBOM is not named in it": (
        "byproduct-missing",
        expecting(byproducts=(Dist(name="other.json", sha256="5" * 64),)),
    ),
    "the SBOM was changed": ("byproduct-changed", expecting(byproducts=(Dist(name=SBOM, sha256="6" * 64),))),
    # the time
    "it does not say when it was made": ("time-missing", signed(drop(details, "metadata"))),
    "its time is no time": ("time-malformed", signed(at(finishedOn="yesterday"))),
    "its time has no offset": ("time-malformed", signed(at(finishedOn="2026-01-01T12:00:00"))),
    "it ended before it began": (
        "time-malformed",
        signed(at(startedOn="2026-01-01T13:00:00Z", finishedOn="2026-01-01T12:00:00Z")),
    ),
    "it is older than is accepted": ("expired", signed(at(finishedOn="2025-11-01T12:00:00Z"))),
    "it is from the year 1970": ("expired", signed(at(finishedOn="1970-01-01T00:00:00Z"))),
    "the certificate is older than is accepted": ("expired", keyless(at="2025-11-01T12:00:00+00:00")),
    "it is from tomorrow": ("future", signed(at(finishedOn="2026-01-03T12:00:00Z"))),
    "it is from ten minutes ahead": ("future", signed(at(finishedOn="2026-01-02T00:10:00Z"))),
    "the certificate is from the future": ("future", keyless(at="2026-02-01T12:00:00+00:00")),
    # the gates
    "no results are attested": ("result-missing", expecting(judged=True)),
    "only results are attested, and no build": ("provenance-missing", results_only),
    "results are attested of one artifact only": ("subject-missing", partial_results),
    "the gates failed": ("result-not-passed", judged(result="FAILED", failedTests=["tests"])),
    "the gates passed with a warning": ("result-not-passed", judged(result="WARNED", warnedTests=["tests"])),
    "the gates passed, and one is undecided": ("result-contradicts", judged(warnedTests=["audit"])),
    "the gates passed, and one failed": ("result-contradicts", judged(failedTests=["audit"])),
    "the gates passed, and none is named": ("result-contradicts", judged({"gates": ()}, passedTests=[])),
    "a required gate was not judged": ("gate-missing", judged({"gates": ("lint", "audit")})),
    "a gate is named twice": ("predicate-schema", judged(passedTests=["lint", "lint"])),
    "the report was changed since": ("report-changed", judged({"report": "8" * 64})),
    "the gates judged another commit": ("commit-wrong", elsewhere),
    "the results do not say when the gates ran": ("time-missing", late_results),
}
