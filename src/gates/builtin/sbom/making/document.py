"""Document: what the tool wrote, completed by what the source says, in one order that never changes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from gates import __version__
from gates.builtin.sbom.making import hashes, licensing
from gates.builtin.sbom.making.root import Root
from gates.builtin.sbom.making.tool import Drafted
from gates.builtin.sbom.settings import SbomSettings
from gates.builtin.supply.addresses import cleaned, scrubbed
from gates.builtin.supply.closure import Graph
from gates.builtin.supply.distribution import Distribution
from gates.builtin.supply.source import Supply
from gates.model.evidence import encode, sha256

NAMESPACE = uuid.UUID("c3f0a5b2-2f5c-5d0a-9c1e-6f1d0b7a4e21")
"""Of the serial numbers that are made out of the content of a document."""

PHASES = {"environment": "post-build"}
"""When in the life cycle the source tells of things (CycloneDX, `lifecycles`); a lock does before anything is built."""

VERBATIM = frozenset({"bom-ref", "ref", "dependsOn", "dependencies", "content", "alg", "purl", "id", "expression"})
"""Keys whose values are made here and hold no text of others; a mask in a digest would be no digest."""


class Maker(msgspec.Struct, frozen=True, kw_only=True):
    """All that a document is made of."""

    settings: SbomSettings
    supply: Supply
    graph: Graph
    drafted: Drafted
    root: Root
    seconds: int | None
    redact: Callable[[str], str]

    def text(self) -> str:
        """The document: the same input gives the same bytes; it ends with a line feed."""
        version = self.settings.spec_version
        whole: dict[str, Any] = {
            "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": version,
            "version": 1,
            "metadata": self.metadata(),
            "components": [self.component(one) for one in self.supply.distributions.items],
            "dependencies": self.dependencies(),
            "compositions": self.compositions(),
        }
        clean = self.clean(whole)
        clean["serialNumber"] = f"urn:uuid:{uuid.uuid5(NAMESPACE, sha256(encode(clean)))}"
        return json.dumps(clean, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def metadata(self) -> dict[str, Any]:
        """Who made the document of what, when, and by which tools."""
        own = {"type": "application", "name": "pytest-vltair", "version": __version__}
        tools = self.drafted.whole.get("metadata", {}).get("tools", {})
        listed = tools.get("components", []) if isinstance(tools, dict) else []
        kept = [{key: one[key] for key in ("type", "name", "version", "group") if key in one} for one in listed]
        phase = "build" if self.root.artifacts else PHASES.get(self.supply.kind, "pre-build")
        found: dict[str, Any] = {
            "lifecycles": [{"phase": phase}],
            "tools": {"components": [*kept, own]},
            "component": self.root.component(),
            "properties": [
                {"name": "cdx:reproducible", "value": "true"},
                {
                    "name": "gates:source",
                    "value": self.supply.paths.items[0] if self.supply.paths.count else "environment",
                },
            ],
        }
        author = self.settings.author or self.root.author
        if author:
            found["authors"] = [{"name": author}]
        if self.root.author:
            found["supplier"] = {"name": self.root.author}
        if self.seconds is not None:
            found["timestamp"] = datetime.fromtimestamp(self.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return found

    def component(self, one: Distribution) -> dict[str, Any]:
        """One distribution; what the tool knows of it and the source does not is kept."""
        drafted = self.drafted.components.get(one.name, {})
        found: dict[str, Any] = {
            "type": "library",
            "bom-ref": one.key,
            "name": drafted.get("name") or one.name,
            "scope": self.graph.scopes[one.key],
        }
        if one.version:
            found["version"] = one.version
            found["purl"] = identifier(one)
        if one.summary:
            found["description"] = one.summary
        supplier = self.settings.suppliers.get(one.name) or one.supplier
        if supplier:
            found["supplier"] = {"name": supplier}
        if one.author:
            found["authors"] = [{"name": one.author}]
        stated = self.settings.licences.get(one.name, "")
        clear = stated or licensing.expression(one.licence)
        licences = licensing.written(clear, one.licence, drafted.get("licenses"))
        if licences:
            found["licenses"] = licences
        properties = []
        paths = self.supply.paths.items
        hashed = hashes.own(one, paths[0] if paths and one.path else self.root.lock if one.origin == "index" else "")
        if hashed is not None and (written := list(hashes.written(hashed.hashes))):
            found["hashes"] = written
            properties += [_property("hash:of", hashed.of), _property("hash:from", hashed.source)]
        if stated:
            properties.append(_property("licence:from", "settings"))
        properties.append(_property("origin", one.origin))
        found["properties"] = properties
        references = list(_references(one, drafted))
        if references:
            found["externalReferences"] = references
        return found

    def dependencies(self) -> list[dict[str, Any]]:
        """Who needs what; a component whose needs nobody knows has no entry."""
        found = [{"ref": one.key, "dependsOn": list(self.graph.edges[one.key])} for one in self._known()]
        found.append({"ref": self.root.ref, "dependsOn": list(self.graph.edges[""])})
        return sorted(found, key=lambda one: str(one["ref"]))

    def compositions(self) -> list[dict[str, Any]]:
        """Of which components all dependencies are told, and of which nobody knows them."""
        known = sorted(one.key for one in self._known())
        unknown = sorted({one.key for one in self.supply.distributions.items} - set(known))
        parts = (("complete", known), ("unknown", unknown))
        return [{"aggregate": how, "dependencies": refs} for how, refs in parts if refs]

    def _known(self) -> list[Distribution]:
        return [one for one in self.supply.distributions.items if one.known]

    def clean(self, value: Any) -> Any:
        """`value` without secrets in any text of others."""
        if isinstance(value, dict):
            return {key: one if key in VERBATIM else self.clean(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.clean(one) for one in value]
        return self.redact(scrubbed(value)) if isinstance(value, str) else value


def identifier(one: Distribution) -> str:
    """The package URL: `pkg:pypi/…` of what has a name in the index's world, else a generic one."""
    kind = "generic" if one.origin in {"local", "editable"} else "pypi"
    found = f"pkg:{kind}/{quote(one.name)}@{quote(one.version, safe='')}"
    if one.origin == "vcs":
        return f"{found}?vcs_url={quote(one.url, safe='')}"
    if one.origin == "url":
        return f"{found}?download_url={quote(one.url, safe='')}"
    return found


def _references(one: Distribution, drafted: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Addresses: the files that the source names with their hashes, then what the tool found in metadata."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for artifact in one.artifacts.items:
        written = list(hashes.written(artifact.hashes.items))
        if artifact.name and written:
            url = artifact.url or quote(artifact.name)
            found["distribution", url] = {"type": "distribution", "url": url, "hashes": written}
    if one.url:
        kind = "vcs" if one.origin == "vcs" else "distribution"
        found.setdefault((kind, one.url), {"type": kind, "url": one.url})
    listed = drafted.get("externalReferences")
    for each in listed if isinstance(listed, list) else ():
        url = cleaned(str(each.get("url", "")))
        if url and not url.startswith(("file:", "/", ".")):
            found.setdefault((str(each.get("type")), url), {**each, "url": url})
    return [found[key] for key in sorted(found)]


def _property(name: str, value: str) -> Mapping[str, str]:
    return {"name": f"gates:{name}", "value": value}
