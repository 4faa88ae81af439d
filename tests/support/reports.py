"""Reports in a dozen situations, and strategies for any report: what the renderers are tested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st

from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason
from gates.model.report import EvidenceRef, GateReport, NotJudged, ProjectFacts, Report, ReportError, RunFacts
from gates.model.rule import Rule
from gates.model.waiver import State, Waiver, WaiverReport

LNT001 = Rule(
    code="LNT001",
    name="lint-violation",
    summary="ruff objects to a line.",
    explanation="ruff found what its rule describes.",
    fix="ruff check --fix",
)
TYP001 = Rule(
    code="TYP001",
    name="type-error",
    summary="mypy objects to a line.",
    explanation="mypy found a contradiction.",
    fix="mypy .",
)
COV004 = Rule(
    code="COV004",
    name="changed-lines-missed",
    summary="Changed lines never ran.",
    explanation="A line that this change added or edited was not run by any test.",
    fix="add a test that reaches the line",
)
AUD001 = Rule(
    code="AUD001",
    name="known-vulnerability",
    summary="A dependency has a known vulnerability.",
    explanation="An advisory covers the locked version.",
    fix="upgrade it",
)
RULES = {rule.code: rule for rule in (LNT001, TYP001, COV004, AUD001)}

NOT_SELECTED = Reason(code="not_selected", message="it runs only when asked for", fix="gates check --select NAME")
TEN = ("audit", "bench", "repro", "determinism", "packaging", "provenance", "sbom", "secrets", "trace", "workflows")


def gate(name: str, verdict: str = "passed", **given: Any) -> GateReport:
    """One gate's report, with everything defaulted that the test does not speak of."""
    facts: dict[str, Any] = {
        "name": name,
        "verdict": verdict,
        "reason": None,
        "denominator": Denominator(count=212, unit="files"),
        "findings": (),
        "measures": (),
        "evidence": EvidenceRef(sha256="ab" * 32),
        "tools": {},
        "commands": (),
    }
    return GateReport(**{**facts, **given})


def run(**given: Any) -> RunFacts:
    """What differs between two runs, fixed."""
    facts: dict[str, Any] = {
        "started": "2026-11-20T10:00:00Z",
        "duration_s": 1.3,
        "gates_version": "0.1.0",
        "python": "3.12.4",
        "interpreter": ".venv/bin/python",
        "interpreter_version": "3.12.4",
        "interpreter_from": ".venv",
        "cached": (),
        "receipts": {},
        "durations_s": {"lint": 0.3, "types": 2.0, "tests": 75.2, "coverage": 0.9},
        "host": {"system": "Linux", "cores": 2},
    }
    return RunFacts(**{**facts, **given})


def report(*gates: GateReport, **given: Any) -> Report:
    """A report whose verdict and exit code follow from its gates, unless they are given."""
    verdicts = {one.verdict for one in gates if not one.allowed_undecided}
    code = 5 if not gates else 1 if "failed" in verdicts else 3 if "undecided" in verdicts else 0
    facts: dict[str, Any] = {
        "verdict": {0: "passed", 1: "failed"}.get(code, "undecided"),
        "exit_code": code,
        "error": None,
        "project": ProjectFacts(name="myproj", commit="3f2c1ab9d1e4f5a6b7c8d9e0f1a2b3c4d5e6f708", dirty=False),
        "gates": gates,
        "not_judged": (),
        "run": run(),
    }
    return Report(**{**facts, **given})


def not_judged(*names: str) -> tuple[NotJudged, ...]:
    """Gates that nobody asked for."""
    return tuple(NotJudged(name=name, reason=NOT_SELECTED) for name in names)


MISSED = finding(
    COV004, "10 changed lines of load() never ran", path="src/io.py", line=88, end_line=97, subject="src/io.py"
)


def design() -> Report:
    """The example of the design, whose terminal form is a contract."""
    return report(
        gate("lint"),
        gate("types"),
        gate("coverage", "failed", denominator=Denominator(count=180, unit="files"), findings=(MISSED,)),
        not_judged=not_judged(*TEN),
        run=run(cached=("types",)),
    )


def passed() -> Report:
    """Everything green."""
    return report(gate("lint"), gate("types"), gate("tests", denominator=Denominator(count=1, unit="tests")))


def cached() -> Report:
    """Everything green and nothing run again."""
    return report(gate("lint"), gate("types"), run=run(cached=("lint", "types"), receipts={"lint": "0a1b2c"}))


def unused_imports(count: int) -> tuple[Finding, ...]:
    """So many findings of one rule of ruff's."""
    return tuple(
        finding(
            LNT001,
            f"`os.path{at}` imported but unused",
            path=f"src/pkg/mod_{at // 100:04}.py",
            line=at % 100 + 1,
            column=8,
            tool_rule="ruff:F401",
            source=f"import os.path{at}",
        )
        for at in range(count)
    )


def many() -> Report:
    """Two failed gates, several rules, more than ten findings of one, warnings, measures with limits."""
    long_line = finding(LNT001, "line too long (130 > 120)", path="src/a.py", line=3, column=121, tool_rule="ruff:E501")
    type_error = finding(
        TYP001,
        'Argument 1 to "load" has incompatible type "str"; expected "Path"\nnote: "load" is defined here',
        path="src/b.py",
        line=7,
        column=5,
        tool_rule="mypy:arg-type",
    )
    warning = Finding(
        rule="LNT002",
        name="format",
        message="would be reformatted",
        fingerprint="f" * 16,
        severity="warning",
        path="a.py",
    )
    return report(
        gate("lint", "failed", findings=(*unused_imports(15), long_line, warning), tools={"ruff": "0.17.5"}),
        gate("types", "failed", findings=(type_error,), commands=(("python", "-P", "-m", "mypy", "."),)),
        gate(
            "coverage",
            "failed",
            denominator=Denominator(count=4312, unit="lines"),
            findings=(MISSED, finding(COV004, "the total is 83.2 percent, at least 85 is asked for")),
            measures=(
                Measure(
                    name="coverage.total",
                    value=83.2,
                    unit="percent",
                    limit=85.0,
                    limit_from="pyproject.toml:12",
                    direction="min",
                ),
                Measure(name="coverage.files", value=180, unit="files"),
            ),
        ),
        not_judged=not_judged("audit", "bench"),
    )


MYPY_MISSING = Reason(
    code="tool_missing",
    message="mypy is not installed in .venv, the environment of the project, so no type was checked",
    fix="uv add --dev mypy",
)


def undecided() -> Report:
    """A gate without its tool, and one that hung."""
    hung = Reason(code="timeout", message="pytest did not end within 1,800 s", fix="gates check tests --jobs 1")
    return report(
        gate("lint"),
        gate("types", "undecided", reason=MYPY_MISSING, denominator=None, evidence=None),
        gate("tests", "undecided", reason=hung, denominator=None, evidence=None),
    )


def allowed() -> Report:
    """A gate that could not decide, and the user accepts that."""
    types = gate("types", "undecided", reason=MYPY_MISSING, denominator=None, evidence=None, allowed_undecided=True)
    return report(gate("lint"), types)


def nothing() -> Report:
    """No gate applied."""
    return report(not_judged=not_judged("audit", "bench", "lint", "types"))


def config_error() -> Report:
    """Exit 2: a typo in the configuration."""
    error = ReportError(
        code="configuration", message="unknown gate `lnt` (did you mean `lint`?)", path="pyproject.toml", line=12
    )
    return report(error=error, exit_code=2, project=ProjectFacts(name="myproj"))


def internal_error() -> Report:
    """Exit 4: a defect of gates."""
    error = ReportError(code="internal", message="KeyError: 'x'; the log to paste into an issue is .gates/crash.log")
    return report(error=error, exit_code=4)


EVIL = (
    "\x1b[31mred\x1b[0m\x9b2J \u202eoverride\u2066 \x00\x07\x7f <script>alert(1)</script> **bold** [a](http://x) |"
    " `tick`"
    "\n::error file=x::injected\r\n  ::add-mask::y ##[add-mask]z %0A::warning::w \udc80\udcff \ud800 \u200b\u2028"
    " end]]>&amp;\t$x$"
)
EVIL_NAME = "src/we\nird\udcff \u202e::x%20,y:z`|<b>\x1b[2J.py"


def hostile() -> Report:
    """Names and messages that try to be more than text."""
    evil = Finding(
        rule="X001",
        name="evil<b>",
        message=EVIL,
        fingerprint="0" * 16,
        path=EVIL_NAME,
        line=3,
        column=4,
        tool_rule="tool:a,b:c\n::error::",
        subject=EVIL_NAME,
    )
    first = Finding(rule="X001", name="::error::", message="::error::m", fingerprint="1" * 16, path="::error::p.py")
    reason = Reason(code="tool_crashed", message=EVIL, fix="```\n" + EVIL)
    return report(
        gate("third\n::error::party", "failed", findings=(first, evil), denominator=Denominator(count=2, unit="<b>s")),
        gate("other", "undecided", reason=reason, denominator=None, tools={"\x1b": "\u202e"}),
        project=ProjectFacts(name=EVIL_NAME, commit="3f2c1ab9", dirty=True, scope={"shard": "2/4"}),
        run=run(notes=(EVIL,), interpreter="\udcff/python"),
    )


def huge() -> Report:
    """12,000 findings."""
    return report(gate("lint", "failed", findings=unused_imports(12_000)), gate("types"))


def waiver(**given: Any) -> WaiverReport:
    """A waiver that excuses one finding, unless the test says otherwise."""
    facts: dict[str, Any] = {
        "rule": "AUD001",
        "subject": "lib 1.0",
        "reason": "not reachable: we never parse XML",
        "owner": "platform",
        "expires": date(2026, 12, 31),
        **given,
    }
    written = Waiver(**{name: facts.pop(name) for name in Waiver.__struct_fields__})
    state = {"state": "active", "uses": 1, "path": "pyproject.toml", "line": 31, **facts}
    return WaiverReport(**msgspec.structs.asdict(written), label=written.label, **state)


def excused() -> Report:
    """Findings that are waived or baselined, and one that is neither but only a note."""
    vulnerable: dict[str, Any] = {"rule": "AUD001", "name": "known-vulnerability", "subject": "lib 1.0"}
    waivers = (waiver(), waiver(subject="old 0.9", state="expiring", uses=0, expires=date(2026, 12, 1), line=40))
    return report(
        gate(
            "audit",
            denominator=Denominator(count=31, unit="distributions"),
            findings=(
                Finding(message="PYSEC-2026-12", fingerprint="1" * 16, waived_by=waivers[0].label, **vulnerable),
                Finding(message="PYSEC-2025-7", fingerprint="2" * 16, baselined=True, **vulnerable),
                Finding(message="PYSEC-2024-1 is withdrawn", fingerprint="3" * 16, severity="note", **vulnerable),
            ),
        ),
        waivers=waivers,
    )


def no_git() -> Report:
    """Outside git, with a member of a workspace and a note."""
    return report(
        gate("lint", project="packages/a"),
        project=ProjectFacts(name="myproj", dirty=None),
        run=run(
            notes=(".gates/ is not in .gitignore, so a build backend may pack it: add the line `.gates/`",),
            durations_s={"packages/a:lint": 0.3},
        ),
    )


SCENARIOS: Mapping[str, Callable[[], Report]] = {
    "design": design,
    "passed": passed,
    "cached": cached,
    "many": many,
    "undecided": undecided,
    "allowed": allowed,
    "nothing": nothing,
    "config_error": config_error,
    "internal_error": internal_error,
    "hostile": hostile,
    "huge": huge,
    "excused": excused,
    "no_git": no_git,
}

PIECES = st.sampled_from(
    [
        EVIL,
        EVIL_NAME,
        "::error::x",
        "##[error]x",
        "\ud83d",
        "\udc80",
        "a\nb",
        "\x00",
        "]]>",
        "&#0;",
        "`",
        "```",
        "|",
        "%",
        "😀",
    ]
)
WORDS = st.one_of(st.text(st.characters(codec=None, exclude_categories=()), max_size=20), PIECES)
PLAIN_WORDS = st.text(max_size=20)
SEVERITIES = st.sampled_from(["error", "warning", "note"])
CODES = st.sampled_from(["tool_missing", "timeout", "nothing_examined", "not_selected"])
INTEGERS = st.integers(-(2**40), 2**40)
FIGURES = st.floats(allow_nan=False, allow_infinity=False)


def any_report(words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[Report]:
    """Any report, also one that the engine would never write, with `words` wherever text may stand."""
    optional = st.none() | words
    lines = st.none() | INTEGERS
    reasons = st.builds(Reason, code=CODES, message=words, fix=words)
    findings = st.builds(
        Finding,
        rule=words,
        name=words,
        message=words,
        fingerprint=words,
        severity=SEVERITIES,
        tool_rule=optional,
        path=optional,
        line=lines,
        column=lines,
        end_line=lines,
        subject=optional,
        waived_by=optional,
        baselined=st.booleans(),
    )
    measures = st.builds(
        Measure,
        name=words,
        value=FIGURES,
        unit=words,
        limit=st.none() | FIGURES,
        limit_from=optional,
        direction=st.sampled_from([None, "min", "max"]),
    )
    gates = st.builds(
        GateReport,
        name=words,
        project=words,
        verdict=st.sampled_from(["passed", "failed", "undecided"]),
        reason=st.none() | reasons,
        denominator=st.none() | st.builds(Denominator, count=INTEGERS, unit=words),
        findings=st.lists(findings, max_size=4).map(tuple),
        measures=st.lists(measures, max_size=2).map(tuple),
        evidence=st.none() | st.builds(EvidenceRef, sha256=words),
        tools=st.dictionaries(words, words, max_size=2),
        commands=st.lists(st.lists(words, max_size=2).map(tuple), max_size=2).map(tuple),
        allowed_undecided=st.booleans(),
    )
    waivers = st.builds(
        WaiverReport,
        **dict.fromkeys(("rule", "subject", "reason", "owner", "label"), words),
        expires=st.dates(),
        state=st.sampled_from(get_args(State)),
        uses=INTEGERS,
        path=optional,
        line=lines,
    )
    return st.builds(
        Report,
        verdict=st.sampled_from(["passed", "failed", "undecided"]),
        exit_code=st.sampled_from([0, 1, 2, 3, 4, 5, 130]),
        error=st.none() | st.builds(ReportError, code=words, message=words, path=optional, line=lines),
        project=st.builds(
            ProjectFacts,
            name=words,
            commit=optional,
            dirty=st.sampled_from([None, True, False]),
            scope=st.just("full") | st.dictionaries(words, words, max_size=2),
        ),
        gates=st.lists(gates, max_size=3).map(tuple),
        not_judged=st.lists(st.builds(NotJudged, name=words, reason=reasons), max_size=5).map(tuple),
        waivers=st.lists(waivers, max_size=2).map(tuple),
        run=st.builds(
            RunFacts,
            started=words,
            duration_s=FIGURES,
            gates_version=words,
            python=words,
            interpreter=words,
            interpreter_version=words,
            interpreter_from=words,
            cached=st.lists(words, max_size=2).map(tuple),
            receipts=st.dictionaries(words, words, max_size=2),
            durations_s=st.dictionaries(words, FIGURES, max_size=2),
            host=st.dictionaries(words, words | INTEGERS, max_size=2),
            notes=st.lists(words, max_size=2).map(tuple),
        ),
    )
