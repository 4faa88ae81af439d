"""Opening: who signed what, told by the libraries that verify; what is said in it is judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.attested import document, envelope, keyless, keys
from gates.builtin.attested.document import Document
from gates.builtin.attested.expected import Key, Workflow
from gates.builtin.attested.facts import Dist, Identity, Opened, Signer
from gates.builtin.attested.refusal import Objection, Refused
from gates.model.evidence import counted

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey


def opened(
    paths: Iterable[Path], trust: Key | Workflow, key: SSlibKey | None, dists: Sequence[Dist]
) -> tuple[Opened, ...]:
    """All attestations of the files, in order; `key` is the public key of a trust in one.

    Raises:
        NoLibrary: what verifies is not installed.
    """
    return tuple(one for path in paths for one in _of_file(path, trust, key, dists))


def _of_file(path: Path, trust: Key | Workflow, key: SSlibKey | None, dists: Sequence[Dist]) -> Iterator[Opened]:
    try:
        held = document.read(path)
    except Refused as error:
        yield _refused(path.name, error)
        return
    for number, one in enumerate(held, 1):
        place = path.name if len(held) == 1 else f"{path.name}:{number}"
        try:
            yield from _of_document(place, one, trust, key, dists)
        except Refused as error:
            yield _refused(place, error)


def _of_document(
    place: str, one: Document, trust: Key | Workflow, key: SSlibKey | None, dists: Sequence[Dist]
) -> Iterator[Opened]:
    if isinstance(trust, Key):
        if one.form != "dsse":
            raise Refused("scheme-wrong", "a key is trusted, and a workflow signed it")
        if key is None:
            raise keys.KeyRefused("the public key to verify with is missing")
        payload = envelope.opened(one, key)
        yield _opened(place, "key", payload)
        return
    if one.form == "dsse":
        raise Refused("scheme-wrong", "a workflow is trusted, and a key signed it")
    for vouched in keyless.opened(one, trust, dists):
        yield _opened(place, "workflow", vouched.payload, vouched.sha256, (vouched.identity,))


def _opened(
    place: str, signer: Signer, payload: bytes, sha256: str = "", identity: tuple[Identity, ...] = ()
) -> Opened:
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("payload-not-json", "the payload is no UTF-8") from error
    return Opened(
        place=place,
        signer=signer,
        payload=text,
        sha256=sha256,
        identity=counted(identity),
        objections=counted(()),
    )


def _refused(place: str, error: Refused) -> Opened:
    objection = Objection(slug=error.slug, place=place, message=error.message)
    return Opened(
        place=place, signer="nobody", payload="", sha256="", identity=counted(()), objections=counted((objection,))
    )
