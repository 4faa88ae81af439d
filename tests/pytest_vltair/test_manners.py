"""Manners: until it is asked for, and when it is switched off, the plugin changes nothing."""

from __future__ import annotations

import os
import re
import sys

import pytest

from support.manners import ORDERED, needs

STATE = """
    import atexit, gc, locale, logging, os, random, signal, sys, threading, time, warnings
    from datetime import datetime
    import pytest
    def handlers():
        return [(one, getattr(signal.getsignal(one), "__qualname__", str(signal.getsignal(one))))
                for one in sorted(signal.valid_signals())]
    def state():
        return {
            "environment": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
            "directory": os.getcwd(), "umask": (mask := os.umask(0), os.umask(mask))[0],
            "locale": locale.setlocale(locale.LC_ALL), "zone": (time.tzname, time.timezone),
            "filters": [str(one) for one in warnings.filters], "path": sys.path,
            "finders": [str(type(one)) + getattr(one, "__name__", "") for one in sys.meta_path],
            "hooks": len(sys.path_hooks), "signals": handlers(), "threads": [one.name for one in threading.enumerate()],
            "recursion": sys.getrecursionlimit(), "logging": (logging.root.level, len(logging.root.handlers)),
            "hash": hash("a") if os.environ.get("PYTHONHASHSEED") else 0, "clock": datetime.now().year > 2024,
            "switch": sys.getswitchinterval(), "streams": [type(sys.stdin), sys.stdout.encoding, sys.stderr.encoding],
            "limits": gc.get_threshold(), "modules": sorted(name for name in sys.modules if name.startswith(
                ("time_machine", "hypothesis", "numpy", "pytest_vltair.fixed", "pytest_vltair.leaks"))),
        }
"""
SUITE = (
    STATE
    + """
    for name, value in state().items(): print("at collection:", name, value)
    @pytest.mark.parametrize("number", [3, 1, 2])
    def test_number(number): assert number != 2
    def test_seed():
        random.seed(5)
        print(random.random())
    def test_goes_on(): print(random.random())
    def test_state():
        for name, value in state().items(): print(name, value)
    def test_leaks():
        os.environ["LEFT"] = "behind"
        random.seed(6)
        threading.Thread(target=time.sleep, args=(0.01,), daemon=True).start()
    def test_leaked(): print(os.environ["LEFT"], random.random())
    @pytest.mark.skip
    def test_skipped(): pass
    @pytest.mark.xfail
    def test_expected(): assert False
    @pytest.fixture
    def broken(): raise ValueError
    def test_error(broken): pass
"""
)


MORE = """
'''
>>> import os
>>> "VLTAIR" in str(os.environ)
False
>>> 1 + 1
3
'''
import unittest
def setUpModule(): print("set up")
class TestUnit(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.numbers = []
    def test_unit(self):
        with self.subTest("sub"): self.assertEqual(1, 2)
    def test_other(self): self.numbers.append(1)
    @unittest.expectedFailure
    def test_expected(self): self.fail()
"""
CHANGING = re.compile(r"runpytest-\d+|0x[0-9a-f]+|\d+\.\d\ds( \(.*\))?|={3,}")
NO_CACHE = ("-p", "no:cacheprovider")


def outcome(pytester: pytest.Pytester, *args: str) -> tuple[int, list[str], list[str]]:
    """Exit code and output, without what differs from run to run."""
    result = pytester.runpytest_subprocess(*args)
    out = [CHANGING.sub("", one) for one in result.outlines if not one.startswith("plugins: ")]
    return int(result.ret), out, result.errlines


def listing(pytester: pytest.Pytester) -> list[tuple[str, int]]:
    """Every file below the test's folder but those of pytest's own temporary folders."""
    found = sorted(path for path in pytester.path.rglob("*") if "runpytest-" not in str(path))
    return [(str(path.relative_to(pytester.path)), path.stat().st_mode) for path in found]


KEPT = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")


class TestUnconfigured:
    @pytest.fixture(autouse=True)
    def _without_what_this_run_has_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in set(os.environ).difference(KEPT):
            if not name.startswith("COV"):
                monkeypatch.delenv(name)

    @pytest.mark.parametrize(
        "args",
        [
            ("-rA", *NO_CACHE),
            ("--collect-only", *NO_CACHE),
            ("--collect-only", "-q", "-q", *NO_CACHE),
            ("-n1", *NO_CACHE),
            ("--ff", "-x"),
            ("-v", *NO_CACHE),
            ("-q", "-q", *NO_CACHE),
            ("-s", "--import-mode=importlib", *NO_CACHE),
            ("--doctest-modules", "--strict-markers", "--strict-config", *NO_CACHE),
            ("-p", "no:terminal", "-s", *NO_CACHE),
            ("-p", "no:logging", "-p", "no:faulthandler", "-p", "no:warnings", "-p", "no:unittest", *NO_CACHE),
            ("-o", "faulthandler_timeout=30", "--junitxml=report.xml", *NO_CACHE),
            ("-k", "nothing_has_this_name", *NO_CACHE),
            ("absent.py", *NO_CACHE),
            ("--maxfail=1", "-W", "error", *NO_CACHE),
            ("--fixtures-per-test", "--rootdir=.", *NO_CACHE),
        ],
        ids=" ".join,
    )
    def test_nothing_changes(
        self, pytester: pytest.Pytester, args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if "-n1" in args:
            needs("xdist")
        monkeypatch.setenv("PYTHONHASHSEED", "0")
        pytester.makepyfile(test_suite=SUITE)
        pytester.mkdir("below").joinpath("test_more.py").write_text(MORE)
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        if "--ff" in args:
            outcome(pytester, *args, *ORDERED, "-p", "no:vltair")  # for a cache of what failed
        without = outcome(pytester, *args, *ORDERED, "-p", "no:vltair")
        before = listing(pytester)
        assert outcome(pytester, *args, *ORDERED) == without
        assert listing(pytester) == before
        assert any("environment {" in line for line in without[1]) == ("-rA" in args or "-s" in args)

    def test_runs_in_one_process(self, pytester: pytest.Pytester) -> None:
        """Two runs, and one within a test, find the process as they do without the plugin."""
        pytester.makepyfile(
            test_inner="import random\ndef test_a(): assert random.random() >= 0\ndef test_b(): assert 0\n",
            test_outer="""
            pytest_plugins = ["pytester"]
            def test_within(pytester):
                pytester.makepyfile("def test_a(): pass\\ndef test_b(): assert 0\\n")
                pytester.runpytest_inprocess("-pno:cacheprovider").assert_outcomes(passed=1, failed=1)
            """,
            program=STATE
            + """
    import contextlib, io
    args = ["-pno:cacheprovider", "-pno:randomly", *sys.argv[1:]]
    def run(name):
        with contextlib.redirect_stdout(io.StringIO()):
            return int(pytest.main([name, *args]))
    print(run("test_inner.py"), run("test_inner.py"), run("test_outer.py"))
    random.seed(1)
    before = state()
    print(run("test_inner.py"))
    for name, value in state().items():
        if value != before[name] and name not in ("path", "finders"): print(name, before[name], value)
    print(random.random())
    """,
        )
        installed, without = (
            pytester.run(sys.executable, "program.py", *args).outlines for args in ((), ("-pno:vltair",))
        )
        assert installed == without
        assert installed[:2] == ["1 1 0", "1"]


class TestSwitchedOff:
    INI = "[pytest]\nvltair = guard\nvltair_clock = 2020-01-01\nvltair_network_allow = a\n"
    SUITE = "import time\ndef test_a(): assert time.gmtime().tm_year > 2020\n"

    def test_its_keys_are_unknown_to_pytest(self, pytester: pytest.Pytester) -> None:
        pytester.makeini(self.INI)
        pytester.makepyfile(self.SUITE)
        result = pytester.runpytest_subprocess(*NO_CACHE, "-p", "no:vltair")
        assert result.ret == 0
        result.stdout.fnmatch_lines(["*PytestConfigWarning: Unknown config option*: vltair*", "*1 passed*"])
        assert "vltair: " not in result.stdout.str()

    def test_a_strict_configuration_refuses_them(self, pytester: pytest.Pytester) -> None:
        pytester.makeini(self.INI)
        pytester.makepyfile(self.SUITE)
        result = pytester.runpytest_subprocess(*NO_CACHE, "-p", "no:vltair", "--strict-config")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: Unknown config option*: vltair*"])

    def test_off_is_a_value_that_knows_the_keys(self, pytester: pytest.Pytester) -> None:
        pytester.makeini(self.INI)
        pytester.makepyfile(self.SUITE)
        result = pytester.runpytest_subprocess(*NO_CACHE, "--vltair=off", "--strict-config")
        result.assert_outcomes(passed=1)
        assert "vltair: " not in result.stdout.str()

    def test_its_markers_and_fixtures_go(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import pytest
            @pytest.mark.vltair_seed(1)
            def test_a(): pass
            def test_b(vltair_seed): pass
            """
        )
        result = pytester.runpytest_subprocess(*NO_CACHE, "-p", "no:vltair")
        result.stdout.fnmatch_lines(["*fixture 'vltair_seed' not found"])
        result.stdout.fnmatch_lines(["*PytestUnknownMarkWarning: Unknown pytest.mark.vltair_seed*"])
        result.stdout.fnmatch_lines(["*1 passed*1 error*"])
