"""Explain: what mypy itself says of one of its error codes."""

from __future__ import annotations

import re
from typing import Any

from gates.model.evidence import Refusal
from gates.model.gate import Context

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
DOCUMENTATION = "https://mypy.readthedocs.io/en/stable/_refs.html#code-{code}"
WHICH_FILES = (
    "Tests are checked too, also where mypy's configuration leaves them out: `gates explain TYP001` says how, and how"
    " to leave them alone."
)
DESCRIBE = """\
import sys
from mypy.errorcodes import error_codes
code = error_codes.get(sys.argv[1])
print(code.description if code is not None else "")
"""


def explain(tool_rule: str, context: Context[Any]) -> str | None:
    """Mypy's one-line description of `mypy:arg-type` or `arg-type`, and where it is documented; else None."""
    tool_name, colon, code = tool_rule.rpartition(":")
    if (colon and tool_name != "mypy") or not CODE.fullmatch(code):
        return None
    tool = context.tool("mypy", judged=True)
    if isinstance(tool, Refusal):
        return None
    run = context.run([tool.argv[0], "-P", "-c", DESCRIBE, code], timeout=60)
    described = run.text.strip()
    if run.code != 0 or not described:
        return None
    return f"{described}.\n\n{DOCUMENTATION.format(code=code)}\n\n{WHICH_FILES}"
