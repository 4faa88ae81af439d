"""Sources become parses once for each content, and whatever goes wrong on the way is a refusal with one sentence."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.coverage import kept, parsing
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.lines import decoded, numbers
from gates.engine.context import GateContext
from gates.engine.observer import Silent
from gates.model.evidence import Refusal, refuse
from gates.model.reason import Reason
from gates.process.interpreter import Interpreter
from gates.testing.run import context
from support import reckoned

SOURCE = "def run(a):\n    if a:\n        return 1\n    return 2\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of two files."""
    root = (tmp_path / "project").resolve()
    root.mkdir()
    (root / "a.py").write_text(SOURCE, "utf-8")
    (root / "b.py").write_text("x = 1\n", "utf-8")
    return root


def refused(asked: GateContext, *paths: str, **keys: Any) -> Reason:
    found = parsing.parse(asked, paths, **keys)
    assert isinstance(found, Refusal)
    return found.reason


def test_a_content_is_parsed_once(root: Path) -> None:
    first = reckoned.parsed(root, ["a.py", "b.py"])
    again = reckoned.parsed(root, ["a.py", "b.py"])
    assert (first.fresh, again.fresh) == (2, 0)
    assert dict(first) == dict(again)
    assert numbers(decoded(first["a.py"].lines)) == [1, 2, 3, 4]
    assert first["a.py"].ways == {2: (3, 4)}


def test_only_what_changed_is_parsed_again(root: Path) -> None:
    reckoned.parsed(root, ["a.py", "b.py"])
    (root / "b.py").write_text("\nx = 1\n", "utf-8")
    found = reckoned.parsed(root, ["a.py", "b.py"])
    assert found.fresh == 1
    assert numbers(decoded(found["b.py"].lines)) == [2]


def test_newlines_of_another_system_are_the_same_content(root: Path) -> None:
    before = reckoned.parsed(root, ["a.py"])
    (root / "a.py").write_bytes(SOURCE.replace("\n", "\r\n").encode())
    found = reckoned.parsed(root, ["a.py"])
    assert found.fresh == 0
    assert found["a.py"] == before["a.py"]


def test_the_same_content_at_a_new_place_is_known(root: Path) -> None:
    reckoned.parsed(root, ["a.py"])
    (root / "a.py").rename(root / "moved.py")
    assert reckoned.parsed(root, ["moved.py"]).fresh == 0


def test_other_settings_are_another_parse(root: Path) -> None:
    reckoned.parsed(root, ["a.py"])
    (root / ".coveragerc").write_text("[report]\nexclude_also = return 2\n", "utf-8")
    found = reckoned.parsed(root, ["a.py"])
    assert found.fresh == 1
    assert numbers(decoded(found["a.py"].excluded)) == [4]
    (root / ".coveragerc").unlink()
    assert reckoned.parsed(root, ["a.py"]).fresh == 0


def test_settings_are_read_from_the_file_that_is_named(root: Path) -> None:
    (root / "named.ini").write_text("[report]\nexclude_also = return 2\n", "utf-8")
    assert decoded(reckoned.parsed(root, ["a.py"], config="named.ini")["a.py"].excluded) == 1 << 4


def garbage(store: Path) -> None:
    store.write_bytes(b"no database at all" * 100)


def truncated(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:5000])


def empty(store: Path) -> None:
    store.write_bytes(b"")


def foreign(store: Path) -> None:
    store.unlink()
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("create table parse (one text)")


def altered(store: Path) -> None:
    with closing(sqlite3.connect(store)) as database, database:
        database.execute('update parse set value = cast(replace(value, \'"lines":"1e"\', \'"lines":"02"\') as blob)')


def exchanged(store: Path) -> None:
    with closing(sqlite3.connect(store)) as database, database:
        rows = database.execute("select rowid, value, checksum from parse").fetchall()
        for (number, _, _), (_, value, checksum) in zip(rows, reversed(rows), strict=True):
            database.execute("update parse set value = ?, checksum = ? where rowid = ?", (value, checksum, number))


@pytest.mark.parametrize("damage", [garbage, truncated, empty, foreign, altered, exchanged])
def test_a_damaged_store_is_none(root: Path, damage: Callable[[Path], None]) -> None:
    before = reckoned.parsed(root, ["a.py", "b.py"])
    damage(reckoned.asked(root).state / kept.NAME)
    found = reckoned.parsed(root, ["a.py", "b.py"])
    assert found.fresh > 0
    assert dict(found) == dict(before)
    # A store that could not be written is removed, and the run after that makes a new one.
    assert 0 in [reckoned.parsed(root, ["a.py", "b.py"]).fresh for _ in range(2)]


def test_without_a_place_to_keep_anything_it_parses_all_the_same(root: Path) -> None:
    (reckoned.asked(root).state / kept.NAME).mkdir()
    assert [reckoned.parsed(root, ["a.py"]).fresh for _ in range(2)] == [1, 1]


def test_the_oldest_parses_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 4)
    for number in range(8):
        kept.store(tmp_path, "key", {str(number): b"{}"})
    assert sorted(kept.load(tmp_path, map(str, range(8)))["key"]) == ["4", "5", "6", "7"]


def test_many_files_are_parsed_by_several_processes_to_the_same_end(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"many{number:02}.py" for number in range(30)]
    for number, path in enumerate(paths):
        (root / path).write_text(SOURCE + f"y = {number}\n" * number, "utf-8")
    several = dict(reckoned.parsed(root, paths))
    (reckoned.asked(root).state / kept.NAME).unlink()
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert dict(reckoned.parsed(root, paths)) == several
    assert [one.last for one in several.values()] == [4 + number for number in range(30)]


def test_a_source_that_does_not_parse_is_named_with_its_line(root: Path) -> None:
    (root / "b.py").write_text("x = 1\ny = (\n", "utf-8")
    reason = refused(reckoned.asked(root), "a.py", "b.py")
    assert reason.code == "unreadable"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert reason.message == f"b.py:2 is no Python that Python {version} can parse: '(' was never closed"


@pytest.mark.parametrize("source", [b"x = 1\n\tindented\n", b"x = '\x00'\n", b"# coding: nonsense\nx = 1\n", b"'''\n"])
def test_whatever_does_not_parse_is_a_refusal(root: Path, source: bytes) -> None:
    (root / "b.py").write_bytes(source)
    reason = refused(reckoned.asked(root), "b.py")
    assert reason.code == "unreadable"
    assert reason.message.startswith("b.py")
    assert "\n" not in reason.message


@pytest.mark.parametrize("jobs", [1, 2])
def test_warnings_of_a_source_are_no_errors(root: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: jobs)
    paths = [f"odd{number:02}.py" for number in range(20)]
    for path in paths:
        (root / path).write_text("x = '\\d' is 1\n", "utf-8")
    asked = context(root, CoverageGate(), environ={"PYTHONWARNINGS": "error"})
    assert isinstance(parsing.parse(asked, paths), parsing.Parses)


def test_errors_that_the_project_ignores_leave_the_file_out_as_coverage_does(root: Path) -> None:
    (root / ".coveragerc").write_text("[report]\nignore_errors = true\n", "utf-8")
    (root / "b.py").write_text("y = (\n", "utf-8")
    found = reckoned.parsed(root, ["a.py", "b.py"])
    assert list(found) == ["a.py"]
    assert found.left_out == {"b.py": "report:ignore_errors"}


def test_a_file_that_is_never_measured_need_not_parse(root: Path) -> None:
    (root / ".coveragerc").write_text("[run]\nomit = samples/*\n", "utf-8")
    (root / "samples").mkdir()
    (root / "samples" / "broken.py").write_text("y = (\n", "utf-8")
    found = reckoned.parsed(root, ["a.py", "samples/broken.py"])
    assert list(found) == ["a.py"]
    assert found.left_out == found.unmeasured == {"samples/broken.py": "run:omit"}


def test_what_is_no_python_is_left_out_as_coverage_does(root: Path) -> None:
    (root / "page.html").write_text("<p>\n", "utf-8")
    assert reckoned.parsed(root, ["page.html"]).left_out == {"page.html": "it is no Python"}


def test_files_that_the_settings_leave_out_are_named_with_the_setting(root: Path) -> None:
    (root / ".coveragerc").write_text("[run]\nomit = a.py\n[report]\nomit = */b.py\n", "utf-8")
    found = reckoned.parsed(root, ["a.py", "b.py"])
    assert found.left_out == {"b.py": "report:omit"}
    assert found.unmeasured == {"a.py": "run:omit"}
    assert list(found) == ["a.py"]


def test_files_that_the_settings_do_not_include_are_left_out(root: Path) -> None:
    (root / ".coveragerc").write_text("[run]\ninclude = a*\nrelative_files = true\n[report]\ninclude = a.py\n", "utf-8")
    found = reckoned.parsed(root, ["a.py", "b.py"])
    assert found.left_out == {"b.py": "report:include"}
    assert found.unmeasured == {"b.py": "run:include"}


def test_what_is_reported_is_what_coverage_reports(root: Path) -> None:
    (root / "run.py").write_text("import a, b\na.run(1)\n", "utf-8")
    reckoned.coverage(root, "run", "--branch", "run.py")
    (root / ".coveragerc").write_text("[report]\nomit =\n    run.py\n    b*\n", "utf-8")
    assert reckoned.ours(root) == reckoned.theirs(root)
    assert set(reckoned.ours(root)) == {"a.py"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [("[report]\nexclude_also = (\n", "exclude_also"), ("[run]\nplugins = no_such_plugin\n", "no_such_plugin")],
)
def test_settings_that_coverage_refuses_are_refused(root: Path, settings: str, said: str) -> None:
    (root / ".coveragerc").write_text(settings, "utf-8")
    reason = refused(reckoned.asked(root), "a.py")
    assert reason.code == "tool_config_invalid"
    assert said in reason.message


def test_a_source_that_is_not_there_is_refused(root: Path) -> None:
    reason = refused(reckoned.asked(root), "gone.py")
    assert (reason.code, reason.message) == (
        "unreadable",
        "gone.py was measured and cannot be read: No such file or directory",
    )


def test_without_an_interpreter_its_refusal_is_passed_on(root: Path) -> None:
    asked = reckoned.asked(root)
    missing = refuse("interpreter_missing", "there is none", "make one")
    asked.world = msgspec.structs.replace(asked.world, python=missing)
    assert refused(asked, "a.py") == missing.reason


def test_without_coverage_in_the_judged_environment_it_says_what_to_install(root: Path) -> None:
    asked = reckoned.asked(root)
    assert isinstance(asked.python, Interpreter)
    bare = msgspec.structs.replace(asked.python, site=(), further=())
    asked.world = msgspec.structs.replace(asked.world, python=bare)
    reason = refused(asked, "a.py")
    assert reason.code in {"package_missing", "tool_missing"}
    assert "coverage" in reason.fix


def test_the_command_in_a_report_is_the_same_everywhere(root: Path) -> None:
    asked = reckoned.asked(root)
    parsing.parse(asked, ["a.py"])
    assert asked.commands == [("python", "-P", "$SCRATCH/parses/analysis.py", "$SCRATCH/parses")]


def test_a_parser_that_takes_too_long_is_refused(root: Path) -> None:
    assert refused(context(root, CoverageGate(), timeout=0.01), "a.py").code == "timeout"


def fake(asked: GateContext, folder: Path, script: str) -> GateContext:
    """The context with an interpreter that is a shell script; it gets the folder of the answers as $3."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    assert isinstance(asked.python, Interpreter)
    python = msgspec.structs.replace(asked.python, path=program)
    asked.world = msgspec.structs.replace(asked.world, python=python)
    return asked


HEAD = """echo '{"version": "7", "key": "k", "missing": 1}' > $3/head.json; """
PARSED = (
    '{"sha256":"%s","last":1,"lines":"%s","excluded":"0","blank":"0","first":{},"ways":{},"excused":"0",'
    '"jumps":[],"functions":[],"pragmas":0}'
)


def answer(text: str) -> str:
    return f"{HEAD}echo '{text}' > $3/answers.jsonl"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for Python")
@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("echo 'boom: it broke' >&2; exit 3", "tool_crashed", "exit code 3: boom: it broke"),
        ("exit 0", "unparsable_output", "answered what cannot be read"),
        (f"{HEAD}: > $3/answers.jsonl", "unparsable_output", "said nothing of a.py"),
        (answer('{"id": 7, "error": "x"}'), "unparsable_output", "cannot be read"),
        (answer('{"id": 0, "parsed": {"sha256": "a"}}'), "unparsable_output", "missing required field"),
        (answer('{"id": 0, "par'), "unparsable_output", "cannot be read"),
        (answer('{"id": 0, "parsed": ' + PARSED % ("other", "1") + "}"), "evidence_stale", "a.py changed while"),
        (
            answer('{"id": 0, "parsed": ' + PARSED % (parsing.digest(SOURCE.encode()), "no") + "}"),
            "unparsable_output",
            "",
        ),
    ],
)
def test_answers_are_never_trusted(root: Path, tmp_path: Path, script: str, code: str, said: str) -> None:
    reason = refused(fake(reckoned.asked(root), tmp_path, script), "a.py")
    assert reason.code == code
    assert said in reason.message


class Listener(Silent):
    """Keeps what is said, and says when something was."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.heard = threading.Event()

    def progressed(self, gate: str, text: str) -> None:
        self.said.append(f"{gate}: {text}")
        self.heard.set()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for Python")
def test_what_takes_long_says_how_far_it_is(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "PATIENCE", 0.02)
    listener = Listener()
    asked = fake(reckoned.asked(root), tmp_path, answer('{"id": 0, "error": "is odd"}') + "; sleep 0.4")
    asked.world = msgspec.structs.replace(asked.world, observer=listener)
    assert refused(asked, "a.py").message == "a.py is odd"
    assert "coverage: 1 of 1 sources parsed" in listener.said


PLUGIN = """\
from coverage import CoveragePlugin, FileReporter
from coverage.plugin import CodeRegion

class Reporter(FileReporter):
    def lines(self):
        return {1, 2, 3, 5}
    def excluded_lines(self):
        return {4}
    def translate_lines(self, lines):
        return {3 if line == 6 else line for line in lines}
    def code_regions(self):
        return [CodeRegion("function", "block", 2, {3, 4}), CodeRegion("class", "other", 1, {2})]

class Plugin(CoveragePlugin):
    def file_reporter(self, filename):
        return Reporter(filename)

def coverage_init(reg, options):
    reg.add_file_tracer(Plugin())
"""


def test_files_of_a_plugin_are_parsed_by_it(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from coverage import CoverageData

    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "template_plugin.py").write_text(PLUGIN, "utf-8")
    (root / ".coveragerc").write_text("[run]\nplugins = template_plugin\n", "utf-8")
    page = root / "page.txt"
    page.write_text("1\n\n# 3\n4\n5\n6\n", "utf-8")
    data = CoverageData(str(root / ".coverage"))
    data.add_lines({str(page): [1, 3, 6]})
    data.add_file_tracers({str(page): "template_plugin.Plugin"})
    data.write()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
    asked = context(root, CoverageGate(), environ={"PYTHONPATH": str(tmp_path / "library")})
    tracers = {"page.txt": "template_plugin.Plugin"}
    found = [parsing.parse(asked, ["page.txt"], tracers=tracers) for _ in range(2)][1]
    assert isinstance(found, parsing.Parses)
    assert found.fresh == 1
    assert found["page.txt"].functions == (("block", 2, 4),)
    assert found["page.txt"].first == {6: 3}
    monkeypatch.setattr(reckoned, "asked", lambda _: asked)
    assert reckoned.ours(root) == reckoned.theirs(root)


def test_a_plugin_that_is_not_enabled_is_a_refusal(root: Path) -> None:
    (root / "page.txt").write_text("<p>\n", "utf-8")
    reason = refused(reckoned.asked(root), "page.txt", tracers={"page.txt": "gone.Plugin"})
    assert reason.message == "page.txt was measured by the plugin gone.Plugin, which coverage's settings do not enable"
