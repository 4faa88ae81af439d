"""Canaries: for each rule a document that breaks it, of a requirements file of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gates.builtin.sbom import rules
from gates.model.canary import Canary, Planted
from gates.model.rule import Rule
from gates.project.documents import table
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.builtin.sbom.settings import SbomSettings
    from gates.model.gate import Context
    from gates.model.reason import Reason

LOCK = "gates-canary-requirements.txt"
DOCUMENT = "gates-canary-sbom.json"
PART = "gates-canary-part"
DIGEST = "5e" * 32

Spoil = Callable[[dict[str, Any]], None]
"""What breaks a document that is whole."""


def _whole(name: str, version: str) -> dict[str, Any]:
    """A document without a fault, of the project and of one component."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "version": 1,
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "lifecycles": [{"phase": "pre-build"}],
            "tools": {"components": [{"type": "application", "name": "gates"}]},
            "authors": [{"name": "A canary"}],
            "component": {
                "type": "library",
                "bom-ref": "root",
                "name": name,
                "version": version or "0",
                "purl": f"pkg:pypi/{canonical(name)}@{version or '0'}",
                "supplier": {"name": "A canary"},
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": [
            {
                "type": "library",
                "bom-ref": "part",
                "name": PART,
                "version": "1.0",
                "scope": "required",
                "purl": f"pkg:pypi/{PART}@1.0",
                "supplier": {"name": "A canary"},
                "licenses": [{"license": {"id": "GPL-3.0-only"}}],
                "hashes": [{"alg": "SHA-256", "content": DIGEST}],
            }
        ],
        "dependencies": [{"ref": "root", "dependsOn": ["part"]}, {"ref": "part"}],
    }


def _plant(spoil: Spoil, **settings: Any) -> Callable[[Context[SbomSettings]], Planted | Reason]:
    def plant(context: Context[SbomSettings]) -> Planted | Reason:
        root = context.project.root
        version = table(context.project.pyproject, "project").get("version")
        whole = _whole(context.project.name, version if isinstance(version, str) else "")
        spoil(whole)
        (root / LOCK).write_text(f"{PART}==1.0 --hash=sha256:{DIGEST}\n", "utf-8")
        (root / DOCUMENT).write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
        own = {"source": "requirements", "requirements": [LOCK], "document": DOCUMENT, "artifacts": []}
        return Planted(path=DOCUMENT, settings={**own, "allow": [], "deny": [], **settings})

    return plant


def _canary(rule: Rule, title: str, spoil: Spoil, **settings: Any) -> Canary:
    return Canary(rule=rule.code, title=title, plant=_plant(spoil, **settings))


def _misspelt(whole: dict[str, Any]) -> None:
    whole["components"][0]["licences"] = []


def _without_root(whole: dict[str, Any]) -> None:
    del whole["metadata"]["component"]


def _leading_nowhere(whole: dict[str, Any]) -> None:
    whole["dependencies"][0]["dependsOn"].append("nothing")


def _without_supplier(whole: dict[str, Any]) -> None:
    del whole["components"][0]["supplier"]


def _without_part(whole: dict[str, Any]) -> None:
    whole["components"] = []
    whole["dependencies"] = [{"ref": "root"}]


def _other_version(whole: dict[str, Any]) -> None:
    whole["components"][0]["version"] = "2.0"


def _other_hash(whole: dict[str, Any]) -> None:
    whole["components"][0]["hashes"][0]["content"] = "0" * 64


def _secret(whole: dict[str, Any]) -> None:
    address = "https://canary:gates-canary@example.org/part"
    whole["components"][0]["externalReferences"] = [{"type": "website", "url": address}]


def _as_it_is(whole: dict[str, Any]) -> None:
    del whole["components"][0]["scope"]


CANARIES = (
    _canary(rules.INVALID, "a document with a misspelt key", _misspelt),
    _canary(rules.ROOT_MISSING, "a document that does not say what it is of", _without_root),
    _canary(rules.DANGLING, "a dependency on a component that is not there", _leading_nowhere),
    _canary(rules.ELEMENT_MISSING, "a component without a supplier", _without_supplier, minimum={"supplier": 100.0}),
    _canary(rules.COMPONENT_MISSING, "a document without what is locked", _without_part),
    _canary(rules.COMPONENT_FOREIGN, "a component in another version than is locked", _other_version),
    _canary(rules.HASH_DIFFERS, "a component with the hash of another file", _other_hash),
    _canary(rules.LICENCE_DENIED, "a component with a denied licence", _as_it_is, deny=["GPL-*"]),
    _canary(rules.LICENCE_UNKNOWN, "a component with a licence on no list", _as_it_is, allow=["MIT"]),
    _canary(rules.SECRET, "an address with a password", _secret),
)
