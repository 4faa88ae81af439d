"""Hiding: a tool that is missing, as far as the command finds its tools through the environment it is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from gates.project.wiring.tools import NAMES

PROGRAM = """\
#!/bin/sh
echo asked >> '{log}'
echo '{tool}: not found (hidden by gates prove)' >&2
exit 127
"""
BATCH = '@echo asked>>"{log}"\r\n@exit /b 127\r\n'
MODULE = """\
with open({log!r}, "a") as log:
    log.write("asked\\n")
raise ModuleNotFoundError("No module named {module!r} (hidden by gates prove)", name={module!r})
"""


class Hidden:
    """A folder with a program and a module of the tool's names, which note that they were asked for and fail."""

    def __init__(self, tool: str, folder: Path) -> None:
        """Write them into a new folder."""
        self.log = folder / "asked"
        self.programs = folder / "programs"
        self.modules = folder / "modules"
        for one in (self.programs, self.modules):
            one.mkdir(parents=True)
        names = [tool, *(other for other, name in NAMES.items() if name == tool)]
        for name in names:
            program = self.programs / name
            program.write_text(PROGRAM.format(log=self.log, tool=name), "utf-8")
            program.chmod(0o755)
            if sys.platform == "win32":
                program.with_suffix(".bat").write_text(BATCH.format(log=self.log), "utf-8")
            module = name.replace("-", "_")
            if module.isidentifier() and module not in sys.stdlib_module_names:
                text = MODULE.format(log=str(self.log), module=module)
                (self.modules / f"{module}.py").write_text(text, "utf-8")

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """An environment in which the tool's names lead here first."""
        return {
            **environ,
            "PATH": os.pathsep.join([str(self.programs), environ.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(part for part in (str(self.modules), environ.get("PYTHONPATH", "")) if part),
        }

    @property
    def asked(self) -> bool:
        """Whether anything asked for the tool."""
        return self.log.exists()
