"""Machine: what runs gates, told without the module `platform`, whose import costs as much as a gate's decision."""

from __future__ import annotations

import os
import sys


def system() -> str:
    """The operating system: `Linux`, `Darwin`, `Windows`."""
    if hasattr(os, "uname"):
        return os.uname().sysname
    import platform

    return platform.system()


def architecture() -> str:
    """The processor's architecture: `x86_64`, `arm64`."""
    if hasattr(os, "uname"):
        return os.uname().machine
    import platform

    return platform.machine()


def python_version() -> str:
    """The version of the Python that runs gates: `3.12.4`."""
    return sys.version.split(maxsplit=1)[0]
