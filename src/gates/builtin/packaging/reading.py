"""Reading: an artifact as facts, by what is in it and what its metadata says."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import msgspec

from gates.builtin.built.archives import names, reading
from gates.builtin.built.archives.member import Archive, Unsafe
from gates.builtin.packaging import recorded
from gates.builtin.packaging.facts import Changed, Member, MemberKind, Metadata, Packed
from gates.model.evidence import counted, sha256
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.artifact import Artifact
    from gates.project.facts import Project

KEYS = (".pem", ".key", ".ppk", ".asc", ".gpg", ".pgp")
"""Endings of files that may be private keys, if they say so inside: certificates have the same ones."""

COMPILED = (".so", ".pyd", ".dll", ".dylib", ".a", ".o", ".exe")
PRIVATE = b"PRIVATE KEY"


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact, what is in it, and the facts of both; `metadata` is its METADATA or PKG-INFO."""

    artifact: Artifact
    packed: Packed
    metadata: bytes
    contents: Mapping[str, bytes]


def opened(artifact: Artifact) -> Opened | Reason:
    """What is in the artifact, or one sentence why nobody may look."""
    try:
        archive = reading.read(artifact.path, escaping="keep")
    except Unsafe as error:
        return Reason(
            code="evidence_corrupt", message=f"{artifact.name} {error}", fix="python -m build, and look at it"
        )
    contents = {one.name: one.content for one in archive.members if one.kind == "file"}
    place = _metadata_place(artifact, contents)
    if place is None:
        wanted = "PKG-INFO" if artifact.kind == "sdist" else "METADATA"
        return Reason(code="evidence_corrupt", message=f"{artifact.name} has no {wanted}", fix="python -m build")
    packed = Packed(
        kind=artifact.kind,
        name=artifact.name,
        sha256=artifact.sha256,
        metadata=metadata(contents[place]),
        tags=counted(_tags(contents, place) if artifact.kind == "wheel" else ()),
        members=counted(_members(archive, artifact)),
        escaping=counted(names.shown(one) for one in names.escapes(archive)),
        unrecorded=counted(_unrecorded(contents, place) if artifact.kind == "wheel" else ()),
    )
    return Opened(artifact=artifact, packed=packed, metadata=contents[place], contents=contents)


def followed(one: Opened, project: Project) -> Opened:
    """The same, with the members marked that are the content of a link of the tree that leads out of the project."""
    outside = dict(_outside(project))
    if not outside:
        return one
    members = [
        msgspec.structs.replace(member, target=outside.get((posixpath.basename(member.name), member.sha256), ""))
        if member.kind == "file"
        else member
        for member in one.packed.members.items
    ]
    leading = [member.name for member in members if member.kind == "file" and member.target]
    packed = msgspec.structs.replace(
        one.packed, members=counted(members), escaping=counted([*one.packed.escaping.items, *leading])
    )
    return msgspec.structs.replace(one, packed=packed)


def _outside(project: Project) -> Iterator[tuple[tuple[str, str], str]]:
    """Name and digest of what the links among the project's files that lead out of it lead to, and their texts."""
    top = (project.git.toplevel if project.git else project.root).resolve()
    for path in project.tree.files:
        place = project.root / path
        if place.is_symlink() and place.is_file() and not place.resolve().is_relative_to(top):
            yield (posixpath.basename(path), sha256(place.read_bytes())), names.shown(str(place.readlink()))


def metadata(data: bytes) -> Metadata:
    """What core metadata says; it need not be valid."""
    from packaging.metadata import parse_email

    raw, unparsed = parse_email(data)

    def text(key: str, header: str) -> str:
        held = raw.get(key)
        return held if isinstance(held, str) else next(iter(unparsed.get(header, ())), "")

    return Metadata(
        name=text("name", "name"),
        version=text("version", "version"),
        requires_python=text("requires_python", "requires-python"),
        classifiers=counted(raw.get("classifiers", ())),
        expression=text("license_expression", "license-expression"),
        license=text("license", "license"),
        license_files=counted(raw.get("license_files", ())),
    )


def changed(wheel: Opened, again: Opened) -> tuple[Changed, ...]:
    """How a wheel that was built from the source distribution differs from that of the tree; RECORD follows it."""
    before = {one.name: one for one in wheel.packed.members.items if one.kind != "folder"}
    after = {one.name: one for one in again.packed.members.items if one.kind != "folder"}
    found = []
    for name in sorted({*before, *after}):
        if name.endswith(".dist-info/RECORD") and name in before and name in after:
            continue
        if name not in after:
            found.append(Changed(member=name, how="missing"))
        elif name not in before:
            found.append(Changed(member=name, how="added"))
        elif before[name].kind != after[name].kind:
            found.append(Changed(member=name, how="kind"))
        elif _content(before[name]) != _content(after[name]):
            found.append(Changed(member=name, how="content"))
    return tuple(found)


def _content(one: Member) -> tuple[str, ...]:
    """What has to be the same; code that a compiler made differs with the folder in which it was compiled."""
    return () if one.name.endswith(COMPILED) else (one.sha256, one.target)


def _members(archive: Archive, artifact: Artifact) -> list[Member]:
    """All members, sorted; those of a source distribution without the folder that all are in."""
    top = artifact.name.removesuffix(".tar.gz") + "/"
    found = [
        Member(
            name=names.shown(one.name.removeprefix(top) if artifact.kind == "sdist" else one.name),
            kind=cast("MemberKind", one.kind),
            target=names.shown(one.target),
            sha256=sha256(one.content) if one.kind == "file" else "",
            key=PRIVATE in one.content and one.name.lower().endswith(KEYS),
        )
        for one in archive.members
    ]
    return sorted(found, key=lambda one: one.name)


def _metadata_place(artifact: Artifact, contents: Mapping[str, bytes]) -> str | None:
    ending = "/PKG-INFO" if artifact.kind == "sdist" else ".dist-info/METADATA"
    return next((name for name in sorted(contents) if name.count("/") == 1 and name.endswith(ending)), None)


def _unrecorded(contents: Mapping[str, bytes], place: str) -> Iterator[str]:
    record = posixpath.join(posixpath.dirname(place), "RECORD")
    return (names.shown(one) for one in recorded.wrong(contents, record))


def _tags(contents: Mapping[str, bytes], place: str) -> Sequence[str]:
    text = contents.get(posixpath.join(posixpath.dirname(place), "WHEEL"), b"").decode("utf-8", "replace")
    return sorted(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Tag:"))
