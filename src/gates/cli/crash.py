"""Crash log of a command: where it is written when not even the project may have been found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from gates.engine import crash
from gates.process.redact import redactor


def log(error: BaseException, arguments: Sequence[str]) -> str:
    """Write the crash log of a command that was called with `arguments`; returns its path.

    It is in the project or, where there is none, in the temporary directory.

    Raises:
        OSError: it can be written nowhere.
    """
    root = _root(arguments)
    folder = root or Path(mkdtemp(prefix="vltair-crash-"))
    place = folder / crash.log(error, folder, redactor(dict(os.environ)), where="gates")
    # What is on another drive than the current directory has no relative path.
    with suppress(ValueError):
        return os.path.relpath(place) if root is not None and place.is_relative_to(root) else str(place)
    return str(place)


def _root(arguments: Sequence[str]) -> Path | None:
    """The folder of the project that was to be judged; found without reading a file, since reading may have failed."""
    named = "."
    for word, following in zip(arguments, (*arguments[1:], "."), strict=False):
        if word == "--project":
            named = following
        elif word.startswith("--project="):
            named = word.partition("=")[2]
    try:
        start = Path(named).resolve()
    except (OSError, RuntimeError):
        return None
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in ("gates.toml", "pyproject.toml")):
            return folder
        if (folder / ".git").exists():
            return None
    return None
