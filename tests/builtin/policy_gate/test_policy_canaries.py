"""Canaries of `policy`, through the proof that users run: two commits, clean below, the plant on top."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.builtin.policy import canaries, plants
from gates.builtin.policy.rules import RULES
from support import healthy
from support.commands import gates
from support.repositories import commit_all, git

WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gates check\n"


def test_every_rule_has_one() -> None:
    assert [one.rule for one in canaries.CANARIES] == sorted(rule.code for rule in RULES)


@pytest.mark.parametrize(
    ("line", "way", "value", "expected"),
    [
        ("fail_under = 85\n", "higher", 85.0, "fail_under = 42.5\n"),
        ("fail_under = 85.0\n", "higher", 85.0, "fail_under = 42.5\n"),
        ('addopts = "--cov-fail-under=85 -n 8"', "higher", 85.0, 'addopts = "--cov-fail-under=42.5 -n 8"'),
        ("max-warnings = 0", "lower", 0.0, "max-warnings = 1"),
        ("strict = true", "grow", (), None),
        ("strict = True", "grow", ("a",), "strict = false"),
        ("flag = true", "on", True, "flag = false"),
        ("flag = false", "on", False, None),
        ("flag = 1", "on", True, None),
        ("fail_under = 1850", "higher", 85.0, None),
        ("total = 0", "higher", 0.0, None),
    ],
)
def test_a_line_is_made_looser(line: str, way: str, value: object, expected: str | None) -> None:
    assert plants._looser(line, way, value) == expected


def proved(root: Path) -> dict[str, tuple[str, str | None, int | None]]:
    done = gates("prove", "policy", "--output-format", "json", cwd=root)
    (one,) = json.loads(done.out)["gates"]
    planted = {rule["rule"]: rule["planted"] or {"path": None, "line": None} for rule in one["rules"]}
    return {
        rule["rule"]: (rule["verdict"], *(planted[rule["rule"]][key] for key in ("path", "line")))
        for rule in one["rules"]
    }


@pytest.mark.slow
def test_every_rule_is_proved_in_a_project_that_uses_gates(tmp_path: Path) -> None:
    text = healthy.PYPROJECT + '\n[tool.gates]\nselect = ["lint"]\n'
    root = healthy.write(tmp_path, **{"pyproject.toml": text, ".github/workflows/ci.yml": WORKFLOW})
    git(root, "init", "--quiet")
    commit_all(root)
    found = proved(root)
    assert {verdict for verdict, _, _ in found.values()} == {"passed"}, found
    assert found["POL007"][1:] == (".github/workflows/ci.yml", 6)
    assert found["POL001"][1] == "pyproject.toml"


def test_every_rule_is_proved_in_a_project_that_never_heard_of_gates(tmp_path: Path) -> None:
    found = proved(healthy.write(tmp_path))
    assert {verdict for verdict, _, _ in found.values()} == {"passed"}, found
    assert found["POL007"][1] == plants.SCRIPT
