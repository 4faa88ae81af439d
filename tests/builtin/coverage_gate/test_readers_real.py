"""What the readers say of real files is what the real coverage.py says of them, to the last line and branch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import CoverageData

from gates.builtin.coverage import lines
from gates.builtin.coverage.readers.data import Recorded, Report
from gates.builtin.coverage.readers.reading import read
from support.measured import Measured, measure


@pytest.fixture(scope="module", params=[True, False], ids=["branch", "line"])
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return measure(tmp_path_factory.mktemp("measured"), branch=request.param)


@pytest.fixture
def theirs(measured: Measured) -> Iterator[CoverageData]:
    data = CoverageData(str(measured.file()))
    data.read()
    yield data
    data.close(force=True)


def recorded(measured: Measured, *, contexts: bool = False) -> Recorded:
    found = read(measured.file(), contexts=contexts)
    assert isinstance(found, Recorded)
    return found


def reported(path: Path) -> Report:
    found = read(path, contexts=False)
    assert isinstance(found, Report)
    return found


def test_lines_and_arcs_are_those_of_coverage(measured: Measured, theirs: CoverageData) -> None:
    found = recorded(measured)
    assert found.arcs == theirs.has_arcs()
    assert set(found.files) == theirs.measured_files()
    for path, ran in found.files.items():
        assert lines.numbers(ran.lines) == sorted({*(theirs.lines(path) or [])} - {0})
        assert ran.arcs == set(theirs.arcs(path) or [])
        assert (ran.by, ran.tracer) == ({}, "")


def test_contexts_are_those_of_coverage(measured: Measured, theirs: CoverageData) -> None:
    found = recorded(measured, contexts=True)
    assert recorded(measured).files.keys() == found.files.keys()
    for path, ran in found.files.items():
        ours = {name: lines.numbers(held) for name, held in ran.by.items()}
        by_line = theirs.contexts_by_lineno(path)
        names = {name for held in by_line.values() for name in held}
        due = {name: sorted(n for n, held in by_line.items() if n > 0 and name in held) for name in names}
        assert ours == {name: held for name, held in due.items() if held}
        assert ran.arcs == set(theirs.arcs(path) or [])
        assert lines.numbers(ran.lines) == sorted({*(theirs.lines(path) or [])} - {0})
    (awkward,) = (ran for path, ran in found.files.items() if path.endswith("awkward.py"))
    assert {name.rpartition(".")[2] for name in awkward.by} == {"", "test_choice", "test_flow", "test_partial"}


def test_a_file_of_which_nothing_ran_is_there(measured: Measured) -> None:
    (loose,) = (ran for path, ran in recorded(measured).files.items() if path.endswith("loose.py"))
    assert (loose.lines, set(loose.arcs)) == (0, set())


@pytest.mark.parametrize("suffix", [".xml", ".json", ".lcov"])
def test_reports_say_what_the_analysis_says(measured: Measured, suffix: str) -> None:
    report = reported(measured.file(suffix))
    figures = {Path(path).relative_to(measured.root).as_posix(): one for path, one in measured.figures().items()}
    files = {path.removeprefix(f"{measured.root}/"): one for path, one in report.files.items()}
    assert files.keys() == figures.keys()
    assert report.arcs == measured.stem.name.endswith("branch")
    for path, one in files.items():
        due = figures[path]
        one = one.settled(lines.of(due["statements"]))  # noqa: PLW2901 - of older versions there is more in the JSON
        assert lines.numbers(one.lines) == due["statements"]
        assert lines.numbers(one.ran) == sorted({*due["executed"]} & {*due["statements"]})
        assert sum(way.total for way in one.ways) + one.unplaced == due["total"]
        assert sum(len(way.missing) for way in one.ways) == due["missing"]
        found = {way.line: (way.total, way.total - len(way.missing)) for way in one.ways}
        branches = {int(line): tuple(pair) for line, pair in due["branches"].items()}
        assert found.items() <= branches.items()
        # Only of lines that a pragma excuses and that never ran are the JSON and LCOV silent.
        assert all(total == taken for line, (total, taken) in branches.items() if line not in found)
    excluded = {path: lines.numbers(one.excluded) for path, one in files.items()}
    assert suffix != ".json" or excluded == {path: one["excluded"] for path, one in figures.items()}


def test_reports_agree_on_the_names_of_ways(measured: Measured) -> None:
    missing = [
        {(Path(path).name, way.line): way.missing for path, one in reported(measured.file(suffix)).files.items()
         for way in one.ways if way.missing}
        for suffix in (".xml", ".json", ".lcov")
    ]  # fmt: skip
    assert missing[0] == missing[1] == missing[2]
    if measured.stem.name.endswith("branch"):
        assert missing[0]["awkward.py", 9] == ("10",)
        assert missing[0]["awkward.py", 42] == ("exit",)


def test_reports_say_by_what_and_when_they_were_made(measured: Measured) -> None:
    made = measured.file(".json").stat().st_mtime
    version = recorded(measured).version
    for suffix in (".xml", ".json"):
        report = reported(measured.file(suffix))
        assert (report.tool, report.version) == ("coverage.py", version)
        assert report.made is not None
        assert abs(report.made - made) < 60
    assert (reported(measured.file(".lcov")).tool, reported(measured.file(".lcov")).made) == ("LCOV", None)
