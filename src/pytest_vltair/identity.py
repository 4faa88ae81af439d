"""Identity: the names of executions, which follow from what was asked and from the name of the run, and who runs it.

Lengths are those of W3C Trace Context: 32 hex digits of a trace, which all attempts at one question share, and 16 of a
span, which is one attempt.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping

CI = {
    "GITHUB_ACTIONS": ("github", ("GITHUB_REPOSITORY", "GITHUB_RUN_ID"), ("GITHUB_WORKFLOW", "GITHUB_JOB")),
    "GITLAB_CI": ("gitlab", ("CI_PROJECT_PATH", "CI_PIPELINE_ID"), ("CI_JOB_NAME",)),
    "CI": ("ci", ("BUILD_ID",), ("JOB_NAME",)),
}
"""By the variable that tells it: the kind of a CI, what names its run (not one attempt at it), and what its job."""

ATTEMPT = "GITHUB_RUN_ATTEMPT"
BRANCHES = ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME")
"""Variables of a CI that say what a run is about, where HEAD is often on no branch."""


def trace(*parts: str) -> str:
    """The trace of a question that consists of `parts`."""
    return _digest(*parts)[:32]


def run_span(run: str) -> str:
    """The span of a run."""
    return _digest(run)[:16]


def gate_trace(run_trace: str, project: str, gate: str) -> str:
    """The trace of a gate of a project (`.`, or a member of a workspace) within that of its run."""
    return trace(run_trace, project, gate)


def gate_span(run: str, project: str, gate: str) -> str:
    """The span of a gate in one run."""
    return _digest(run, project, gate)[:16]


def test_trace(trace_of_gate: str, nodeid: str) -> str:
    """The trace of a test within that of the gate that ran it."""
    return trace(trace_of_gate, nodeid)


def test_span(run: str, project: str, gate: str, nodeid: str, number: int) -> str:
    """The span of the attempt `number`, from 1, at a test in one run."""
    return _digest(run, project, gate, nodeid, str(number))[:16]


def runner(environ: Mapping[str, str]) -> dict[str, str]:
    """Who runs: `kind`, `id` (it tells machines and users apart and names none), `job`, and what the machine is."""
    kind, job = "local", ""
    for variable, (name, _, jobs) in CI.items():
        if environ.get(variable):
            kind, job = name, "/".join(filter(None, (environ.get(one, "") for one in jobs)))
            break
    system, node, machine = _machine()
    user = environ.get("USER") or environ.get("USERNAME") or ""
    return {
        "kind": kind,
        "id": _digest(node, user)[:12],
        "job": job,
        "system": system,
        "machine": machine,
        "python": sys.version.split(maxsplit=1)[0],
    }


def ci_run(environ: Mapping[str, str]) -> str:
    """What names the run of the CI that all attempts at it have in common; "" where there is none."""
    for variable, (_, names, jobs) in CI.items():
        if environ.get(variable):
            return "/".join(environ.get(name, "") for name in (*names, *jobs))
    return ""


def ci_branch(environ: Mapping[str, str]) -> str | None:
    """The branch that the CI says its run is about."""
    return next((environ[name] for name in BRANCHES if environ.get(name)), None)


def ci_attempt(environ: Mapping[str, str]) -> int:
    """The number of the attempt that the CI gives, from 1."""
    said = environ.get(ATTEMPT, "")
    return int(said) if said.isdecimal() and int(said) > 0 else 1


def _machine() -> tuple[str, str, str]:
    if hasattr(os, "uname"):
        found = os.uname()
        return found.sysname, found.nodename, found.machine
    import platform

    return platform.system(), platform.node(), platform.machine()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
