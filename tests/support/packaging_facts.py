"""Evidence of the gate `packaging`, made up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gates.builtin.built.artifact import Kind
from gates.builtin.packaging.facts import Logged, Member, Metadata, PackagingEvidence, Packed, Pythons, Said
from gates.model.evidence import counted

WHEEL = "greeting-1.2-py3-none-any.whl"
SDIST = "greeting-1.2.tar.gz"


def member(name: str, *, kind: Any = "file", target: str = "", sha256: str = "00", key: bool = False) -> Member:
    return Member(name=name, kind=kind, target=target, sha256=sha256, key=key)


def metadata(
    *,
    name: str = "greeting",
    version: str = "1.2",
    python: str = ">=3.11",
    classifiers: Iterable[str] = (),
    expression: str = "MIT",
    licence: str = "",
) -> Metadata:
    return Metadata(
        name=name,
        version=version,
        requires_python=python,
        classifiers=counted(classifiers),
        expression=expression,
        license=licence,
        license_files=counted(()),
    )


def packed(
    kind: Kind = "wheel",
    *members: str | Member,
    held: Metadata | None = None,
    tags: Iterable[str] = ("py3-none-any",),
    escaping: Iterable[str] = (),
    unrecorded: Iterable[str] = (),
    named: str = "",
) -> Packed:
    listed = [one if isinstance(one, Member) else member(one) for one in members or ("greeting/__init__.py",)]
    return Packed(
        kind=kind,
        name=named or (WHEEL if kind == "wheel" else SDIST),
        sha256="00",
        metadata=held or metadata(),
        tags=counted(tags if kind == "wheel" else ()),
        members=counted(listed),
        escaping=counted(escaping),
        unrecorded=counted(unrecorded),
    )


def said(who: str, version: str, *, tag: bool = False, path: str | None = None, line: int | None = None) -> Said:
    return Said(who=who, tag=tag, version=version, path=path, line=line)


NO_LOG = Logged(path="", asked=False, entry=False, pending=False, waits=False, day="", line=None)


def log(
    *, entry: bool = False, pending: bool = False, asked: bool = False, waits: bool = False, day: str = ""
) -> Logged:
    return Logged(path="CHANGELOG.md", asked=asked, entry=entry, pending=pending, waits=waits, day=day, line=3)


def evidence(*artifacts: Packed, **more: Any) -> PackagingEvidence:
    """Evidence in which nothing is wrong but for what is given."""
    lists = ("changed", "complaints", "patterns", "licences", "versions", "tried", "notes", "undecided")
    held: dict[str, Any] = {
        "artifacts": counted(artifacts or (packed("sdist"), packed("wheel"))),
        "again": more.pop("again", WHEEL),
        "changelog": more.pop("changelog", NO_LOG),
        "pythons": more.pop("pythons", Pythons(judged="3.11.7", line=9)),
        "smoked": more.pop("smoked", False),
        **{name: counted(more.pop(name, ())) for name in lists},
    }
    assert not more
    return PackagingEvidence.sealed(**held)
