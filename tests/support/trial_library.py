"""A folder with the child of a trial, compiled once for all tests of a process that run it."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import gates.builtin.diagnosis.child as package

CHILD = Path(package.__file__).parent


@cache
def trial_library(python: str = sys.executable) -> Path:
    """What goes on the path of a run of `-p vltair_trial.plugin`; nobody writes there."""
    place = Path(tempfile.mkdtemp(prefix="vltair-trial-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    shutil.copytree(CHILD, place / "vltair_trial", ignore=shutil.ignore_patterns("__pycache__"))
    levels = [word for level in "012" for word in ("-o", level)]
    subprocess.run([python, "-I", "-S", "-m", "compileall", "-q", *levels, str(place)], check=True)
    return place
