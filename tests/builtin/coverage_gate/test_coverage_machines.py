"""One suite on several machines: what others let through, with their answer as it was seen, and ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.coverage import merge
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.tests.gate import TestsGate
from gates.engine.session import Judgement
from gates.model.evidence import Refusal
from gates.model.gate import Shard
from support import measured_runs, parts
from support.projects import write_project

SOURCE = "def one():\n    return 1\n\n\ndef two(n):\n    if n:\n        return 2\n    return 0\n"
DRIVE = "import sys, sample\n(sample.one, lambda: sample.two(1), lambda: sample.two(0))[int(sys.argv[1]) - 1]()\n"
SETTINGS = '[tool.gates]\nselect = ["coverage"]\n[tool.gates.coverage]\ntotal = 100\n'
FILES = {"pyproject.toml": SETTINGS, "sample.py": SOURCE, "drive.py": DRIVE}
GATES = (CoverageGate, TestsGate)
DRIVEN = 3
"""How many shards the suite of the sample is cut into."""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, the data of its three shards, and beside it the parts that three machines made."""
    folder = tmp_path_factory.mktemp("machines")
    root = write_project(folder / "project", FILES)
    for index in range(1, DRIVEN + 1):
        data = measured_runs.measure(root, str(index), "drive.py", source=".")
        evidence = measured_runs.facts(root, data, f"{index}/{DRIVEN}")
        for made in root.glob("*.json"):
            made.unlink()
        data.rename(folder / data.name)
        parts.keep(root, folder / "parts", GATES, evidence, shard=Shard(index=index, count=DRIVEN))
    return folder


@pytest.fixture
def shards(machines: Path, tmp_path: Path) -> Path:
    """Copies of the data of all shards, in a folder with the sources."""
    write_project(tmp_path / "shards", FILES)
    for index in range(1, DRIVEN + 1):
        name = f".coverage.{index}"
        (tmp_path / "shards" / name).write_bytes((machines / name).read_bytes())
    return tmp_path / "shards"


@pytest.fixture
def held(machines: Path, tmp_path: Path) -> Path:
    """Copies of the parts, which a test may damage."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for path in (machines / "parts").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def judged(machines: Path, folder: Path) -> Judgement:
    return parts.merged(machines / "project", folder, *GATES)


def said(judgement: Judgement) -> str:
    (gate,) = judgement.report.gates
    return gate.verdict if gate.reason is None else f"{gate.verdict}: {gate.reason.message}"


def total(judgement: Judgement) -> float:
    (gate,) = judgement.report.gates
    return next(one.value for one in gate.measures if one.name == "coverage.total")


def test_all_shards_make_one_figure(machines: Path, held: Path) -> None:
    judgement = judged(machines, held)
    assert (said(judgement), total(judgement)) == ("passed", 100.0)
    lanes = {one.name for one in judgement.report.gates[0].measures if one.name.startswith("coverage.lane.")}
    assert lanes == {"coverage.lane.1/3", "coverage.lane.2/3", "coverage.lane.3/3"}


DAMAGE: Mapping[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "text": lambda _: b"not data\n",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_c3_a_corrupt_shard_is_red(machines: Path, held: Path, damage: str) -> None:
    """coverage 7.17.3 combines what is left, says `1 file errored` and exits with 0 (C3)."""
    path = held / "coverage.2-of-3.json"
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert said(judged(machines, held)).startswith("undecided: coverage.2-of-3.json cannot be trusted")


def test_c3_what_coverage_does(shards: Path) -> None:
    for name, damage in zip(("2", "3"), DAMAGE.values(), strict=False):
        path = shards / f".coverage.{name}"
        path.write_bytes(damage(path.read_bytes()))
    done = measured_runs.coverage(shards, "combine")
    assert done.returncode == 0
    assert re.search(r"Combined \d file", done.stdout + done.stderr)


def test_c4_a_shard_that_never_arrived_is_red(machines: Path, held: Path) -> None:
    """coverage 7.17.3 does not know how many shards were due, and exits with 0 (C4)."""
    (held / "coverage.3-of-3.json").unlink()
    assert said(judged(machines, held)) == "undecided: shard 3/3 of coverage is missing"


def test_c4_what_coverage_does(shards: Path) -> None:
    (shards / ".coverage.3").unlink()
    done = measured_runs.coverage(shards, "combine")
    assert done.returncode == 0
    assert "3" not in (done.stdout + done.stderr).replace(".coverage", "")
    assert measured_runs.coverage(shards, "report", "--fail-under=80").returncode == 0


def test_c8_shards_of_lines_and_of_branches_are_one_sentence(machines: Path, tmp_path: Path) -> None:
    """coverage 7.17.3: `Can't combine statement coverage data with branch data`, without a word of where (C8)."""
    root = write_project(tmp_path / "bare", FILES)
    bare = measured_runs.facts(root, measured_runs.measure(root, "2", "drive.py", branch=False), "1/1", branch=False)
    full = measured_runs.facts(root, measured_runs.measure(root, "1", "drive.py"), "1/1")
    found = merge.join({"linux": full, "windows": bare})
    assert isinstance(found, Refusal)
    assert found.reason.message == (
        "branches were measured in lane linux and only lines in lane windows, and the two do not mix"
    )
    assert found.reason.fix == "set `branch` of coverage the same on every machine"


def test_c8_what_coverage_does(shards: Path) -> None:
    measured_runs.measure(shards, "2", "drive.py", branch=False)
    done = measured_runs.coverage(shards, "combine")
    assert done.returncode == 1
    assert "Can't combine" in done.stdout + done.stderr


@pytest.mark.parametrize("change", [{"tree": "0" * 64}, {"commit": "0" * 40, "tree": "1" * 64}])
def test_c13_figures_of_another_commit_are_never_carried_forward(
    machines: Path, held: Path, change: dict[str, Any]
) -> None:
    """Codecov serves the last upload's figures for a flag that did not arrive, as if it had been measured (C13)."""
    parts.altered(held, "coverage.2-of-3.json", **change)
    message = said(judged(machines, held))
    assert message.startswith("undecided: evidence of coverage (shard 2/3) was made from another tree")


def test_c13_figures_of_this_machines_last_merge_are_not_used(machines: Path, held: Path) -> None:
    assert said(judged(machines, held)) == "passed"
    (held / "coverage.1-of-3.json").unlink()
    assert said(judged(machines, held)) == "undecided: shard 1/3 of coverage is missing"


def test_c14_the_first_job_alone_has_no_total(machines: Path, held: Path) -> None:
    """Coveralls publishes the total of the first of several parallel jobs until its webhook is called again (C14)."""
    for name in ("coverage.2-of-3.json", "coverage.3-of-3.json"):
        (held / name).unlink()
    judgement = judged(machines, held)
    assert said(judgement) == "undecided: shard 2/3, 3/3 of coverage is missing"
    assert judgement.report.gates[0].measures == ()
    assert judgement.report.exit_code == 3
