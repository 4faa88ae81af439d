"""Completed: how a child ended and what it wrote."""

from __future__ import annotations

from dataclasses import dataclass

from gates.process.limits import Enforced, Status


@dataclass(frozen=True, kw_only=True)
class Completed:
    """How a child ended and what it wrote. `duration` is in seconds of the monotonic clock.

    `code` is what the child returned, minus the signal that ended it, 124 after TIMEOUT, or None when it never ran.
    """

    argv: tuple[str, ...]
    status: Status
    code: int | None
    reason: str
    stdout: bytes = b""
    stderr: bytes = b""
    truncated: bool = False
    duration: float = 0.0
    enforced: tuple[Enforced, ...] = ()

    @property
    def text(self) -> str:
        """Standard output as text; invalid bytes are replacement characters."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def errors(self) -> str:
        """Standard error as text; invalid bytes are replacement characters."""
        return self.stderr.decode("utf-8", "replace")
