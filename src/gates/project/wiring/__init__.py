"""Wiring: the lines of a project that call tools: workflows, hooks, Makefiles, scripts, sessions."""

from gates.project.wiring.files import handles, of, read
from gates.project.wiring.wire import Unreadable, Wire, Wiring

__all__ = ["Unreadable", "Wire", "Wiring", "handles", "of", "read"]
