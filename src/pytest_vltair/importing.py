"""Importing: something to do around each first import of a module, or once one of a few has been imported."""

from __future__ import annotations

import _frozen_importlib
import sys
from _thread import get_ident
from collections.abc import Callable, Collection, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from importlib.abc import Loader

Seen = Callable[[str, ModuleType], None]

_FIND = "_find_and_load"


class FirstImports:
    """Calls `before` with the name of a module that is not there yet, and `after` with its answer once it is.

    Only for the thread that made this, and only while `running`; for what a module imports in its turn where `nested`.

    Python's own import statement and `importlib` both call one function for a module that is not there yet. Standing
    in for that one leaves finders, loaders and specs alone, and works for whatever is imported by whomever.
    """

    def __init__(self, before: Callable[[str], Any], after: Callable[[Any], object], *, nested: bool = False) -> None:
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


class Imports:
    """A finder that finds what the others find, and calls `seen` once the module has been executed."""

    def __init__(self, names: Collection[str], seen: Seen) -> None:
        self._names = names
        self._seen = seen

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the finders after this one find; None at once for all modules but the few."""
        if name not in self._names:
            return None
        finders = list(sys.meta_path)
        for finder in finders[finders.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = cast("Loader", _Telling(spec.loader, self._seen))
                return spec
        return None

    def start(self) -> None:
        """Take the place before all other finders."""
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Leave it."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _Telling:
    """Stands in for a loader until it has been asked to execute its module, which never sees anybody else."""

    def __init__(self, loader: Any, seen: Seen) -> None:
        self._loader = loader
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        spec.loader = self._loader
        try:
            created: ModuleType | None = self._loader.create_module(spec)
        finally:
            spec.loader = cast("Loader", self)
        return created

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            spec.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._seen(module.__name__, module)
