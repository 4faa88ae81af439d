"""Schema: JSON Schemas of the configuration and of evidence, made from the types that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gates.config.general import SCHEMA_VERSION, General
from gates.model.evidence import Facts
from gates.model.gate import GateSettings

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"

# Identifiers, not addresses: whoever embeds a schema resolves its `$ref` against an absolute `$id`.
ID = "https://pytest-vltair.invalid/{}.schema.json"

Schema = dict[str, Any]


def configuration(
    gates: Mapping[str, type[GateSettings]], titles: Mapping[str, str] | None = None, commands: Iterable[str] = ()
) -> Schema:
    """The schema of `[tool.gates]`, and so of the whole of gates.toml, with a table for each of `gates`.

    `commands` are names that may be selected too and have no table of their own. It is draft 7, which editors and
    `validate-pyproject` read. TOML has no null, so no key may be null.
    """
    names = sorted(gates)
    (general, *tables), definitions = msgspec.json.schema_components(
        [General, *(gates[name] for name in names)], ref_template="#/definitions/{name}"
    )
    top = _resolved(general, definitions)
    table_of = dict(zip(names, tables, strict=True))
    for name in names:
        titled = {"title": (titles or {}).get(name, name)}
        top["properties"][name] = {**titled, **table_of[name]}
    schema = {
        "$schema": DRAFT_7,
        "$id": ID.format(f"gates-configuration-{SCHEMA_VERSION}"),
        "title": "Settings of gates",
        **{key: value for key, value in top.items() if key != "title"},
        "definitions": definitions,
    }
    draft_7: Schema = _draft_7(schema)
    draft_7["properties"]["schema-version"]["const"] = SCHEMA_VERSION
    draft_7["properties"]["select"]["items"] = draft_7["properties"]["ignore"]["items"] = {
        "enum": sorted([*names, *commands])
    }
    return draft_7


def evidence(gate: str, kind: type[Facts]) -> Schema:
    """The schema of a gate's evidence: of the canonical facts as they are stored, not of times and hosts beside them.

    A list is an object of `count` and `items`; that the two agree is checked when evidence is read.
    """
    return strict(kind, title=f"Evidence of the gate {gate}", name=f"gates-evidence-{gate}")


def strict(kind: Any, *, title: str, name: str) -> Schema:
    """The schema (2020-12) of structs as msgspec writes them: every field is there, and no other."""
    whole = closed(kind, title=title, name=name)
    for one in whole["$defs"].values():
        if "properties" in one:
            one["required"] = list(one["properties"])
    return whole


def closed(kind: Any, *, title: str, name: str) -> Schema:
    """The schema (2020-12) of what is read as this: a field with a default may be left out, and there is no other."""
    (reference,), definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for one in definitions.values():
        if "properties" in one:
            one["additionalProperties"] = False
    whole = {"$schema": DRAFT_2020_12, "$id": ID.format(name), "title": title, **reference, "$defs": definitions}
    plain: Schema = _plain(whole)
    return plain


def _resolved(reference: Schema, definitions: Schema) -> Schema:
    resolved: Schema = definitions.pop(reference["$ref"].rpartition("/")[2])
    return resolved


def _draft_7(value: Any) -> Any:
    """The same schema in draft 7 and for TOML: no null, no `prefixItems`, nothing beside a `$ref`."""
    if isinstance(value, list):
        return [_draft_7(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _draft_7(one) for key, one in _plain(value, deep=False).items()}
    if found.get("default", ...) is None:
        del found["default"]
    elif isinstance(found.get("default"), dict):
        found["default"] = {key: one for key, one in found["default"].items() if one is not None}
    if "anyOf" in found:
        options = [one for one in found.pop("anyOf") if one != {"type": "null"}]
        found |= options[0] if len(options) == 1 else {"anyOf": options}
    if "prefixItems" in found:
        found["items"] = found.pop("prefixItems")
        found["additionalItems"] = False
    if "$ref" in found and len(found) > 1:
        found["allOf"] = [{"$ref": found.pop("$ref")}]
    return found


def _plain(value: Any, *, deep: bool = True) -> Any:
    """The same schema with descriptions as one line each, whatever the indentation of the docstring was."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _plain(one) if deep else one for key, one in value.items()}
    if isinstance(found.get("description"), str):
        found["description"] = " ".join(found["description"].split())
    return found
