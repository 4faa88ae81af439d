"""Switch: a factor of this process that can be turned to the asked value and back, for good or for one call."""

# ruff: noqa: PTH100, PTH118, PTH120

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

Note = Callable[[dict[str, Any]], None]
FOREIGN = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}", f"{os.sep}.venv{os.sep}")
HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Switch:
    """A factor; off it has its base value, on the one that was asked for.

    Both are the same where nothing was asked. `install` is called once, before the project is imported.
    """

    def __init__(self, base: str, asked: str | None = None) -> None:
        self.base = base
        self.asked = base if asked is None else asked
        self.on = False

    @property
    def value(self) -> str:
        """The value that is in force."""
        return self.asked if self.on else self.base

    def install(self) -> None:
        """Put the base in force, and get ready to be turned."""

    def apply(self) -> None:
        """Turn to the value that was asked for."""
        self.on = True

    def remove(self) -> None:
        """Turn back to the base."""
        self.on = False


class Lines:
    """Where the project stands: which of its lines called, and for which test."""

    def __init__(self, root: str) -> None:
        self._roots = tuple({os.path.join(one, "") for one in (root, os.path.realpath(root))})
        self.nodeid = ""

    def here(self) -> tuple[str | None, int | None]:
        """The innermost line of the project that is running in this thread, as a path below the root."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the only way to it that costs little
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(self._roots) and not name.startswith(HERE) and not any(one in name for one in FOREIGN):
                root = next(one for one in self._roots if name.startswith(one))
                return name[len(root) :].replace(os.sep, "/"), frame.f_lineno
            frame = frame.f_back
        return None, None


def replace(owner: Any, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
    """The function that is now `owner.name`: it is called as the one before it, and can be pickled by that name.

    Modules of the standard library that took hold of the one before it are told.
    """
    before = getattr(owner, name)
    made.__name__, made.__doc__ = name, getattr(before, "__doc__", None)
    made.__qualname__ = f"{owner.__name__}.{name}" if isinstance(owner, type) else name
    made.__module__ = owner.__module__ if isinstance(owner, type) else owner.__name__
    made.__wrapped__ = before  # type: ignore[attr-defined]
    setattr(owner, name, made)
    return before  # type: ignore[no-any-return]


def tell(before: Callable[..., Any], made: Callable[..., Any], modules: tuple[str, ...]) -> None:
    """Have modules that are imported already, and their classes, use the function that was made."""
    for module in filter(None, map(sys.modules.get, modules)):
        for name, held in list(vars(module).items()):
            if held is before:
                setattr(module, name, made)
            elif isinstance(held, type) and held.__module__ == module.__name__:
                for inner, method in list(vars(held).items()):
                    # A built-in function binds to no object, one of Python would.
                    if method is before or (isinstance(method, staticmethod) and method.__func__ is before):
                        setattr(held, inner, staticmethod(made))
