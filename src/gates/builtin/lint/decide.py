"""Decide: ruff's diagnostics are findings, if what ruff says and how it ended agree."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.lint.facts import Check, Diagnostic, Format, LintEvidence, Unread
from gates.builtin.lint.rules import LINT_VIOLATION, NOT_FORMATTED, SYNTAX_ERROR, UNREADABLE_FILE
from gates.model.decision import Decision
from gates.model.finding import Finding, finding, place
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason
from gates.model.rule import Rule

SYNTAX = ("invalid-syntax", "E999")
UNREAD = "E902"


def decide(evidence: LintEvidence, wanted_format: bool | None) -> Decision:
    """Findings over the source files in which `ruff check` had a rule to apply; `wanted_format` is `format`."""
    check = evidence.check
    denominator = Denominator(count=max(check.examined - check.muted, 0), unit="files")
    contradiction = _contradiction(evidence, wanted_format)
    if contradiction is not None:
        return Decision(denominator=denominator, reason=contradiction)
    found = {place(item): item for item in _findings(evidence)}
    return Decision(
        denominator=denominator,
        findings=tuple(sorted(found.values(), key=place)),
        measures=(Measure(name="lint.muted", value=check.muted, unit="files"),) if check.muted else (),
        reason=_nothing_examined(evidence),
    )


def _findings(evidence: LintEvidence) -> Iterator[Finding]:
    unread = {item.path: item for item in evidence.check.unread.items}
    for diagnostic in evidence.check.diagnostics.items:
        if diagnostic.code == UNREAD:
            unread[diagnostic.path] = Unread(path=diagnostic.path, message=diagnostic.message)
        elif diagnostic.code in SYNTAX:
            yield _at(diagnostic, SYNTAX_ERROR, None)
        else:
            yield _at(diagnostic, LINT_VIOLATION, f"ruff:{diagnostic.code}")
    if isinstance(evidence.formatting, Format):
        yield from (_not_formatted(item) for item in evidence.formatting.unformatted.items)
        # The linter gives the better account of a file that neither can parse.
        reported = {item.path for item in evidence.check.diagnostics.items if item.code in SYNTAX}
        yield from (
            _at(item, SYNTAX_ERROR, None) for item in evidence.formatting.unparsed.items if item.path not in reported
        )
        for item in evidence.formatting.unread.items:
            unread.setdefault(item.path, item)
    for item in unread.values():
        first = item.message.partition("\n")[0] or "it could not be read"
        yield finding(UNREADABLE_FILE, f"nothing in this file was judged: {first}", path=item.path)


def _at(diagnostic: Diagnostic, rule: Rule, tool_rule: str | None) -> Finding:
    return finding(
        rule,
        diagnostic.message,
        path=diagnostic.path,
        line=diagnostic.line,
        column=diagnostic.column,
        tool_rule=tool_rule,
        source=diagnostic.source,
    )


def _not_formatted(diagnostic: Diagnostic) -> Finding:
    # No source text in the fingerprint: one finding per file, which stays the same while the file changes.
    return finding(
        NOT_FORMATTED,
        "`ruff format` would change this file, from this line on",
        path=diagnostic.path,
        line=diagnostic.line,
    )


def _contradiction(evidence: LintEvidence, wanted_format: bool | None) -> Reason | None:
    if not _agrees(evidence.check):
        return _disagreement("ruff check", evidence.check.code, evidence.check.diagnostics.count)
    formatting = evidence.formatting
    if not isinstance(formatting, Format):
        if wanted_format:
            return Reason(
                code="evidence_incomplete",
                message="formatting is to be judged (`format = true`) and the evidence says nothing about it",
                fix="gates check lint --no-cache",
            )
        return None
    if not _format_agrees(formatting):
        count = formatting.unformatted.count + formatting.unparsed.count + formatting.unread.count
        return _disagreement("ruff format --check", formatting.code, count)
    return None


def _agrees(check: Check) -> bool:
    return check.code == (1 if check.diagnostics.count else 0)


def _format_agrees(formatting: Format) -> bool:
    if formatting.unparsed.count or formatting.unread.count:
        return formatting.code == 2
    return formatting.code == (1 if formatting.unformatted.count else 0)


def _disagreement(command: str, code: int, count: int) -> Reason:
    said = "reported nothing" if count == 0 else f"reported {count:,} diagnostics"
    return Reason(
        code="unparsable_output",
        message=f"{command} {said} and ended with exit code {code}, which contradict each other",
        fix="gates check lint -v",
    )


def _nothing_examined(evidence: LintEvidence) -> Reason | None:
    if evidence.check.examined < 1:
        return Reason(
            code="nothing_examined",
            message="ruff check examined no Python file: none is there, or all are excluded or ignored by git",
            fix="mend `exclude` in ruff's configuration, or set `paths` in [tool.gates.lint]",
        )
    if evidence.check.examined <= evidence.check.muted:
        files = Denominator(count=evidence.check.examined, unit="files")
        return Reason(
            code="nothing_examined",
            message=f"no lint rule is on in any of {files}: none is selected, or `# ruff: noqa` and per-file ignores"
            " take all of them",
            fix='select rules under [tool.ruff.lint] (`select = ["E9"]` will do where ruff only formats), and name'
            " codes in `# ruff: noqa: CODE` and `per-file-ignores`",
        )
    if isinstance(evidence.formatting, Format) and evidence.formatting.examined < 1:
        return Reason(
            code="nothing_examined",
            message="ruff format examined no file: `format.exclude` leaves out everything that ruff check examines",
            fix="set `format = false` in [tool.gates.lint] if formatting is not to be judged",
        )
    return None
