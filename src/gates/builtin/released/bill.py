"""Bill: the SBOM of a release, held against the artifacts beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from gates.builtin.released.artifacts import same
from gates.model.release import Part, Problem, judged, missing

if TYPE_CHECKING:
    from gates.builtin.released.folder import File, Folder

LIMIT = 256 * 1024 * 1024
FORMAT = "CycloneDX"


class Unreadable(Exception):  # noqa: N818 - a verdict about a file
    """The file is no SBOM; says why in a clause."""


def check(folder: Folder, project: str, version: str) -> Part:
    """Whether there is an SBOM of this project and version, whose root has the SHA-256 of each artifact."""
    found = folder.of("sbom")
    if not found:
        message = f"{folder.shown} has no SBOM (a file such as {project}.cdx.json)"
        return missing("sbom", message, _made(folder, project))
    problems, components = [], 0
    hashed: set[str] = set()
    for file in found:
        try:
            document = _document(file)
        except Unreadable as error:
            message = f"{file.name} {error}"
            problems.append(Problem(message=message, fix=_made(folder, file.name), path=file.name))
            continue
        components += len(_list(document, "components"))
        hashed |= set(_digests(document))
        problems += [
            Problem(message=f"{file.name} {clause}", fix=_made(folder, file.name), path=file.name)
            for clause in _clauses(document, project, version)
        ]
    for artifact in folder.artifacts:
        if artifact.sha256 not in hashed:
            message = f"no SBOM has the SHA-256 of {artifact.name}, so that it may be of another build"
            problems.append(Problem(message=message, fix=_made(folder, found[0].name), path=artifact.name))
    return judged("sbom", problems, f"{', '.join(one.name for one in found)}, {components} components")


def _made(folder: Folder, name: str) -> str:
    name = name if name.endswith(".json") else f"{name}.cdx.json"
    return f"gates sbom --output-file cyclonedx={folder.shown}/{name}, with `artifacts` set in [tool.gates.sbom]"


def _document(file: File) -> dict[str, Any]:
    try:
        if file.path.stat().st_size > LIMIT:
            raise Unreadable("is larger than any SBOM")
        document = json.loads(file.path.read_bytes())
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(document, dict) or document.get("bomFormat") != FORMAT:
        raise Unreadable(f"is no {FORMAT} document")
    return document


def _clauses(document: dict[str, Any], project: str, version: str) -> Iterator[str]:
    """What is wrong with an SBOM, apart from the artifacts."""
    root = _root(document)
    name, said = root.get("name"), root.get("version")
    if not isinstance(name, str) or not name:
        yield "does not say what it is of (metadata.component)"
    elif canonicalize_name(name) != canonicalize_name(project):
        yield f"is of {name}, and the project is {project}"
    elif not isinstance(said, str) or not same(said, version):
        yield f"is of version {said or 'none'}, and the release is {version}"
    known = {one.get("bom-ref") for one in (root, *_list(document, "components"))}
    for edge in _list(document, "dependencies"):
        for ref in (edge.get("ref"), *_texts(edge.get("dependsOn"))):
            if ref not in known:
                yield f"names a dependency {ref} of which it has no component"
                return


def _digests(document: dict[str, Any]) -> Iterator[str]:
    """The SHA-256 sums that the root has, of itself, of its parts and of where it is distributed."""
    root = _root(document)
    for one in (root, *_list(root, "externalReferences"), *_list(root, "components")):
        for each in _list(one, "hashes"):
            if each.get("alg") == "SHA-256" and isinstance(each.get("content"), str):
                yield each["content"].lower()


def _root(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    root = metadata.get("component") if isinstance(metadata, dict) else None
    return root if isinstance(root, dict) else {}


def _list(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = table.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _texts(found: object) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
