"""Twine: whether an index will take the metadata of an artifact and can show its description."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.packaging.facts import Complaint
from gates.model.reason import Reason
from gates.process import failure

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.tools import Tool

MESSAGE = re.compile(r"(?:^|: )(?:WARNING|ERROR)\s+(?P<text>.*(?:\n[ \t]+.*)*)", re.MULTILINE)
CODES = (
    ("`long_description` missing", "description-missing"),
    ("`long_description_content_type` missing", "content-type-missing"),
    ("syntax errors in markup", "description-broken"),
    ("InvalidDistribution", "invalid-distribution"),
)
ENVIRONMENT = {"COLUMNS": "1000", "NO_COLOR": "1"}
"""twine breaks its lines where the terminal ends."""


def check(context: Context[Any], tool: Tool, artifact: Path) -> list[Complaint] | Reason:
    """What `twine check --strict` says of one artifact."""
    argv = [*tool.argv, "--no-color", "check", "--strict", "--", artifact.name]
    run = context.run(argv, cwd=artifact.parent, env=ENVIRONMENT)
    stopped = failure.stopped(run, "twine", "packaging")
    if stopped is not None:
        return stopped
    said = run.text + run.errors
    found = _complaints(said, artifact.name)
    if run.code == 0 and "PASSED" in run.text and not found:
        return []
    if run.code == 1 and found and "Traceback" not in run.errors:
        return found
    return Reason(
        code="tool_crashed",
        message=f"twine could not check {artifact.name} (exit code {run.code}): {failure.last_words(run)}",
        fix="python -m build && twine check --strict dist/*",
    )


def _complaints(said: str, name: str) -> list[Complaint]:
    found: dict[str, Complaint] = {}
    for match in MESSAGE.finditer(said):
        text = " ".join(match["text"].split())
        code = next((code for sign, code in CODES if sign in text), "other")
        found[code] = Complaint(tool="twine", code=code, message=text, path=None, line=None, subject=name, mild=False)
    if "description-missing" in found:
        # Nothing to show has no type either.
        found.pop("content-type-missing", None)
    return list(found.values())
