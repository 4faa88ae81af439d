"""The gate `workflows` over real files, with the real tools."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.workflows.gate import WorkflowsGate
from gates.testing import project, run, tool
from gates.testing.law import NOON
from gates.testing.run import Judged
from support import workflow_projects
from support.workflow_projects import COMMIT, WORKFLOW

GATE = WorkflowsGate()
PATH = ".github/workflows/ci.yml"


def judged(folder: Path, changes: dict[str, str | bytes], **keys: Any) -> Judged:
    files = {**workflow_projects.FILES, **changes}
    return run.judge(
        project.write(folder / "project", {name: text for name, text in files.items() if text}), GATE, **keys
    )


def found(folder: Path, before: str, after: str, **keys: Any) -> list[tuple[str, int | None]]:
    assert before in WORKFLOW
    seen = judged(folder, {PATH: WORKFLOW.replace(before, after)}, **keys)
    return sorted({(rule, line) for rule, _, line, _ in seen.found if rule != "WFL002"})


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_healthy_project_passes_and_says_that_zizmor_was_offline(tmp_path: Path) -> None:
    seen = judged(tmp_path, {})
    assert (seen.verdict, seen.examined, seen.found) == ("passed", 1, [])
    assert seen.decision is not None
    assert "offline" in seen.decision.notes[0]


def test_without_a_workflow_nothing_is_examined(tmp_path: Path) -> None:
    assert judged(tmp_path, {PATH: ""}).reason.code == "nothing_examined"


@pytest.mark.parametrize(
    "broken",
    [
        b"on: [push\n",
        b"\xff\xfe\x00",
        b"on: push\njobs: {a: \xe9}\n",
        b"# nothing\n",
        b"a: &a [*a]\n" + b"x" * 3_000_000,
    ],
    ids=["not YAML", "binary", "not UTF-8", "empty", "huge"],
)
def test_a_broken_workflow_beside_a_good_one_is_a_finding(tmp_path: Path, broken: bytes) -> None:
    seen = judged(tmp_path, {".github/workflows/broken.yml": broken})
    assert seen.verdict == "failed"
    assert {(rule, path) for rule, path, _, _ in seen.found} == {("WFL001", ".github/workflows/broken.yml")}
    assert seen.examined == 2


def test_a_script_that_nests_too_deeply_is_undecided(tmp_path: Path) -> None:
    deep = "( " * 200 + "pytest || true" + " )" * 200
    text = WORKFLOW.rstrip("\n") + f"\n      - run: {deep}\n"
    seen = judged(tmp_path, {PATH: text})
    assert seen.reason.code == "unreadable"
    assert f"{PATH}:{line_of(text, 'pytest || true')}" in seen.reason.message


def test_a_composite_action_below_is_looked_at(tmp_path: Path) -> None:
    text = "name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n    - uses: o/n@main\n"
    seen = judged(tmp_path, {".github/actions/a/action.yml": text})
    assert ("WFL007", ".github/actions/a/action.yml", 6, None) in seen.found


@pytest.mark.parametrize(
    ("before", "after", "rule", "words"),
    [
        ("run: python -m pytest", "run: python -m pytest | tee log", "WFL003", "tee log"),
        ("run: python -m pytest", "run: python -m pytest || true", "WFL003", "|| true"),
        ("-${{ matrix.python }}-", "-", "WFL005", "runner.os"),
        ("${{ runner.os }}-", "", "WFL005", "key: "),
        ("-${{ hashFiles('pyproject.toml') }}", "", "WFL005", "runner.os"),
        ("hashFiles('pyproject.toml')", "hashFiles('absent.lock')", "WFL005", "runner.os"),
        ('env:\n  PYTHONHASHSEED: "0"', 'env:\n  PYTHONHASHSEED: "random"', "WFL006", "  test:"),
        (f"checkout@{COMMIT}", "checkout@v5", "WFL007", "checkout@"),
        ('["3.11", "3.12"]', '["3.12"]', "WFL008", "  test:"),
        ("[ubuntu-24.04, macos-15]", "[ubuntu-24.04]", "WFL009", "  test:"),
        ('["3.11", "3.12"]', "${{ fromJSON(needs.a.outputs.b) }}", "WFL010", "  test:"),
        (
            "if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')",
            "if: false",
            "WFL004",
            "  green:",
        ),
    ],
)
def test_each_rule_at_its_line(tmp_path: Path, before: str, after: str, rule: str, words: str) -> None:
    assert found(tmp_path, before, after) == [(rule, line_of(WORKFLOW.replace(before, after), words))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("run: python -m pytest", "run: PYTHONHASHSEED=0 python -m pytest"),
        ("run: python -m pytest", "run: python -m pytest | tee log\n        shell: bash"),
        ("[ubuntu-24.04, macos-15]", "[ubuntu-24.04, macos-15, windows-2025]"),
        ('["3.11", "3.12"]', """${{ fromJSON('["3.11", "3.12"]') }}"""),
        ("path: .venv", "path: build/cache"),
    ],
)
def test_what_is_right_is_no_finding(tmp_path: Path, before: str, after: str) -> None:
    assert found(tmp_path, before, after) == []


def test_a_job_as_written_counts_with_what_it_says(tmp_path: Path) -> None:
    before, after = '["3.11", "3.12"]', "${{ fromJSON(needs.a.outputs.b) }}"
    seen = found(tmp_path, before, after, as_written=(f"{PATH}:test",))
    assert {rule for rule, _ in seen} == {"WFL008", "WFL009"}


def test_an_action_of_our_own_may_be_unpinned(tmp_path: Path) -> None:
    assert found(tmp_path, f"checkout@{COMMIT}", "checkout@v5", unpinned=("actions/*",)) == []


def test_a_called_workflow_is_judged_with_what_it_is_given(tmp_path: Path) -> None:
    called = WORKFLOW.replace(
        "push:\n    branches: [main]", "workflow_call:\n    inputs: {py: {type: string}}"
    ).replace('["3.11", "3.12"]', '["${{ inputs.py }}"]')
    caller = (
        "name: caller\non: [push]\npermissions: {}\njobs:\n  tests:\n    strategy:\n      matrix:\n"
        f'        py: ["3.11"]\n    uses: ./{PATH}\n    with:\n      py: ${{{{ matrix.py }}}}\n'
    )
    seen = judged(tmp_path, {PATH: called, ".github/workflows/caller.yml": caller})
    assert [(rule, path) for rule, path, _, _ in seen.found if rule != "WFL002"] == [("WFL008", PATH)]


def test_a_workflow_of_elsewhere_is_undecided(tmp_path: Path) -> None:
    text = (
        f"name: c\non: [push]\npermissions: {{}}\njobs:\n  tests:\n    uses: o/n/.github/workflows/tox.yml@{COMMIT}\n"
    )
    assert "which is not here" in judged(tmp_path, {PATH: text}).reason.message


def test_another_configuration_of_zizmor_by_a_variable_is_refused(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", workflow_projects.FILES)
    seen = GATE.collect(run.context(root, GATE, environ={"ZIZMOR_CONFIG": "/elsewhere.yml"}))
    assert "ZIZMOR_CONFIG" in str(seen)


@pytest.mark.parametrize("behaviour", ["silent", "half a JSON object", "invalid UTF-8", "dies by a signal"])
def test_tools_that_do_something_else_are_undecided(tmp_path: Path, behaviour: str) -> None:
    root = project.write(tmp_path / "project", workflow_projects.FILES)
    context: Any = tool.Swapped(run.context(root, GATE), tmp_path, tool.BEHAVIOURS[behaviour])
    evidence: Any = GATE.collect(context)
    reason = GATE.decide(evidence, context.settings, NOON).reason
    assert reason is not None
    assert reason.code in {"unparsable_output", "tool_crashed", "tool_killed"}


def test_no_schema_asks_for_what_the_tool_is_started_without() -> None:
    carried = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    texts = [(carried / f"github-{kind}.json").read_text("utf-8") for kind in ("workflows", "actions")]
    assert not any('"iri' in text for text in texts)
