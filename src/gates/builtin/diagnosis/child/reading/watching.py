"""Watching: notes each line of the project that reads a factor, once for each test."""

# ruff: noqa: PTH100, PTH119, PTH120

from __future__ import annotations

import linecache
import os
import random
import shlex
import sys
import threading
from collections.abc import Callable
from datetime import date
from types import CodeType, FrameType, ModuleType
from typing import Any

from .calls import LINES, VARIABLES, built_in, in_python
from .places import HERE, Project
from .state import touches

STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
FROZEN = "<frozen "
SHARED = ("order", "repeat")
TEMPORARY = "tempfile.py"  # names of temporary files are drawn by a generator that no test depends on
DRAWS = ("random", "getrandbits")


class Watch:
    """Follows calls and lines of this process; what a test does is not changed by it."""

    def __init__(
        self, factors: frozenset[str], project: Project, note: Callable[[dict[str, Any]], None], asked: str
    ) -> None:
        self._factors, self._project, self._note = factors, project, note
        self._built_in, self._python = built_in(factors), in_python(factors)
        self._names = frozenset(name for _, name in self._built_in)
        self._called = frozenset(name for _, name in self._python)
        self._variables = {word.lstrip("-").partition("=")[0] for word in shlex.split(asked)}
        self._lines = [(factor, LINES[factor]) for factor in sorted(factors & set(LINES))]
        self._shared = sorted(factors & set(SHARED))
        self._noted: set[tuple[str, str, int, str]] = set()
        self._seen: dict[tuple[CodeType, int], list[tuple[str, str]]] = {}
        self._follows = bool(factors - {"hashseed"})

    def start(self) -> None:
        """Begin, in this thread and in those that it starts."""
        if not self._follows:
            return
        if self._lines or self._shared:
            threading.settrace(self.trace)
            sys.settrace(self.trace)
        threading.setprofile(self.profile)
        sys.setprofile(self.profile)

    def read(self, factor: str, what: str, frame: FrameType | None) -> None:
        """Note that a frame, or what called it, read a factor."""
        if (place := self._project.reader(frame)) is None:
            return
        nodeid = current()
        key = (factor, *place, nodeid)
        if key not in self._noted:
            self._noted.add(key)
            self._note({"e": "read", "factor": factor, "what": what, "path": place[0], "line": place[1], "id": nodeid})

    def profile(self, frame: FrameType, event: str, arg: Any) -> None:
        """Called by the interpreter as each function is called."""
        if event == "c_call":
            if arg.__name__ in self._names or arg.__name__ in DRAWS:
                self._in_c(frame, arg)
        elif event == "call":
            code = frame.f_code
            if code.co_name in self._called or code.co_name in ("__getitem__", "seed"):
                self._in_python(frame, code)

    def _in_c(self, frame: FrameType, function: Any) -> None:
        name, owner = function.__name__, owner_of(function)
        for factor in self._built_in.get((owner, name), ()):
            self.read(factor, f"{owner}.{name}", frame)
        if (
            owner == "Random"
            and "rngseed" in self._factors
            and getattr(function, "__self__", None) is _shared_generator()
        ):
            self.read("rngseed", f"random.{name}", frame)

    def _in_python(self, frame: FrameType, code: CodeType) -> None:
        file = code.co_filename
        if not file.startswith((STANDARD, HERE, FROZEN)) or "site-packages" in file:
            return
        stem = os.path.basename(file).removeprefix(FROZEN).removesuffix(">").removesuffix(".py")
        if code.co_name == "__getitem__":
            if stem == "os":
                self._variable(frame)
        elif code.co_name == "seed":
            self._seeded(frame, stem)
        elif not (stem == "random" and not _draws_shared(frame)):
            for factor in self._python.get((stem, code.co_name), ()):
                self.read(factor, f"{stem}.{code.co_name}", frame.f_back)

    def _variable(self, frame: FrameType) -> None:
        key = frame.f_locals.get("key")
        name = os.fsdecode(key) if isinstance(key, (str, bytes)) else ""
        if "environment" in self._factors and (name in self._variables or not self._variables):
            self.read("environment", f"${name}", frame.f_back)
        for factor, pattern in VARIABLES.items():
            if factor in self._factors and pattern.fullmatch(name):
                self.read(factor, f"${name}", frame.f_back)

    def _seeded(self, frame: FrameType, stem: str) -> None:
        """A generator that nothing but the system seeds."""
        if "rngseed" not in self._factors or stem not in ("random", "rng") or frame.f_locals.get("a") is not None:
            return
        back: FrameType | None = frame
        while back is not None and not self._project.path(back.f_code):
            if back.f_code.co_filename.endswith(TEMPORARY):
                return
            back = back.f_back
        self.read("rngseed", "random.Random", back)

    def trace(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Called by the interpreter as each function begins."""
        if event == "call" and self._project.path(frame.f_code):
            return self.line
        return None

    def line(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Called by the interpreter as each line of the project begins."""
        if event == "line":
            key = (frame.f_code, frame.f_lineno)
            if key not in self._seen:
                text = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
                self._seen[key] = [(factor, text.strip()) for factor, pattern in self._lines if pattern.search(text)]
            for factor, what in self._seen[key]:
                if not (factor == "optimize" and what.startswith("assert") and "@pytest_ar" in frame.f_globals):
                    self.read(factor, what, frame)
            if self._shared and (name := touches(frame)):
                for factor in self._shared:
                    self.read(factor, name, frame)
        return self.line


def owner_of(function: Any) -> str:
    """The module or the type that a function in C belongs to, as the tables call it."""
    owner = getattr(function, "__self__", None)
    if owner is None:
        return str(getattr(getattr(function, "__objclass__", None), "__name__", ""))
    if isinstance(owner, ModuleType):
        return str(owner.__name__).replace("_io", "io")
    kind = owner if isinstance(owner, type) else type(owner)
    if issubclass(kind, date):
        return "date"
    return "Random" if issubclass(kind, random.Random) else kind.__name__


def current() -> str:
    """The test that runs; empty between tests and as modules are imported."""
    held: Any = getattr(os.environ, "_data", {})  # reading a variable in the usual way would be noted
    value = held.get(b"PYTEST_CURRENT_TEST") or held.get("PYTEST_CURRENT_TEST") or ""
    return (value.decode(errors="replace") if isinstance(value, bytes) else str(value)).rpartition(" (")[0]


def _shared_generator() -> Any:
    return getattr(random, "_inst", None)


def _draws_shared(frame: FrameType) -> bool:
    return frame.f_locals.get("self") in (None, _shared_generator())
