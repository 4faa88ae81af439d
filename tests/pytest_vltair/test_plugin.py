"""What the plugin does to a run: nothing until it is asked, and never a recording that only seems complete."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from gates.model.recorded_run import Crash
from pytest_vltair import options, tree
from support.recordings import PLAIN, read

SUITE = """
    import os, random, sys
    import pytest
    @pytest.mark.parametrize("number", [2, 1])
    def test_number(number): assert number == 1
    def test_environment(): print(sorted(name for name in os.environ if "VLTAIR" in name))
    def test_random():
        print(random.random())
        assert {name.rpartition(".")[2] for name in sys.modules if name.startswith("pytest_vltair.")} <= {
            "fixtures", "hooks", "hookspecs", "options", "plugin", "unused"}
"""


@pytest.mark.requirement("PYT-1")
def test_unconfigured_it_changes_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    pytester.makepyfile(test_suite=SUITE.replace("random.random()", "random.Random(1).random()"))
    args = (*PLAIN, "-p", "no:cacheprovider", "-rA", "--no-header", "--strict-markers")
    without = pytester.runpytest_subprocess(*args, "-p", "no:vltair")
    before = sorted(path for path in pytester.path.rglob("*") if "runpytest-" not in str(path))
    installed = pytester.runpytest_subprocess(*args)
    after = sorted(path for path in pytester.path.rglob("*") if "runpytest-" not in str(path))

    def lines(result: pytest.RunResult) -> list[str]:
        return [line for line in result.outlines if " in " not in line]

    assert (installed.ret, lines(installed), installed.errlines) == (without.ret, lines(without), without.errlines)
    assert installed.ret == 1
    assert before == after


def test_its_own_modules_are_not_rewritten(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        def test_a():
            assert type(sys.modules["pytest_vltair.recording"].__loader__).__name__ == "SourceFileLoader"
            assert not [one for one in sys.meta_path if "vltair" in getattr(one, "__module__", "")]
        """
    )
    assert pytester.runpytest_subprocess(*PLAIN, "--vltair-record=run.jsonl").ret == 0


MARKED = """
    import pytest
    @pytest.mark.requirement("A")
    @pytest.mark.covers("B")
    @pytest.mark.vltair_seed(3)
    @pytest.mark.vltair_timezone("UTC")
    @pytest.mark.vltair_locale("C")
    @pytest.mark.vltair_clock("2020-01-01")
    @pytest.mark.vltair_network("127.0.0.1")
    @pytest.mark.vltair_leaks("state")
    @pytest.mark.vltair_flaky("clock", until="2999-12-31")
    @pytest.mark.vltair_bench(limit=2.5, timeout=30)
    def test_a(vltair_seed, vltair_rng, vltair_timezone, vltair_locale, vltair_coverage): pass
"""


def test_markers_and_fixtures_are_known(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(MARKED)
    names = [text.partition("(")[0] for text in options.MARKERS]
    assert [name for name in names if name not in MARKED] == []
    assert [name for name in names if not name.startswith("vltair_")] == ["requirement", "covers"]
    pytester.runpytest_subprocess(*PLAIN, "--strict-markers", "--strict-config").assert_outcomes(passed=1)
    result = pytester.runpytest_inprocess(*PLAIN, "--markers")
    result.stdout.fnmatch_lines([f"@pytest.mark.{name}([a-z*]*): *" for name in names])
    result = pytester.runpytest_inprocess(*PLAIN, "--fixtures")
    fixtures = ("seed", "rng", "np_rng", "clock", "timezone", "locale", "coverage")
    lines = result.stdout.lines
    at = [number for number, line in enumerate(lines) if line.startswith("vltair_")]
    assert [lines[number].partition(" ")[0] for number in at] == [f"vltair_{name}" for name in fixtures]
    assert all(lines[number + 1].startswith("    ") and lines[number + 1].endswith((".", ":")) for number in at)


@pytest.mark.parametrize("name", ["vltair", "pytest_vltair.plugin"])
def test_without_autoload(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("def test_a(): pass\n")
    result = pytester.runpytest_subprocess("-p", name, "--vltair-record=run.jsonl")
    assert result.ret == 0
    recording = read(pytester.path / "run.jsonl")
    assert name not in recording.begin.args
    assert list(recording.ran()) == recording.collected.selected


def test_with_workers_and_without_autoload(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xdist")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("def test_a(): pass\n")
    result = pytester.runpytest_subprocess("-p", "vltair", "-p", "xdist", "-n1", "--vltair-record=run.jsonl")
    assert result.ret == 0
    assert len(read(pytester.path / "run.jsonl").ran()) == 1


def test_without_terminal_and_cache(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): pass\n")
    args = ("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:warnings", "--vltair-record=run.jsonl")
    assert pytester.runpytest_subprocess(*args).ret == 0
    assert not read(pytester.path / "run.jsonl").begin.last_failed


@pytest.mark.parametrize("option", ["--help", "--markers", "--fixtures", "--version"])
def test_what_runs_no_test_writes_no_recording(pytester: pytest.Pytester, option: str) -> None:
    path = pytester.path / "run.jsonl"
    path.write_text("kept")
    pytester.runpytest_inprocess(*PLAIN, option, f"--vltair-record={path}")
    # `--fixtures` collects, so that it is a run of no tests.
    assert path.read_text() == "kept" or read(path).ran() == {}


def refused(pytester: pytest.Pytester, *args: str) -> str:
    result = pytester.runpytest_inprocess(*PLAIN, *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in result.stderr.str()
    (line,) = [line for line in result.errlines if "vltair" in line and "inifile" not in line and "rootdir" not in line]
    return line


def test_a_path_that_cannot_be_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): pass\n")
    folder = pytester.mkdir("folder")
    assert refused(pytester, "--vltair-record=folder").endswith(f"cannot write {folder}: it is not a regular file")
    (folder / "file").write_text("")
    assert "cannot write" in refused(pytester, "--vltair-record=folder/file/run.jsonl")
    assert folder.is_dir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_device_is_not_written_to(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): pass\n")
    assert "not a regular file" in refused(pytester, "--vltair-record=/dev/full")
    assert Path("/dev/full").exists()


@pytest.mark.requirement("PYT-2")
@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
@pytest.mark.parametrize("limit", [300, 3_000])
def test_a_file_that_cannot_grow(pytester: pytest.Pytester, limit: int) -> None:
    pytester.makeconftest(
        f"""
        import resource
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, before[1]))
        def pytest_unconfigure(): resource.setrlimit(resource.RLIMIT_FSIZE, before)
        """
    )
    pytester.makepyfile("".join(f"def test_{number}(): pass\n" for number in range(100)))
    args = (*PLAIN, "-p", "no:cacheprovider", "--vltair-record=run.jsonl")
    result = pytester.runpytest_subprocess(*args)
    (line,) = [line for line in result.errlines if "vltair" in line]
    if limit == 300:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert line.endswith("run.jsonl: File too large")
    else:
        assert result.ret == pytest.ExitCode.INTERNAL_ERROR
        result.assert_outcomes(passed=100)
        assert line.endswith("is not complete: File too large; this run proves nothing")
    assert b'"end"' not in (pytester.path / "run.jsonl").read_bytes()


def test_a_failing_run_keeps_its_status_when_the_file_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import os\ndef test_a():\n    os.unlink('run.jsonl')\n    assert 0\n")
    result = pytester.runpytest_inprocess(*PLAIN, "--vltair-record=run.jsonl")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "it was replaced or changed while the tests ran" in result.stderr.str()


@pytest.mark.parametrize(
    "harm",
    [
        "os.unlink('run.jsonl')",
        "os.unlink('run.jsonl'); pathlib.Path('run.jsonl').write_text('{}')",
        "os.close(os.open('run.jsonl', os.O_WRONLY | os.O_TRUNC))",
        "os.truncate('run.jsonl', 100)",
        "subprocess.run([sys.executable, '-m', 'pytest', '-k', 'test_b', '--vltair-record=run.jsonl'], check=True)",
    ],
)
def test_a_file_that_others_change_is_not_left_behind(pytester: pytest.Pytester, harm: str) -> None:
    pytester.makepyfile(f"import os, pathlib, subprocess, sys\ndef test_a(): {harm}\ndef test_b(): pass\n")
    result = pytester.runpytest_inprocess(*PLAIN, "--vltair-record=run.jsonl")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    (line,) = [line for line in result.errlines if line.startswith("vltair: ")]
    assert line.endswith("it was replaced or changed while the tests ran; this run proves nothing")
    assert not (pytester.path / "run.jsonl").exists()


@pytest.mark.requirement("PYT-2")
@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_run_that_is_cut_off_has_no_end(pytester: pytest.Pytester, end: str) -> None:
    pytester.makepyfile(f"import os\ndef test_a(): pass\ndef test_down(): {end}\n")
    result = pytester.runpytest_subprocess(*PLAIN, "--vltair-record=run.jsonl")
    recording = read(pytester.path / "run.jsonl")
    assert not recording.has_end
    assert result.ret in {0, -9}
    assert len(recording.collected.selected) == 2
    assert len(recording.phases("test_a")) == 3
    assert recording.phases("test_down") == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_that_runs_on_writes_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, warnings
        warnings.simplefilter("ignore")
        def test_fork():
            child = os.fork()
            if child:
                assert os.waitpid(child, 0)[1] == 0
        def test_after(): pass
        """
    )
    result = pytester.runpytest_subprocess(*PLAIN, "-W", "ignore", "--vltair-record=run.jsonl")
    assert result.ret == 0
    recording = read(pytester.path / "run.jsonl")
    assert list(recording.ran().values()) == [1, 1]


def test_a_status_that_changes_after_the_session_is_the_one_recorded(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        kept = []
        def pytest_sessionstart(session): kept.append(session)
        @pytest.hookimpl(trylast=True)
        def pytest_unconfigure(): kept[0].exitstatus = 17
        """
    )
    pytester.makepyfile("def test_a(): pass\n")
    assert pytester.runpytest_inprocess(*PLAIN, "--vltair-record=run.jsonl").ret == 17
    assert read(pytester.path / "run.jsonl").end.exitstatus == 17


def test_an_error_after_the_session_leaves_no_end(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_unconfigure(): raise LookupError('late')\n")
    pytester.makepyfile("def test_a(): pass\n")
    result = pytester.runpytest_subprocess(*PLAIN, "--vltair-record=run.jsonl")
    assert result.ret != 0
    assert not read(pytester.path / "run.jsonl").has_end


def test_an_error_of_the_recorder_is_an_internal_error(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import math\ndef pytest_runtest_logreport(report):\n    report.duration = math.nan\n")
    pytester.makepyfile("def test_a(): pass\n")
    result = pytester.runpytest_inprocess(*PLAIN, "--vltair-record=run.jsonl")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "ValueError" in read(pytester.path / "run.jsonl").one(Crash).message


def test_runs_inside_a_recorded_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("pytest_plugins = ['pytester']\n")
    pytester.makepyfile(
        test_outer=f"""
        import pytest, warnings
        PLAIN = {PLAIN!r}
        def test_nested(pytester):
            pytester.makepyfile("import pytest, warnings\\ndef test_in():\\n  warnings.warn('inner')\\n  assert 0")
            assert pytester.runpytest_inprocess(*PLAIN).ret == 1
            assert pytester.runpytest_inprocess(*PLAIN, "--vltair-record=inner.jsonl").ret == 1
            assert pytester.runpytest_subprocess(*PLAIN, "--vltair-record=sub.jsonl").ret == 1
        def test_main(tmp_path):
            tmp_path.joinpath("test_two.py").write_text("def test_two(): pass")
            for name in ("one", "two"):
                assert pytest.main([*PLAIN, f"--vltair-record={{tmp_path / name}}", str(tmp_path)]) == 0
            one, two = ((tmp_path / name).read_text().splitlines() for name in ("one", "two"))
            assert len(one) == len(two) and '"end"' in one[-1]
        """
    )
    result = pytester.runpytest_subprocess(*PLAIN, "-W", "always", "--vltair-record=run.jsonl")
    assert result.ret == 0, result.stdout.str()
    recording = read(pytester.path / "run.jsonl")
    assert recording.ran() == {"test_outer.py::test_nested": 1, "test_outer.py::test_main": 1}
    assert recording.end.warnings == 0


def test_the_variable_of_options_does_not_reach_inner_runs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest("pytest_plugins = ['pytester']\n")
    pytester.makepyfile(f"def test_outer(pytester):\n    assert pytester.runpytest_subprocess(*{PLAIN!r}).ret == 5\n")
    path = pytester.path / "run.jsonl"
    # pytester takes the variable away at its start; what follows is as if the user's shell had set it.
    monkeypatch.setenv("PYTEST_ADDOPTS", f"--vltair-record={path}")
    assert pytester.runpytest_subprocess(*PLAIN).ret == 0
    assert len(read(path).ran()) == 1


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "a/b", "1/2/3", "1.0/2", "²/3", "1 /2"])
def test_a_shard_that_is_none(pytester: pytest.Pytester, text: str) -> None:
    complaint = f"ERROR: --vltair-shard: {text!r} is not a shard: write INDEX/COUNT such as 2/4, counted from 1"
    assert refused(pytester, f"--vltair-shard={text}") == complaint


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot read *No such file or directory"),
        (b"\xff\xfe", "cannot read *it is not JSON"),
        (b"{", "cannot read *it is not JSON"),
        (b"[]", "*is not an object of node id to seconds"),
        (b'{"a": "1"}', "*gives a '1', which is not a number of seconds"),
        (b'{"a": true}', "*gives a True, *"),
        (b'{"a": -1}', "*gives a -1, *"),
        (b'{"a": NaN}', "*gives a nan, *"),
        (b'{"a": Infinity}', "*gives a inf, *"),
    ],
)
def test_durations_that_cannot_be_used(pytester: pytest.Pytester, content: bytes | None, complaint: str) -> None:
    if content is not None:
        (pytester.path / "times.json").write_bytes(content)
    args = ("--vltair-shard=1/2", "--vltair-durations=times.json")
    from fnmatch import fnmatchcase

    assert fnmatchcase(refused(pytester, *args), f"ERROR: --vltair-durations: {complaint}")


def test_durations_need_a_shard(pytester: pytest.Pytester) -> None:
    assert "needs --vltair-shard" in refused(pytester, "--vltair-durations=times.json")


def test_a_source_that_cannot_be_read(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tree stands in for one with a folder without permission, which root may read all the same."""
    monkeypatch.setattr(tree, "files", unreadable)
    complaint = "ERROR: --vltair-record: secret cannot be read: Permission denied"
    assert refused(pytester, "--vltair-record=run.jsonl") == complaint
    assert not (pytester.path / "run.jsonl").exists()


def test_a_source_that_can_be_read_no_more(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile("def test_a(): pass\n")
    monkeypatch.setattr("pytest_vltair.recording.digest", unreadable)
    result = pytester.runpytest_inprocess(*PLAIN, "--vltair-record=run.jsonl")
    path = pytester.path / "run.jsonl"
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert f"{path} is not complete: secret cannot be read: Permission denied; " in result.stderr.str()
    assert not read(path).has_end


def unreadable(*_: object) -> NoReturn:
    raise tree.UnreadableTree("secret", "Permission denied")
