"""Golden messages of `types`: every finding and every reason, as a user reads them."""

from __future__ import annotations

import os
from pathlib import Path

from gates.builtin.types.gate import TypesGate
from support.contexts import judge
from support.projects import write_project

GOLDEN = Path(__file__).parent / "messages.txt"
CODE = "def f(x: int) -> int:\n    return x\n"
CONFIG = "[mypy]\nfiles = a.py\n"
CASES: dict[str, dict[str, str | bytes]] = {
    "type errors": {"a.py": CODE + 'f("1", 2)\nimport nosuch_module\n', "mypy.ini": CONFIG},
    "broken syntax": {"a.py": "def f(:\n", "mypy.ini": CONFIG},
    "not utf-8": {"a.py": b"x = '\xff'\n", "mypy.ini": CONFIG},
    "two of one name": {"x/a.py": CODE, "y/a.py": CODE, "mypy.ini": "[mypy]\nfiles = x, y\n"},
    "unknown key": {"a.py": CODE, "pyproject.toml": '[tool.mypy]\nfiles = "a.py"\nstirct = true\n'},
    "missing plugin": {"a.py": CODE, "mypy.ini": CONFIG + "plugins = nosuch\n"},
    "missing target": {"a.py": CODE, "mypy.ini": "[mypy]\nfiles = b\n"},
    "no file": {"README.md": "", "mypy.ini": "[mypy]\n"},
    "all excluded": {"a/b.py": CODE, "mypy.ini": "[mypy]\nfiles = a\nexclude = .\n"},
    "all forgiven": {"a.py": CODE, "mypy.ini": CONFIG + "ignore_errors = True\n"},
}


def test_messages_are_those_of_the_golden_file(tmp_path: Path) -> None:
    lines: list[str] = []
    for name, files in CASES.items():
        found = judge(write_project(tmp_path / name.replace(" ", "_"), files), TypesGate())
        lines.append(f"{name}: {found.verdict}")
        lines += [
            f"  {item.path}:{item.line}:{item.column} {item.rule} {item.tool_rule}: {item.message}"
            for item in (found.decision.findings if found.decision is not None else ())
        ]
        if found.verdict == "undecided":
            lines.append(f"  {found.reason.code}: {found.reason.message}\n  fix: {found.reason.fix}")
    text = "\n".join([*lines, ""])
    if "GATES_UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")
