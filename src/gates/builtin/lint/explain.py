"""Explain: what ruff itself says of one of its rules."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from gates.model.evidence import Refusal
from gates.model.gate import Context

CODE = re.compile(r"[A-Z]+\d+|[a-z][a-z0-9]*(-[a-z0-9]+)*")


class _Rule(msgspec.Struct):
    name: str
    code: str
    linter: str
    explanation: str
    fix: str = ""


def explain(tool_rule: str, context: Context[Any]) -> str | None:
    """The text of `ruff rule` for `ruff:F401` or `F401`; None for another tool's code and one that ruff lacks."""
    tool_name, colon, code = tool_rule.rpartition(":")
    if (colon and tool_name != "ruff") or not CODE.fullmatch(code):
        return None
    tool = context.tool("ruff")
    if isinstance(tool, Refusal):
        return None
    run = context.run([*tool.argv, "rule", code, "--output-format", "json"], timeout=60)
    try:
        rule = msgspec.json.decode(run.stdout, type=_Rule)
    except ValueError:
        return None
    return "\n\n".join(filter(None, (f"{rule.name} ({rule.code}, {rule.linter})", rule.explanation.strip(), rule.fix)))
