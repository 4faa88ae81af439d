"""Beside others: everything that this plugin has holds with each plugin that others use, and accuses none of them.

What is not installed is skipped, and says so; `nox -s manners` installs it all.
"""

from __future__ import annotations

import re
import sys

import pytest

from support.manners import EVERYTHING, ORDERED, QUIET, needs, run

DRAWS = """
    import random, time, urllib.request
    import pytest
    from pytest_vltair.fixed.blocking import BlockedNetwork
    @pytest.mark.parametrize("n", range(8))
    def test_draw(n):
        print("drew", n, random.random())
        assert time.gmtime().tm_year == 2020
    @pytest.mark.xdist_group("a")
    class TestClass:
        def test_network(self):
            with pytest.raises(BlockedNetwork): urllib.request.urlopen("http://192.0.2.1/", timeout=1)
        def test_after(self): print("drew", 9, random.random())
"""


def drawn(result: pytest.RunResult) -> list[str]:
    """The numbers that tests printed, by test."""
    return sorted(set(re.findall(r"drew .*", result.stdout.str())))


def ran(result: pytest.RunResult) -> tuple[str, ...]:
    """The tests in the order in which they ran."""
    return tuple(re.findall(r"::(test_\S+) PASSED", result.stdout.str()))


@pytest.fixture
def alone(pytester: pytest.Pytester) -> list[str]:
    """The numbers that are drawn with no other plugin."""
    pytester.makepyfile(test_suite=DRAWS)
    result = run(pytester, "-rP", *ORDERED)
    result.assert_outcomes(passed=10)
    found = drawn(result)
    assert len(found) == 9
    return found


class TestRandomly:
    def test_its_order_is_kept_and_named_and_its_seeds_are_off(
        self, pytester: pytest.Pytester, alone: list[str]
    ) -> None:
        needs("pytest_randomly")
        orders = set()
        for seed in (1, 2, 3):
            result = run(pytester, "-rP", "-v", f"--randomly-seed={seed}")
            result.assert_outcomes(passed=10)
            result.stdout.fnmatch_lines(["vltair: pytest-randomly sets no seeds*"])
            result.stdout.fnmatch_lines(["vltair: order fixed does not hold: plugin randomly reorders the tests (*"])
            assert drawn(result) == alone
            orders.add(ran(result))
        assert len(orders) == 3

    def test_without_its_order(self, pytester: pytest.Pytester, alone: list[str]) -> None:
        needs("pytest_randomly")
        result = run(pytester, "-rP", "--randomly-dont-reorganize")
        assert drawn(result) == alone
        assert "does not hold" not in result.stdout.str()

    def test_its_seeds_where_ours_are_kept_away(self, pytester: pytest.Pytester, alone: list[str]) -> None:
        needs("pytest_randomly")
        kept = ("-o", "vltair_seed=keep", "-o", "vltair_entropy=keep")
        again, first, other = (drawn(run(pytester, "-rP", *kept, f"--randomly-seed={seed}")) for seed in (1, 1, 2))
        assert again == first != alone
        assert other not in (first, alone)

    def test_an_order_of_ours_counts(self, pytester: pytest.Pytester) -> None:
        needs("pytest_randomly")
        pytester.makepyfile(test_suite=DRAWS)
        first, second = (
            ran(run(pytester, "-v", "--vltair-order=random", f"--randomly-seed={seed}")) for seed in (1, 2)
        )
        assert first == second
        assert len(first) == 10


def test_socket(pytester: pytest.Pytester) -> None:
    """What either refuses is refused, also when the other one has put things back."""
    needs("pytest_socket")
    pytester.makepyfile(
        test_suite="""
        import socket
        import pytest
        import pytest_socket
        from pytest_vltair.fixed.blocking import BlockedNetwork
        def connect(host):
            with socket.socket(type=socket.SOCK_DGRAM) as one: one.connect((host, 9))
        @pytest.mark.allow_hosts(["192.0.2.1", "127.0.0.1"])
        @pytest.mark.vltair_network("192.0.2.1", "192.0.2.2")
        def test_both():
            connect("192.0.2.1"), connect("127.0.0.1")
            with pytest.raises(pytest_socket.SocketConnectBlockedError): connect("192.0.2.2")
            with pytest.raises(pytest_socket.SocketConnectBlockedError): connect("192.0.2.3")
        @pytest.mark.allow_hosts(["192.0.2.1"])
        def test_only_there():
            with pytest.raises(BlockedNetwork): connect("192.0.2.1")
        @pytest.mark.disable_socket
        def test_none():
            with pytest.raises(pytest_socket.SocketBlockedError): socket.socket()
        @pytest.fixture
        def late():
            yield
            with pytest.raises(BlockedNetwork): connect("192.0.2.1")
        def test_after(late):
            connect("127.0.0.1")
            with pytest.raises(BlockedNetwork): connect("192.0.2.1")
        """
    )
    run(pytester, *ORDERED).assert_outcomes(passed=4)


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_timeout(pytester: pytest.Pytester, alone: list[str], method: str) -> None:
    """Its threads and signals are accused of nothing, and it ends a test that hangs, under a frozen clock too."""
    needs("pytest_timeout")
    result = run(pytester, "-rP", *ORDERED, "--timeout=30", f"--timeout-method={method}")
    result.assert_outcomes(passed=10)
    assert drawn(result) == alone
    pytester.makepyfile(test_suite="import time\ndef test_hangs(): time.sleep(30)\ndef test_next(): pass\n")
    frozen = "--vltair-clock=2020-02-29 frozen"
    result = run(pytester, *ORDERED, "--timeout=1", f"--timeout-method={method}", frozen)
    if method == "signal":
        result.assert_outcomes(failed=1, passed=1)
    assert result.ret == 1
    assert "Timeout" in result.stdout.str() + result.stderr.str()


def test_rerunfailures(pytester: pytest.Pytester) -> None:
    """Each try draws the same numbers and starts at the same time."""
    needs("pytest_rerunfailures")
    pytester.makepyfile(
        test_suite="""
        import random, time
        tries = set()
        count = []
        def test_flaky():
            count.append(1)
            tries.add((random.random(), int(time.time()) // 60))
            assert len(count) == 3
            assert len(tries) == 1
        def test_fails(): assert False
        """
    )
    result = run(pytester, *ORDERED, "--reruns=2", "-o", "vltair_leaks_allow=state")
    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["failed"], outcomes["rerun"]) == (1, 1, 4)


def test_coverage(pytester: pytest.Pytester, alone: list[str]) -> None:
    needs("pytest_cov")
    result = run(pytester, "-rP", *ORDERED, "--cov=test_suite", "--cov-report=term")
    result.assert_outcomes(passed=10)
    assert drawn(result) == alone
    result.stdout.fnmatch_lines(["test_suite.py * 100%"])


def test_started_by_coverage(pytester: pytest.Pytester, alone: list[str]) -> None:
    argv = (sys.executable, "-m", "coverage", "run", "--branch", "--source=.", "-m", "pytest")
    result = pytester.run(*argv, *QUIET, *EVERYTHING, *ORDERED, "-rP")
    result.assert_outcomes(passed=10)
    assert drawn(result) == alone
    pytester.run(*argv[:3], "report").stdout.fnmatch_lines(["test_suite.py * 100%"])


@pytest.mark.parametrize(
    ("module", "option", "plugin"),
    [("pytest_reverse", "--reverse", "reverse"), ("random_order", "--random-order", "random_order")],
)
def test_orders(pytester: pytest.Pytester, alone: list[str], module: str, option: str, plugin: str) -> None:
    """Theirs holds where ours is only `fixed`, and is named; ours holds where it was asked for."""
    needs(module)
    result = run(pytester, "-rP", *ORDERED, option)
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines([f"vltair: order fixed does not hold: plugin {plugin} reorders the tests (*{option}*)"])
    assert drawn(result) == alone
    first, second = (ran(run(pytester, "-v", *ORDERED, option, "--vltair-order=random")) for _ in range(2))
    assert first == second
    assert len(first) == 10


def test_repeated(pytester: pytest.Pytester) -> None:
    """Each repetition is a test of its own name, so that it has numbers of its own, which repeat."""
    needs("pytest_repeat")
    pytester.makepyfile(test_suite="import random\ndef test_draw(): print('drew', random.random())\n")
    first, second = (drawn(run(pytester, "-rP", *ORDERED, "--count=3")) for _ in range(2))
    assert first == second
    assert len(first) == 3


def test_faulthandler(pytester: pytest.Pytester, alone: list[str]) -> None:
    result = run(pytester, "-rP", *ORDERED, "-o", "faulthandler_timeout=20")
    result.assert_outcomes(passed=10)
    assert drawn(result) == alone
    pytester.makepyfile(test_suite="import time\ndef test_slow(): time.sleep(0.6)\n")
    result = run(pytester, *ORDERED, "-o", "faulthandler_timeout=0.2", "--vltair-clock=2020-02-29 frozen")
    result.assert_outcomes(passed=1)
    result.stderr.fnmatch_lines(["Timeout (0:00:00.2*)!"])


def test_coroutines(pytester: pytest.Pytester) -> None:
    needs("pytest_asyncio", "anyio")
    pytester.makepyfile(
        test_suite="""
        import asyncio, socket, time
        import anyio, pytest
        from pytest_vltair.fixed.blocking import BlockedNetwork
        @pytest.fixture
        def anyio_backend(): return "asyncio"
        async def everything():
            before = time.time()
            await anyio.sleep(0.01)
            assert time.gmtime().tm_year == 2020 and time.time() >= before
            with pytest.raises(BlockedNetwork): await asyncio.open_connection("192.0.2.1", 80)
            with pytest.raises(BlockedNetwork): await asyncio.open_connection("example.org", 80)
            with pytest.raises(BlockedNetwork): await anyio.getaddrinfo("example.org", 80)
            async def serve(stream): await stream.aclose()
            listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
            async with anyio.create_task_group() as group:
                group.start_soon(listener.serve, serve)
                port = listener.extra(anyio.abc.SocketAttribute.local_port)
                async with await anyio.connect_tcp("127.0.0.1", port): pass
                group.cancel_scope.cancel()
            await listener.aclose()
        @pytest.mark.asyncio
        async def test_asyncio(vltair_clock):
            await everything()
            vltair_clock.move_to("2021-01-01")
            await asyncio.sleep(0)
            assert time.gmtime().tm_year == 2021
        @pytest.mark.anyio
        async def test_anyio(): await everything()
        @pytest.mark.anyio
        @pytest.mark.vltair_clock("2019-01-01", frozen=True)
        @pytest.mark.vltair_network
        async def test_markers():
            assert time.time() == 1546300800
            with socket.socket(type=socket.SOCK_DGRAM) as one:
                one.setblocking(False)
                await asyncio.get_running_loop().sock_connect(one, ("192.0.2.1", 9))
        """
    )
    run(pytester, *ORDERED).assert_outcomes(passed=3)


def test_hypothesis(pytester: pytest.Pytester) -> None:
    """A refusal is a failure like others: it is reported with the example that led to it."""
    needs("hypothesis")
    pytester.makepyfile(
        test_suite="""
        import socket, time
        from hypothesis import given, strategies as st
        @given(st.integers())
        def test_it(n): assert time.gmtime().tm_year == 2020
        @given(st.integers())
        def test_refused(n):
            if n > 9: socket.gethostbyname("example.org")
        """
    )
    result = run(pytester, *ORDERED)
    result.assert_outcomes(passed=1, failed=1)
    assert re.search(r"test_refused\(\s*(E\s+)?n=10", result.stdout.str())


class TestWorkers:
    @pytest.mark.parametrize("mode", ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "each"])
    def test_every_way_of_handing_out(self, pytester: pytest.Pytester, alone: list[str], mode: str) -> None:
        needs("xdist")
        workers = "--tx=2*popen" if mode == "each" else "-n2"
        result = run(pytester, *ORDERED, "-rP", workers, f"--dist={mode}")
        result.assert_outcomes(passed=20 if mode == "each" else 10)
        assert drawn(result) == alone

    def test_a_run_that_stops_early(self, pytester: pytest.Pytester) -> None:
        needs("xdist")
        pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(40))\ndef test_a(n): assert 0\n")
        result = run(pytester, *ORDERED, "-n2", "--maxfail=2")
        assert result.ret == pytest.ExitCode.INTERRUPTED
        result.stdout.fnmatch_lines(["*stopping after 2 failures*"])

    def test_a_worker_that_goes_down(self, pytester: pytest.Pytester) -> None:
        """Its test failed and is named; the others run, in a new worker, under the same settings."""
        needs("xdist")
        more = "    def test_kill(): __import__('os')._exit(7)\n    def test_later(): test_draw(7)\n"
        pytester.makepyfile(test_suite=DRAWS + more)
        result = run(pytester, *ORDERED, "-n2")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(passed=11, failed=1)
        result.stdout.fnmatch_lines(["*worker 'gw*' crashed while running 'test_suite.py::test_kill'*"])
