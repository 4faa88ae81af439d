"""Importing: something to do around each first import of a module, whoever imports it."""

from __future__ import annotations

import _frozen_importlib
import sys
from _thread import get_ident
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Held = TypeVar("Held")

_FIND = "_find_and_load"


class FirstImports(Generic[Held]):
    """Calls `before` with the name of a module that is not there yet, and `after` with its answer once it is.

    Only for the thread that made this, and only while `running`; for what a module imports in its turn where `nested`.

    Python's own import statement and `importlib` both call one function for a module that is not there yet. Standing
    in for that one leaves finders, loaders and specs alone, and works for whatever is imported by whomever.
    """

    def __init__(self, before: Callable[[str], Held], after: Callable[[Held], object], *, nested: bool = False) -> None:
        self.running = False
        self._before = before
        self._after = after
        self._nested = nested
        self._original: Callable[[str, object], Any] = getattr(_frozen_importlib, _FIND)
        self._stand_in = self._made()

    def install(self) -> None:
        """Begin to see imports."""
        setattr(_frozen_importlib, _FIND, self._stand_in)

    def remove(self) -> None:
        """No longer see them; somebody else who stands in for the same function meanwhile stays there."""
        self.running = False
        if getattr(_frozen_importlib, _FIND) is self._stand_in:
            setattr(_frozen_importlib, _FIND, self._original)

    def _made(self) -> Callable[[str, object], Any]:
        original, before, after = self._original, self._before, self._after
        modules, thread = sys.modules, get_ident()

        def _find_and_load(name: str, import_: object) -> Any:
            if not self.running or name in modules or get_ident() != thread:
                return original(name, import_)
            self.running = self._nested
            held = before(name)
            try:
                return original(name, import_)
            finally:
                after(held)
                self.running = True

        # By this name Python leaves it out of tracebacks and of `stacklevel`, as it does the function itself.
        _find_and_load.__code__ = _find_and_load.__code__.replace(co_filename=original.__code__.co_filename)
        return _find_and_load
