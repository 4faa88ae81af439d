"""Bytecode: the folder in which optimised runs keep what they compile, with what was compiled for them already."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

LEFT_OUT = frozenset({"site-packages", "test", "tests", "idlelib", "lib2to3", "tkinter", "turtledemo", "ensurepip"})
_making = threading.Lock()


def ready(folder: Path, library: str) -> None:
    """Make the folder, once, with links to what the standard library has compiled for optimised runs.

    Python is installed with that code as a rule, and does not look for it where another folder is named. A link is
    replaced by a file where its code is out of date: nothing is written to the library.
    """
    with _making:
        if not folder.exists():
            folder.mkdir()
            if library and os.name == "posix":
                _linked(str(folder), os.path.realpath(library))


def _linked(top: str, library: str) -> None:
    for place, folders, _ in os.walk(library):
        folders[:] = [one for one in folders if one not in LEFT_OUT]
        if "__pycache__" not in folders:
            continue
        folders.remove("__pycache__")
        own = f"{top}{place}"
        with suppress(OSError), os.scandir(f"{place}/__pycache__") as codes:
            optimised = [one for one in codes if ".opt-" in one.name]
            if optimised:
                os.makedirs(own, exist_ok=True)  # noqa: PTH103 - there are 1,500 of them
            for one in optimised:
                os.symlink(one.path, f"{own}/{one.name}")  # noqa: PTH211
