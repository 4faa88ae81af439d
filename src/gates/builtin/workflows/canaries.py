"""Canaries: how to make each rule of the gate `workflows` fire, by workflows beside those of the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gates.builtin.workflows import rules
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.workflows.settings import WorkflowsSettings
    from gates.model.gate import Context

FOLDER = ".github/workflows"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAD = "name: canary\non: push\npermissions: {}\njobs:\n  canary:\n    runs-on: ubuntu-24.04\n"
INVALID = HEAD + "    stepz: []\n"
RISK = HEAD.replace("on: push", "on: issues") + (
    '    steps:\n      - name: Say\n        run: echo "${{ github.event.issue.title }}"\n'
)
LOST = HEAD + "    steps:\n      - name: Check\n        run: ruff check . || true\n"
UNCHECKED = HEAD + (
    "    steps:\n      - name: Say\n        run: echo built\n"
    "  all-green:\n    runs-on: ubuntu-24.04\n    needs: [canary]\n    if: always()\n"
    "    steps:\n      - name: Say\n        run: echo green\n"
)
CACHE = HEAD + (
    f"    steps:\n      - name: Keep\n        uses: actions/cache@{COMMIT}\n"
    "        with:\n          path: .venv\n          key: dependencies\n"
)
UNHELD = HEAD + (
    f"    steps:\n      - name: Python\n        uses: actions/setup-python@{COMMIT}\n"
    '        with:\n          python-version: "3.12"\n      - name: Test\n        run: python -m pytest\n'
)
UNPINNED = HEAD + "    steps:\n      - name: Use\n        uses: gates-canary/action@v1\n"
HELD = '    env: {LC_ALL: C.UTF-8, PYTHONHASHSEED: "0", TZ: UTC}\n'
UNKNOWN = (
    HEAD
    + HELD
    + (
        "    strategy:\n      matrix:\n        python: ${{ fromJSON(vars.PYTHONS) }}\n"
        f"    steps:\n      - name: Python\n        uses: actions/setup-python@{COMMIT}\n"
        "        with:\n          python-version: ${{ matrix.python }}\n"
        "      - name: Test\n        run: python -m pytest\n"
    )
)
NOBODY = "3.99"
"""A Python that nobody has yet."""


def _planting(rule: Rule, title: str, text: str, line: int | None, **settings: Any) -> Canary:
    """A canary that is a workflow of its own; `settings` narrow the gate's to what it is about."""

    def plant(context: Context[WorkflowsSettings]) -> Planted | Reason:
        if settings and not context.project.layout.tests:
            return _no_tests()
        path = _written(context, rule, text)
        return Planted(path=path, line=line, settings=settings)

    return Canary(rule=rule.code, title=title, plant=plant, shares=not settings)


def _untested(rule: Rule, title: str, settings: Mapping[str, Any]) -> Canary:
    """A canary that asks for what no job has: the project's own jobs are what it is about."""

    def plant(context: Context[WorkflowsSettings]) -> Planted | Reason:
        if not context.project.layout.tests:
            return _no_tests()
        _written(context, rule, HEAD + "    steps:\n      - name: Say\n        run: echo canary\n")
        return Planted(path=None, settings=settings)

    return Canary(rule=rule.code, title=title, plant=plant)


def _written(context: Context[WorkflowsSettings], rule: Rule, text: str) -> str:
    path = f"{FOLDER}/gates_canary_{rule.code.lower()}.yml"
    file = context.project.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return path


def _no_tests() -> Reason:
    return Reason(
        code="does_not_apply", message="the project has no tests that a job could run", fix="write tests/test_first.py"
    )


CANARIES = (
    _planting(rules.INVALID, "a job with `stepz`", INVALID, 5),
    _planting(rules.RISK, "the title of an issue inside a script", RISK, None),
    _planting(rules.LOST, "a check with `|| true`", LOST, 9),
    _planting(rules.UNCHECKED, "a job that is green whatever becomes of the other", UNCHECKED, 10),
    _planting(rules.CACHE, "an environment under a key that is a word", CACHE, 12),
    _planting(rules.NOT_HELD, "tests without a hash seed", UNHELD, 5, variables=["LC_ALL", "PYTHONHASHSEED", "TZ"]),
    _planting(rules.UNPINNED, "an action at a tag", UNPINNED, 9),
    _untested(rules.NO_PYTHON, "a Python that nobody has", {"pythons": [NOBODY]}),
    _untested(rules.NO_SYSTEM, "macOS and Windows asked for", {"systems": ["linux", "macos", "windows"]}),
    _planting(rules.UNKNOWN, "a matrix out of a variable", UNKNOWN, 5, pythons=[NOBODY]),
)
