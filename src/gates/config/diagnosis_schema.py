"""Diagnosis schema: the JSON Schema of what `gates diagnose` reports, narrowed to what a correct diagnosis can say."""

from __future__ import annotations

from typing import Any

from gates.config.schema import Schema, strict
from gates.model.diagnosis import SCHEMA_VERSION, DiagnosisReport, Reproduction

_NULL = {"type": "null"}
_SAID = {"minLength": 1}


def _stable(value: bool | None) -> Schema:
    return {"properties": {"stable": {"const": value}}, "required": ["stable"]}


def _when(condition: Schema, consequence: Schema) -> Schema:
    return {"if": {"properties": condition}, "then": {"properties": consequence}}


def diagnosis() -> Schema:
    """The schema of `gates diagnose --output-format json`.

    Beyond the types it says what must hold between the fields: an unstable test has a kind, a reason and a command, no
    other has one, an undecided one says why, and nothing passes of which nothing was looked at.
    """
    schema = strict(DiagnosisReport, title="Diagnosis of tests", name=f"gates-diagnosis-{SCHEMA_VERSION}")
    definitions: dict[str, Any] = schema["$defs"]
    definitions["DiagnosisReport"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    definitions["TestDiagnosis"]["allOf"] = [
        _when({"stable": {"const": False}}, {"kind": {"type": "string"}, "reason": _SAID, "reproduce": _SAID}),
        _when({"stable": {"const": True}}, {"kind": _NULL, "factors": {"maxItems": 0}, "reproduce": {"const": ""}}),
        _when({"stable": _NULL}, {"kind": _NULL, "reason": _SAID}),
    ]
    definitions["DiagnosisReport"]["allOf"] = [
        _when({"verdict": {"const": "failed"}}, {"tests": {"contains": _stable(value=False)}}),
        _when({"verdict": {"const": "passed"}}, {"tests": {"minItems": 1, "items": _stable(value=True)}}),
        _when({"verdict": {"const": "undecided"}}, {"tests": {"not": {"contains": _stable(value=False)}}}),
    ]
    return schema


def reproduction() -> Schema:
    """The schema of `gates diagnose TEST --try FACTOR=VALUE --output-format json`."""
    schema = strict(Reproduction, title="Reproduction of a test", name=f"gates-reproduction-{SCHEMA_VERSION}")
    schema["$defs"]["Reproduction"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    return schema
