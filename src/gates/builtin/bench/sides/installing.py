"""Installing: what pip, or uv where there is no pip, puts into a folder apart, and one sentence where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.model.reason import Reason
from gates.process import apart, installing

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

QUIET = ("--quiet", "--target")
VARIABLES: Mapping[str, str] = {
    **installing.VARIABLES,
    # The folders have no history, from which several backends take the version.
    "SETUPTOOLS_SCM_PRETEND_VERSION": "0",
    "PDM_BUILD_SCM_VERSION": "0",
    "POETRY_DYNAMIC_VERSIONING_BYPASS": "0",
}


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
    said = context.redact(installing.error_of(f"{ended.text}\n{ended.errors}"))
    return Reason(code="tool_crashed", message=f"{what} failed: {said}", fix=fix)
