"""Settings of bench that would silently do nothing, and what is said of a run that nobody set up so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.bench.paired import start
from support import bench_evidence as made
from support.bench_projects import BENCH, PRODUCT, PYPROJECT, check, project
from support.repositories import make_repository


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"budget": [{"glob": "*"}]}, "a budget without `p50` and `p95` limits nothing"),
        ({"command": [{"name": "a", "argv": ["x"]}, {"name": "a", "argv": ["y"]}]}, "have the name 'a'"),
        ({"data": ["a.json"], "mode": "paired"}, '`data` is compared with the history, and `mode = "paired"`'),
    ],
)
def test_what_would_limit_or_measure_nothing_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        made.settings(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"budget": [{"glob": "*", "p95": "1 ms"}, {"glob": "*", "p50": "1 ms"}]},
        {"command": [{"name": "a", "argv": ["x"]}, {"name": "b", "argv": ["x"]}]},
        {"data": ["a.json"]},
        {"mode": "paired"},
    ],
)
def test_what_does_something_is_read(given: dict[str, Any]) -> None:
    made.settings(**given)


def test_words_for_pytest_from_outside_of_the_project_are_noted(tmp_path: Path) -> None:
    done = check(project(tmp_path / "project", {}), environ={"PYTEST_ADDOPTS": "-k one"})
    assert (done.verdict, done.compared) == ("passed", ["test_one"])
    assert (
        "pytest is given PYTEST_ADDOPTS='-k one' too: a benchmark that it leaves out is missed on no side" in done.notes
    )


def test_why_there_is_no_base_is_said_where_the_history_is_asked_instead(tmp_path: Path) -> None:
    files = {"pyproject.toml": PYPROJECT, "product.py": PRODUCT, "tests/test_a.py": BENCH.format(name="one")}
    done = check(make_repository(tmp_path / "project", files | {".gitignore": ".gates/\n__pycache__/\n"}), base="HEAD")
    assert "compared with the history, as there is no base: HEAD is the first commit" in done.notes


def test_base_is_asked_for_its_benchmarks_as_its_own_settings_say(tmp_path: Path) -> None:
    narrowed = project(tmp_path / "project", {}, {"tests/test_more.py": BENCH.format(name="three")})
    pyproject = narrowed / "pyproject.toml"
    pyproject.write_text(f'{pyproject.read_text()}args = ["-k", "not two"]\npaths = ["tests/test_work.py"]\n')
    done = check(narrowed, base="HEAD")
    assert (done.verdict, done.compared) == ("failed", ["test_one"])
    assert sorted(one.partition(" was")[0] for one in done.findings) == ["BEN003 test_three", "BEN003 test_two"]


@pytest.mark.parametrize("written", [None, "[tool.gates.tests]\n", "[tool.gates.bench]\nargs = 3\n", "[tool\n"])
def test_settings_of_base_that_say_nothing_are_those_of_head(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "pyproject.toml").write_text(written)
    head = made.settings(args=["-v"], paths=["here"])
    assert start.asked(tmp_path, head) == head
