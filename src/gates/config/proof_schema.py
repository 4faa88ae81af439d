"""Proof schema: the JSON Schema of what `gates prove` reports, narrowed to what a correct proof can say."""

from __future__ import annotations

from typing import Any

from gates.config.schema import Schema, strict
from gates.model.proof import SCHEMA_VERSION, ProofReport

_PASSED = {"const": "passed"}
_NOTHING = {"type": "array", "maxItems": 0}
_SOMETHING = {"type": "array", "minItems": 1}
_NULL = {"type": "null"}
_OBJECT = {"type": "object"}
_HOLDS = {"properties": {"verdict": {"enum": ["passed", None]}}}


def _with(verdict: str) -> Schema:
    return {"contains": {"properties": {"verdict": {"const": verdict}}, "required": ["verdict"]}}


def _when(condition: Schema, consequence: Schema) -> Schema:
    return {"if": {"properties": condition}, "then": consequence}


def proof() -> Schema:
    """The schema of `gates prove --output-format json`.

    Beyond the types it says what must hold between the fields: no gate is proved without a rule that was, or with a
    rule or a starving that was not; a rule that is not judged says why; an exit code that fits the verdict.
    """
    schema = strict(ProofReport, title="Proof of gates", name=f"gates-proof-{SCHEMA_VERSION}")
    definitions: dict[str, Any] = schema["$defs"]
    definitions["ProofReport"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    # Left out but for a member of a workspace, and a proof is of one project.
    definitions["NotJudged"]["required"].remove("project")
    definitions["GateProof"]["allOf"] = [
        _when(
            {"verdict": _PASSED},
            {
                "properties": {
                    "reason": _NULL,
                    "clean": {"enum": ["run", "receipt"]},
                    "rules": {**_with("passed"), "items": _HOLDS},
                    "starved": {"items": _HOLDS},
                }
            },
        ),
        _when({"reason": _OBJECT}, {"properties": {"verdict": {"const": "undecided"}, "rules": _NOTHING}}),
        _when(
            {"verdict": {"const": "failed"}},
            {"anyOf": [{"properties": {"rules": _with("failed")}}, {"properties": {"starved": _with("failed")}}]},
        ),
    ]
    definitions["RuleProof"]["allOf"] = [
        _when({"verdict": _NULL}, {"properties": {"reason": _OBJECT, "planted": _NULL}}),
        _when({"verdict": _PASSED}, {"properties": {"planted": _OBJECT, "reason": _NULL, "seen": {"minLength": 1}}}),
    ]
    definitions["ProofReport"]["allOf"] = [
        _when(
            {"exit_code": {"const": 0}},
            {
                "properties": {
                    "verdict": _PASSED,
                    "error": _NULL,
                    "gates": {**_SOMETHING, "items": {"properties": {"verdict": _PASSED}}},
                }
            },
        ),
        _when({"exit_code": {"const": 1}}, {"properties": {"verdict": {"const": "failed"}, "gates": _with("failed")}}),
        _when({"exit_code": {"const": 2}}, {"properties": {"error": _OBJECT, "gates": _NOTHING}}),
        _when(
            {"exit_code": {"const": 3}},
            {"properties": {"verdict": {"const": "undecided"}, "gates": _with("undecided")}},
        ),
        _when({"exit_code": {"const": 5}}, {"properties": {"verdict": {"const": "undecided"}, "gates": _NOTHING}}),
    ]
    definitions["ProofReport"]["properties"]["exit_code"] = {"enum": [0, 1, 2, 3, 5]}
    return schema
