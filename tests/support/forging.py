"""Forging: edits of a good release, in bytes, in envelopes, in statements and in what is expected."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gates.builtin.attested import envelope, judging
from support.attestations import (
    CLAIMS,
    OTHER,
    REPORT_DIGEST,
    SDIST,
    TRUSTED,
    WHEEL,
    Scene,
    bundle,
    certificate,
    identity,
    results,
)

Edit = Callable[[Scene], Any]
"""Spoils the scene; bytes that it returns are the file of attestations."""

ABSENT = "absent"
"""What an edit returns where there is to be no file at all."""


def lines(edit: Callable[[dict[str, Any]], object]) -> Edit:
    """Edits the signed envelope without signing it anew."""

    def spoil(scene: Scene) -> bytes:
        (one,) = scene.envelopes()
        edit(one)
        return envelope.canonical(one) + b"\n"

    return spoil


def signed(edit: Callable[[dict[str, Any]], object]) -> Edit:
    """Edits the statement before it is signed."""

    def spoil(scene: Scene) -> None:
        edit(scene.statement)

    return spoil


def raw(edit: Callable[[bytes], bytes]) -> Edit:
    """Edits the bytes of the file."""

    def spoil(scene: Scene) -> bytes:
        return edit(scene.write().read_bytes())

    return spoil


def payload(data: bytes) -> Edit:
    """Signs something else than a statement."""

    def spoil(scene: Scene) -> None:
        from support.attestations import signer

        scene.lines = [envelope.sign(data, signer(0))]

    return spoil


def expecting(**other: Any) -> Edit:
    """Expects something else."""

    def spoil(scene: Scene) -> None:
        scene.expected = msgspec.structs.replace(scene.expected, **other)

    return spoil


def artifact(edit: Callable[[Scene], object]) -> Edit:
    """Changes an artifact after all was signed."""

    def spoil(scene: Scene) -> None:
        scene.lines = scene.signed()
        edit(scene)

    return spoil


def judged(expected: Mapping[str, Any] | None = None, **more: Any) -> Edit:
    """Attests results too, and expects them."""

    def spoil(scene: Scene) -> None:
        scene.statements.append(results(scene, **more))
        wanted = {"judged": True, "gates": ("lint",), "report": REPORT_DIGEST, **(expected or {})}
        scene.expected = msgspec.structs.replace(scene.expected, **wanted)

    return spoil


def keyless(edit: Callable[[Scene], object] = lambda scene: None, **other: str) -> Edit:
    """A workflow signed it, whose certificate says this."""

    def spoil(scene: Scene) -> None:
        scene.expected = msgspec.structs.replace(scene.expected, trust=TRUSTED)
        scene.statement["predicate"]["runDetails"]["builder"]["id"] = TRUSTED.identity
        scene.identity = identity(**other)
        edit(scene)

    return spoil


def certified(**other: Any) -> Edit:
    """A bundle whose certificate, issued by nobody, has these claims (by number; None for none)."""

    def spoil(scene: Scene) -> None:
        from gates.builtin.attested.identity import Policy

        claims = {name: value for name, value in {**CLAIMS, **other.pop("claims")}.items() if value is not None}
        Policy(TRUSTED).verify(certificate(claims))

    return spoil


def bundled(**spoilt: Any) -> Edit:
    """A bundle of sigstore instead of an envelope."""

    def spoil(scene: Scene) -> bytes:
        scene.expected = msgspec.structs.replace(scene.expected, trust=TRUSTED)
        return json.dumps(bundle(**spoilt)).encode() + b"\n"

    return spoil


def workflow_trusted(data: bytes | None = None) -> Edit:
    """A workflow is trusted, whatever signed it."""

    def spoil(scene: Scene) -> bytes | None:
        scene.expected = msgspec.structs.replace(scene.expected, trust=TRUSTED)
        return data

    return spoil


def definition(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = one["predicate"]["buildDefinition"]
    return found


def details(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = one["predicate"]["runDetails"]
    return found


def set_(target: Callable[[dict[str, Any]], Any], key: Any, value: Any) -> Callable[[dict[str, Any]], object]:
    """Sets one thing in it."""

    def edit(one: dict[str, Any]) -> None:
        target(one)[key] = value

    return edit


def drop(target: Callable[[dict[str, Any]], Any], key: Any) -> Callable[[dict[str, Any]], object]:
    """Takes one thing out of it."""

    def edit(one: dict[str, Any]) -> None:
        del target(one)[key]

    return edit


def whole(one: dict[str, Any]) -> dict[str, Any]:
    return one


def subject(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = one["subject"][0]
    return found


def source(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definition(one)["resolvedDependencies"][0]
    return found


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def loosened(text: str) -> str:
    """The same bytes in another spelling of base64: the bits behind the last one are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    return body[:-1] + alphabet[alphabet.index(body[-1]) ^ 1] + "=" * (len(text) - len(body))


def renamed(scene: Scene) -> None:
    (scene.folder / SDIST).rename(scene.folder / "sample-1.0.post1.tar.gz")


def further(scene: Scene) -> None:
    (scene.folder / "sample-1.0-cp312-cp312-win_amd64.whl").write_bytes(b"more")


def at(**times: str) -> Callable[[dict[str, Any]], object]:
    def edit(one: dict[str, Any]) -> None:
        details(one)["metadata"] = times

    return edit


def cut_payload(one: dict[str, Any]) -> None:
    one["payload"] = b64(base64.b64decode(one["payload"])[:-20])


def edited_payload(one: dict[str, Any]) -> None:
    one["payload"] = b64(base64.b64decode(one["payload"]).replace(BUILDER_BYTES, b"mallory"))


BUILDER_BYTES = b"ci.example"


def replay(scene: Scene) -> None:
    """The good attestation of the release before, for the artifacts of this one."""
    scene.lines = scene.signed()
    for name in (SDIST, WHEEL):
        (scene.folder / name).write_bytes(b"the next release\n")


def swapped(scene: Scene) -> None:
    """Two artifacts change places."""
    one, other = (scene.folder / SDIST), (scene.folder / WHEEL)
    held = one.read_bytes(), other.read_bytes()
    one.write_bytes(held[1])
    other.write_bytes(held[0])


def signed_by_other(scene: Scene) -> None:
    scene.signed_with = 1


def claimed_key(one: dict[str, Any]) -> None:
    """Another key's signature under the id of the trusted one."""
    from support.attestations import signer

    made = json.loads(envelope.sign(base64.b64decode(one["payload"]), signer(1)))
    one["signatures"][0]["sig"] = made["signatures"][0]["sig"]


def second_release(scene: Scene) -> None:
    """A good statement of another release is put beside it."""
    other = json.loads(json.dumps(scene.statement))
    other["subject"] = [{"name": "sample-0.9.tar.gz", "digest": {"sha256": "9" * 64}}]
    definition(other)["externalParameters"] = {"project": "sample", "version": "0.9"}
    scene.expected = msgspec.structs.replace(scene.expected, version="")
    scene.statements.append(other)


def results_only(scene: Scene) -> None:
    scene.statements[0] = results(scene)


def elsewhere(scene: Scene) -> None:
    """The report is of another commit than the build."""
    judged()(scene)
    scene.statements[1]["predicate"]["configuration"][0]["digest"]["gitCommit"] = OTHER


def late_results(scene: Scene) -> None:
    judged()(scene)
    scene.statements[1]["predicate"]["configuration"][1]["annotations"] = {}


def partial_results(scene: Scene) -> None:
    judged()(scene)
    del scene.statements[1]["subject"][0]


def published(scene: Scene) -> None:
    scene.statement["predicateType"] = judging.PUBLISH


def unknown_predicate(one: dict[str, Any]) -> None:
    one["predicateType"] = "https://slsa.dev/provenance/v0.2"


def refused(scene: Scene, edit: Edit) -> list[str]:
    """The names of the refusals after the edit."""
    from gates.builtin.attested.refusal import Refused

    try:
        data = edit(scene)
    except Refused as error:
        return [error.slug]
    return scene.refusals(absent=True) if data == ABSENT else scene.refusals(data)
