"""Compiled: what one trial has compiled the others load, whatever folder their copy of the project is in.

A trial writes no byte code into its copy, so that each would parse all tests and modules again. Code is kept by its
source: it is the same code in all of them. Code that warned as it was compiled is not kept, for it has to warn again.
"""

# ruff: noqa: PTH118

from __future__ import annotations

import _imp
import contextlib
import importlib.machinery
import importlib.util
import io
import marshal
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from .sites import STATE

Compile = Callable[[], CodeType]


class Kept:
    """Code by its source, in a folder. What it calls is bound here: tests replace functions, and feign file systems."""

    def __init__(self, folder: str) -> None:
        imports: Any = _imp
        self._folder = folder
        self._open, self._replace, self._getpid = io.open, os.replace, os.getpid
        self._moved = imports._fix_co_filename  # noqa: SLF001 - none but this is public
        self._number = 0

    def code(self, kind: str, source: bytes, path: str, made: Compile) -> CodeType:
        """The code of a source, which is at this path now.

        It is always what was read back, as constant sets of code that was read have another order than those of code
        that was just compiled.
        """
        key = f"{importlib.util.source_hash(source).hex()}-{len(source)}-{kind}-{sys.flags.optimize}"
        place = os.path.join(self._folder, key)
        found = self._read(place)
        if found is None:
            with _noticed() as warned:
                code = made()
            if warned:
                return code
            try:
                data = marshal.dumps(code)
            except ValueError:  # it is nested too deeply
                return code
            self._write(place, data)
            found = _loaded(data)
        self._moved(found, path)  # as the import system does with code that was moved
        return found

    def _read(self, place: str) -> CodeType | None:
        try:
            with self._open(place, "rb") as file:
                return _loaded(file.read())
        except (OSError, ValueError, EOFError, TypeError):
            return None

    def _write(self, place: str, data: bytes) -> None:
        """Write it whole or not at all: trials run side by side."""
        self._number += 1
        own = f"{place}.{self._getpid()}.{self._number}"
        with contextlib.suppress(OSError):
            with self._open(own, "wb") as file:
                file.write(data)
            self._replace(own, place)


def begin(spec: dict[str, Any]) -> None:
    """Keep what is compiled from now on; not where single lines are turned, for which sources are compiled anew."""
    folder = spec.get("compiled")
    if not folder or spec.get("at") or set(spec.get("watch") or ()) - STATE:
        return
    try:
        _ = warnings._showwarnmsg  # type: ignore[attr-defined]  # noqa: SLF001
        kept = Kept(folder)
        _modules(kept)
        _tests(kept)
    except (ImportError, AttributeError):  # a Python or a pytest that does it in another way: then all is compiled
        return


def _modules(kept: Kept) -> None:
    """Modules that have no byte code beside them."""
    loader = importlib.machinery.SourceFileLoader
    compiled = loader.source_to_code

    def source_to_code(self: Any, data: Any, path: Any, *more: Any, **named: Any) -> Any:
        if type(data) is not bytes or type(path) is not str or more or named:
            return compiled(self, data, path, *more, **named)
        return kept.code("module", data, path, lambda: compiled(self, data, path))

    loader.source_to_code = source_to_code  # type: ignore[method-assign]


def _tests(kept: Kept) -> None:
    """Tests, in which pytest rewrites the assertions."""
    from _pytest.assertion import rewrite

    rewritten = rewrite._rewrite_test  # noqa: SLF001 - there is no hook around it

    def _rewrite_test(fn: Any, config: Any) -> Any:
        if not sys.dont_write_bytecode:
            return rewritten(fn, config)  # pytest keeps it, and asks for more than the code
        kind = "tests-told" if config.getini("enable_assertion_pass_hook") else "tests"
        return None, kept.code(kind, fn.read_bytes(), str(fn), lambda: rewritten(fn, config)[1])

    rewrite._rewrite_test = _rewrite_test  # noqa: SLF001


def _loaded(data: bytes) -> CodeType:
    code = marshal.loads(data)  # noqa: S302 - our own, in a folder as private as the checkout
    if not isinstance(code, CodeType):
        raise TypeError(type(code))
    return code


@contextlib.contextmanager
def _noticed() -> Iterator[list[object]]:
    """What is warned of meanwhile, which is shown as ever."""
    found: list[object] = []
    module: Any = warnings
    shown = module._showwarnmsg  # noqa: SLF001 - filters are left as they are, which `catch_warnings` does not do

    def show(message: object) -> None:
        found.append(message)
        shown(message)

    module._showwarnmsg = show  # noqa: SLF001
    try:
        yield found
    finally:
        if module._showwarnmsg is show:  # noqa: SLF001
            module._showwarnmsg = shown  # noqa: SLF001
