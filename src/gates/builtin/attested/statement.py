"""Statement: in-toto Statement v1, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gates.builtin.attested.document import strict
from gates.builtin.attested.facts import Dist
from gates.builtin.attested.refusal import Refused
from gates.model.evidence import encode

TYPE = "https://in-toto.io/Statement/v1"
FIELDS = {"_type", "subject", "predicateType", "predicate"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")
"""A file name of a wheel or a source distribution: no folder, nothing hidden."""

SHA256 = re.compile(r"[0-9a-f]{64}")
LENGTHS = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
"""Digits of the digests whose form is known (in-toto, "DigestSet")."""

GIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

Text = Annotated[str, Meta(min_length=1)]


class Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Base of the parts of predicates: a field that nobody knows is refused, since nobody would judge it."""


class Resource(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """in-toto's ResourceDescriptor v1: a thing by its address, its digest, or both."""

    name: str = ""
    uri: str = ""
    digest: Mapping[str, str] = {}
    content: str = ""
    download_location: str = ""
    media_type: str = ""
    annotations: Mapping[str, Any] = {}

    def __post_init__(self) -> None:
        """Refuse a descriptor of nothing, and digests that are none.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        if not (self.uri or self.digest or self.content):
            raise ValueError("a resource needs a uri, a digest or a content")
        for name, value in self.digest.items():
            wrong = name.startswith("git") and GIT.fullmatch(value) is None
            length = LENGTHS.get(name)
            if wrong or not value or (length is not None and re.fullmatch(f"[0-9a-f]{{{length}}}", value) is None):
                raise ValueError(f"{value[:80]!r} is no {name[:40]}")


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Who swears what about which files: `predicate` is not judged yet."""

    subjects: tuple[Dist, ...]
    predicate_type: str
    predicate: Any


def written(subjects: Sequence[Dist], predicate_type: str, predicate: Any) -> bytes:
    """The bytes to sign: the same statement, the same bytes."""
    return encode(
        {
            "_type": TYPE,
            "subject": [
                {"name": one.name, "digest": {"sha256": one.sha256}}
                for one in sorted(subjects, key=lambda one: one.name)
            ],
            "predicateType": predicate_type,
            "predicate": msgspec.to_builtins(predicate),
        }
    )


def parse(payload: bytes) -> Statement:
    """The statement that was signed.

    Raises:
        Refused: it is none of version 1, or its subjects are not files with a SHA-256.
    """
    try:
        value = strict(payload)
    except Refused as error:
        slug = error.slug if error.slug == "duplicate-key" else "payload-not-json"
        raise Refused(slug, f"the payload: {error.message}") from error
    if not isinstance(value, dict):
        raise Refused("payload-not-json", f"the payload is a JSON {type(value).__name__} instead of an object")
    if set(value) != FIELDS:
        differ = sorted(FIELDS ^ set(value))
        raise Refused("statement-fields", f"{differ[0][:80]} is {'missing' if differ[0] in FIELDS else 'unknown'}")
    if value["_type"] != TYPE:
        raise Refused("statement-type", f"its _type is {str(value['_type'])[:80]}, and {TYPE} is expected")
    if not isinstance(value["predicateType"], str) or not isinstance(value["subject"], list):
        raise Refused("statement-fields", "`predicateType` is no text, or `subject` no list")
    return Statement(
        subjects=_subjects(value["subject"]), predicate_type=value["predicateType"], predicate=value["predicate"]
    )


def convert(value: Any, kind: Any) -> Any:
    """A predicate as `kind` has it.

    Raises:
        Refused: it is not of that form.
    """
    try:
        return msgspec.convert(value, kind, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Refused("predicate-schema", f"{error}"[:200]) from error


def _subjects(given: Sequence[Any]) -> tuple[Dist, ...]:
    if not given:
        raise Refused("subjects-none", "`subject` is empty")
    found = tuple(_subject(one) for one in given)
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Refused("subject-duplicate", f"{twice} is there twice")
    return found


def _subject(one: Any) -> Dist:
    if not isinstance(one, dict) or set(one) != {"name", "digest"}:
        raise Refused("subject-malformed", "a subject has other fields than `name` and `digest`")
    name, digest = one["name"], one["digest"]
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise Refused("subject-malformed", f"{str(name)[:80]!r} is no file name")
    if not isinstance(digest, dict) or not isinstance(digest.get("sha256"), str):
        raise Refused("subject-malformed", f"{name} has no SHA-256")
    if SHA256.fullmatch(digest["sha256"]) is None:
        raise Refused("subject-malformed", f"the SHA-256 of {name} is none")
    if set(digest) != {"sha256"}:
        raise Refused("subject-malformed", f"{name} has other digests beside the SHA-256, and nobody would check them")
    return Dist(name=name, sha256=digest["sha256"])
