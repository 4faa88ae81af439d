"""Register: the living children of this process, and whether more of them may be started."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gates.process.living import Living


class Cancel(Protocol):
    """Whether a child is to be ended early; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether it is to be ended now."""


class Register:
    """A child is started and entered while `lock` is held, so that whoever holds it knows of every child."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: set[Living] = set()
        self.interruptions = 0
        self.closed = False
        self.survived = False

    def open(self) -> None:
        """Let children be started again, after an earlier run in this process was interrupted."""
        with self.lock:
            self.closed = False
            self.survived = False

    def refusal(self, before: int, cancel: Cancel | None) -> str:
        """Why no child may be started now, or ""; to be asked with `lock` held.

        `before` are the interruptions that there were when the child was asked for.
        """
        if self.closed or self.interruptions != before:
            return "interrupted"
        return "cancelled" if cancel is not None and cancel.is_set() else ""


register = Register()
