"""Rules of the gate `metrics`."""

from __future__ import annotations

from gates.model.rule import Rule

NOT_SNAKE_CASE = Rule(
    code="MET001",
    name="metric-not-snake-case",
    summary="A metric's name is not in snake_case.",
    explanation="Dashboards and alerts name metrics letter by letter; two ways to write a name are two metrics.",
    fix="Rename the metric: small letters and digits, words with one underscore between them.",
)

NO_UNIT = Rule(
    code="MET002",
    name="metric-without-unit",
    summary="A metric's name does not end with a known unit.",
    explanation=(
        "Whoever reads `request_duration` on a dashboard takes seconds for milliseconds half of the time. The units"
        " that a project uses are in the setting `units`; a count has the suffix `_total`."
    ),
    fix="Add the unit to the name, or the suffix to `units` in [tool.gates.metrics] if it is a unit of the project.",
)

DECLARED_TWICE = Rule(
    code="MET003",
    name="metric-declared-twice",
    summary="Two metrics have one name.",
    explanation="Two declarations of one name are two meanings of one number, and which of them is shown is chance.",
    fix="Take one declaration away, or rename the metric that means something else.",
)

RULES = (NOT_SNAKE_CASE, NO_UNIT, DECLARED_TWICE)
