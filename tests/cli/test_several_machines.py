"""One suite on several machines: `gates collect --shard`, then `gates merge`, with the codes of `check`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support import healthy
from support.commands import Result, gates

TESTS = "".join(f"def test_{name}() -> None:\n    assert True\n\n\n" for name in "abcdef")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and beside it the parts that two machines collected."""
    folder = tmp_path_factory.mktemp("machines")
    root = healthy.write(folder / "project", **{"tests/test_more.py": TESTS})
    for index in (1, 2):
        done = gates("collect", "lint", "tests", "--shard", f"{index}/2", "--output", "../parts", cwd=root)
        assert done.code == 0, done.out + done.err
    return folder


@pytest.fixture
def machines(collected: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(collected / "parts", tmp_path / "parts")
    shutil.copytree(collected / "project", tmp_path / "project", ignore=shutil.ignore_patterns(".gates"))
    return tmp_path


def merge(machines: Path, *arguments: str) -> Result:
    return gates(
        "merge", "../parts", "--select", "lint,tests", "--output-format", "json", *arguments, cwd=machines / "project"
    )


def test_each_machine_writes_its_part(collected: Path) -> None:
    names = sorted(path.name for path in (collected / "parts").iterdir())
    assert names == ["lint.json", "tests.1-of-2.json", "tests.2-of-2.json"]


@pytest.mark.requirement("MCH-2")
def test_all_parts_together_are_judged_as_one_suite(machines: Path) -> None:
    result = merge(machines)
    assert (result.code, result.verdicts) == (0, {"lint": "passed", "tests": "passed", "policy": "passed"}), result.out
    (tests,) = [one for one in result.report["gates"] if one["name"] == "tests"]
    assert tests["denominator"] == {"count": 7, "unit": "tests"}


def test_a_part_that_never_arrived_is_red(machines: Path) -> None:
    (machines / "parts" / "tests.2-of-2.json").unlink()
    result = merge(machines)
    assert (result.code, result.reasons) == (3, {"tests": "evidence_incomplete"})


def test_a_gate_that_nobody_collected_is_red(machines: Path) -> None:
    (machines / "parts" / "lint.json").unlink()
    assert merge(machines).reasons == {"lint": "evidence_missing"}


def test_another_tree_is_red(machines: Path) -> None:
    (machines / "project" / "src" / "sample" / "adder.py").write_text("x = 1\n", "utf-8")
    result = merge(machines)
    assert (result.code, result.reasons) == (3, dict.fromkeys(("lint", "tests"), "evidence_foreign"))


def test_a_part_without_evidence_says_why(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    done = gates("collect", "lint", "--output", "../parts", cwd=root, env={"GATES_HIDE": "ruff"})
    assert done.code == 3
    assert "lint: no evidence: ruff is hidden" in done.out
    part = json.loads((tmp_path / "parts" / "lint.json").read_text("utf-8"))["part"]
    assert part["reason"]["code"] == "tool_missing"


def test_nothing_to_collect_is_red(tmp_path: Path) -> None:
    assert gates("collect", "--output", ".gates/parts", cwd=tmp_path).code == 5


def test_parts_that_would_change_the_project_are_refused(tmp_path: Path) -> None:
    result = gates("collect", "lint", "--output", "parts", cwd=healthy.write(tmp_path))
    assert result.code == 2
    assert ".gates/parts" in result.err


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "project")
    (tmp_path / "blocked").write_text("", "utf-8")
    result = gates("collect", "lint", "--output", "../blocked/parts", cwd=root)
    assert result.code == 2
    assert "cannot be written" in result.err


SLOW = """
import pytest


def test_fast() -> None:
    assert True


@pytest.mark.slow
def test_slow() -> None:
    assert True
"""
LANES = """
[tool.pytest.ini_options]
markers = ["slow"]

[tool.gates]
lanes = ["fast", "slow"]

[tool.gates.coverage]
total = 100

[tool.coverage.run]
source = ["src"]
"""


@pytest.fixture(scope="module")
def in_lanes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a fast and a slow lane, and beside it the parts of both; lint is in no lane."""
    folder = tmp_path_factory.mktemp("lanes")
    root = healthy.write(
        folder / "project", **{"tests/test_slow.py": SLOW, "pyproject.toml": healthy.PYPROJECT + LANES}
    )
    for lane, wanted in (("fast", "not slow"), ("slow", "slow")):
        around = {"PYTEST_ADDOPTS": f"-m '{wanted}'"}
        done = gates("collect", "tests", "coverage", "--lane", lane, "--output", "../parts", cwd=root, env=around)
        assert done.code == 0, done.out + done.err
    assert gates("collect", "lint", "--output", "../parts", cwd=root).code == 0
    return folder


@pytest.fixture
def lanes(in_lanes: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(in_lanes / "parts", tmp_path / "parts")
    shutil.copytree(in_lanes / "project", tmp_path / "project", ignore=shutil.ignore_patterns(".gates"))
    return tmp_path


def test_lanes_are_judged_together(lanes: Path) -> None:
    assert sorted(path.name for path in (lanes / "parts").iterdir()) == [
        "coverage.fast.json",
        "coverage.slow.json",
        "lint.json",
        "tests.fast.json",
        "tests.slow.json",
    ]
    result = merge(lanes)
    assert (result.code, result.verdicts) == (0, {"lint": "passed", "tests": "passed", "policy": "passed"}), result.out
    (tests,) = [one for one in result.report["gates"] if one["name"] == "tests"]
    assert tests["denominator"] == {"count": 3, "unit": "tests"}
    notes = [one for one in result.report["run"]["notes"] if one.startswith("tests: lane ")]
    assert [one.split(" (")[0] for one in notes] == ["tests: lane fast", "tests: lane slow"]
    assert notes[0].endswith("2 of 2 tests ran, 1 deselected")


def test_coverage_is_that_of_all_lanes(lanes: Path) -> None:
    result = gates("merge", "../parts", "--select", "tests,coverage", "--output-format", "json", cwd=lanes / "project")
    assert (result.code, result.verdicts["coverage"]) == (0, "passed"), result.out
    (coverage,) = [one for one in result.report["gates"] if one["name"] == "coverage"]
    measures = {one["name"]: one["value"] for one in coverage["measures"]}
    assert measures["coverage.total"] == measures["coverage.lane.fast"] == 100
    assert measures["coverage.lane.slow"] == 50


def test_a_lane_that_never_arrived_is_red(lanes: Path) -> None:
    (lanes / "parts" / "tests.slow.json").unlink()
    result = merge(lanes)
    assert (result.code, result.reasons) == (3, {"tests": "evidence_incomplete"})


def test_the_command_line_may_say_which_lanes_are_expected(lanes: Path) -> None:
    (lanes / "parts" / "tests.slow.json").unlink()
    result = merge(lanes, "--lane", "fast")
    assert (result.code, result.rules) == (1, {"TST007", "TST009"})
    (tests,) = [one for one in result.report["gates"] if one["name"] == "tests"]
    nowhere = [one["message"] for one in tests["findings"] if one["rule"] == "TST009"]
    assert nowhere == ["tests/test_slow.py::test_slow ran in no lane: deselected in fast"]
    assert merge(lanes, "--lane", "fast", "--lane", "other").reasons == {"tests": "evidence_incomplete"}


@pytest.mark.parametrize(
    ("lane", "said"),
    [
        ("fats", "did you mean 'fast'?"),
        ("linux", "known: fast, slow"),
        ("a/b", "no name of a lane"),
        ("2-of-4", "no name"),
    ],
)
def test_a_lane_of_another_name_is_refused(lanes: Path, lane: str, said: str) -> None:
    result = gates("collect", "lint", "--lane", lane, "--output", "../other", cwd=lanes / "project")
    assert result.code == 2
    assert said in result.err
