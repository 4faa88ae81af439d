"""Report schema: the JSON Schemas of the report and of the log, narrowed to what a correct run can say."""

from __future__ import annotations

from typing import Any

from gates.config.schema import DRAFT_2020_12, ID, Schema, strict
from gates.model.report import SCHEMA_VERSION, Report

_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_VERDICT = {"enum": ["failed", "passed", "undecided"]}
_TEXT = {"type": "string", "minLength": 1}
# A blocking finding, as `Finding.blocks` has it.
_BLOCKING = {
    "properties": {"severity": {"const": "error"}, "waived_by": {"type": "null"}, "baselined": {"const": False}}
}
_PASSED = {"properties": {"verdict": {"const": "passed"}}}
_ACCEPTED = {
    "anyOf": [
        _PASSED,
        {"properties": {"verdict": {"const": "undecided"}, "allowed_undecided": {"const": True}}},
    ]
}


def report() -> Schema:
    """The schema of `gates check --output-format json`.

    Beyond the types it says what must hold between the fields: no pass without something examined or with a finding
    that blocks, no undecided gate without a reason, and an exit code that fits the verdict.
    """
    schema = strict(Report, title="Report of gates", name=f"gates-report-{SCHEMA_VERSION}")
    for struct, fields in _NARROWER.items():
        properties = schema["$defs"][struct]["properties"]
        for field, narrower in fields.items():
            properties[field] = _narrowed(properties[field], narrower)
    # Left out where there are none.
    for struct, field in _LEFT_OUT:
        schema["$defs"][struct]["required"].remove(field)
    schema["$defs"]["GateReport"]["allOf"] = _GATE
    schema["$defs"]["Report"]["allOf"] = _REPORT
    return schema


def log() -> Schema:
    """The schema of one line of `--log-format json`."""
    events: dict[str, dict[str, Any]] = {
        "run_planned": {"gates": {"type": "integer", "minimum": 0}},
        "gate_started": {"gate": _TEXT},
        "gate_progress": {"gate": _TEXT, "message": {"type": "string"}},
        "gate_collected": {
            "gate": _TEXT,
            "duration_ms": {"type": "integer", "minimum": 0},
            "cached": {"type": "boolean"},
        },
        "gate_decided": {"gate": _TEXT, "verdict": _VERDICT},
    }
    return {
        "$schema": DRAFT_2020_12,
        "$id": ID.format("gates-log-1"),
        "title": "One line of the log of gates",
        "oneOf": [
            {
                "type": "object",
                "properties": {"ts": _MOMENT, "event": {"const": event}, **fields},
                "required": ["ts", "event", *fields],
                "additionalProperties": False,
            }
            for event, fields in events.items()
        ],
    }


def _narrowed(schema: Schema, narrower: Schema) -> Schema:
    """The schema of a field with more constraints, which a null in it need not meet."""
    if "anyOf" not in schema:
        return {**schema, **narrower}
    options = [one if one == {"type": "null"} else {**one, **narrower} for one in schema["anyOf"]]
    return {**schema, "anyOf": options}


def _when(condition: Schema, consequence: Schema) -> Schema:
    return {
        "if": {"properties": condition},
        "then": {"properties": consequence},
    }


_POSITIVE = {"minimum": 1}
_NOT_EMPTY = {"minLength": 1}
_RELATIVE = {"pattern": r"^(?!/|[A-Za-z]:[\\/])", "minLength": 1}
_MILD = {"not": {"contains": _BLOCKING}}
_NOTHING = {"type": "array", "maxItems": 0}
_SOMETHING = {"type": "array", "minItems": 1}
_OBJECT = {"type": "object"}
_NULL = {"type": "null"}

_LEFT_OUT = (
    ("Finding", "aliases"),
    ("NotJudged", "project"),
    ("Report", "projects"),
    ("RunFacts", "interpreters"),
)

_NARROWER: dict[str, dict[str, Schema]] = {
    "Report": {
        "schema_version": {"const": SCHEMA_VERSION},
        "exit_code": {"enum": [0, 1, 2, 3, 4, 5, 130]},
    },
    "ReportError": {"code": _NOT_EMPTY, "message": _NOT_EMPTY, "line": _POSITIVE},
    "ProjectFacts": {
        "root": _RELATIVE,
        "commit": {"pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"},
        "scope": {
            "anyOf": [
                {"const": "full"},
                {
                    "type": "object",
                    "properties": {
                        "base": {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"},
                        "packages": {"type": "string", "minLength": 1},
                        "shard": {"type": "string", "pattern": "^[1-9][0-9]*/[1-9][0-9]*$"},
                    },
                    "minProperties": 1,
                    "additionalProperties": False,
                },
            ]
        },
    },
    "GateReport": {"name": _NOT_EMPTY, "project": _RELATIVE},
    "NotJudged": {"name": _NOT_EMPTY, "project": _RELATIVE},
    "Member": {"project": _RELATIVE},
    "Reason": {"message": _NOT_EMPTY, "fix": _NOT_EMPTY},
    "Denominator": {"count": {"minimum": 0}, "unit": _NOT_EMPTY},
    "Finding": {
        "rule": _NOT_EMPTY,
        "name": _NOT_EMPTY,
        "fingerprint": {"pattern": "^[0-9a-f]{16}$"},
        "path": _RELATIVE,
        "line": _POSITIVE,
        "column": _POSITIVE,
        "end_line": _POSITIVE,
    },
    "Measure": {"name": _NOT_EMPTY, "unit": _NOT_EMPTY},
    "WaiverReport": {
        **dict.fromkeys(("rule", "subject", "reason", "owner", "label"), _NOT_EMPTY),
        "path": _RELATIVE,
        "line": _POSITIVE,
        "uses": {"minimum": 0},
    },
    "EvidenceRef": {"sha256": {"pattern": "^[0-9a-f]{64}$"}},
    "RunFacts": {"started": _MOMENT, "duration_s": {"minimum": 0}},
}

_GATE: list[Schema] = [
    _when(
        {"verdict": {"const": "passed"}},
        {"reason": _NULL, "denominator": {"type": "object", "properties": {"count": _POSITIVE}}, "findings": _MILD},
    ),
    _when({"verdict": {"const": "failed"}}, {"denominator": _OBJECT, "findings": {"contains": _BLOCKING}}),
    _when({"verdict": {"const": "undecided"}}, {"reason": _OBJECT, "findings": _MILD}),
    _when({"allowed_undecided": {"const": True}}, {"verdict": {"const": "undecided"}}),
]

_REPORT: list[Schema] = [
    _when(
        {"exit_code": {"const": 0}},
        {"verdict": {"const": "passed"}, "gates": {**_SOMETHING, "items": _ACCEPTED}, "error": _NULL},
    ),
    _when(
        {"exit_code": {"const": 1}},
        {
            "verdict": {"const": "failed"},
            "gates": {"contains": {"properties": {"verdict": {"const": "failed"}}}},
            "error": _NULL,
        },
    ),
    _when({"exit_code": {"enum": [2, 4]}}, {"verdict": {"const": "undecided"}, "gates": _NOTHING, "error": _OBJECT}),
    _when(
        {"exit_code": {"const": 3}},
        {
            "verdict": {"const": "undecided"},
            "gates": {"contains": {"properties": {"verdict": {"const": "undecided"}}}},
            "error": _NULL,
        },
    ),
    _when(
        {"exit_code": {"const": 5}},
        {"verdict": {"const": "undecided"}, "gates": {"type": "array", "items": _PASSED}, "error": _NULL},
    ),
    _when({"exit_code": {"const": 130}}, {"verdict": {"const": "undecided"}}),
]
