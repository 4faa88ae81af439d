"""Files of coverage data that are refused, each with the sentence that says why."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from gates.builtin.coverage.lines import LARGEST
from gates.builtin.coverage.readers import reading
from gates.builtin.coverage.readers.data import UnreadableDataError

MIB = 1 << 20
XML = '<?xml version="1.0" ?><coverage version="7">{}</coverage>'
CLASS = '<class name="m" filename="m.py"><lines>{}</lines></class>'
FILE = '{{"executed_lines": [{}], "missing_lines": [], "excluded_lines": [], "summary": {}}}'
COUNTS = '{"num_statements": 1, "missing_lines": 0}'
META = '{"format": 3, "version": "7", "timestamp": "2026-01-01T00:00:00", "branch_coverage": false}'


def refusal(path: Path) -> UnreadableDataError:
    with pytest.raises(UnreadableDataError) as caught:
        reading.read(path, contexts=True)
    return caught.value


def refused(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(refusal(path))


def json_of(meta: str = META, files: str = "{}", totals: str = COUNTS) -> str:
    return f'{{"meta": {meta}, "files": {files}, "totals": {totals}}}'


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Data of the real coverage.py: two files with jumps in two contexts."""
    path = tmp_path / ".coverage"
    data = CoverageData(str(path))
    data.set_context("one")
    data.add_arcs({"/p/m.py": [(-1, 1), (1, 2), (2, -1)], "/p/n.py": [(-1, 1), (1, -1)]})
    data.set_context("two")
    data.add_arcs({"/p/m.py": [(-1, 1), (1, 3)]})
    data.close(force=True)
    return path


def changed(path: Path, *statements: str) -> UnreadableDataError:
    with closing(sqlite3.connect(path, isolation_level=None)) as open_one:
        for statement in statements:
            open_one.execute(statement)
    return refusal(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    assert str(refusal(tmp_path / "gone")) == "it is not there"
    assert str(refusal(tmp_path)) == "it is no file"
    assert refused(tmp_path, b"") == "it is empty"
    assert str(refusal(tmp_path / "file" / "below")).startswith("it cannot be read: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names on this system")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert str(refusal(tmp_path / "pipe")) == "it is no file"


@pytest.mark.parametrize("content", [b"\0\x01\x02" * 99, b"PK\x03\x04", b"coverage: 90%\n", "naïve".encode("utf-16")])
def test_what_is_of_no_format(content: bytes, tmp_path: Path) -> None:
    expected = "it is no coverage data: neither coverage.py's own nor its XML or JSON, nor LCOV"
    assert refused(tmp_path, content) == expected


def test_data_of_coverage_4(tmp_path: Path) -> None:
    text = '!coverage.py: This is a private format, don\'t read it directly!{"lines":{"/p/m.py":[1]}}'
    assert refused(tmp_path, text) == "it is of coverage.py 4 or older, whose data no later version reads"


@pytest.mark.parametrize(
    ("head", "size", "form"),
    [(b"<coverage/>", 64 * MIB, "XML"), (b"{}", 256 * MIB, "JSON"), (b"TN:", 256 * MIB, "LCOV"),
     (b"SQLite format 3\0", 4096 * MIB, "coverage.py's data")],
)  # fmt: skip
def test_a_file_of_more_bytes_than_are_read(head: bytes, size: int, form: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(head)
    os.truncate(path, size + 1)
    assert str(refusal(path)) == f"it has {size + 1:,} bytes, and {size:,} are the most that is read of {form}"


def test_a_file_that_goes_away_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_format", lambda _: reading.LCOV)
    assert str(refusal(tmp_path / "gone")) == "it cannot be read: No such file or directory"


def test_memory_that_does_not_suffice_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(_: Path) -> reading.Format:
        raise MemoryError

    monkeypatch.setattr(reading, "_format", exhausted)
    assert str(refusal(tmp_path)) == "it is more than fits into memory"


def test_an_sqlite_database_of_something_else(tmp_path: Path) -> None:
    assert (
        str(changed(tmp_path / "other", "create table t (a)")) == "it is an SQLite database, and not one of coverage.py"
    )


def test_data_of_a_newer_and_of_an_older_coverage(database: Path) -> None:
    newer = changed(database, "update coverage_schema set version = 8")
    assert str(newer) == "it is of a newer coverage.py: its schema is 8, and 7 is the one that is known"
    assert newer.newer
    older = changed(database, "update coverage_schema set version = 5")
    assert str(older) == "it is of an older coverage.py: its schema is 5, and 7 is the one that is known"
    assert not older.newer


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("delete from coverage_schema", "it is damaged: it does not say which schema it has"),
        ("update coverage_schema set version = 'seven'", "it is damaged: it does not say which schema it has"),
        ("drop table tracer", "it is damaged: it has no table `tracer`"),
        ("alter table file rename column path to name", "it is damaged: SQLite says: no such column: path"),
        ("delete from file", "it names no file: nothing was measured"),
        ("delete from file where path = '/p/n.py'", "it is damaged: it has lines of a file that it does not name (2)"),
        ("update file set path = '' where id = 1", "it is damaged: '' is no name of a file"),
        ("update file set path = x'ff' where id = 1", "it is damaged: b'\\xff' is no name of a file"),
        ("delete from context where context = 'two'", "it is damaged: it does not name the context 2"),
        ("insert into tracer values (9, 'p')", "it is damaged: it has a plugin for a file that it does not name"),
        ("update meta set value = 'yes' where key = 'has_arcs'", "it is damaged: invalid literal for int"),
        ("update arc set tono = null where tono = 3", "it is damaged: a jump has one end"),
        ("update arc set tono = 'three' where tono = 3", "it is damaged: some of its line numbers are of no file"),
        ("update arc set tono = 2.5 where tono = 3", "it is damaged: some of its line numbers are of no file"),
        (
            f"update arc set tono = {LARGEST + 1} where tono = 3",
            "it is damaged: some of its line numbers are of no file",
        ),
        (
            f"update arc set fromno = {-LARGEST - 1} where tono = 3",
            "it is damaged: some of its line numbers are of no file",
        ),
    ],
)
def test_a_database_that_contradicts_itself(database: Path, statement: str, sentence: str) -> None:
    assert str(changed(database, statement)).startswith(sentence)


@pytest.mark.parametrize("bits", ["null", "'text'", "7", f"zeroblob({LARGEST // 8 + 2})"])
def test_lines_that_are_no_set_of_lines(tmp_path: Path, bits: str) -> None:
    data = CoverageData(str(tmp_path / ".coverage"))
    data.add_lines({"/p/m.py": [1, 2]})
    data.close(force=True)
    error = changed(tmp_path / ".coverage", f"update line_bits set numbits = {bits}")
    assert str(error) == "it is damaged: its lines are no set of lines of a file"


def test_a_database_that_was_cut(database: Path) -> None:
    size = database.stat().st_size
    os.truncate(database, size - 1)
    assert str(refusal(database)) == f"it is cut off or damaged: it has {size - 1:,} bytes, and its head says {size:,}"
    os.truncate(database, 50)
    assert str(refusal(database)) == "it is cut off: 50 bytes are not even the head of an SQLite database"


def test_a_database_that_a_killed_process_left_half_written(database: Path) -> None:
    journal = database.with_name(".coverage-journal")
    journal.write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504))
    expected = "it is half written: .coverage-journal beside it holds a change that was never ended"
    assert str(refusal(database)) == expected
    journal.write_bytes(bytes(512))
    reading.read(database, contexts=False)


@pytest.mark.parametrize(
    ("inside", "sentence"),
    [
        ("", "it names no file: nothing was measured"),
        ("<class><lines/></class>", "it has a class without a file's name"),
        (CLASS.format('<line number="1"/>'), "it does not say whether line 1 of m.py ran"),
        (CLASS.format('<line hits="1"/>'), "it has nothing for a line number"),
        (CLASS.format('<line number="0" hits="1"/>'), "it has '0' for a line number"),
        (CLASS.format('<line number="-4" hits="1"/>'), "it has '-4' for a line number"),
        (CLASS.format('<line number="99999999" hits="1"/>'), "it has '99999999' for a line number"),
        (CLASS.format(f'<line number="{"9" * 99}" hits="1"/>'), f"it has '{'9' * 36}...' for a line number"),
        (
            CLASS.format('<line number="1" hits="1" branch="true"/>'),
            "it does not say how many branches of line 1 of m.py were taken",
        ),
        (
            CLASS.format('<line number="1" hits="1" condition-coverage="150% (3/2)"/>'),
            "it does not say how many branches of line 1 of m.py were taken",
        ),
        (
            CLASS.format('<line number="1" hits="1" condition-coverage="50% (1/2)" missing-branches="2,3"/>'),
            "it names more branches of line 1 of m.py than it counts",
        ),
        (
            CLASS.format('<line number="1" hits="1" condition-coverage="50% (1/2)"/>')
            + CLASS.format('<line number="1" hits="1" condition-coverage="33% (1/3)"/>'),
            "it names m.py twice, with 2 branches in line 1 and with 3",
        ),
    ],
)
def test_xml_that_does_not_say_enough(inside: str, sentence: str, tmp_path: Path) -> None:
    assert refused(tmp_path, XML.format(inside)) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("<testsuites/>", "it is XML of something else: <testsuites> and not <coverage>"),
        ("<coverage><a></coverage>", "it is broken XML: mismatched tag: line 1, column 15"),
        ("<coverage>", "it is broken XML: no element found: line 1, column 10"),
        (
            '<coverage lines-valid="2" lines-covered="1">'
            + CLASS.format('<line number="1" hits="1"/>')
            + "</coverage>",
            "it counts 2 lines and has 1",
        ),
        (
            '<coverage lines-valid="1" lines-covered="0">'
            + CLASS.format('<line number="1" hits="1"/>')
            + "</coverage>",
            "it counts 0 lines that ran and has 1",
        ),
    ],
)
def test_xml_that_is_broken_or_of_something_else(content: str, sentence: str, tmp_path: Path) -> None:
    assert refused(tmp_path, content) == sentence


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">',
        '<!DOCTYPE coverage [<!ENTITY a "b">]>',
        '<!DOCTYPE coverage [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    ],
)
def test_xml_with_a_dtd_or_entities(doctype: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0"?>{doctype}<coverage/>'
    assert refused(tmp_path, text) == "it is XML that is not safe to read: it has a DTD or entities"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "it is broken JSON: Input data was truncated"),
        ('{"a": 1}', "it is no report of `coverage json`: Object missing required field `meta`"),
        ('{"meta": {"version": "5"}}', "has no number, and 2 and 3 are the known ones"),
        ('{"meta": {"format": "x"}}', "it is no report of `coverage json`: Expected `int`, got `str`"),
        (json_of(), "it names no file: nothing was measured"),
        (json_of(files=f'{{"m.py": {FILE.format(-1, COUNTS)}}}'), "Expected `int` >= 0"),
        (json_of(files=f'{{"m.py": {FILE.format(LARGEST + 1, COUNTS)}}}'), "Expected `int` <= 4194304"),
        (json_of(files=f'{{"m.py": {FILE.format("1, 2", COUNTS)}}}'), "it counts 1 statements in m.py and has 2"),
        (
            json_of(files=f'{{"m.py": {FILE.format(1, COUNTS.replace("0", "2"))}}}'),
            "it counts 2 missing lines in m.py and has 0",
        ),
        (
            json_of(files=f'{{"m.py": {FILE.format(1, COUNTS)}}}', totals=COUNTS.replace("1", "7")),
            "it counts 7 statements in all and has 1",
        ),
        (
            json_of(META.replace("2026-01-01", "today"), f'{{"m.py": {FILE.format(1, COUNTS)}}}'),
            "it is no report of `coverage json`: 'todayT00:00:00' is no time",
        ),
    ],
)
def test_json_that_is_broken_or_of_something_else(content: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in refused(tmp_path, content)


def test_json_of_a_newer_coverage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json_of(META.replace("3", "4")))
    error = refusal(tmp_path / "file")
    assert str(error) == "the format of this report of `coverage json` is 4, and 2 and 3 are the known ones"
    assert error.newer


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("TN:\n", "it names no file: nothing was measured"),
        ("SF:m.py\nDA:1,1\n", "it is cut off: the record of m.py has no end"),
        ("SF:\n", "it is broken at line 1: SF names no file"),
        ("SF:m.py\nSF:n.py\n", "it is broken at line 2: 'SF:n.py' has no place here"),
        ("TN:\nDA:1,1\n", "it is broken at line 2: 'DA:1,1' has no place here"),
        ("TN:\nend_of_record\n", "it is broken at line 2: 'end_of_record' has no place here"),
        ("SF:m.py\nDA:1\n", "it is broken at line 2: '' is no count"),
        ("SF:m.py\nDA:1,-1\n", "it is broken at line 2: '-1' is no count"),
        ("SF:m.py\nDA:x,1\n", "it is broken at line 2: it has 'x' for a line number"),
        ("SF:m.py\n\nDA:99999999,1\n", "it is broken at line 3: it has '99999999' for a line number"),
        ("SF:m.py\nXY:1\n", "it is broken at line 2: 'XY' is no key of a record"),
        ("SF:m.py\nhello\n", "it is broken at line 2: 'hello' has no place here"),
        ("SF:m.py\nBRDA:1,0,1\n", "it is broken at line 2: a branch is BRDA:line,block,branch,taken"),
        ("SF:m.py\nBRDA:1,0,0,yes\n", "it is broken at line 2: 'yes' is no count"),
        ("SF:m.py\nDA:1,1\nLF:2\nend_of_record\n", "it is broken at line 4: LF of m.py is 2, and the record has 1"),
        ("SF:m.py\nDA:1,0\nLH:1\nend_of_record\n", "it is broken at line 4: LH of m.py is 1, and the record has 0"),
        (
            "SF:m.py\nDA:1,1\nBRDA:1,0,0,1\nBRF:2\nBRH:1\nend_of_record\n",
            "it is broken at line 6: BRH of m.py is 1, and the record has 2",
        ),
        (
            "SF:m.py\nBRDA:1,0,0,1\nend_of_record\nSF:m.py\nBRDA:1,0,0,1\nBRDA:1,0,1,1\nend_of_record\n",
            "it is broken at line 7: it names m.py twice, with 1 branches in line 1 and with 2",
        ),
    ],
)
def test_lcov_that_is_broken(content: str, sentence: str, tmp_path: Path) -> None:
    assert refused(tmp_path, content) == sentence


def test_lcov_that_is_no_utf_8(tmp_path: Path) -> None:
    assert refused(tmp_path, b"SF:m.py\nDA:1,1\nFN:\xff\n").startswith("it is not UTF-8: ")
