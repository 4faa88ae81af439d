"""Crash log: versions, platform and traceback of an internal error, redacted, ready to paste into an issue."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from gates import __version__
from gates.engine import state

if TYPE_CHECKING:
    from gates.process.redact import Redactor


def log(error: BaseException, root: Path, redactor: Redactor, *, where: str) -> str:
    """Write the log under `.gates/crash/`, or in the temporary directory where that cannot be; returns its path."""
    text = "\n".join(
        [
            f"gates {__version__}",
            f"python {sys.version}",
            f"platform {platform.platform()}",
            f"where {where}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    data = redactor.text(text).encode("utf-8", "backslashreplace")
    name = f"{where}.log"
    try:
        state.write(state.folder(root, "crash") / name, data)
    except OSError:
        with tempfile.NamedTemporaryFile("wb", prefix="vltair-crash-", suffix=".log", delete=False) as file:
            file.write(data)
        return file.name
    return f"{state.FOLDER}/crash/{name}"
