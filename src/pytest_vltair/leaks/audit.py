"""Audit: what Python says of itself while it runs, handed to those who listen.

An audit hook cannot be removed, so there is one for the process, and it does nothing once nobody listens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

Listener = Callable[[str, tuple[Any, ...]], None]

_listeners: dict[str, tuple[Listener, ...]] = {}
_installed: list[int] = []


def listen(events: Iterable[str], listener: Listener) -> None:
    """Call `listener` before each of `events`, until it is ignored; a forked child hears nothing."""
    if not _installed:
        _installed.append(os.getpid())
        sys.addaudithook(_hook)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_listeners.clear)
    for event in events:
        _listeners[event] = (*_listeners.get(event, ()), listener)


def ignore(listener: Listener) -> None:
    """Call `listener` no more."""
    for event, found in tuple(_listeners.items()):
        kept = tuple(one for one in found if one != listener)
        if kept:
            _listeners[event] = kept
        else:
            del _listeners[event]


def _hook(event: str, args: tuple[Any, ...], _of: Callable[[str], Any] = _listeners.get) -> None:
    listeners = _of(event)
    if listeners is not None:
        for listener in listeners:
            with suppress(Exception):  # it would be raised by the test's own call
                listener(event, args)
