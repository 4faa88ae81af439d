"""What the readers make of reports and data that the small project does not have: of others, in pieces, twice over."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from gates.builtin.coverage import lines
from gates.builtin.coverage.readers.data import Recorded, Report, Reported, UnreadableDataError, Way
from gates.builtin.coverage.readers.jumps import Jumps, packed
from gates.builtin.coverage.readers.reading import read

METHODS = '<methods><method><lines><line number="77" hits="0"/></lines></method></methods>'
CLASS = f'<class name="m" filename="{{}}">{METHODS}<lines>{{}}</lines></class>'


def report(tmp_path: Path, content: str) -> Report:
    path = tmp_path / "named.after-nothing"
    path.write_bytes(content.encode())
    found = read(path, contexts=False)
    assert isinstance(found, Report)
    return found


def recorded(data: CoverageData, *, contexts: bool = False) -> Recorded:
    data.close(force=True)
    found = read(Path(data.data_filename()), contexts=contexts)
    assert isinstance(found, Recorded)
    return found


def xml(*classes: str, sources: str = "", root: str = "") -> str:
    packages = f"<packages><package><classes>{''.join(classes)}</classes></package></packages>"
    return f"<coverage {root}><sources>{sources}</sources>{packages}</coverage>"


def ran(report: Report) -> Mapping[str, tuple[list[int], list[int]]]:
    return {path: (lines.numbers(one.lines), lines.numbers(one.ran)) for path, one in report.files.items()}


def test_the_format_is_told_by_content_and_never_by_name(tmp_path: Path) -> None:
    assert report(tmp_path, xml(CLASS.format("m.py", ""))).tool == "Cobertura"
    assert report(tmp_path, "\n\ufeff".strip() + "SF:m.py\nend_of_record\n").tool == "LCOV"
    assert report(tmp_path, '\n<?xml version="1.0"?>'.strip() + xml(CLASS.format("m.py", ""))).tool == "Cobertura"


def test_a_class_that_comes_twice_ran_where_it_ran_either_time(tmp_path: Path) -> None:
    one = CLASS.format("m.py", '<line number="1" hits="1"/><line number="2" hits="0"/>')
    other = CLASS.format("m.py", '<line number="2" hits="3"/><line number="5" hits="0"/>')
    assert ran(report(tmp_path, xml(one, other, root='lines-valid="4"'))) == {"m.py": ([1, 2, 5], [1, 2])}


def test_branches_of_a_class_that_comes_twice_are_missing_where_both_miss_them(tmp_path: Path) -> None:
    line = '<line number="1" hits="1" branch="true" condition-coverage="33% (1/3)" missing-branches="{}"/>'
    one, other = (CLASS.format("m.py", line.format(missing)) for missing in ("4,exit", "exit,9"))
    assert report(tmp_path, xml(one, other)).files["m.py"].ways == (Way(line=1, total=3, missing=("exit",)),)


def test_branches_that_are_only_counted_are_numbered(tmp_path: Path) -> None:
    counted = CLASS.format("m.py", '<line number="1" hits="1" branch="true" condition-coverage="25% (1/4)"/>')
    found = report(tmp_path, xml(counted))
    assert found.arcs
    assert found.files["m.py"].ways == (Way(line=1, total=4, missing=("#2", "#3", "#4")),)


@pytest.mark.parametrize(
    ("sources", "name", "path"),
    [
        ("", "m.py", "m.py"),
        ("<source/>", "m.py", "m.py"),
        ("<source>src</source>", "m.py", "src/m.py"),
        ("<source>/a/src/</source>", "p/m.py", "/a/src/p/m.py"),
        ("<source>\n D:\\a\\src </source>", "p/m.py", "D:\\a\\src/p/m.py"),
        ("<source>/a/src</source>", "/b/m.py", "/b/m.py"),
        ("<source>/a/src</source>", "D:/b/m.py", "D:/b/m.py"),
        ("<source>/a/src</source><source>/a/lib</source>", "p/m.py", "p/m.py"),
    ],
)
def test_names_are_joined_with_their_source(sources: str, name: str, path: str, tmp_path: Path) -> None:
    assert list(report(tmp_path, xml(CLASS.format(name, ""), sources=sources)).files) == [path]


def test_of_several_sources_it_is_the_one_that_has_the_file(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/m.py").touch()
    sources = f"<source>{tmp_path}/src</source><source>{tmp_path}/lib</source>"
    assert list(report(tmp_path, xml(CLASS.format("m.py", ""), sources=sources)).files) == [f"{tmp_path}/lib/m.py"]
    (tmp_path / "src").mkdir()
    (tmp_path / "src/m.py").touch()
    assert list(report(tmp_path, xml(CLASS.format("m.py", ""), sources=sources)).files) == ["m.py"]


@pytest.mark.parametrize(
    ("root", "made"),
    [
        ('timestamp="1700000000123"', 1700000000.123),
        ('timestamp="1700000000"', 1700000000),
        ('timestamp="now"', None),
        ("", None),
    ],
)
def test_times_are_of_milliseconds_or_seconds(root: str, made: float | None, tmp_path: Path) -> None:
    assert report(tmp_path, xml(CLASS.format("m.py", ""), root=root)).made == made


def test_xml_without_a_branch_in_it_says_whether_they_were_measured(tmp_path: Path) -> None:
    assert not report(tmp_path, xml(CLASS.format("m.py", ""), root='branch-rate="0"')).arcs
    assert report(tmp_path, xml(CLASS.format("m.py", ""), root='branch-rate="1"')).arcs


def test_a_record_per_test_is_put_together(tmp_path: Path) -> None:
    text = """\
TN:one
SF:/p/m.py
FN:1,f
FNDA:1,f
DA:1,4,checksum
DA:2,0
BRDA:1,0,0,1
BRDA:1,0,1,0
BRF:2
BRH:1
LF:2
LH:1
end_of_record
# a comment
TN:two
SF:/p/m.py
DA:1,1
DA:2,1
BRDA:1,0,0,-
BRDA:1,0,1,-
end_of_record
"""
    found = report(tmp_path, text)
    assert ran(found) == {"/p/m.py": ([1, 2], [1, 2])}
    assert found.files["/p/m.py"].ways == (Way(line=1, total=2, missing=("#1",)),)
    assert found.arcs


def test_a_line_that_comes_twice_in_a_record_ran_if_it_did_once(tmp_path: Path) -> None:
    assert ran(report(tmp_path, "SF:m\nDA:1,1\nDA:1,0\nLF:1\nend_of_record\n")) == {"m": ([1], [1])}


@pytest.mark.parametrize(
    ("branch", "name"),
    [("0,jump to line 7", "7"), ("0,exit the module", "exit"), ("0,return from function 'f'", "exit"),
     ("0,jump to the function exit", "exit"), ("0,3", "#3"), ("2,3", "#2.3"), ("0,a,b", "#a,b")],
)  # fmt: skip
def test_branches_of_lcov_by_what_describes_them(branch: str, name: str, tmp_path: Path) -> None:
    text = f"SF:m\nDA:1,1\nBRDA:1,{branch},0\nBRDA:1,9,9,1\nend_of_record\n"
    assert report(tmp_path, text).files["m"].ways == (Way(line=1, total=2, missing=(name,)),)


def test_branches_of_the_same_name_are_two(tmp_path: Path) -> None:
    text = "SF:m\nDA:1,1\nBRDA:1,0,exit,1\nBRDA:1,0,exit,0\nend_of_record\n"
    assert report(tmp_path, text).files["m"].ways == (Way(line=1, total=2, missing=("exit",)),)


def test_a_branch_of_lcov_into_excluded_code_is_not_counted(tmp_path: Path) -> None:
    taken = "BRDA:1,0,jump to line 9,1\nBRDA:1,0,jump to line 2,1\nBRDA:1,0,jump to line 3,0\nBRF:2\nBRH:1\n"
    found = report(tmp_path, f"SF:m\nDA:1,1\nDA:2,1\nDA:3,0\n{taken}end_of_record\n").files["m"]
    assert (found.ways, found.unplaced) == ((Way(line=1, total=2, missing=("3",)),), 0)


def test_json_of_format_2_and_a_branch_into_excluded_code(tmp_path: Path) -> None:
    text = """{
    "meta": {"format": 2, "version": "7.4", "timestamp": "2026-01-01T00:00:00+00:00", "branch_coverage": true},
    "files": {"m.py": {"executed_lines": [1, 2, 9], "missing_lines": [3], "excluded_lines": [9],
    "executed_branches": [[2, 9], [2, 4]], "missing_branches": [[2, -1]],
    "summary": {"num_statements": 3, "missing_lines": 1, "num_branches": 2, "missing_branches": 1}}},
    "totals": {"num_statements": 3, "missing_lines": 1, "num_branches": 2, "missing_branches": 1}, "more": [{}]}"""
    found = report(tmp_path, text)
    way = Way(line=2, total=2, missing=("exit",))
    due = Reported(lines=lines.of([1, 2, 3]), ran=lines.of([1, 2]), excluded=lines.of([9]), ways=(way,))
    assert found.files == {"m.py": due}
    assert (found.made, found.version) == (1767225600, "7.4")


DOCSTRING = """{{
    "meta": {{"format": 3, "version": "{}", "timestamp": "2026-01-01T00:00:00", "branch_coverage": false}},
    "files": {{"m.py": {{"executed_lines": [1, 3], "missing_lines": [4], "excluded_lines": [],
    "summary": {{"num_statements": 2, "missing_lines": 1}}}}}},
    "totals": {{"num_statements": 2, "missing_lines": 1}}}}"""


@pytest.mark.parametrize("version", ["7.10.0", "7.12", "7.13.0a1"])
def test_docstrings_in_json_of_older_versions_are_told_by_the_source(version: str, tmp_path: Path) -> None:
    """coveragepy#2105: up to 7.13.0 they are listed and not counted."""
    one = report(tmp_path, DOCSTRING.format(version)).files["m.py"]
    assert (one.surplus, one.lines.bit_count()) == (1, 3)
    assert one.settled(lines.of([3, 4])) == Reported(lines=lines.of([3, 4]), ran=lines.of([3]))
    for other in ([1, 3, 4], [4]):
        with pytest.raises(ValueError, match="1 of the lines are no statements"):
            one.settled(lines.of(other))


@pytest.mark.parametrize("version", ["7.13.1", "8.0", "new"])
def test_of_newer_versions_such_json_is_refused(version: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDataError, match=r"it counts 2 statements in m\.py and has 3"):
        report(tmp_path, DOCSTRING.format(version))


def test_what_has_no_surplus_is_settled() -> None:
    one = Reported(lines=6, ran=2)
    assert one.settled(0) == one


def test_contexts_with_the_same_jumps_are_one_set(tmp_path: Path) -> None:
    data = CoverageData(str(tmp_path / "data"))
    jumps = {(-1, 1), *((n, n + 1) for n in range(1, 50)), (50, -1)}
    for name in ("one", "two", "three", "four"):
        data.set_context(name)
        data.add_arcs({"/p/m.py": jumps})
    data.set_context("five")
    data.add_arcs({"/p/m.py": [(50, 60)]})
    for contexts in (False, True):
        (one,) = recorded(data, contexts=contexts).files.values()
        assert one.arcs == jumps | {(50, 60)}
        assert lines.numbers(one.lines) == [*range(1, 51), 60]
    assert lines.numbers(one.by["four"]) == [*range(1, 51)]
    assert lines.numbers(one.by["five"]) == [50, 60]


def test_tracers_and_touched_files_are_there(tmp_path: Path) -> None:
    data = CoverageData(str(tmp_path / "data"))
    data.add_lines({"/p/m.html": [1]})
    data.add_file_tracers({"/p/m.html": "templates"})
    data.touch_file("/p/n.py")
    files = recorded(data).files
    assert (files["/p/m.html"].tracer, files["/p/m.html"].lines) == ("templates", 2)
    assert (files["/p/n.py"].tracer, files["/p/n.py"].lines) == ("", 0)


def test_a_lock_of_another_process_is_not_waited_for(tmp_path: Path) -> None:
    data = CoverageData(str(tmp_path / "data"))
    data.add_lines({"/p/m.py": [1]})
    data.close(force=True)
    with closing(sqlite3.connect(tmp_path / "data", isolation_level=None)) as other:
        other.execute("begin exclusive")
        assert list(recorded(data).files) == ["/p/m.py"]


def test_names_of_files_and_folders_that_an_address_would_read_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "a b#c?mode=rw%20"
    folder.mkdir()
    data = CoverageData(str(folder / ".coverage"))
    data.add_lines({"/p/ü.py": [1]})
    assert list(recorded(data).files) == ["/p/ü.py"]


def test_jumps_are_a_set() -> None:
    jumps, at_ends = packed(3, "-1,1,2", "1,2,-1")
    assert isinstance(jumps, Jumps)
    assert (len(jumps), sorted(jumps), lines.numbers(at_ends)) == (3, [(-1, 1), (1, 2), (2, -1)], [1, 2])
    assert (1, 2) in jumps
    assert (2, 1) not in jumps
    assert jumps | {(5, 6)} == {*jumps, (5, 6)}
    assert repr(jumps) == "Jumps([(-1, 1), (1, 2), (2, -1)])"
