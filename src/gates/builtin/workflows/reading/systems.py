"""Systems: where a job runs, as far as its workflow says it."""

from __future__ import annotations

import re

from gates.builtin.workflows.reading.runs import Run
from gates.project.wiring import expression
from gates.project.wiring.workflow import texts

_KNOWN = (
    ("linux", re.compile(r"ubuntu|linux|debian|alpine", re.IGNORECASE)),
    ("macos", re.compile(r"mac-?os|darwin|osx", re.IGNORECASE)),
    ("windows", re.compile(r"windows|win\d", re.IGNORECASE)),
)


def of(run: Run) -> tuple[set[str], str]:
    """`linux`, `macos`, `windows`, and the clause that says why they may not be all."""
    node = run.job.runs_on
    if node is None:
        return set(), "it names no runner"
    found: set[str] = set()
    unknown = run.unknown
    for scope in run.scopes:
        said = " ".join(expression.resolved(text, scope) for text in texts(node))
        named = {name for name, pattern in _KNOWN if pattern.search(re.sub(r"\$\{\{.*?\}\}", "", said))}
        found |= named
        if not named:
            unknown = unknown or f"its runner is `{' '.join(said.split())}`"
    return found, unknown
