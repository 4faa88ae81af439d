"""Artifacts: which published files a source names, and of what release and by what backend each one is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from gates.builtin.built.archives import reading
from gates.builtin.built.archives.member import Archive, Unsafe
from gates.builtin.built.artifact import Kind
from gates.model.evidence import Refusal, refuse, sha256
from gates.model.reason import Reason

RELEASE = re.compile(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*==\s*(?P<version>[^\s/\\=*]+)")
GENERATOR = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*\(?\s*(?P<version>[0-9][^\s()]*)\)?")
SUFFIXES = (".whl", ".tar.gz", ".zip")

LAST_WITHOUT = "70.0.0"
"""The last setuptools whose wheels the distribution `wheel` makes, and that does not say its own version in them."""

CALLED: Mapping[str, tuple[str, ...]] = {
    "flit": ("flit-core", "flit"),
    "poetry": ("poetry-core", "poetry"),
    "uv": ("uv-build", "uv"),
}
"""The distributions that may be the backend, where a generator says the name of the tool that it belongs to."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One published file: `source` is what named it, `epoch` the time of its newest member in seconds.

    `generator` is the line of its WHEEL file, or of that of its release, "" where there is none.
    """

    source: str
    path: Path
    kind: Kind
    project: str
    version: str
    sha256: str
    generator: str
    epoch: int

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.name


def release(source: str) -> tuple[str, str] | None:
    """Name and version of `NAME==VERSION`, None where it is a path."""
    found = RELEASE.fullmatch(source.strip())
    if found is None:
        return None
    try:
        return found["name"], str(Version(found["version"]))
    except InvalidVersion:
        return None


def files(root: Path, source: str, kinds: Sequence[Kind]) -> tuple[Path, ...] | Refusal:
    """The artifacts that a path names: a file, or those of `kinds` in a folder; relative paths are below `root`."""
    place = root / Path(source).expanduser()
    fix = "name a wheel, a source distribution, a folder with them, or NAME==VERSION"
    try:
        if place.is_dir():
            named = [one for one in sorted(place.iterdir()) if one.name.endswith(SUFFIXES) and one.is_file()]
            found = [one for one in named if kind_of(one.name) in kinds]
            if found:
                return tuple(found)
            return refuse("evidence_missing", f"{source} holds no {' and no '.join(kinds)} to compare with", fix)
        if not place.is_file():
            return refuse("evidence_missing", f"there is no {source} to compare with", fix)
    except OSError as error:
        return refuse("unreadable", f"{source} cannot be read: {error.strerror or error}", f"ls -l {source}")
    return (place,)


def kind_of(name: str) -> Kind:
    """What a file of that name is."""
    return "wheel" if name.endswith(".whl") else "sdist"


def read(path: Path, source: str) -> Artifact | Reason:
    """What a published file says of itself, or why it cannot be compared with."""
    fix = "fetch it again, and compare its hash with that of the index"
    told = named(path.name)
    if told is None:
        message = f"{path.name} has no name of a wheel or a source distribution"
        return Reason(code="evidence_foreign", message=message, fix="name it as it was published")
    try:
        archive = reading.read(path)
        data = path.read_bytes()
    except Unsafe as error:
        return Reason(code="evidence_corrupt", message=f"{path.name} is not safe to read: {error}", fix=fix)
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}"
        return Reason(code="unreadable", message=message, fix=f"ls -l {path.name}")
    times = [one.mtime for one in archive.members if one.mtime is not None]
    if not times:
        return Reason(code="evidence_corrupt", message=f"{path.name} has no member with a time", fix=fix)
    return Artifact(
        source=source,
        path=path,
        kind=kind_of(path.name),
        project=told[0],
        version=told[1],
        sha256=sha256(data),
        generator=generator(archive) if path.name.endswith(".whl") else "",
        epoch=max(0, int(max(times))),
    )


def named(name: str) -> tuple[str, str] | None:
    """The normalised project and version that a file name says, None where it is no name of an artifact."""
    try:
        if name.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(name)
        else:
            project, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return str(project), str(version)


def generator(archive: Archive) -> str:
    """The value of `Generator` in the WHEEL file of an archive, "" where it says none."""
    for one in archive.members:
        folder, _, name = one.name.rpartition("/")
        if name == "WHEEL" and folder.endswith(".dist-info") and "/" not in folder:
            for line in one.content.decode("utf-8", "replace").splitlines():
                key, colon, value = line.partition(":")
                if colon and key.strip().lower() == "generator":
                    return value.strip()
    return ""


def pins(line: str) -> Mapping[str, str]:
    """The exact versions of distributions that a line `Generator` stands for; none where it says nothing of the kind.

    `bdist_wheel (0.43.0)` names the distribution `wheel`, and its setuptools only by being older than 70.1, which
    makes wheels itself and says so.
    """
    found = GENERATOR.match(line)
    if found is None:
        return {}
    try:
        Version(found["version"])
    except InvalidVersion:
        return {}
    name, version = str(canonicalize_name(found["name"])), found["version"]
    if name in {"bdist-wheel", "wheel"}:
        return {"wheel": version, "setuptools": LAST_WITHOUT}
    return dict.fromkeys(CALLED.get(name, (name,)), version)


def comparable(release: Sequence[Artifact], requires: Sequence[str]) -> list[Artifact]:
    """Those of a release that the tree can be built to: of several wheels, the one by a backend that it requires.

    A compiled wheel beside a pure one was made with other settings, often by another backend.
    """
    wheels = [one for one in release if one.kind == "wheel"]
    own = [one for one in wheels if any(_names(each) in pins(one.generator) for each in requires)]
    taken = next((one for one in own if one.name.endswith("-none-any.whl")), next(iter([*own, *wheels]), None))
    return [one for one in release if one.kind == "sdist" or one is taken]


def _names(requirement: str) -> str:
    """The distribution that a requirement is about."""
    return str(canonicalize_name(re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0]))


def is_of(name: str, project: str) -> bool:
    """Whether two names are those of one project."""
    return canonicalize_name(name) == canonicalize_name(project)
