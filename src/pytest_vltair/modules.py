"""Modules: from which file each package and module was imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pytest_vltair.lines import escape


def relative(path: str, root: Path) -> str:
    """`path` from `root` on with forward slashes, or as it is when it lies elsewhere."""
    for base, file in ((str(root), path), (os.path.realpath(root), os.path.realpath(path))):
        inside = base.rstrip(os.sep) + os.sep
        if file.startswith(inside):
            return escape(file[len(inside) :].replace(os.sep, "/"))
    return escape(path)


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
