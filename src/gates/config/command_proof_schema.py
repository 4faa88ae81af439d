"""Command proof schema: the JSON Schema of what `gates prove -- COMMAND` reports."""

from __future__ import annotations

from typing import Any

from gates.config.schema import Schema, strict
from gates.model.command_proof import SCHEMA_VERSION, CommandProof

_NOTHING = {"type": "array", "maxItems": 0}


def _has(state: str) -> Schema:
    return {"contains": {"properties": {"state": {"const": state}}, "required": ["state"]}}


def _when(code: int, verdict: str, consequence: Schema) -> Schema:
    """What holds besides the verdict where the exit code is `code`."""
    return {
        "if": {"properties": {"exit_code": {"const": code}}},
        "then": {"properties": {"verdict": {"const": verdict}, **consequence}},
    }


def command_proof() -> Schema:
    """The schema of `gates prove --output-format json -- COMMAND`.

    Beyond the types it says what must hold between the fields: nothing is passed in which no fault was caught or one
    was missed, and what is undecided says why.
    """
    schema = strict(CommandProof, title="Proof of a command", name=f"gates-command-proof-{SCHEMA_VERSION}")
    definitions: dict[str, Any] = schema["$defs"]
    definition = definitions["CommandProof"]
    definition["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    definition["properties"]["exit_code"] = {"enum": [0, 1, 2, 3]}
    null, filled = {"type": "null"}, {"type": "object"}
    definition["allOf"] = [
        _when(0, "passed", {"trials": {"allOf": [_has("caught"), {"not": _has("missed")}]}, "reason": null}),
        _when(1, "failed", {"trials": _has("missed"), "reason": null}),
        _when(2, "undecided", {"error": filled, "trials": _NOTHING}),
        _when(3, "undecided", {"reason": filled, "error": null}),
    ]
    return schema
