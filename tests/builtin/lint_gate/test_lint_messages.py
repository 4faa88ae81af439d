"""Golden messages of `lint`: every finding and every reason, as a user reads them."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path

from gates.builtin.lint.gate import LintGate
from support.contexts import judge
from support.projects import write_project

GOLDEN = Path(__file__).parent / "messages.txt"
CASES: dict[str, dict[str, str | bytes]] = {
    "every rule": {
        "broken.py": "def f(:\n",
        "latin.py": b"x = '\xe9'\n",
        "loose.py": "import os\nx  = 1\n",
        "ruff.toml": 'lint.select = ["F"]\n[format]\n',
    },
    "no python file": {"README.md": "", "ruff.toml": ""},
    "no rule selected": {"a.py": "", "ruff.toml": "lint.select = []\n"},
    "unknown key": {"a.py": "", "pyproject.toml": "[tool.ruff]\n\nline-lenght = 3\n"},
    "unknown rule": {"a.py": "", "ruff.toml": 'lint.select = ["F4O1"]\n'},
    "format excluded": {"a.py": "", "ruff.toml": 'format.exclude = ["*"]\n'},
    "another version": {"a.py": "", "ruff.toml": 'required-version = "==0.0.1"\n'},
}


def test_messages_are_those_of_the_golden_file(tmp_path: Path) -> None:
    lines: list[str] = []
    for name, files in CASES.items():
        found = judge(write_project(tmp_path / name.replace(" ", "_"), files), LintGate())
        lines.append(f"{name}: {found.verdict}")
        lines += [
            f"  {item.path}:{item.line}:{item.column} {item.rule} {item.tool_rule}: {item.message}"
            for item in (found.decision.findings if found.decision is not None else ())
        ]
        if found.verdict == "undecided":
            lines.append(f"  {found.reason.code}: {found.reason.message}\n  fix: {found.reason.fix}")
    text = "\n".join([*lines, ""]).replace(importlib.metadata.version("ruff"), "RUFF")
    if "GATES_UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")
