"""Modules: from which file each package and module was imported."""

# Strings all the way: a Path for each of hundreds of modules costs too much.
# ruff: noqa: PTH114, PTH117, PTH118
from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pytest_vltair.lines import escape


def relative(path: str, root: Path) -> str:
    """`path` from `root` on with forward slashes, or as it is when it lies elsewhere."""
    shown = _below(str(root), path)
    if shown is None:
        shown = _below(_real(str(root)), _resolved(path))
    return escape(path if shown is None else shown)


def _below(base: str, file: str) -> str | None:
    inside = base.rstrip(os.sep) + os.sep
    return file[len(inside) :].replace(os.sep, "/") if file.startswith(inside) else None


def _resolved(path: str) -> str:
    """What `os.path.realpath` says, each folder asked once: there are hundreds of modules in a few of them."""
    folder, name = os.path.split(path)
    if not os.path.isabs(path) or os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real(folder), name)


@lru_cache(maxsize=1024)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def imported(modules: Mapping[str, object], root: Path) -> dict[str, str]:
    """The file of every top-level module outside the standard library, by name and sorted.

    Below a namespace package, which has no file, the topmost modules that have one stand for it. Only what a module
    already holds is read: asking a lazy module for an attribute would import it.
    """
    files: dict[str, str] = {}
    for name in sorted(modules):
        parts = name.split(".")
        if parts[0] in sys.stdlib_module_names or parts[0] in {"__main__", "__mp_main__"}:
            continue
        if any(".".join(parts[:depth]) in files for depth in range(1, len(parts))):
            continue
        try:
            file = object.__getattribute__(modules[name], "__dict__").get("__file__")
        except AttributeError:
            continue
        if isinstance(file, str):
            files[name] = relative(file, root)
    return {escape(name): file for name, file in files.items()}
