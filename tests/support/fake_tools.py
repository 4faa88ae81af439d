"""Tools that are not what they seem: a context whose tool is a script of a few lines."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

from gates.engine.context import GateContext
from gates.model.evidence import Refusal
from gates.process.tools import Tool


class Swapped:
    """The context `real`, except that every tool is `script`, which sees its arguments in `words`."""

    def __init__(self, real: GateContext, folder: Path, script: str, version: str = "99.0") -> None:
        self.real = real
        self.version = version
        self.path = folder / "fake_tool.py"
        self.path.write_text("import sys\nwords = sys.argv[1:]\n" + dedent(script), "utf-8")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def tool(self, name: str, **_: Any) -> Tool | Refusal:
        """The script under the tool's name."""
        return Tool(name=name, argv=(sys.executable, str(self.path)), version=self.version)
