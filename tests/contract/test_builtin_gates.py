"""Every built-in gate keeps the contract that is asked of a third party's."""

from __future__ import annotations

import sys

from gates.builtin.command.gate import made
from gates.builtin.lint.gate import LintGate
from gates.builtin.tests.gate import TestsGate
from gates.builtin.types.gate import TypesGate
from gates.config.command import CommandTable
from gates.plugins.manager import BUILTIN
from gates.testing import contract
from gates.testing.bench import Kind
from support import healthy

PYPROJECT = healthy.PYPROJECT + "\n[tool.ruff.format]\n"
HEALTHY = {**healthy.FILES, "pyproject.toml": PYPROJECT}
RUN = """
[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
addopts = "-p xdist -n 2"

[tool.gates.tests]
max-warnings = 0
"""
SPELL = """
import pathlib
for path in sorted(pathlib.Path("docs").glob("*.md")):
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if "teh" in line:
            print(f"{path.as_posix()}:{number}: S1 teh")
            code = 1
pathlib.Path("index.txt").write_text("a.md\\n", "utf-8")
raise SystemExit(globals().get("code", 0))
"""
TABLE = """
[[command]]
name = "spelling"
argv = ["python", "tools/spell.py"]
files = ["docs/*.md"]
exit-codes = [0, 1]
parser = "regex"
pattern = '^(?P<path>[^:]+):(?P<line>[0-9]+): (?P<code>[A-Z0-9]+) (?P<message>.+)$'
unchanged = ["index.txt"]
canary = "tools/spell.patch"
inputs = ["docs/**", "tools/**"]
"""
PATCH = "--- a/docs/a.md\n+++ b/docs/a.md\n@@ -1 +1 @@\n-the text\n+teh text\n"
SPELLING = {
    "gates.toml": TABLE,
    "docs/a.md": "the text\n",
    "index.txt": "a.md\n",
    "tools/spell.py": SPELL,
    "tools/spell.patch": PATCH,
}


def spelling() -> Kind:
    """The class that the table makes."""
    import tomllib

    import msgspec

    (table,) = tomllib.loads(TABLE)["command"]
    return made(msgspec.convert(table, CommandTable))


test_lint = contract.suite(LintGate, HEALTHY)
test_types = contract.suite(TypesGate, HEALTHY)
test_tests = contract.suite(TestsGate, {**HEALTHY, "pyproject.toml": PYPROJECT + RUN})
test_command = contract.suite(spelling(), SPELLING)


def test_no_built_in_gate_is_left_out() -> None:
    here = vars(sys.modules[__name__])
    assert [name for name in BUILTIN if f"test_{name}" not in here] == []
