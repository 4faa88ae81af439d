"""Artifacts: the wheels and source distributions of a release, by their names and their metadata."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from packaging.metadata import parse_email
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from gates.builtin.built.archives import reading
from gates.builtin.built.archives.member import Unsafe
from gates.model.release import Part, Problem, judged, missing, unknown

if TYPE_CHECKING:
    from gates.builtin.released.folder import File, Folder

BUILD = "python -m build"


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact: the name and version of its distribution, by its file name and by its metadata."""

    file: str
    kind: str
    named: tuple[str, str]
    stated: tuple[str, str]


class Broken(Exception):  # noqa: N818 - a verdict about a file
    """The artifact is none; says why in a clause."""


def read(file: File) -> Artifact:
    """What an artifact says of itself.

    Raises:
        Broken: its name or its content is not that of an artifact.
    """
    return Artifact(file=file.name, kind=file.kind, named=_named(file), stated=_stated(file))


def check(folder: Folder, project: str, version: str) -> Part:
    """Whether there are a wheel and a source distribution, all of this project and of this version."""
    found = folder.artifacts
    if not found:
        return missing("artifacts", f"{folder.shown} has neither a wheel nor a source distribution", BUILD)
    if not version:
        message = "nobody says which version is released, so that there is nothing to hold the artifacts against"
        return unknown("artifacts", message, "git tag VERSION, or write `version` under [project]")
    problems = [one for file in found for one in _of(file, project, version)]
    for kind, words in (("wheel", "no wheel"), ("sdist", "no source distribution")):
        if not folder.of(kind):  # type: ignore[arg-type]  # a literal of the table
            message = f"{folder.shown} has {words}"
            problems.append(Problem(message=message, fix=f"{BUILD} --{kind}", path=folder.shown))
    for other in folder.of("other"):
        message = f"{other.name} is no artifact, and nothing that is attached to one"
        problems.append(Problem(message=message, fix="take it out, or rename it after what it is", path=other.name))
    return judged("artifacts", problems, ", ".join(one.name for one in found))


def _of(file: File, project: str, version: str) -> Iterator[Problem]:
    try:
        one = read(file)
    except Broken as error:
        yield Problem(message=f"{file.name} {error}", fix=f"{BUILD}, and look at it", path=file.name)
        return
    for place, (name, said) in (("its name", one.named), ("its metadata", one.stated)):
        if canonicalize_name(name) != canonicalize_name(project):
            message = f"{file.name} is of {name} by {place}, and the project is {project}"
            yield Problem(message=message, fix="take it out: it belongs to another release", path=file.name)
        elif not same(said, version):
            message = f"{file.name} is of version {said} by {place}, and the release is {version}"
            yield Problem(message=message, fix=f"take it out, and build {version} from its tag", path=file.name)


def _named(file: File) -> tuple[str, str]:
    try:
        if file.kind == "wheel":
            name, version, _, _ = parse_wheel_filename(file.name)
        else:
            name, version = parse_sdist_filename(file.name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion) as error:
        raise Broken(f"has no name of an artifact: {error}") from error
    return name, str(version)


def _stated(file: File) -> tuple[str, str]:
    try:
        members = reading.read(file.path, escaping="keep").members
    except Unsafe as error:
        raise Broken(str(error)) from error
    base, folder = ("METADATA", ".dist-info") if file.kind == "wheel" else ("PKG-INFO", "")
    found = [
        one
        for one in members
        if one.kind == "file"
        and posixpath.basename(one.name) == base
        and one.name.count("/") == 1
        and posixpath.dirname(one.name).endswith(folder)
    ]
    if len(found) != 1:
        raise Broken(f"has {'no' if not found else 'more than one'} {base}")
    raw, _ = parse_email(found[0].content)
    name, version = raw.get("name"), raw.get("version")
    if not name or not version:
        raise Broken(f"has no name and version in its {base}")
    return name, version


def same(one: str, other: str) -> bool:
    """Whether two versions are the same by PEP 440; what is no version is the same as nothing."""
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False
