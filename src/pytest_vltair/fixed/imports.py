"""Imports: tells when one of a few modules has been imported, by whomever and whenever."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Seen = Callable[[str, ModuleType], None]


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
                    spec.loader = _Telling(spec.loader, self._seen)
                return spec
        return None

    def start(self) -> None:
        """Take the place before all other finders."""
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Leave it."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _Telling(Loader):
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
            spec.loader = self
        return created

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            spec.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._seen(module.__name__, module)
