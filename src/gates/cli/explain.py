"""`gates explain`: what a rule, a tool's own code, a reason, a verdict or an exit code means, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.errors import UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared


@click.command(short_help="Say what a rule means and how to mend it.")
@click.argument("code", metavar="CODE")
@options.with_options(
    options.PROJECT,
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(code: str, **given: Any) -> int:
    """Explain a rule by its code or name (COV004, changed-lines-missed), a code of a tool (ruff:F401), or a reason.

    An exit code and a verdict are explained too.
    """
    found = explained(options.prepare(given["directory"], {}), code)
    if given["output_format"] == "json":
        output.value({"schema_version": 1, **found})
    else:
        output.paragraphs(text(found))
    return 0


def explained(prepared: Prepared, code: str) -> dict[str, Any]:
    """What is called `code`: its kind, summary, explanation and fix; a tool is started only where nothing else is.

    Raises:
        UsageError: nothing is called so.
    """
    ways = (_rule, _reason, _outcome, _tool_rule, _of_member)
    found = next(filter(None, (way(prepared, code) for way in ways)), None)
    if found is None:
        raise UsageError(
            f"nothing here is called {code!r}{_nearest(prepared, code)}; `gates list --rules` shows them all"
        )
    return found


def _rule(prepared: Prepared, code: str) -> dict[str, Any] | None:
    known = prepared.registry.rules
    gate_and_rule = known.get(code) or known.get(code.upper()) or known.get(code.lower())
    if gate_and_rule is None:
        return None
    gate, rule = gate_and_rule
    if gate in prepared.registry.commands:
        gate = ", ".join(sorted(prepared.registry.commands))
    return {
        "kind": "rule",
        "code": rule.code,
        "name": rule.name,
        "gate": gate,
        "severity": rule.severity,
        "preview": rule.preview,
        "undecides": rule.undecides,
        "formerly": [one.name for one in rule.formerly],
        "summary": rule.summary,
        "explanation": rule.explanation,
        "fix": rule.fix,
    }


def _of_member(prepared: Prepared, code: str) -> dict[str, Any] | None:
    """What a rule means that only members of the workspace have, by plugins of their own."""
    from gates.cli import workspace

    whole = workspace.of(prepared)
    rules = (_rule(one.prepared, code) for one in (() if whole is None else whole.places))
    return next((one for one in rules if one is not None), None)


def _reason(_: Prepared, code: str) -> dict[str, Any] | None:
    from gates.model.advice import ADVICE
    from gates.model.reason import REASONS

    known = next((one for one in ADVICE if one == code.lower()), None)
    if known is None:
        return None
    return {"kind": "reason", "code": known, "summary": REASONS[known], "explanation": "", "fix": ADVICE[known]}


def _outcome(_: Prepared, code: str) -> dict[str, Any] | None:
    from gates.model.outcome import EXIT_CODES, VERDICTS

    known = {**EXIT_CODES, **VERDICTS}.get(code.lower())
    if known is None:
        return None
    kind = "verdict" if code.lower() in VERDICTS else "exit_code"
    return {"kind": kind, "code": code.lower(), "summary": known.meaning, "explanation": "", "fix": known.fix}


def _tool_rule(prepared: Prepared, code: str) -> dict[str, Any] | None:
    """What the tool itself says of its code; a code without a tool's name is offered to every gate."""
    from gates.engine import session
    from gates.engine.observer import Silent

    request = options.request(prepared, Silent())
    return session.explain(request, code)


def _nearest(prepared: Prepared, code: str) -> str:
    from gates.engine.plan import nearest
    from gates.model.reason import REASONS

    return nearest(code, [*prepared.registry.rules, *REASONS])


def text(found: Mapping[str, Any]) -> str:
    """What was explained, in paragraphs."""
    heading = " ".join(str(found[key]) for key in ("code", "name") if key in found)
    where = f"  (gate {found['gate']}, {found['severity']})" if "severity" in found else ""
    parts = [heading + where, found["summary"], found["explanation"]]
    if found.get("formerly"):
        parts.append(f"Formerly: {', '.join(found['formerly'])}.")
    if found.get("preview"):
        parts.append("In preview: off unless `preview` in [tool.gates] names it.")
    if found.get("undecides"):
        parts.append("The gate is undecided with it: exit code 3, unless its severity is made `error`.")
    if found["fix"]:
        parts.append(f"{'How to mend it' if 'rule' in found['kind'] else 'What to do'}: {found['fix']}")
    return "\n\n".join(part.strip() for part in parts if part)
