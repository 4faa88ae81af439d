"""Held: the variables that make a run repeat, for the action's own step and, where asked for, for later ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import child

FIXED = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
FIRST_DAY = "315532800"
"""1980-01-01, the first that a zip file can name: for a tree without a commit."""


def variables(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables; the date is the workflow's own, else that of the commit."""
    epoch = environ.get("SOURCE_DATE_EPOCH") or child.git(root, "log", "-1", "--format=%ct", environ=environ)
    return {**FIXED, "SOURCE_DATE_EPOCH": epoch or FIRST_DAY}
