"""`gates bench compare` and `gates bench selfcheck` over a real project, in processes of their own."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from support.bench_projects import BENCH, PRODUCT, project
from support.commands import Result, gates

WORKING = BENCH.format(name="one").replace("product.work", "product.work, 3000")
SLOWER = PRODUCT.replace("sum(range(n))", "sum(range(n)) + sum(range(30 * n))")
FILES = ("json", "markdown", "svg", "text")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose one benchmark takes some thirty times longer at head than at base."""
    head = {"product.py": SLOWER}
    return project(tmp_path_factory.mktemp("compare") / "project", head, {"tests/test_work.py": WORKING})


@pytest.fixture(scope="module")
def compared(root: Path) -> Result:
    files = [word for form in FILES for word in ("--output-file", f"{form}={root.parent / form}")]
    return gates("bench", "compare", "--output-format", "json", *files, cwd=root)


def test_the_json_is_that_of_the_gate_and_so_is_the_exit_code(compared: Result) -> None:
    assert compared.code == 1, compared.err
    said = compared.report
    assert (said["schema_version"], said["verdict"], said["reason"]) == (1, "failed", None)
    (row,) = said["benchmarks"]
    assert (row["name"], row["verdict"], row["limit"]) == ("tests/test_work.py::test_one", "regressed", 900.0)
    low, high = row["interval"]
    assert 5.5 < low <= row["ratio"] <= high
    assert row["ratio"] > 10
    assert (said["control"]["compared"], said["control"]["alarms"]) == (1, 0)


def test_every_form_is_written_beside_it(root: Path, compared: Result) -> None:
    written = {form: (root.parent / form).read_text() for form in FILES}
    assert json.loads(written["json"]) == compared.report
    assert "**REGRESSED**" in written["markdown"]
    assert ET.fromstring(written["svg"]).tag.endswith("svg")
    assert written["text"].splitlines()[-1] == "failed (gates check bench)"
    (row,) = [line for line in written["text"].splitlines() if line.startswith("tests/test_work.py::test_one")]
    assert row.endswith("900 %      3  regressed")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output-file", "pdf=x.pdf"], "write it as FORMAT=PATH with one of text, json, markdown, svg"),
        (["--output-file", "json"], "write it as FORMAT=PATH"),
        (["--output-file", "json=no/such/x.json"], "there is no directory no/such"),
        (["--output-format", "svg"], "'svg' is not one of"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_measured(root: Path, words: list[str], said: str) -> None:
    done = gates("bench", "compare", *words, cwd=root)
    assert done.code in {2, 4}
    assert said in done.err
    assert "bench started" not in done.err


def test_without_a_benchmark_it_is_undecided(tmp_path: Path) -> None:
    bare = project(tmp_path / "project", {}, {"tests/test_work.py": "def test_one():\n    pass\n"})
    done = gates("bench", "compare", cwd=bare)
    assert done.code == 3
    assert done.out.splitlines()[-1] == "undecided (gates check bench)"
    assert "there is no benchmark" in done.out


def test_a_selfcheck_finds_the_slowdown_and_nothing_else(root: Path) -> None:
    done = gates("bench", "selfcheck", "--suites", "1", "--output-format", "json", cwd=root)
    assert done.code == 0, done.out + done.err
    said = done.report
    assert (said["verdict"], said["limit"], said["slower"]["percent"]) == ("passed", 900.0, 1800.0)
    assert (said["same"]["benchmarks"], said["same"]["alarms"], said["same"]["control_alarms"]) == (1, 0, 0)
    assert (said["slower"]["benchmarks"], said["slower"]["alarms"]) == (1, 1)


def test_a_selfcheck_that_misses_the_slowdown_fails(root: Path) -> None:
    done = gates("bench", "selfcheck", "--suites", "1", "--slower", "0.01", cwd=root)
    assert done.code == 1
    first, second, *_, last = done.out.splitlines()
    assert first.startswith("the same code: 0 of 1 benchmarks alarmed in 1 comparisons, 0 were inconclusive")
    assert second.startswith("0.01 % slower: 0 of 1 benchmarks alarmed")
    assert last == "failed at a limit of 900 %"


def test_a_selfcheck_without_a_benchmark_is_undecided(tmp_path: Path) -> None:
    bare = project(tmp_path / "project", {}, {"tests/test_work.py": "def test_one():\n    pass\n"})
    done = gates("bench", "selfcheck", cwd=bare)
    assert done.code == 3
    assert done.out.startswith("undecided: there is no benchmark")
