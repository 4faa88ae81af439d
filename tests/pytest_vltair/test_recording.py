"""What one process writes down of its run."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gates.model.recorded_run import CollectError, Crash, End, Modules, Phase, Warned
from support.recordings import PLAIN, Recording, read

PASSED = [("setup", "passed"), ("call", "passed"), ("teardown", "passed")]


class Runner:
    """Runs pytest on a small project with a recording."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path / "out" / "run.jsonl"

    def __call__(self, *args: str, code: int = 0) -> Recording:
        result = self.pytester.runpytest_inprocess(*PLAIN, f"--vltair-record={self.path}", *args)
        assert result.ret == code
        recording = read(self.path)
        assert recording.end.exitstatus == code
        return recording


@pytest.fixture
def record(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.delenv("VLTAIR_SETTINGS_ENV", raising=False)
    return Runner(pytester)


def test_a_passing_run(record: Runner) -> None:
    record.pytester.makeini("[pytest]\naddopts = -ra\n")
    record.pytester.makepyfile("def test_one(): pass\nclass TestTwo:\n    def test_two(self): pass\n")
    recording = record("-k", "test", "--maxfail=3")
    names = ["test_a_passing_run.py::test_one", "test_a_passing_run.py::TestTwo::test_two"]
    assert recording.collected.selected == names
    assert recording.collected.deselected == recording.collected.other_shards == []
    assert recording.phases("test_one") == recording.phases("TestTwo::test_two") == PASSED
    call = recording.phase("TestTwo::test_two", "call")
    assert (call.path, call.line, call.message, call.worker) == ("test_a_passing_run.py", 3, "", None)
    begin = recording.begin
    assert begin.args[-3 - len(PLAIN) :] == [*PLAIN, "-k", "test", "--maxfail=3"]
    assert not [arg for arg in begin.args if "vltair" in arg]
    assert begin.addopts == ["-ra"]
    assert begin.pytest == pytest.__version__
    assert begin.python == ".".join(map(str, sys.version_info[:3]))
    assert begin.rootdir == str(record.pytester.path)
    assert begin.inipath == str(record.pytester.path / "tox.ini")
    assert (begin.keyword, begin.markexpr, begin.maxfail, begin.last_failed) == ("test", "", 3, False)
    assert (begin.workers, begin.shard, begin.commit) == (0, None, None)
    assert any(name.startswith("pytest-vltair-") for name in begin.plugins)
    assert begin.tree == recording.end.tree
    assert len({begin.tree, begin.environment, begin.settings}) == 3


def test_outcomes(record: Runner) -> None:
    record.pytester.makepyfile(
        """
        import unittest
        import pytest

        @pytest.fixture
        def broken():
            raise RuntimeError("no setup")

        @pytest.fixture
        def leaking():
            yield
            raise RuntimeError("no teardown")

        def test_setup(broken): pass
        def test_teardown(leaking): pass
        def helper():
            assert 1 == 2, "why"
        def test_fails():
            helper()
        def test_skips(): pytest.skip("not today")
        @pytest.mark.skip(reason="never")
        def test_marked(): pass
        @pytest.mark.xfail(reason="bug 12")
        def test_xfail(): assert 0
        @pytest.mark.xfail(reason="gone")
        def test_xpass(): pass
        @pytest.mark.xfail(strict=True, reason="strict")
        def test_strict(): pass
        class TestCase(unittest.TestCase):
            def test_unit(self): self.assertEqual(1, 1)
            def test_bad(self): self.assertEqual(1, 2)
            @unittest.skip("unit reason")
            def test_none(self): pass
            @unittest.expectedFailure
            def test_expected(self): self.fail()
        """
    )
    recording = record(code=1)
    assert recording.phases("test_setup") == [("setup", "failed"), ("teardown", "passed")]
    assert "no setup" in recording.phase("test_setup", "setup").message
    assert recording.phases("test_teardown") == [*PASSED[:2], ("teardown", "failed")]
    assert "no teardown" in recording.phase("test_teardown", "teardown").message
    failed = recording.phase("test_fails", "call")
    assert (failed.outcome, failed.line) == ("failed", 16)
    assert "AssertionError: why" in failed.message
    skipped = recording.phase("test_skips", "call")
    assert (skipped.outcome, skipped.message, skipped.wasxfail) == ("skipped", "Skipped: not today", False)
    assert recording.phase("test_marked", "setup").message == "Skipped: never"
    expected = recording.phase("test_xfail", "call")
    assert (expected.outcome, expected.wasxfail) == ("skipped", True)
    assert "bug 12" in expected.message
    unexpected = recording.phase("test_xpass", "call")
    assert (unexpected.outcome, unexpected.wasxfail) == ("passed", True)
    strict = recording.phase("test_strict", "call")
    assert (strict.outcome, strict.wasxfail, strict.message) == ("failed", False, "[XPASS(strict)] strict")
    assert recording.phases("TestCase::test_unit") == PASSED
    assert recording.phase("TestCase::test_bad", "call").outcome == "failed"
    assert ("skipped", "Skipped: unit reason") in [
        (phase.outcome, phase.message) for phase in recording.all(Phase) if phase.nodeid.endswith("test_none")
    ]
    assert recording.phase("TestCase::test_expected", "call").wasxfail


def test_ids_that_are_not_ascii(record: Runner) -> None:
    record.pytester.makeini("[pytest]\ndisable_test_id_escaping_and_forfeit_all_rights_to_community_support = true\n")
    record.pytester.makepyfile(
        """
        import pytest
        @pytest.mark.parametrize("text", ["é", "日本", chr(0xDC80), "a\\nb", '"'])
        def test_text(text): pass
        """
    )
    recording = record("-p", "no:cacheprovider")
    ids = [nodeid.partition("::")[2] for nodeid in recording.collected.selected]
    assert ids == ["test_text[é]", "test_text[日本]", "test_text[\\udc80]", "test_text[a\nb]", 'test_text["]']
    assert list(recording.ran().values()) == [1] * 5
    for name in ids:
        assert recording.phases(name) == PASSED


def test_messages_that_are_not_text(record: Runner) -> None:
    record.pytester.makepyfile("def test_text(): raise ValueError(chr(0xD800) + 'x' * 20_000)\n")
    message = record(code=1).phase("test_text", "call").message
    assert message.startswith("ValueError: \\ud800xxx")
    assert message.endswith(" [TRUNCATED at 16384 characters]")


def test_doctests(record: Runner) -> None:
    record.pytester.makepyfile(mod='def add():\n    """\n    >>> 1 + 1\n    3\n    """\n')
    record.pytester.maketxtfile(test_text=">>> 1\n1\n")
    recording = record("--doctest-modules", "mod.py", "test_text.txt", code=1)
    assert set(recording.collected.selected) == {"mod.py::mod.add", "test_text.txt::test_text.txt"}
    failed = recording.phase("mod.add", "call")
    assert (failed.outcome, failed.path) == ("failed", "mod.py")
    assert "Expected:" in failed.message
    assert recording.phases("test_text.txt") == PASSED


@pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="this pytest has no subtests")
def test_subtests(record: Runner) -> None:
    record.pytester.makepyfile(
        """
        def test_parts(subtests):
            with subtests.test("first", number=1):
                assert 0, "part"
            with subtests.test(number=2):
                pass
        """
    )
    recording = record(code=1)
    calls = [line for line in recording.all(Phase) if line.when == "call"]
    assert [call.outcome for call in calls] == ["failed", "passed", "failed"]
    assert calls[0].message.startswith("subtest [first] (number=1): AssertionError: part")
    assert calls[1].message.startswith("subtest (number=2)")
    assert recording.ran() == {"test_subtests.py::test_parts": 1}


def test_requirements_and_markers(record: Runner) -> None:
    record.pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.covers("SPEC-1")

        @pytest.fixture
        def late(request): request.node.add_marker(pytest.mark.requirement("LATE"))

        @pytest.mark.requirement("R-2", "R-1")
        class TestGroup:
            @pytest.mark.requirement("R-2", 7)
            @pytest.mark.skipif(False, reason="")
            def test_many(self): pass

        def test_late(late): pass
        """
    )
    recording = record("--strict-markers")
    many = recording.phase("TestGroup::test_many", "call")
    assert many.requirements == ["7", "R-1", "R-2", "SPEC-1"]
    assert many.markers == ["covers", "requirement", "skipif"]
    assert recording.phase("test_late", "call").requirements == ["LATE", "SPEC-1"]


def test_collection_errors(record: Runner) -> None:
    record.pytester.makepyfile(
        test_import="import os\nimport no_such_module_here\n",
        test_syntax="import os\n\ndef broken(:\n",
        test_raise="def helper():\n    raise ValueError('at import')\nhelper()\n",
        test_good="def test_good(): pass\n",
    )
    recording = record(code=2)
    errors = {line.path: line for line in recording.all(CollectError)}
    assert {path: error.line for path, error in errors.items()} == {
        "test_import.py": 2,
        "test_syntax.py": 3,
        "test_raise.py": 2,
    }
    assert "no_such_module_here" in errors["test_import.py"].message
    assert "at import" in errors["test_raise.py"].message
    assert recording.collected.selected == ["test_good.py::test_good"]
    assert recording.ran() == {}


def test_options_that_nobody_registered_are_named(record: Runner) -> None:
    record.pytester.makepyfile("def test_one(): pass")
    record.pytester.makeini("[pytest]\ntestpath = .\nnothing_like_it = 1\nfilterwarnings = ignore\n")
    assert record("-o", "xfail_stricd=1").begin.unknown_options == {
        "nothing_like_it": "",
        "testpath": "testpaths",
        "xfail_stricd": "xfail_strict",
    }


def test_modules_that_skip_themselves(record: Runner) -> None:
    record.pytester.makepyfile(
        test_a="import pytest; pytest.importorskip('surely_absent'); def_never_reached = 1",
        test_b="import unittest; raise unittest.SkipTest('not here')",
        test_c="def test_one(): pass",
    )
    (first, second) = record().collected.skipped_modules
    assert (first.nodeid, second.nodeid) == ("test_a.py", "test_b.py")
    assert "surely_absent" in first.message
    assert "not here" in second.message


def test_warnings(record: Runner) -> None:
    record.pytester.makeini("[pytest]\nfilterwarnings = always\n")
    record.pytester.makepyfile(
        """
        import warnings
        warnings.warn("at import")
        def test_warns():
            warnings.warn("é\\udc80", DeprecationWarning)
            warnings.warn(pytest_like())
        class pytest_like(UserWarning): pass
        """
    )
    recording = record()
    found = [
        (line.nodeid, line.when, line.category, line.message, line.path, line.line) for line in recording.all(Warned)
    ]
    file = "test_warnings.py"
    assert found == [
        ("", "collect", "UserWarning", "at import", file, 2),
        (f"{file}::test_warns", "runtest", "DeprecationWarning", "é\\udc80", file, 4),
        (f"{file}::test_warns", "runtest", "test_warnings.pytest_like", "", file, 5),
    ]


def test_warnings_before_the_session_are_kept(record: Runner) -> None:
    record.pytester.makeini("[pytest]\nno_such_setting = 1\nfilterwarnings = always\n")
    record.pytester.makepyfile("def test_one(): pass\n")
    (warning,) = record().all(Warned)
    assert (warning.when, warning.category) == ("config", "pytest.PytestConfigWarning")


def test_what_is_left_out(record: Runner) -> None:
    record.pytester.makeini("[pytest]\nmarkers = big\n")
    record.pytester.makeconftest(
        "def pytest_collection_modifyitems(items):\n    items[:] = [one for one in items if 'silent' not in one.name]\n"
    )
    record.pytester.makepyfile(
        test_x="""
        import pytest
        def test_a(): pass
        def test_b(): pass
        @pytest.mark.big
        def test_c(): pass
        def test_d(): pass
        def test_silent(): pass
        """
    )
    recording = record("-k", "not test_b", "-m", "not big", "--deselect", "test_x.py::test_d")
    assert recording.collected.selected == ["test_x.py::test_a"]
    assert sorted(recording.collected.deselected) == [f"test_x.py::test_{name}" for name in ("b", "c", "d", "silent")]
    assert (recording.begin.keyword, recording.begin.markexpr) == ("not test_b", "not big")


def test_last_failed(record: Runner) -> None:
    record.pytester.makepyfile(
        test_x="def test_a(): assert 0\ndef test_b(): pass\nclass TestC:\n    def test_c(self): pass\n",
        test_y="def test_d(): pass\n",
    )
    record(code=1)
    record.pytester.makepyfile(test_z="def test_new(): pass\n")
    recording = record("--lf", code=1)
    assert recording.begin.last_failed
    assert list(recording.ran()) == recording.collected.selected == ["test_x.py::test_a"]
    assert sorted(recording.collected.deselected) == [
        "test_x.py::TestC::test_c",
        "test_x.py::test_b",
        "test_y.py::test_d",
        "test_z.py",
    ]


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_stopping_early_leaves_tests_without_phases(record: Runner, option: str) -> None:
    record.pytester.makepyfile(test_x="def test_a(): assert 0\ndef test_b(): pass\n")
    recording = record(option, code=1)
    assert recording.begin.maxfail == 1
    assert recording.collected.selected == ["test_x.py::test_a", "test_x.py::test_b"]
    assert list(recording.ran()) == ["test_x.py::test_a"]


def test_an_interrupt_is_an_end(record: Runner) -> None:
    record.pytester.makepyfile(test_x="def test_a(): raise KeyboardInterrupt\ndef test_b(): pass\n")
    result = record.pytester.inline_run(*PLAIN, f"--vltair-record={record.path}", no_reraise_ctrlc=True)
    recording = read(record.path)
    assert result.ret == recording.end.exitstatus == 2
    assert recording.collected.selected == ["test_x.py::test_a", "test_x.py::test_b"]
    assert recording.phases("test_b") == []


def test_a_quiet_exit_leaves_tests_without_phases(record: Runner) -> None:
    record.pytester.makepyfile(
        test_x="import pytest\ndef test_a(): pytest.exit('enough', returncode=0)\ndef test_b(): pass\n"
    )
    recording = record()
    assert len(recording.collected.selected) == 2
    assert recording.phases("test_a") == [("setup", "passed")]
    assert recording.phases("test_b") == []


def test_an_internal_error_is_a_crash(record: Runner) -> None:
    record.pytester.makeconftest("def pytest_runtest_logfinish(): raise LookupError('lost')\n")
    record.pytester.makepyfile("def test_one(): pass\n")
    assert "LookupError: lost" in record(code=3).one(Crash).message


def test_a_usage_error_is_an_end(record: Runner) -> None:
    recording = record("no_such_file.py", code=4)
    assert not recording.all(Phase)
    assert not recording.all(Crash)


def test_nothing_collected(record: Runner) -> None:
    recording = record(code=5)
    assert recording.collected.selected == []


def test_a_collection_is_written_once(record: Runner) -> None:
    record.pytester.makeconftest(
        "def pytest_runtestloop(session): session.config.hook.pytest_collection_finish(session=session)\n"
    )
    record.pytester.makepyfile(test_x="def test_a(): pass\n")
    assert record().collected.selected == ["test_x.py::test_a"]


def test_collect_only(record: Runner) -> None:
    record.pytester.makepyfile(test_x="def test_a(): pass\n")
    recording = record("--collect-only")
    assert recording.collected.selected == ["test_x.py::test_a"]
    assert recording.all(Phase) == []
    assert "--collect-only" in recording.begin.args


@pytest.mark.parametrize(
    ("said", "outcome", "begins"),
    [("rerun", "rerun", "assert 1 > 1"), ("retried", "rerun", "assert 1 > 1"), ("odd", "failed", "outcome 'odd': ")],
)
def test_a_test_that_runs_again_has_all_its_phases(record: Runner, said: str, outcome: str, begins: str) -> None:
    record.pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol
        def pytest_runtest_protocol(item, nextitem):
            first = runtestprotocol(item, nextitem=nextitem, log=False)
            for report in first:
                if report.failed:
                    report.outcome = "SAID"
                item.ihook.pytest_runtest_logreport(report=report)
            runtestprotocol(item, nextitem=nextitem)
            return True
        """.replace("SAID", said)
    )
    record.pytester.makepyfile("tries = []\ndef test_flaky():\n    tries.append(1)\n    assert len(tries) > 1\n")
    recording = record()
    assert recording.phases("test_flaky") == [PASSED[0], ("call", outcome), PASSED[2], *PASSED]
    (failed,) = (phase for phase in recording.all(Phase) if phase.outcome == outcome)
    assert failed.message.startswith(begins)
    assert failed.line == 4
    assert recording.end.selected == 1


def test_a_child_process_that_crashes(record: Runner) -> None:
    """What plugins that run each test in a child say of one that went down."""
    record.pytester.makeconftest(
        """
        import pytest
        def pytest_runtest_protocol(item):
            report = pytest.TestReport(item.nodeid, item.location, {}, "failed", "CRASHED with signal 9", "???")
            item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    record.pytester.makepyfile("def test_one(): pass\n")
    recording = record(code=1)
    assert recording.one(Crash).message == "CRASHED with signal 9"
    assert recording.all(Phase) == []


def test_modules(record: Runner) -> None:
    record.pytester.mkpydir("mine")
    space = record.pytester.mkdir("space")
    space.joinpath("inner.py").write_text("")
    record.pytester.makepyfile("def test_one():\n    import mine, space.inner, mine\n")
    record.pytester.syspathinsert()
    files = record().one(Modules).files
    assert files["mine"] == "mine/__init__.py"
    assert files["space.inner"] == "space/inner.py"
    assert files["test_modules"] == "test_modules.py"
    assert Path(files["pytest"]).is_absolute()
    assert not {"json", "os", "__main__", "space", "pytest.foo"} & set(files)


@pytest.mark.parametrize("change", ["open('data.txt', 'w').close()", "__import__('os').remove('data.txt')"])
def test_changing_or_removing_a_file_changes_the_tree(record: Runner, change: str) -> None:
    record.pytester.path.joinpath("data.txt").write_text("data")
    record.pytester.makepyfile(f"def test_one():\n    {change}\n")
    recording = record()
    assert recording.begin.tree != recording.end.tree


def test_a_file_that_a_test_leaves_behind_is_no_change_of_the_tree(record: Runner) -> None:
    record.pytester.makepyfile("def test_one():\n    open('report.xml', 'w').close()\n")
    recording = record()
    assert (record.pytester.path / "report.xml").exists()
    assert recording.begin.tree == recording.end.tree


def test_place_and_time_of_the_start_are_recorded(record: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    record.pytester.makeini("[pytest]\n")
    inner = record.pytester.mkdir("inner")
    record.pytester.makepyfile(**{"inner/test_one": "def test_one(): pass\n"})
    before = datetime.now(UTC).replace(microsecond=0)
    begin = record().begin
    assert begin.invocation == "."
    assert before <= begin.started <= datetime.now(UTC)
    monkeypatch.chdir(inner)
    assert record().begin.invocation == "inner"
    monkeypatch.chdir(record.pytester.path.parent)
    assert record(str(record.pytester.path)).begin.invocation == ".."


def test_an_older_recording_is_replaced(record: Runner) -> None:
    record.pytester.makepyfile(test_x="def test_a(): pass\ndef test_b(): pass\n")
    first = record()
    again = record("-k", "test_a")
    assert len(again.all(End)) == 1
    assert again.collected.selected == ["test_x.py::test_a"]
    assert first.begin.tree == again.begin.tree
    assert first.begin.settings != again.begin.settings


def test_named_variables_are_settings(record: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    record.pytester.makepyfile("def test_one(): pass\n")
    monkeypatch.setenv("ANSWER", "42")
    plain = record().begin.settings
    monkeypatch.setenv("VLTAIR_SETTINGS_ENV", "ANSWER, MISSING")
    named = record().begin.settings
    monkeypatch.setenv("ANSWER", "43")
    assert len({plain, named, record().begin.settings}) == 3


def test_options_of_the_environment_are_recorded(record: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    record.pytester.makepyfile("def test_one(): pass\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--vltair-shard 1/1 -k 'one or two'")
    begin = record().begin
    assert begin.addopts == ["-k", "one or two"]
    assert (begin.keyword, begin.shard) == ("one or two", "1/1")


def test_the_header_names_the_recording(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess(*PLAIN, "--vltair-record", "sub/run.jsonl")
    result.stdout.fnmatch_lines([f"vltair: recording to {pytester.path / 'sub' / 'run.jsonl'}"])
    assert (pytester.path / "sub" / "run.jsonl").exists()
