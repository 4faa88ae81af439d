"""Importing: what a module changes when it is imported for the first time belongs to it, not to the test."""

from __future__ import annotations

import _frozen_importlib
import sys
from _thread import get_ident
from collections.abc import Callable
from typing import Any

from pytest_vltair.leaks.baseline import Baseline

_FIND = "_find_and_load"


class Imports:
    """Sees first imports of the thread that runs the tests, while `running`.

    Python's own import statement and `importlib` both call one function for a module that is not there yet. Standing
    in for that one leaves finders, loaders and specs alone, and works for whatever is imported by whomever.
    """

    def __init__(self, baseline: Baseline) -> None:
        self.running = False
        self._baseline = baseline
        self._thread = get_ident()
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
        original, baseline, modules, thread = self._original, self._baseline, sys.modules, self._thread

        def _find_and_load(name: str, import_: object) -> Any:
            if not self.running or name in modules or get_ident() != thread:
                return original(name, import_)
            self.running = False
            frame = baseline.open()
            try:
                return original(name, import_)
            finally:
                baseline.close(frame)
                self.running = True

        # By this name Python leaves it out of tracebacks and of `stacklevel`, as it does the function itself.
        _find_and_load.__code__ = _find_and_load.__code__.replace(co_filename=original.__code__.co_filename)
        return _find_and_load
