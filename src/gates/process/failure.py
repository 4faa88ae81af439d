"""Failure: the reason that a child gives for not having come to its own end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.model.reason import Reason, ReasonCode

if TYPE_CHECKING:
    from gates.process.child import Completed

CODES: dict[str, ReasonCode] = {
    "TIMEOUT": "timeout",
    "MEM_LIMIT": "memory_limit",
    "KILLED": "tool_killed",
    "SANDBOX_DENIED": "network_unavailable",
    "NOT_INSTALLED": "tool_missing",
    "INTERNAL_ERROR": "limit_not_applied",
}
FIXES: dict[str, str] = {
    "TIMEOUT": "raise `timeout` (seconds) in [tool.gates.{gate}], or look for what hangs",
    "MEM_LIMIT": "raise the memory limit, or judge less at once",
    "KILLED": "run the command by hand and look at what ends it; on Linux `dmesg` names the system's own kills",
    "SANDBOX_DENIED": "run where network access can be denied, or do not ask for it",
    "NOT_INSTALLED": "install {name}",
    "INTERNAL_ERROR": "gates check {gate} -v",
}


def stopped(run: Completed, name: str, gate: str) -> Reason | None:
    """Why the output of `run` (a command called `name`) says nothing, or None if it ended by itself with all of it."""
    if run.status in CODES:
        return Reason(
            code=CODES[run.status],
            message=f"{name} did not come to its end: {run.reason or run.status}",
            fix=FIXES[run.status].format(name=name, gate=gate),
        )
    if run.truncated:
        return Reason(
            code="output_limit",
            message=f"{name} printed more than gates keeps, so that the rest of what it said is unknown",
            fix=f"run {name} by hand and mend most of what it reports, or narrow `paths` in [tool.gates.{gate}]",
        )
    return None


def last_words(run: Completed) -> str:
    """The last line that the command printed on stderr, else on stdout, else its exit code."""
    for stream in (run.errors, run.text):
        lines = [line.strip() for line in stream.splitlines() if line.strip()]
        if lines:
            return lines[-1]
    return f"no output, exit code {run.code}"
