"""Toolchain: what makes the bytes of an artifact beside the source: interpreter, zlib, backend, packages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gates.builtin.repro.facts import Toolchain
from gates.model.evidence import Refusal, counted, refuse

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.model.gate import Context

SCRIPT = """
import json, platform, sys, sysconfig, zlib
print(json.dumps({
    "python": sys.implementation.name + " " + platform.python_version(),
    "zlib": getattr(zlib, "ZLIBNG_VERSION", None) or zlib.ZLIB_RUNTIME_VERSION,
    "platform": sysconfig.get_platform(),
}))
"""
"""What compresses is the interpreter's own zlib, which may be zlib-ng (Python 3.14 on Windows)."""


def of(context: Context[Any], environment: Environment, system: System) -> Toolchain | Refusal:
    """What the artifacts of `environment` are made with."""
    ended = context.run((str(environment.python), "-I", "-c", SCRIPT), timeout=60.0)
    try:
        said = json.loads(ended.text) if ended.status == "OK" else {}
        return Toolchain(
            python=said["python"],
            zlib=said["zlib"],
            platform=said["platform"],
            backend=system.backend,
            packages=counted(environment.packages),
        )
    except (ValueError, KeyError, TypeError):
        message = f"the interpreter of the build environment does not say what it is: {ended.reason or ended.errors}"
        return refuse("interpreter_missing", message, "gates check repro --python PYTHON, with one that works")
