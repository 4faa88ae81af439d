"""The guard: modes, what is allowed, fixtures of wider scope, other processes, and whatever goes wrong."""

from __future__ import annotations

import pytest

from support.recordings import PLAIN, WITH_XDIST

KINDS = ("-p", "no:cacheprovider", "-o", "vltair_leaks_kinds=environment directory signals modules")
REPORT = (*PLAIN, *KINDS, "--vltair-leaks=report")
LEAK = "    os.environ['LEAK'] = '1'\n"
ONE = f"import os, pytest\ndef test_a():\n{LEAK}def test_b(): assert 'LEAK' not in os.environ\n"
NAMED = '*::test_a left behind: environment: LEAK was absent and is "1" (put back)'


def left(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "left behind" in line]


def test_off_unless_asked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    for options in ((), ("--vltair-leaks=off",)):
        result = pytester.runpytest_subprocess(*PLAIN, *KINDS[:2], *options)
        assert result.parseoutcomes() == {"passed": 1, "failed": 1}
        assert not left(result)


def test_report_leaves_outcomes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["vltair: leaks: report: *", "*= leaks =*", NAMED, "1 leak of 1 test"])


def test_error_is_an_error_of_the_teardown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE)
    result = pytester.runpytest_subprocess(*PLAIN, *KINDS, "--vltair-leaks=error")
    assert result.parseoutcomes() == {"passed": 2, "errors": 1}
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_a*", "this test left behind: environment: LEAK was*", NAMED]
    )


def test_an_error_of_the_teardown_stays_what_it_is(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ONE.replace("test_a()", "test_a(bad)") + "@pytest.fixture\ndef bad():\n    yield\n    1 / 0\n")
    result = pytester.runpytest_subprocess(*PLAIN, *KINDS, "--vltair-leaks=error")
    result.stdout.fnmatch_lines(["*ZeroDivisionError*", NAMED])
    assert "this test left behind" not in result.stdout.str()


@pytest.mark.parametrize("words", ["environment", "environment: LEAK", "environment: L*", 'environment: * and is "1"'])
def test_what_is_allowed_stays(pytester: pytest.Pytester, words: str) -> None:
    pytester.makepyfile(ONE.replace("not in", "in"))
    pytester.makeini(f"[pytest]\nvltair_leaks_allow =\n    directory\n    {words}\n")
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == 0
    assert not left(result)


@pytest.mark.parametrize("words", ["environment: leak", "directory", "environment: OTHER"])
def test_what_is_not_allowed(pytester: pytest.Pytester, words: str) -> None:
    pytester.makepyfile(ONE)
    pytester.makeini(f"[pytest]\nvltair_leaks_allow = {words}\n")
    pytester.runpytest_subprocess(*REPORT).stdout.fnmatch_lines([NAMED])


@pytest.mark.parametrize(("args", "accused"), [("", False), ("'environment'", False), ("'directory'", True)])
def test_marker(pytester: pytest.Pytester, args: str, accused: bool) -> None:
    pytester.makepyfile(f"import os, pytest\n@pytest.mark.vltair_leaks({args})\ndef test_a():\n{LEAK}")
    assert bool(left(pytester.runpytest_subprocess(*REPORT))) == accused


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--vltair-leaks=raport",),
            "*--vltair-leaks: vltair_leaks = 'raport' is none of off, report, error*\"report\"?",
        ),
        (
            ("--vltair-leaks=report", "-o", "vltair_leaks_kinds=enviroment"),
            '*no kind of leak: enviroment*"environment"?',
        ),
        (("--vltair-leaks=report", "-o", "vltair_leaks_allow=thread: x"), '*names no kind of leak: *"threads"?'),
        (("--vltair-leaks=report", "-o", "vltair_leaks_allow=umask:"), "*has no pattern after the colon*"),
    ],
)
def test_wrong_settings(pytester: pytest.Pytester, options: tuple[str, ...], sentence: str) -> None:
    pytester.makepyfile(ONE)
    kinds = KINDS if "vltair_leaks_allow" in str(options) else ()
    result = pytester.runpytest_subprocess(*PLAIN, *kinds, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([sentence])


def test_wrong_marker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.vltair_leaks('enviroment')\ndef test_a(): pass\n")
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_wrong_marker.py::test_a: vltair_leaks('enviroment') *\"environment\"?"])


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_fixture_of_wider_scope(pytester: pytest.Pytester, scope: str) -> None:
    pytester.makepyfile(
        test_a=f"""
        import os, pytest
        @pytest.fixture(scope="{scope}")
        def leaky():
            os.environ["FX"] = "1"
        @pytest.fixture(scope="{scope}")
        def tidy(leaky):
            os.environ["TIDY"] = "1"
            yield
            del os.environ["TIDY"]
        class TestOne:
            def test_a(self, tidy): assert os.environ["FX"]
            def test_b(self): os.environ["FX"] = "2"
            def test_c(self): assert os.environ["FX"] == "1"
        """,
        test_b=f"import os\ndef test_d(): assert ('FX' in os.environ) == {scope in {'package', 'session'}}\n",
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == 0
    first, second = left(result)
    assert "test_b left behind: environment: FX was" in first
    last = "test_b.py::test_d" if scope in {"package", "session"} else "test_c"
    assert f"{scope} fixture leaky, ended after " in second
    assert f'{last}, left behind: environment: FX was absent and is "1" (put back)' in second


@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_what_only_a_teardown_of_wider_scope_leaves(pytester: pytest.Pytester, scope: str) -> None:
    pytester.makepyfile(
        test_a=f"""
        import os, pytest
        @pytest.fixture(scope="{scope}")
        def leaky():
            os.environ["BOTH"] = "1"
            yield
            os.environ["BOTH"] = os.environ["LATE"] = "2"
        @pytest.fixture(scope="{scope}")
        def tidy():
            saved = dict(os.environ)
            os.environ["TIDY"] = "1"
            yield
            os.environ.clear()
            os.environ.update(saved)
        class TestOne:
            def test_a(self, tidy, leaky): pass
        class TestTwo:
            def test_b(self): pass
        """,
        test_b="""
        import os
        os.environ["AT_IMPORT"] = "1"
        def teardown_module(): del os.environ["AT_IMPORT"]
        def test_c(): pass
        """,
        test_c="import os\ndef test_d(): assert 'AT_IMPORT' not in os.environ\n",
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == 0
    assert not left(result)
    path = pytester.path / "test_a.py"
    path.write_text(path.read_text("utf-8").replace("(self, tidy, leaky)", "(self, leaky)"), "utf-8")
    lines = left(pytester.runpytest_subprocess(*REPORT))
    assert [line.partition(" left behind: ")[2] for line in lines] == [
        'environment: BOTH was absent and is "2" (put back)',
        'environment: LATE was absent and is "2" (put back)',
    ]
    assert all(line.startswith(f"{scope} fixture leaky, ended after ") for line in lines)


def test_xunit_setup(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, unittest
        def setup_module(): os.environ["MODULE"] = "1"
        class TestOne(unittest.TestCase):
            @classmethod
            def setUpClass(cls): os.environ["CLASS"] = "1"
            def test_a(self): pass
            def test_b(self): pass
        """
    )
    lines = left(pytester.runpytest_subprocess(*REPORT))
    assert [line.partition(",")[0] for line in lines] == ["setUpClass", "setup_module"]


def test_first_import_within_a_fixture_is_not_the_fixtures(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(lazy="import os\nos.environ['LAZY'] = '1'\n")
    pytester.makepyfile(
        "import pytest\n@pytest.fixture(scope='module')\ndef one():\n    import lazy\ndef test_a(one): pass\n"
    )
    assert not left(pytester.runpytest_subprocess(*REPORT))


@pytest.mark.parametrize("mode", ["load", "loadfile", "loadgroup", "worksteal", "each"])
def test_workers(pytester: pytest.Pytester, mode: str) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(ONE)
    options = ("-n2", f"--dist={mode}") if mode != "each" else ("--tx=2*popen", "--dist=each")
    result = pytester.runpytest_subprocess(*WITH_XDIST, *KINDS, "--vltair-leaks=error", *options)
    times = 2 if mode == "each" else 1
    assert result.parseoutcomes() == {"passed": 2 * times, "errors": times}
    assert len([line for line in left(result) if "test_workers.py::test_a left" in line]) == times


def test_stopped_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, pytest
        @pytest.fixture(scope="session")
        def leaky(): os.environ["FX"] = "1"
        def test_a(leaky):
            os.environ["LEAK"] = "1"
            raise KeyboardInterrupt
        def test_b(): pass
        """
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    pytester.makepyfile(
        test_x="import os\ndef test_a():\n    os.environ['LEAK'] = '1'\n    assert 0\ndef test_b(): pass\n"
    )
    result = pytester.runpytest_subprocess(*REPORT, "-x", "test_x.py")
    result.stdout.fnmatch_lines([NAMED])


def test_fixture_that_ends_after_a_stopped_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, pytest
        @pytest.fixture(scope="session")
        def leaky(): os.environ["FX"] = "1"
        def test_a(leaky): assert 0
        def test_b(): pass
        """
    )
    result = pytester.runpytest_subprocess(*REPORT, "-x")
    result.stdout.fnmatch_lines(
        ['session fixture leaky*, left behind: environment: FX was absent and is "1" (put back)']
    )


def test_a_fork_accuses_nobody(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, pytest
        pid = os.getpid()
        def test_a():
            child = os.fork()
            if not child:
                os.environ["LEAK"] = "1"
                raise SystemExit
            os.waitpid(child, 0)
        def test_b(): pass
        def pytest_unconfigure(): pass
        """
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert not left(result)


def test_functions_that_tests_patch(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, signal, sys
        chdir = os.chdir
        def broken(*args): raise RuntimeError
        def test_a():
            os.environ["LEAK"] = "1"
            os.chdir("/")
            os.chdir = os.umask = signal.getsignal = signal.signal = broken
            os.getpid = lambda: 1
        def test_b():
            os.chdir = chdir  # pytest itself calls it at the end
            assert "LEAK" not in os.environ and os.getcwd() != "/"
        """
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert "INTERNALERROR" not in result.stdout.str()
    result.stdout.fnmatch_lines([NAMED])


PROBE = """
import pytest
class Probe:
    kind = "clients"
    open = []
    def look(self): return {"open": tuple(self.open)}
    def changed(self, known): return tuple(self.open) != known["open"]
    def same(self, key, before, after): return before == after
    def describe(self, key, before, after): return f"{after} open"
    def restore(self, key, before, after): self.open[:] = before; return True
    BROKEN
class Plugin:
    def pytest_vltair_leak_probes(self, config): return [Probe()]
def pytest_configure(config): config.pluginmanager.register(Plugin())
"""


def test_probe_of_a_third_party(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PROBE.replace("BROKEN", ""))
    pytester.makepyfile(
        "import conftest\ndef test_a(): conftest.Probe.open.append(1)\ndef test_b(): assert not conftest.Probe.open\n"
    )
    result = pytester.runpytest_subprocess(*REPORT, "-o", "vltair_leaks_allow=clients: nothing")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::test_a left behind: clients: (1,) open (put back)"])


@pytest.mark.parametrize("method", ["look", "changed", "same", "describe", "restore"])
def test_probe_that_raises(pytester: pytest.Pytester, method: str) -> None:
    pytester.makeconftest(PROBE.replace("BROKEN", f"def {method}(self, *args): raise ValueError('no')"))
    pytester.makepyfile(
        f"import conftest, os\ndef test_a():\n    conftest.Probe.open.append(1)\n{LEAK}def test_b(): pass\n"
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == 0
    result.stdout.fnmatch_lines([NAMED, "clients: no longer looked for: Probe raised ValueError('no')"])


def test_probe_of_a_kind_that_there_is(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PROBE.replace("BROKEN", "kind = 'umask'"))
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is a kind 'umask' of leak already"])


def test_tracebacks_and_warnings_of_first_imports_are_as_without(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(old="import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n", bad="1 / 0\n")
    pytester.makepyfile(
        """
        import importlib, pytest, sys, traceback, pickle
        def test_a(recwarn):
            import old
            assert recwarn[0].filename == __file__
            assert type(old.__spec__.loader).__name__ in ("SourceFileLoader", "AssertionRewritingHook")
            try: import bad
            except ZeroDivisionError: text = traceback.format_exc()
            assert "vltair" not in text and "importlib" not in text
            try: importlib.import_module("no_such")
            except ModuleNotFoundError: text = traceback.format_exc()
            assert "vltair" not in text
            assert not [one for one in sys.meta_path if "vltair" in repr(one)]
        def test_b(): assert importlib._bootstrap._find_and_load.__module__ != "unknown"
        """
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.ret == 0, result.outlines
