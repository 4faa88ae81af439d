"""Installing: what pip, or uv where there is no pip, puts into a folder apart, and one sentence where it cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.model.reason import Reason
from gates.process import apart

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

QUIET = ("--quiet", "--target")
VARIABLES: Mapping[str, str] = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_USER": "0",
    "PYTHONPATH": "",
    # The folders have no history, from which several backends take the version.
    "SETUPTOOLS_SCM_PRETEND_VERSION": "0",
    "PDM_BUILD_SCM_VERSION": "0",
    "POETRY_DYNAMIC_VERSIONING_BYPASS": "0",
}

ECHO = re.compile(
    r"(?i)\W*(note:|hint:|see above|\[notice\]|\[end of output\]|error: [a-z]+(-[a-z]+)+$|error: failed building|"
    r"error: could not build wheels|error: failed to build installable|encountered error while|full command:|"
    r"cwd:|exit code: \d+)"
)
"""What pip says around the error of a build, which is the same for all of them."""

FRAME = " \t>\u2500\u2502\u2570\u00d7"
"""What pip draws around what a build says."""

FIRST = re.compile(r"(?i)\b(fatal )?error: (?!command )|no such file or directory|no matching distribution")
OTHER = re.compile(r"(?i)\w*error\b|conflict|failed")


def install(
    context: Context[Any], python: Interpreter, target: Path, words: Sequence[str], *, what: str, again: Sequence[str]
) -> Reason | None:
    """None once `words` of pip's command line are installed in `target`; else why `what` cannot be done.

    `again` are the words that show the same error to whoever pastes them.
    """
    own = "pip" in python.distributions
    argv = apart.pip(str(python.path), context.scratch, (*QUIET, str(target), *words), installed=own)
    ended = context.run(argv, env=VARIABLES)
    if ended.status == "OK":
        return None
    fix = apart.joined(apart.pip("python", context.project.root, again, installed=own))
    if ended.status == "NOT_INSTALLED":
        message = f"{what} takes pip or uv, and there is neither in the judged environment"
        return Reason(code="tool_missing", message=message, fix="python -m ensurepip")
    if ended.status != "FAILED":
        return Reason(code="tool_killed", message=f"{what} did not come to its end: {ended.reason}", fix=fix)
    said = context.redact(error_of(f"{ended.text}\n{ended.errors}"))
    return Reason(code="tool_crashed", message=f"{what} failed: {said}", fix=fix)


def error_of(text: str) -> str:
    """The one line of what pip printed that says what went wrong."""
    lines = [line.strip(FRAME) for line in text.splitlines()]
    told = [line for line in lines if line and not ECHO.match(line)]
    matching = (next((line for line in reversed(told) if one.search(line)), None) for one in (FIRST, OTHER))
    found = next(filter(None, matching), None) or (told[-1] if told else "it gave no reason")
    return re.sub(r"^(?i:error): ", "", found)
