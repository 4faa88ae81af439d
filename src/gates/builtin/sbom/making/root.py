"""Root: the component that a document is about, and the files that were built of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from gates.builtin.sbom.making import licensing
from gates.builtin.supply.distribution import NO_LICENCE, Distribution, Licence
from gates.builtin.supply.source import Supply
from gates.model.evidence import counted, sha256
from gates.project.documents import table
from gates.project.facts import Project
from pytest_vltair.installed import canonical


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """The project itself; `artifacts` are names and SHA-256 of the files that were built of it.

    `lock` is the lock file that knows the hashes of what is installed, "" where there is none.
    """

    name: str
    version: str
    kind: str
    author: str
    summary: str
    licence: str
    plain: Licence
    artifacts: tuple[tuple[str, str], ...]
    lock: str

    @property
    def ref(self) -> str:
        """What the dependency graph calls it."""
        return f"root:{canonical(self.name)}"

    def component(self) -> dict[str, Any]:
        """It as CycloneDX writes it; a lone artifact's hash is its own."""
        found: dict[str, Any] = {"type": self.kind, "bom-ref": self.ref, "name": self.name}
        if self.version:
            found |= {
                "version": self.version,
                "purl": f"pkg:pypi/{canonical(self.name)}@{quote(self.version, safe='')}",
            }
        if self.summary:
            found["description"] = self.summary
        if self.author:
            found |= {"supplier": {"name": self.author}, "authors": [{"name": self.author}]}
        licences = licensing.written(self.licence, self.plain, None)
        if licences:
            found["licenses"] = licences
        if len(self.artifacts) == 1:
            found["hashes"] = [{"alg": "SHA-256", "content": self.artifacts[0][1]}]
        if self.artifacts:
            found["externalReferences"] = [
                {"type": "distribution", "url": quote(name), "hashes": [{"alg": "SHA-256", "content": digest}]}
                for name, digest in self.artifacts
            ]
        return found


def root(
    project: Project,
    supply: Supply,
    artifacts: tuple[tuple[str, str], ...],
    lock: str,
    installed: Mapping[str, Distribution],
) -> Root:
    """The project as pyproject.toml tells it, and as its source or what is installed of it does where that is open."""
    held = table(project.pyproject, "project") or table(project.pyproject, "tool", "poetry")
    known = installed.get(canonical(project.name)) or supply.root
    stated = licensed(held)
    plain = stated if stated != NO_LICENCE or known is None else known.licence
    return Root(
        name=project.name,
        version=_text(held, "version") or (known.version if known is not None else ""),
        kind="application" if held.get("scripts") or held.get("gui-scripts") else "library",
        author=_people(held) or (known.supplier if known is not None else ""),
        summary=_text(held, "description"),
        licence=licensing.expression(plain),
        plain=plain,
        artifacts=artifacts,
        lock=lock,
    )


def licensed(held: Mapping[str, Any]) -> Licence:
    """What the table [project] says of the licence."""
    said = held.get("license")
    text = _text(said, "text") if isinstance(said, Mapping) else ""
    listed = held.get("classifiers")
    classifiers = [str(one) for one in listed if str(one).startswith("License ::")] if isinstance(listed, list) else []
    return Licence(
        expression=said if isinstance(said, str) else "", text=text[:200], classifiers=counted(sorted(classifiers))
    )


def built(base: Path, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Names and SHA-256 of built files, sorted.

    Raises:
        OSError: one of them cannot be read.
    """
    return tuple(sorted((Path(name).name, sha256((base / name).read_bytes())) for name in names))


def _people(held: Mapping[str, Any]) -> str:
    for key in ("authors", "maintainers"):
        listed = held.get(key)
        names = [
            # poetry writes `Name <address>`.
            (one.get("name") or str(one.get("email", "")).partition("@")[0])
            if isinstance(one, Mapping)
            else str(one).partition("<")[0].strip()
            for one in (listed if isinstance(listed, list) else ())
        ]
        if any(names):
            return ", ".join(str(one) for one in names if one)
    return ""


def _text(held: Mapping[str, Any], key: str) -> str:
    value = held.get(key)
    return value if isinstance(value, str) else ""
