"""Canaries: a small release of a key of its own in the copy, with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.attested.slsa import COMMIT
from gates.builtin.provenance import rules
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.provenance.settings import ProvenanceSettings
    from gates.model.gate import Context

FOLDER = "gates_canary_release"
BUILDER = "urn:gates-canary:builder"
REPOSITORY = "https://gates.invalid/canary"
HEAD = "c0ffee" * 6 + "c0ff"
FILES = {"gates_canary-1.0.tar.gz": b"sources\n", "gates_canary-1.0-py3-none-any.whl": b"wheel\n"}


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the release: each field is as it should be, unless a canary says otherwise."""

    builder: str = BUILDER
    commit: str = HEAD
    made: datetime = datetime(2025, 12, 31, tzinfo=UTC)
    signed: bool = True
    trusted: bool = True
    empty: bool = False
    altered: bool = False
    settings: dict[str, Any] = {}


def plant(context: Context[ProvenanceSettings], wrong: Wrong) -> Planted | Reason:
    """Write the release into the copy, and have the settings judge it alone."""
    from gates.builtin.attested import dists as files
    from gates.builtin.attested import envelope, keys, slsa, statement

    folder = context.project.root / FOLDER
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    dists = files.read(files.find([folder]))
    try:
        signer, other = keys.fresh(), keys.fresh()
    except keys.NoLibrary as error:
        return Reason(code="tool_missing", message=str(error), fix=keys.INSTALL)
    (folder / "key.pub.pem").write_bytes(keys.public_pem(signer))
    if wrong.signed:
        payload = statement.written(dists, slsa.TYPE, {"a": 1}) if wrong.empty else _payload(dists, wrong)
        line = envelope.sign(payload, signer if wrong.trusted else other)
        (folder / "canary.intoto.jsonl").write_bytes(line + b"\n")
    if wrong.altered:
        (folder / next(iter(FILES))).write_bytes(b"other sources\n")
    return Planted(path=None, settings={**_settings(), **wrong.settings})


def _payload(dists: Any, wrong: Wrong) -> bytes:
    from gates.builtin.built.package import Package
    from gates.builtin.provenance import making
    from gates.builtin.provenance.source import Source

    source = Source(repository=REPOSITORY, commit=wrong.commit, ref="refs/tags/v1.0")
    packages = (Package(name="hatchling", version="1.27.0", sha256="0" * 64),)
    return making.provenance(dists, source, packages, {COMMIT: ""}, builder=wrong.builder, now=wrong.made)


def _settings() -> dict[str, Any]:
    return {
        "rehearse": False,
        "dist": [FOLDER],
        "attestations": [f"{FOLDER}/*.intoto.jsonl"],
        "public-key": f"{FOLDER}/key.pub.pem",
        "builder": BUILDER,
        "repository": "",
        "workflow": "",
        "ref": "",
        "commit": HEAD,
        "kind": "provenance",
        "max-days": 100_000.0,
        "gates": [],
        "report": "",
    }


def _canary(rule: Rule, title: str, wrong: Wrong) -> Canary:
    def planted(context: Context[ProvenanceSettings]) -> Planted | Reason:
        return plant(context, wrong)

    made: Callable[[Context[ProvenanceSettings]], Planted | Reason] = planted
    return Canary(rule=rule.code, title=title, plant=made)


CANARIES = (
    _canary(rules.MISSING, "artifacts without an attestation", Wrong(signed=False)),
    _canary(rules.SIGNATURE, "an attestation by another key", Wrong(trusted=False)),
    _canary(rules.STATEMENT, "a signed predicate with nothing in it", Wrong(empty=True)),
    _canary(rules.SUBJECTS, "an artifact that was changed after it was attested", Wrong(altered=True)),
    _canary(rules.IDENTITY, "an attestation of another builder", Wrong(builder=f"{BUILDER}:other")),
    _canary(rules.SOURCE, "an attestation of another commit", Wrong(commit="0" * 40)),
    _canary(rules.STALE, "an attestation from the future", Wrong(made=datetime(2100, 1, 1, tzinfo=UTC))),
    _canary(rules.NOT_PASSED, "a required gate that nobody attested", Wrong(settings={"gates": ["lint"]})),
)
