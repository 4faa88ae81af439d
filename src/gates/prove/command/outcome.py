"""Outcome: what the end of a run of the command means, in sentences."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from gates.model.command_proof import Trial
from gates.model.reason import Reason
from gates.process.child import Completed
from gates.prove.command.faults import Fault

TAIL = 12
"""Lines of a command's output that are shown where the clean copy is not green."""


def doubt(ended: Completed, fault: Fault) -> str:
    """Why it is not sure that the command is red for the fault, or "" where its output shows that."""
    output = f"{ended.text}\n{ended.errors}"
    if re.search(fault.sign, output, re.IGNORECASE):
        return ""
    last = (tail(ended) or ["nothing"])[-1].strip()
    return f"exit code {ended.code}, but nothing it printed shows that this is why; its last line: {last}"


def not_green(clean: Completed, timeout: float, *, is_repository: bool) -> Reason:
    """Why nothing can be shown: the command is not green where nothing was planted."""
    shown = shlex.join(clean.argv)
    if clean.status == "TIMEOUT":
        return Reason(
            code="timeout",
            message=f"`{shown}` did not end within {timeout:g} s over the clean copy",
            fix=f"gates prove --timeout {timeout * 4:g} -- {shown}",
        )
    if clean.status == "NOT_INSTALLED":
        message = f"{clean.reason}, so `{shown}` cannot run"
        return Reason(code="tool_missing", message=message, fix=f"command -v {clean.argv[0]}")
    how = f"exit code {clean.code}" if clean.status == "FAILED" else clean.reason
    return Reason(
        code="not_green",
        message=f"`{shown}` is not green over a clean copy of the project ({how}), so a red one would prove nothing",
        fix=f"{'git clone' if is_repository else 'cp -r'} . ../clean && cd ../clean && {shown}",
    )


def nothing_tried(trials: Sequence[Trial], shown: str) -> Reason:
    """Why nothing was shown: no fault fits, or none came to an end."""
    why = "; ".join(sorted({trial.message for trial in trials}))
    return Reason(
        code="nothing_examined",
        message=f"no fault could be tried ({why})",
        fix=f"gates prove --project DIR -- {shown}",
    )


def not_steady(again: Completed, shown: str) -> Reason:
    """Why nothing was shown: the command is red for more than what is planted."""
    how = again.reason or f"exit code {again.code}"
    return Reason(
        code="not_green",
        message=f"`{shown}` was green over the clean copy at first and is not at the end ({how}), so that it was "
        "red in between proves nothing",
        fix=f"{shown} && {shown}",
    )


def tail(ended: Completed) -> list[str]:
    """The last lines of what a run printed."""
    lines = [line.rstrip() for line in f"{ended.text}\n{ended.errors}".split("\n")]
    return [line for line in lines if line][-TAIL:]
