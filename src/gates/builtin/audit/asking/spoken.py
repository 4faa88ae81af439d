"""Spoken: what one run of a tool said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gates.builtin.audit.facts import Said, Skipped
from gates.model.reason import Reason
from gates.process import failure

if TYPE_CHECKING:
    from gates.process.completed import Completed


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """The exit code (-1 where there is none), what was named and left out, and why more was not said."""

    code: int
    said: tuple[Said, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    faults: tuple[Reason, ...] = ()


def crashed(name: str, run: Completed) -> Reason:
    """Why nothing that `run` printed is an answer."""
    message = f"{name} ended with exit code {run.code} and without an answer: {failure.last_words(run)[:200]}"
    return Reason(code="tool_crashed", message=message, fix="gates check audit -v")


def odd(name: str, code: int, vulnerabilities: int) -> Reason:
    """Why exit code and answer do not go together."""
    found = "1 vulnerability" if vulnerabilities == 1 else f"{vulnerabilities} vulnerabilities"
    message = f"{name} ended with exit code {code} and names {found}, which do not go together"
    return Reason(code="tool_crashed", message=message, fix="gates check audit -v")
