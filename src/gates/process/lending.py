"""Lending: the time-machine of gates' own environment, for an interpreter that has none."""

from __future__ import annotations

import shutil
from pathlib import Path


def time_machine(folder: Path) -> bool:
    """Whether gates' own time-machine was copied into a new folder; that its binary fits is for the borrower to see."""
    from importlib.util import find_spec

    package, binary = find_spec("time_machine"), find_spec("_time_machine")
    if package is None or binary is None or package.origin is None or binary.origin is None:
        return False
    shutil.copytree(Path(package.origin).parent, folder / "time_machine", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(binary.origin, folder)
    return True
