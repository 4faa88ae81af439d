"""The problem matchers of the page for VS Code, over what `gates check` prints, by the expressions of JavaScript."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gates.render import formats
from gates.render.formats import Options
from support import reports
from support.commands import gates
from support.pages import marked
from support.projects import write_project

TASK = json.loads(marked("editors.md", "file: .vscode/tasks.json"))["tasks"][0]
FIELDS = ("file", "line", "column", "code", "severity", "message")
SCRIPT = """
const [patterns, lines] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const found = patterns.map(one => lines.map(line => new RegExp(one).exec(line)));
console.log(JSON.stringify(found.map(rows => rows.map(row => row && Array.from(row, text => text ?? null)))));
"""


def by_node(patterns: list[str], lines: list[str]) -> list[list[list[str | None] | None]]:
    done = subprocess.run(
        ["node", "-e", SCRIPT], input=json.dumps([patterns, lines]), capture_output=True, text=True, check=True
    )
    found: list[list[list[str | None] | None]] = json.loads(done.stdout)
    return found


def by_python(patterns: list[str], lines: list[str]) -> list[list[list[str | None] | None]]:
    rows = [[re.search(one, line) for line in lines] for one in patterns]
    return [[match and [match[0], *match.groups()] for match in row] for row in rows]


READERS = [
    pytest.param(by_node, marks=pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")),
    by_python,
]


def problems(text: str, reader: Any) -> list[dict[str, str]]:
    """What the list of problems shows: each line once, by the matcher that takes it."""
    patterns = [matcher["pattern"] for matcher in TASK["problemMatcher"]]
    lines = text.splitlines()
    taken = reader([one["regexp"] for one in patterns], lines)
    found = []
    for at, _ in enumerate(lines):
        rows = [(one, row[at]) for one, row in zip(patterns, taken, strict=True) if row[at]]
        assert len(rows) <= 1, lines[at]
        for one, row in rows:
            found.append({name: row[one[name]] for name in FIELDS if name in one and row[one[name]]})
    return found


@pytest.mark.parametrize("reader", READERS)
def test_what_is_red_in_a_project_is_a_problem(reader: Any, tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "sample"\nversion = "1.0"\n[tool.ruff]\n[tool.mypy]\n',
        "sample.py": '"""A sample."""\n\nimport os\n',
        "test_sample.py": "def test_that_fails() -> None:\n    assert 1 + 1 == 3\n",
    }
    write_project(tmp_path, files)
    words = TASK["command"].split()
    assert words[0] == "gates"
    result = gates(*words[1:], cwd=tmp_path, env={"GATES_HIDE": "mypy"})
    assert result.code == 1
    found = problems(result.out + result.err, reader)
    assert len(found) == 3, result.out
    lint, types, tests = _sorted(found)
    assert lint == {
        "file": "sample.py",
        "line": "3",
        "column": "8",
        "code": "LNT001 ruff:F401",
        "message": "`os` imported but unused",
    }
    assert tests["file"] == "test_sample.py"
    assert tests["line"] == "2"
    assert tests["code"] == "TST001 test-failed"
    assert types["file"] == "."
    assert types["message"].startswith("types UNDECIDED: mypy is hidden")


def _sorted(found: list[dict[str, str]]) -> list[dict[str, str]]:
    """A finding of lint, the gate that cannot decide, a failed test."""
    keys = ("LNT001", "types UNDECIDED", "TST001")
    return [next(one for one in found if key in one.get("code", "") + one["message"]) for key in keys]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("scenario", [name for name in reports.SCENARIOS if name != "huge"])
def test_every_line_of_a_finding_is_one_problem_and_no_other_line_is(scenario: str, reader: Any) -> None:
    report = reports.SCENARIOS[scenario]()
    text = formats.render("concise", report, Options())
    found = [item for gate in report.gates for item in gate.findings if not item.waived_by and not item.baselined]
    reasons = [gate for gate in report.gates if gate.reason is not None]
    ending = [one for one in report.waivers if one.state == "expiring"]
    shown = problems(text, reader)
    errors = [report.error] if report.error is not None and report.error.path else []
    assert len(shown) == len(found) + len(reasons) + len(ending) + len(errors), text
    assert {one["code"].split()[0] for one in shown if "code" in one} == {item.rule for item in found}


@pytest.mark.parametrize("reader", READERS)
def test_severities_are_those_that_vs_code_knows(reader: Any) -> None:
    lines = "a.py:3: X001 some-rule warning: old\nb.py: X002 some-rule note: as c.py:7: new\n.: X003 some-rule bad\n"
    rows = [(one["file"], one.get("severity"), one["message"]) for one in problems(lines, reader)]
    assert rows == [("a.py", "warning", "old"), ("b.py", "note", "as c.py:7: new"), (".", None, "bad")]
