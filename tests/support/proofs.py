"""Reports of proofs in every situation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gates.model.canary import Planted
from gates.model.proof import GateProof, ProofReport, ProofRun, RuleProof, StarvedProof
from gates.model.reason import Reason
from gates.model.report import NotJudged, ProjectFacts, ReportError

RUN = ProofRun(
    started="2026-11-21T08:00:00Z",
    duration_s=9.5,
    gates_version="0.1.0",
    interpreter=".venv/bin/python",
    interpreter_version="3.12.4",
    checks=9,
    cpu_s=4.2,
    uncached_cpu_s=2.0,
    multiple=2.1,
    durations_s={"lint": 0.9, "tests": 3.25},
)
PROJECT = ProjectFacts(name="greeting", commit="3f2c1ab" + "0" * 33, dirty=False)
UNSET = Reason(code="not_configured", message="no limit on warnings is set", fix="set max-warnings")
UNFIT = Reason(code="does_not_apply", message="ruff objects to none of the faults", fix="select more rules")


def rule(code: str = "LNT001", **changed: object) -> RuleProof:
    """A rule that was proved, with some fields changed."""
    path = f"src/greeting/gates_canary_{code.lower()}.py"
    values: dict[str, object] = {
        "rule": code,
        "name": {"LNT001": "lint-violation", "LNT003": "syntax-error"}.get(code, "too-many-warnings"),
        "verdict": "passed",
        "title": "a module that breaks rules",
        "planted": Planted(path=path, line=2),
        "expected": f"{code} at {path}:2, the gate failed and exit code 1",
        "seen": f"red at {path}:2",
    }
    return RuleProof(**{**values, **changed})  # type: ignore[arg-type]


def idle(code: str, reason: Reason, excused: str | None = None) -> RuleProof:
    """A rule that is not judged."""
    return rule(code, verdict=None, planted=None, expected="", seen="", reason=reason, excused=excused)


STARVED = (
    StarvedProof(of="ruff", kind="tool", verdict="passed", seen="undecided (tool_missing)"),
    StarvedProof(of="lint", kind="evidence changed", verdict="passed", seen="undecided (evidence_corrupt)"),
    StarvedProof(of="other gates", kind="evidence absent", verdict=None, seen="it reads the evidence of no other gate"),
)
GREEN = GateProof(name="lint", verdict="passed", clean="run", rules=(rule(), rule("LNT003")), starved=STARVED)


def report(*gates: GateProof, verdict: str = "passed", exit_code: int = 0) -> ProofReport:
    """A report over these gates."""
    return ProofReport(
        verdict=verdict,  # type: ignore[arg-type]
        exit_code=exit_code,
        error=None,
        project=PROJECT,
        gates=gates,
        not_judged=(NotJudged(name="types", reason=UNSET),),
        run=RUN,
    )


def proved() -> ProofReport:
    """Two gates, one of them with a rule that is not judged and one that is excused."""
    excused = idle("TST005", UNFIT, "this project never runs in parallel")
    rules = (rule("TST006"), idle("TST006", UNSET), excused)
    return report(GREEN, GateProof(name="tests", verdict="passed", clean="receipt", rules=rules))


def not_proved() -> ProofReport:
    """A rule that did not fire, one that fits nowhere, a tool that was not missed, and a project that is not green."""
    silent = rule(verdict="failed", seen="it passed, without a finding of LNT001")
    unfit = rule("LNT003", verdict="undecided", planted=None, expected="a canary that fits", seen="", reason=UNFIT)
    eager = StarvedProof(of="ruff", kind="tool", verdict="failed", seen="it passed with exit code 0")
    lint = GateProof(name="lint", verdict="failed", clean="run", rules=(silent, unfit), starved=(eager, *STARVED[1:]))
    red = Reason(
        code="not_green",
        message="the clean copy of the project is not green, and a red one would prove nothing: it failed: TST001",
        fix="gates check tests",
    )
    return report(lint, GateProof(name="tests", verdict="undecided", reason=red), verdict="failed", exit_code=1)


def nothing() -> ProofReport:
    """No gate is judged."""
    return report(verdict="undecided", exit_code=5)


def error() -> ProofReport:
    """A command line that asks for what does not exist."""
    said = ReportError(code="usage", message="there is no gate 'lnt', did you mean 'lint'?")
    return ProofReport(verdict="undecided", exit_code=2, error=said, project=None, gates=(), not_judged=(), run=None)


SCENARIOS: Mapping[str, Callable[[], ProofReport]] = {
    "proved": proved,
    "not_proved": not_proved,
    "nothing": nothing,
    "error": error,
}
