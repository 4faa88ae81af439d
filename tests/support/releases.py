"""Releases: a tagged repository, and the folder with all that is published of it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from support.repositories import git, make_repository

PROJECT = '[project]\nname = "sample"\nversion = "1.2.0"\n'
CHANGELOG = "# Changelog\n\n## 1.2.0 - 2026-01-01\n\n- Something new\n\n## 1.1.0 - 2025-01-01\n\n- First\n"
METADATA = "Metadata-Version: 2.1\nName: sample\nVersion: {version}\n"
WHEEL, SDIST = "sample-1.2.0-py3-none-any.whl", "sample-1.2.0.tar.gz"


def repository(root: Path, *, tag: str | None = "v1.2.0", changelog: str = CHANGELOG, tables: str = "") -> Path:
    """A repository of version 1.2.0, whose HEAD has its tag."""
    files = {
        "pyproject.toml": PROJECT + tables,
        "CHANGELOG.md": changelog,
        ".gitignore": "dist/\nrelease.pub.pem\n",
        "src/sample/__init__.py": "",
    }
    make_repository(root, files)
    if tag:
        git(root, "tag", tag)
    return root


def wheel(folder: Path, *, version: str = "1.2.0", name: str = WHEEL) -> Path:
    """A wheel that says it is of `version`."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("sample/__init__.py", "")
        archive.writestr(f"sample-{version}.dist-info/METADATA", METADATA.format(version=version))
        archive.writestr(f"sample-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    return folder / name


def sdist(folder: Path, *, version: str = "1.2.0", name: str = SDIST) -> Path:
    """A source distribution that says it is of `version`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / name, "w:gz") as archive:
        for path, text in (("PKG-INFO", METADATA.format(version=version)), ("pyproject.toml", PROJECT)):
            member = tarfile.TarInfo(f"sample-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return folder / name


def checksums(folder: Path, name: str = "SHA256SUMS") -> Path:
    """The list that `sha256sum` would write of what is in the folder."""
    rows = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n"
        for one in sorted(folder.iterdir())
        if one.is_file()
    ]
    (folder / name).write_text("".join(rows), encoding="utf-8")
    return folder / name


BUILDER = "https://ci.example.org/release"
TRUSTING = f"""
[tool.gates.provenance]
public-key = "release.pub.pem"
builder = "{BUILDER}"
max-days = 30
"""


def bill(folder: Path, name: str = "sample.cdx.json", *, version: str = "1.2.0") -> Path:
    """An SBOM of what is in the folder."""
    hashes = [hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(folder.iterdir()) if one.is_file()]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": "root",
                "name": "sample",
                "version": version,
                "externalReferences": [
                    {"type": "distribution", "url": "x", "hashes": [{"alg": "SHA-256", "content": one}]}
                    for one in hashes
                ],
            }
        },
        "components": [{"type": "library", "bom-ref": "a", "name": "a", "version": "1"}],
        "dependencies": [{"ref": "root", "dependsOn": ["a"]}, {"ref": "a"}],
    }
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return folder / name


def attested(root: Path, folder: Path, *, when: datetime | None = None, builder: str = BUILDER) -> Path:
    """Provenance of the artifacts in the folder, signed with a key whose public half is in the project."""
    from gates.builtin.attested import dists, envelope, keys
    from gates.builtin.provenance import making, source
    from gates.project import facts

    public = root / "release.pub.pem"
    signer = keys.fresh()
    public.write_bytes(keys.public_pem(signer))
    paths = [one for one in sorted(folder.iterdir()) if dists.is_dist(one)]
    payload = making.provenance(
        dists.read(paths),
        source.of(facts.find(root), {}),
        [],
        {},
        builder=builder,
        now=when or datetime.now(UTC),
        byproducts=[making.byproduct(one) for one in sorted(folder.glob("*.cdx.json"))],
    )
    place = folder / "provenance.intoto.jsonl"
    place.write_bytes(envelope.sign(payload, signer) + b"\n")
    return place
