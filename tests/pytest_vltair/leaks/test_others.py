"""Others: what plugins change between two tests is no test's, whoever they are and whenever they come."""

from __future__ import annotations

import pytest

from support.manners import QUIET, needs
from support.recordings import PLAIN

REPORT = (*PLAIN, "-p", "no:cacheprovider", "-o", "vltair_leaks_kinds=environment", "--vltair-leaks=report")
TESTS = "def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n"
CHANGE = "    os.environ['CHANGED'] = str(time.monotonic_ns())\n"
HOOKS = {
    "plain, after": f"def pytest_runtest_logfinish():\n{CHANGE}",
    "plain, of a report": f"def pytest_runtest_logreport(report):\n    if report.when != 'teardown': return\n{CHANGE}",
    "a wrapper around all": (
        f"@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_protocol():\n{CHANGE}    return (yield)\n"
    ),
    "an old wrapper around all": (
        f"@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_protocol():\n{CHANGE}    yield\n"
    ),
    "a wrapper that comes last": (
        "def pytest_collection_finish(session): session.config.pluginmanager.register(Late())\n"
        "class Late:\n  @pytest.hookimpl(wrapper=True, tryfirst=True)\n  def pytest_runtest_setup(self):\n"
        f"{CHANGE}    return (yield)\n"
    ),
}


def left(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "left behind" in line]


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_a_plugin_that_acts_between_tests(pytester: pytest.Pytester, hook: str) -> None:
    pytester.makeconftest(f"import os, pytest, time\n{hook}")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess(*REPORT)
    assert result.parseoutcomes() == {"passed": 3}
    assert not left(result)


def test_a_plugin_that_comes_while_tests_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import os, pytest, time\n"
        f"class Late:\n    def pytest_runtest_logfinish(self):\n    {CHANGE}"
        "@pytest.fixture(scope='session')\n"
        "def late(request): request.config.pluginmanager.register(Late())\n"
        "def test_a(late): pass\ndef test_b(): pass\n"
        "def test_c(): os.environ['LEAK'] = '1'\n"
    )
    result = pytester.runpytest_subprocess(*REPORT)
    assert [line.partition(" (")[0] for line in left(result)] == [
        'test_a_plugin_that_comes_while_tests_run.py::test_c left behind: environment: LEAK was absent and is "1"'
    ]


def test_alone_a_leak_is_named_at_its_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import os\ndef test_a(): pass\ndef test_b(): os.environ['LEAK'] = '1'\ndef test_c(): pass\n")
    (line,) = left(pytester.runpytest_subprocess(*REPORT))
    assert "::test_b left behind" in line


STARTING = """
    import threading
    from pytest_vltair.leaks import audit
    started, stop = [], threading.Event()
    def pytest_runtest_logreport(report):
        if report.when == WHEN and not started:
            started.append(threading.Thread(target=stop.wait, daemon=True))
            started[0].start()
    def pytest_unconfigure(): print("listens:", bool(audit._installed))
"""


@pytest.mark.parametrize("when", ["setup", "call"])
@pytest.mark.parametrize(("kinds", "listens"), [("threads", False), ("threads descriptors", True)])
def test_a_plugin_that_starts_a_thread_between_phases(
    pytester: pytest.Pytester, when: str, kinds: str, listens: bool
) -> None:
    pytester.makeconftest(STARTING.replace("WHEN", repr(when)))
    pytester.makepyfile(
        "import threading, time\n"
        "def test_a(): pass\n"
        "def test_b(): threading.Thread(target=time.sleep, args=[60], daemon=True).start()\n"
    )
    result = pytester.runpytest_subprocess(*REPORT, "-o", f"vltair_leaks_kinds={kinds}")
    (line,) = left(result)
    assert "::test_b left behind: threads" in line
    result.stdout.fnmatch_lines([f"listens: {listens}"])


BESIDE = (*QUIET, "-p", "no:xdist", "-o", "vltair_leaks_kinds=environment", "--vltair-leaks=report")
ASK = """
    import sys, pytest
    ASKED = pytest.StashKey()
    def pytest_configure(config): config.stash[ASKED] = "PEER" in sys.modules
    def pytest_unconfigure(config):
        print("peer:", config.stash[ASKED], "between:", config.pluginmanager.hasplugin("vltair-leaks-between"))
"""
PEERS = {
    "_hypothesis_pytestplugin": (),
    "pytest_benchmark.plugin": (),
    "pytest_cov.plugin": ("--cov=.", "--cov-report="),
    "pytest_instafail": ("--instafail",),
    "pytest_rerunfailures": (),
    "pytest_sugar": ("--force-sugar",),
    "pytest_timeout": ("--session-timeout=100",),
    **dict.fromkeys(("pytest_mock.plugin", "pytest_asyncio.plugin", "anyio.pytest_plugin"), ()),
    **dict.fromkeys(("pytest_randomly", "pytest_socket"), ()),
}
USED = {
    "an option": ("pytest_rerunfailures", ("--reruns=1",), "", ""),
    "a setting": ("pytest_rerunfailures", ("-o", "reruns=1"), "", ""),
    "a marker": ("pytest_rerunfailures", (), "@pytest.mark.flaky(reruns=1)\n", ""),
    "another option": ("pytest_timeout", ("--timeout=50",), "", ""),
    "another setting": ("pytest_timeout", ("-o", "timeout=50"), "", ""),
    "another marker": ("pytest_timeout", (), "@pytest.mark.timeout(50)\n", ""),
    "a variable": ("pytest_timeout", (), "", "50"),
}


@pytest.mark.parametrize(("peer", "options"), PEERS.items(), ids=PEERS)
def test_a_plugin_that_changes_nothing_between_tests(
    pytester: pytest.Pytester, peer: str, options: tuple[str, ...]
) -> None:
    needs(peer.partition(".")[0])
    pytester.makeconftest(ASK.replace("PEER", peer))
    pytester.makepyfile(
        "import os\ndef test_a(): pass\ndef test_b(): os.environ['LEAK'] = '1'\ndef test_c(): assert 0\n"
    )
    result = pytester.runpytest_subprocess(*BESIDE, *options)
    assert result.ret == 1
    (line,) = left(result)
    assert "::test_b left behind" in line
    result.stdout.fnmatch_lines(["peer: True between: False"])


@pytest.mark.parametrize(("peer", "options", "marker", "variable"), USED.values(), ids=USED)
def test_a_plugin_that_is_asked_to_act_between_tests(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    peer: str,
    options: tuple[str, ...],
    marker: str,
    variable: str,
) -> None:
    needs(peer)
    if variable:
        monkeypatch.setenv("PYTEST_TIMEOUT", variable)
    pytester.makeconftest(ASK.replace("PEER", peer))
    pytester.makepyfile(f"import pytest\n{marker}def test_a(): pass\ndef test_b(): pass\n")
    result = pytester.runpytest_subprocess(*BESIDE, "-o", "vltair_leaks_kinds=cheap", *options)
    assert result.parseoutcomes() == {"passed": 2}
    assert not left(result)
    result.stdout.fnmatch_lines(["peer: True between: True"])


def test_another_hook_of_a_plugin_that_was_read(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(pytest_benchmark=f"import os, time\ndef pytest_runtest_logfinish():\n{CHANGE}")
    pytester.makepyfile(test_it=TESTS)
    result = pytester.runpytest_subprocess(*BESIDE, "-p", "no:benchmark", "-p", "pytest_benchmark")
    assert result.parseoutcomes() == {"passed": 3}
    assert not left(result)


@pytest.mark.parametrize("came", ["pytest_configure(config)", "pytest_runtest_call(item)"])
def test_a_hook_within_a_phase_is_named_at_the_test_unless_it_is_allowed(pytester: pytest.Pytester, came: str) -> None:
    owner = came.partition("(")[2].rstrip(")")
    config = "config" if owner == "config" else "item.config"
    pytester.makeconftest(
        f"""
        import os
        import pytest

        class Naming:
            @pytest.hookimpl(tryfirst=True)
            def pytest_runtest_setup(self, item):
                os.environ["NAMED"] = item.name

        def {came}:
            if not {config}.pluginmanager.hasplugin("naming"):
                {config}.pluginmanager.register(Naming(), "naming")
        """
    )
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass\n")
    result = pytester.runpytest_subprocess("--vltair-leaks=report")
    result.stdout.fnmatch_lines(['*::test_b left behind: environment: NAMED was absent and is "test_b" (put back)'])
    allowed = pytester.runpytest_subprocess("--vltair-leaks=report", "-ovltair_leaks_allow=environment: NAMED")
    allowed.stdout.no_fnmatch_line("*left behind*")
