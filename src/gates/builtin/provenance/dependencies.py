"""Dependencies: what went into the build, each with a digest, by a source that can know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.builtin.attested.document import strict
from gates.builtin.attested.facts import Dist
from gates.builtin.attested.refusal import Refused
from gates.builtin.attested.statement import SHA256, Resource
from gates.builtin.built.package import Package
from gates.builtin.provenance.source import NotAttested


def resources(packages: Iterable[Package]) -> tuple[Resource, ...]:
    """The distributions of a build environment as SLSA names them.

    Raises:
        NotAttested: one of them has no digest.
    """
    found = sorted(packages, key=lambda one: (one.name, one.version))
    bare = next((one for one in found if not SHA256.fullmatch(one.sha256)), None)
    if bare is not None:
        raise NotAttested(f"nobody knows from which file {bare.name} {bare.version} was installed, so it has no digest")
    return tuple(
        Resource(name=one.name, uri=f"pkg:pypi/{one.name}@{one.version}", digest={"sha256": one.sha256})
        for one in found
    )


def recorded(path: Path, dists: Sequence[Dist]) -> tuple[tuple[Package, ...], Mapping[str, str]]:
    """What the record of the gate `repro` says that these very artifacts are made with, and by which tools.

    Raises:
        NotAttested: it is not there, damaged, or of other artifacts.
    """
    held = _object(path, "the record")
    known = {(one.get("name"), one.get("sha256")) for one in _list(held, "artifacts")}
    other = next((one.name for one in dists if (one.name, one.sha256) not in known), None)
    if held.get("gate") != "repro" or other is not None:
        raise NotAttested(
            f"the record {path.name} is not of {other or 'a build'}: build it as recorded, or gates repro --record"
        )
    tools = held.get("toolchain")
    if not isinstance(tools, dict):
        raise NotAttested(f"the record {path.name} says nothing of a toolchain")
    told = {name: str(tools.get(name, "")) for name in ("python", "zlib", "platform", "backend")}
    return tuple(_package(one) for one in _list(tools, "packages")), {
        **told,
        "sourceDateEpoch": str(held.get("source_date_epoch", "")),
    }


def installed(path: Path) -> tuple[Package, ...]:
    """What pip's installation report (`pip install --report`) says was installed to build with.

    Raises:
        NotAttested: it is not there, or no such report.
    """
    found = []
    for one in _list(_object(path, "the report of pip"), "install"):
        metadata, info = one.get("metadata"), one.get("download_info")
        archive = info.get("archive_info") if isinstance(info, dict) else None
        hashes = archive.get("hashes") if isinstance(archive, dict) else None
        if not isinstance(metadata, dict) or not isinstance(hashes, dict):
            raise NotAttested(f"{path.name} does not say of each distribution from which file it was installed")
        found.append(_package({**metadata, "sha256": hashes.get("sha256", "")}))
    return tuple(found)


def _package(one: Mapping[str, Any]) -> Package:
    from packaging.utils import canonicalize_name

    return Package(
        name=canonicalize_name(str(one.get("name", ""))),
        version=str(one.get("version", "")),
        sha256=str(one.get("sha256", "")),
    )


def _object(path: Path, what: str) -> Mapping[str, Any]:
    try:
        held = strict(path.read_bytes())
    except OSError as error:
        raise NotAttested(f"{what} {path.name} cannot be read: {error.strerror or error}") from error
    except Refused as error:
        raise NotAttested(f"{what} {path.name} is damaged: {error.message}") from error
    if not isinstance(held, dict):
        raise NotAttested(f"{what} {path.name} is damaged: it is no object")
    return held


def _list(held: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = held.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise NotAttested(f"`{name}` is missing in it, or no list of objects")
    return found
