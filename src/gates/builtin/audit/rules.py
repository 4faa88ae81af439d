"""Rules of the gate `audit`."""

from __future__ import annotations

from gates.model.rule import Rule

KNOWN_VULNERABILITY = Rule(
    code="AUD001",
    name="known-vulnerability",
    summary="A dependency has a known vulnerability.",
    explanation=(
        "The advisory service names an advisory for this very version of the dependency. The message says since which"
        " version it is fixed. A waiver names the advisory by its id or by any of its aliases, and has an end."
    ),
    fix="Update the dependency to a version in which it is fixed; if it does not concern you: gates waive AUD001 ID",
)

DEPENDENCY_UNAUDITED = Rule(
    code="AUD002",
    name="dependency-unaudited",
    summary="A dependency was not audited, and nobody said that it need not be.",
    explanation=(
        "Of every dependency an answer of the service is asked for. The project itself and what is installed in place"
        " (editable) cannot have one. All others are a finding: one from a repository or an address, one without a"
        " version, one that the tool left out."
    ),
    fix='Pin it to a release of the index, or name it: [[tool.gates.audit.unaudited]] name = "…", reason = "…"',
)

EXEMPTION_UNUSED = Rule(
    code="AUD003",
    name="exemption-unused",
    summary="A dependency is named under `unaudited` that is audited, or that is not there.",
    explanation=(
        "An exemption that is left behind would excuse, unseen, the next dependency of that name. It never hides a"
        " known vulnerability: what can be asked about is asked about."
    ),
    fix="Take it out of `unaudited` in [tool.gates.audit].",
)

CONTROL_CLEAN = Rule(
    code="AUD004",
    name="control-clean",
    summary="Asked about a version with a well-known vulnerability, the service or the tool knew of none.",
    explanation=(
        "In every run one question is asked whose answer is known: a release of a widely used distribution and the CVE"
        " that it has. A service that is empty, broken or answers for something else says that it is clean, like all"
        " the rest. The gate is undecided."
    ),
    fix="Look at what `service-url` or `mirror` in [tool.gates.audit] leads to; a mirror needs the control's record.",
    severity="warning",
    undecides=True,
)

ANSWER_UNUSABLE = Rule(
    code="AUD005",
    name="answer-unusable",
    summary="The advisory service gave no answer, half of one, or one that nobody can judge by.",
    explanation=(
        "Tools take some such answers for no vulnerability: one without the affected versions, of a schema that they"
        " do not know, the first page of several, a list shorter than the questions. All answers pass through gates,"
        " are counted against the questions and read again. The gate is undecided."
    ),
    fix="gates check audit, later or with another `service-url`; without a network: `mirror` in [tool.gates.audit]",
    severity="warning",
    undecides=True,
)

RULES = (KNOWN_VULNERABILITY, DEPENDENCY_UNAUDITED, EXEMPTION_UNUSED, CONTROL_CLEAN, ANSWER_UNUSABLE)
