"""A small release with a signed statement, and every way to forge it that we could think of."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from gates.builtin.attested import dists as files
from gates.builtin.attested import envelope, judging, keys, opening
from gates.builtin.attested.expected import Expected, Key, Workflow, workflow
from gates.builtin.attested.facts import Dist, Identity, Opened
from gates.builtin.attested.judging import Judged
from gates.builtin.attested.statement import Resource
from gates.builtin.built.package import Package
from gates.builtin.provenance import making
from gates.builtin.provenance.source import Source
from gates.model.evidence import counted

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MADE = datetime(2026, 1, 1, 12, tzinfo=UTC)
COMMIT = "c0ffee" * 6 + "c0ff"
OTHER = "0" * 39 + "1"
REPOSITORY = "https://github.com/ada/sample"
REF = "refs/tags/v1.0"
BUILDER = "https://ci.example/ada/release"
SDIST, WHEEL = "sample-1.0.tar.gz", "sample-1.0-py3-none-any.whl"
NAME = "release.intoto.jsonl"
SBOM = "sbom.json"
REPORT_DIGEST = "7" * 64
TRUST = workflow("ada/sample", "release.yml", REF)
SIGNER = TRUST.identity


@cache
def signer(which: int = 0) -> Any:
    """A key; the same for the whole process."""
    del which
    return keys.fresh()


@dataclass
class Scene:
    """A release in a folder, the predicates to be signed, and what is expected; an edit spoils one of them."""

    folder: Path
    expected: Expected = field(
        default_factory=lambda: Expected(
            trust=Key(builder=BUILDER),
            commit=COMMIT,
            ref=REF,
            repository=REPOSITORY,
            version="1.0",
            oldest=30 * 86_400.0,
        )
    )
    now: datetime = NOW
    signed_with: int = 0
    statements: list[dict[str, Any]] = field(default_factory=list)
    lines: list[bytes] | None = None
    identity: Identity | None = None

    def __post_init__(self) -> None:
        for name in (SDIST, WHEEL):
            (self.folder / name).write_bytes(name.encode())
        self.statements.append(provenance(self.dists()))

    def dists(self) -> tuple[Dist, ...]:
        """The artifacts as they are now."""
        return files.read(files.find([self.folder]))

    @property
    def statement(self) -> dict[str, Any]:
        """The provenance."""
        return self.statements[0]

    @property
    def predicate(self) -> dict[str, Any]:
        """That of the provenance."""
        found: dict[str, Any] = self.statement["predicate"]
        return found

    def envelopes(self) -> list[dict[str, Any]]:
        """The signed envelopes, to be spoilt."""
        return [json.loads(line) for line in self.signed()]

    def signed(self) -> list[bytes]:
        """A line for each statement."""
        return [envelope.sign(json.dumps(one).encode(), signer(self.signed_with)) for one in self.statements]

    def write(self, data: bytes | None = None) -> Path:
        """The file of attestations."""
        path = self.folder / NAME
        held = b"".join(line + b"\n" for line in (self.signed() if self.lines is None else self.lines))
        path.write_bytes(held if data is None else data)
        return path

    def verified(self, data: bytes | None = None, *, absent: bool = False) -> Judged:
        """What a verification says."""
        path = self.folder / "absent.jsonl" if absent else self.write(data)
        dists = self.dists()
        if self.identity is not None:
            opened: tuple[Opened, ...] = tuple(vouched(json.dumps(one), self.identity) for one in self.statements)
        else:
            opened = opening.opened([path], self.expected.trust, signer(0).public_key, dists)
        return judging.judge(opened, dists, self.expected, self.now)

    def refusals(self, data: bytes | None = None, *, absent: bool = False) -> list[str]:
        """The names of all refusals, each once; none is trust."""
        return list(dict.fromkeys(one.slug for one in self.verified(data, absent=absent).objections))


def provenance(dists: tuple[Dist, ...]) -> dict[str, Any]:
    """The statement that gates makes of them."""
    payload = making.provenance(
        dists,
        Source(repository=REPOSITORY, commit=COMMIT, ref=REF),
        (Package(name="hatchling", version="1.27.0", sha256="a" * 64),),
        {"python": "cpython 3.12.1", "backend": "hatchling.build"},
        builder=BUILDER,
        now=MADE,
        byproducts=(Resource(name=SBOM, digest={"sha256": "5" * 64}),),
    )
    found: dict[str, Any] = json.loads(payload)
    return found


def results(scene: Scene, **more: Any) -> dict[str, Any]:
    """A statement that the gates passed, of the artifacts in the scene."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": copy.deepcopy(scene.statement["subject"]),
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED",
            "configuration": [
                {"name": "source", "uri": f"git+{REPOSITORY}@{REF}", "digest": {"gitCommit": COMMIT}},
                {
                    "name": "gates-report",
                    "digest": {"sha256": REPORT_DIGEST},
                    "annotations": {"started": "2026-01-01T11:00:00Z"},
                },
            ],
            "passedTests": ["lint", "tests"],
            **more,
        },
    }


def vouched(payload: str, who: Identity) -> Opened:
    """What a workflow signed, as it is told once sigstore has verified it."""
    return Opened(
        place=NAME, signer="workflow", payload=payload, sha256="", identity=counted((who,)), objections=counted(())
    )


def identity(**other: str) -> Identity:
    """The identity of the trusted workflow, but for what is another."""
    held = {
        "issuer": TRUST.issuer,
        "signer": SIGNER,
        "repository": REPOSITORY,
        "commit": COMMIT,
        "ref": REF,
        "config": SIGNER,
        "at": "2026-01-01T12:00:00+00:00",
    }
    return Identity(**{**held, **other})


def certificate(claims: Mapping[str, str | bytes], at: datetime = MADE) -> Any:
    """A certificate with these claims (by the last number of their identifier), which nobody has issued."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at)
        .not_valid_after(at + timedelta(minutes=10))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(SIGNER)]), critical=True)
    )
    for number, value in claims.items():
        data = value if isinstance(value, bytes) else der(value)
        oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
        made = made.add_extension(x509.UnrecognizedExtension(oid, data), critical=False)
    return made.sign(key, hashes.SHA256())


def der(text: str) -> bytes:
    """A text as DER has it: a UTF8String of less than 256 bytes."""
    data = text.encode()
    head = bytes([len(data)]) if len(data) < 0x80 else bytes([0x81, len(data)])
    return b"\x0c" + head + data


CLAIMS: dict[str, str] = {
    "8": TRUST.issuer,
    "9": SIGNER,
    "12": REPOSITORY,
    "13": COMMIT,
    "14": REF,
    "18": SIGNER,
}


def bundle(**spoilt: Any) -> dict[str, Any]:
    """A sigstore bundle that is whole, and that nobody but us vouches for."""
    from cryptography.hazmat.primitives.serialization import Encoding

    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    entry = {
        "logIndex": "1",
        "logId": {"keyId": text(bytes(32))},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(int(MADE.timestamp())),
        "inclusionPromise": {"signedEntryTimestamp": text(b"promised")},
        "inclusionProof": {
            "logIndex": "1",
            "rootHash": text(bytes(32)),
            "treeSize": "2",
            "hashes": [text(bytes(32))],
            "checkpoint": {"envelope": "rekor.sigstore.dev - 1\n2\n\n— rekor x\n"},
        },
        "canonicalizedBody": text(b"{}"),
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": text(certificate(CLAIMS).public_bytes(Encoding.DER))},
            "tlogEntries": [entry],
        },
        "dsseEnvelope": {
            "payload": text(b"{}"),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": text(b"forged")}],
        },
        **spoilt,
    }


Edit = Callable[[Scene], bytes | None]
TRUSTED: Workflow = TRUST
