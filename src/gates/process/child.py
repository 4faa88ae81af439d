"""Child: the one way to start a process under limits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gates.process import cgroup, limits, network, offspring, starting
from gates.process.cgroup import Cgroup
from gates.process.completed import Completed
from gates.process.limits import Enforced, Limits, Status
from gates.process.living import Living
from gates.process.quiet import deferred, undisturbed
from gates.process.register import Cancel, register

if TYPE_CHECKING:
    from gates.process.redact import Redactor

__all__ = ["Cancel", "Completed", "Enforced", "Limits", "Status", "end_all", "environment", "run"]

INTERFERING = frozenset({"PYTHONINSPECT", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"})
"""Variables that would make a Python child wait for a terminal, or take the parent's environment for its own."""


def environment(environ: Mapping[str, str], extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The explicit environment of a child: `environ` without what would change how it starts, and `extra` over it.

    Coverage variables (`COVERAGE_PROCESS_START`, `COVERAGE_RCFILE`, `COVERAGE_FILE`) are passed on like all others.
    """
    kept = {name: value for name, value in environ.items() if name not in INTERFERING}
    return {**kept, **(extra or {})}


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    limits: Limits = Limits(),  # noqa: B008 - frozen
    cancel: Cancel | None = None,
    redactor: Redactor | None = None,
) -> Completed:
    """Run a command to its end under limits, and end whatever it leaves behind; nothing the child does raises.

    Status is OK only with code 0. `cancel` ends the child early. With a redactor, secrets are gone from all fields.
    """
    words = tuple(os.fspath(word) for word in argv)
    completed = _run(words, cwd, dict(env), limits, cancel, redactor)
    if redactor is None:
        return completed
    return replace(completed, argv=tuple(redactor.text(word) for word in words), reason=redactor.text(completed.reason))


def end_all(*, closing: bool = False) -> bool:
    """End every living child of this process and all that bear their tokens; whether none is left of all ended so.

    A second ^C cannot cut it short. With `closing`, no child can be started any more until the register is opened.
    """
    with undisturbed():
        with register.lock:
            register.interruptions += 1
            register.closed = register.closed or closing
            running = list(register.running)
        for one in running:
            one.stop = one.stop or "interrupted"
            one.offspring.ask()
        until = time.monotonic() + offspring.GRACE
        for one in running:
            one.offspring.settle(max(0.0, until - time.monotonic()))
        for one in running:
            register.survived = one.offspring.insist() > 0 or register.survived
    return not register.survived


def _run(
    words: tuple[str, ...],
    cwd: Path,
    env: dict[str, str],
    limit: Limits,
    cancel: Cancel | None,
    redactor: Redactor | None,
) -> Completed:
    refused = starting.obstacle(words, cwd, env)
    if refused is not None:
        return Completed(argv=words, status=refused[0], code=None, reason=refused[1])
    before = register.interruptions
    token = offspring.new_token()
    group = cgroup.create(token[:12], limit.memory)
    enforced = starting.enforced(limit, group, _network(limit, cwd, env, cancel))
    try:
        impossible = limits.unmet(limit, enforced)
        if impossible:
            return Completed(argv=words, status="INTERNAL_ERROR", code=None, reason=impossible, enforced=enforced)
        if not limit.network and not _applied(enforced, "network"):
            reason = f"limit_not_applied: {next(one.reason for one in enforced if one.limit == 'network')}"
            return Completed(argv=words, status="SANDBOX_DENIED", code=None, reason=reason, enforced=enforced)
        # A request to end that came between the start and the entry would leave a child that nobody knows.
        with deferred(), register.lock:
            halted = register.refusal(before, cancel)
            if halted:
                return Completed(argv=words, status="KILLED", code=None, reason=f"not started by gates: {halted}")
            started = time.monotonic()
            try:
                process = starting.start(words, cwd, offspring.marked(env, token), limit)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                return replace(starting.unstarted(words, error), enforced=enforced)
            running = Living(process, words, limit, enforced, token, group if isinstance(group, Cgroup) else None)
            running.started = started
            register.running.add(running)
        return running.complete(cancel, redactor)
    finally:
        if isinstance(group, Cgroup):
            group.remove()


def _network(limit: Limits, cwd: Path, env: Mapping[str, str], cancel: Cancel | None) -> Enforced:
    if limit.network:
        unused = limits.unused("network")
        return unused if sys.platform.startswith("linux") else replace(unused, detected=False)

    def attempt(argv: Sequence[str]) -> Completed:
        return run(argv, cwd=cwd, env=env, limits=Limits(wall=20.0), cancel=cancel)

    why = network.obstacle(attempt)
    return limits.missing("network", why) if why else limits.held("network", "a network namespace of its own")


def _applied(enforced: tuple[Enforced, ...], name: str) -> bool:
    return any(one.limit == name and one.applied for one in enforced)
