"""Tool: tools that are not what they seem, in the place of the ones that a gate starts.

A gate that starts a tool has to be undecided whatever the tool does instead of its work. `BEHAVIOURS` are scripts that
silently do nothing, stop in the middle, hang, flood, die and leave children behind; `module`, `program` and `Swapped`
put one in a tool's place.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from gates.model.evidence import Refusal
from gates.model.gate import Context
from gates.process.tools import Tool

BEHAVIOURS: Mapping[str, str] = {
    "silent": "",
    "half a JSON object": 'print(\'[{"code": "F401", "mess\', end=\'\')',
    "invalid UTF-8": "import sys; sys.stdout.buffer.write(bytes([0xff, 0xfe]) * 50)",
    "hangs": "import time; time.sleep(600)",
    "one gigabyte": """\
        import sys
        for _ in range(1024):
            sys.stdout.buffer.write(b"x" * 1048576)
        """,
    "dies by a signal": "import os, signal; os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))",
    "leaves a child in a session of its own": """\
        import pathlib, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        pathlib.Path("PIDFILE").write_text(str(child.pid))
        """,
}
"""Python scripts by what they do; `PIDFILE` becomes the path of the file `pid` in the folder that they are put in."""


def script(stdout: str = "", stderr: str = "", code: int = 0) -> str:
    """A script that prints these texts and ends with this code."""
    return f"import sys\nsys.stdout.write({stdout!r})\nsys.stderr.write({stderr!r})\nsys.exit({code})\n"


def module(folder: Path, name: str, body: str) -> dict[str, str]:
    """Variables with which `python -m NAME` runs the script `body`, which is written below `folder`."""
    # A folder of this name: elsewhere on PYTHONPATH a module that hides a tool is refused before it is started.
    package = folder / "site-packages" / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "__main__.py").write_text(_placed(body, folder), "utf-8")
    return {"PYTHONPATH": str(package.parent)}


def program(folder: Path, name: str, body: str) -> dict[str, str]:
    """Variables with which the program NAME on PATH is the script `body`, which is written below `folder`."""
    place = folder / "bin"
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.py"
    path.write_text(_placed(body, folder), "utf-8")
    if os.name == "nt":
        (place / f"{name}.cmd").write_text(f'@"{sys.executable}" "{path}" %*\n', "utf-8")
    else:
        (place / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "{path}" "$@"\n', "utf-8")
        (place / name).chmod(0o755)
    return {"PATH": os.pathsep.join([str(place), os.environ.get("PATH", "")])}


class Swapped:
    """The context `real`, except that every tool is `body`, which sees its arguments in `words`."""

    def __init__(self, real: Context[Any], folder: Path, body: str, version: str = "99.0") -> None:
        self.real = real
        self.version = version
        self.path = folder / "fake_tool.py"
        self.path.write_text("import sys\nwords = sys.argv[1:]\n" + dedent(body), "utf-8")

    def __getattr__(self, name: str) -> Any:
        """Whatever else the real context has."""
        return getattr(self.real, name)

    def tool(self, name: str, **_: Any) -> Tool | Refusal:
        """The script under the tool's name."""
        return Tool(name=name, argv=(sys.executable, str(self.path)), version=self.version)


def _placed(body: str, folder: Path) -> str:
    return dedent(body).replace("PIDFILE", (folder / "pid").as_posix())
