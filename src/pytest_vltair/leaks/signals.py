"""Signals: handlers that a test installed."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Self, cast

from pytest_vltair.leaks.values import Sign, shown

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

# Without the enumeration that `signal` makes of every answer, at six times the cost.
_signal: Any = sys.modules["_signal"]

NAMES = (
    *("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2", "SIGCHLD"),
    *("SIGPIPE", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT", "SIGWINCH", "SIGBREAK"),
)
"""Those that programs handle; faults (SIGSEGV and the like) belong to faulthandler."""

TOOLS = frozenset({"pdb", "pytest_timeout"})
"""Modules that set handlers while a test runs, for its sake."""


DEFAULTS = (_signal.SIG_DFL, _signal.default_int_handler)
FUNCTIONS = frozenset({FunctionType, MethodType, BuiltinFunctionType})


class Signals:
    """Handlers by the number of their signal."""

    kind = "signals"

    def __init__(self) -> None:
        self._numbers = {number: name for name in NAMES if (number := getattr(_signal, name, None)) is not None}
        self._getsignal = _signal.getsignal
        self._signal = _signal.signal
        self._values = {_signal.SIG_DFL: "SIG_DFL", _signal.SIG_IGN: "SIG_IGN", None: "one of another language"}
        self._for: State = {}
        self._prepared: list[Any] = []

    def look(self) -> State:
        """Handlers by number."""
        return {_Number(number, name): self._getsignal(number) for number, name in self._numbers.items()}

    def changed(self, known: State) -> bool:
        """Whether any handler differs."""
        if known is not self._for:
            self._for, self._prepared = known, list(known.values())
        try:
            return list(map(self._getsignal, self._numbers)) != self._prepared
        except Exception:  # noqa: BLE001 - whatever a test's handlers do when they are compared
            return True

    def signs(self, known: State) -> Sequence[Sign]:
        """The handlers."""
        get, numbers = self._getsignal, tuple(self._numbers)
        return [Sign(lambda: list(map(get, numbers)), list(known.values()))]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the handlers are the same function, or a tool set or took away its own."""
        del key
        taken_away = _is_tools(before) and any(_is_same(after, one) for one in DEFAULTS)
        return _is_same(before, after) or taken_away or _is_tools(after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """The names of signal and handlers."""
        return f"the handler of {key} was {self._said(before)} and is {self._said(after)}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set the handler; one that Python did not set cannot be, nor any outside the main thread."""
        del after
        try:
            self._signal(int(cast("_Number", key)), before)
        except (TypeError, ValueError, OSError):
            return False
        return True

    def _said(self, handler: Any) -> str:
        try:
            return self._values.get(handler) or shown(handler)
        except Exception:  # noqa: BLE001 - whatever a test's handlers do when they are hashed
            return shown(handler)


def _is_same(before: Any, after: Any) -> bool:
    """Whether two handlers are one: a number or a method is made anew each time that it is asked for."""
    return before is after or (type(before) is type(after) in {int, MethodType} and bool(before == after))


def _is_tools(handler: Any) -> bool:
    """Whether a handler is of what runs the tests."""
    return type(handler) in FUNCTIONS and handler.__module__ in TOOLS


class _Number(int):
    """The number of a signal, said by its name."""

    name: str

    def __new__(cls, number: int, name: str) -> Self:
        made = super().__new__(cls, number)
        made.name = name
        return made

    def __str__(self) -> str:
        return self.name
