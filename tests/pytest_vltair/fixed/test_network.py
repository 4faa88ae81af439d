"""The network: a test reaches this machine and what is allowed; nothing here sends anything to anybody else."""

from __future__ import annotations

import socket
from unittest import mock

import pytest

from pytest_vltair.fixed.network import Network
from support.factors import applied, make
from support.recordings import PLAIN

ARGS = (*PLAIN, "-p", "no:cacheprovider")
BLOCKED = ("-o", "vltair_network=block")
NAMES = ("connect", "connect_ex", "sendto", "sendmsg")
LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")

TOP = """
    import asyncio, os, socket, ssl, threading, urllib.request
    import pytest
    from pytest_vltair.fixed.blocking import BlockedNetwork
    def refused(call, *args):
        with pytest.raises(BlockedNetwork) as error:
            call(*args)
        return str(error.value)
    @pytest.fixture(scope="session")
    def server():
        with socket.create_server(("127.0.0.1", 0)) as server:
            def serve():
                while True:
                    try: server.accept()[0].close()
                    except OSError: return
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            yield server.getsockname()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
"""


def passes(pytester: pytest.Pytester, suite: str, *args: str, **counts: int) -> pytest.RunResult:
    pytester.makepyfile(test_suite=TOP + suite)
    result = pytester.runpytest_subprocess(*ARGS, *BLOCKED, *args)
    result.assert_outcomes(**counts)
    return result


def attributes() -> list[object]:
    return [vars(socket.socket).get(name) for name in NAMES] + [vars(socket).get(name) for name in LOOKUPS]


class TestFactor:
    def test_it_is_put_back_exactly(self, pytestconfig: pytest.Config) -> None:
        before = attributes()
        with applied(make(Network, "block"), pytestconfig) as factor:
            assert factor.shown() == factor.demanded == "block"
            assert not set(map(id, before)) & set(map(id, attributes())) - {id(None)}
        assert attributes() == before

    def test_what_was_put_over_it_stays(self, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
        before = socket.gethostbyname
        with applied(make(Network, "block"), pytestconfig) as factor:
            check = socket.gethostbyname
            monkeypatch.setattr(socket, "gethostbyname", mock.Mock(side_effect=check))
            assert factor.shown() == "block, but not socket.gethostbyname"
            over = socket.gethostbyname
        assert socket.gethostbyname is over
        monkeypatch.undo()
        assert socket.gethostbyname is check
        socket.gethostbyname = before

    def test_one_in_another(self, pytestconfig: pytest.Config) -> None:
        before = attributes()
        with applied(make(Network, "block"), pytestconfig):
            outer = attributes()
            with applied(make(Network, "block"), pytestconfig):
                pass
            assert attributes() == outer
        assert attributes() == before

    def test_nothing_is_blocked_before_a_test(self, pytestconfig: pytest.Config) -> None:
        with applied(make(Network, "block"), pytestconfig), socket.socket(type=socket.SOCK_DGRAM) as one:
            one.connect(("192.0.2.1", 9))  # a datagram socket sends nothing by it

    @pytest.mark.parametrize("text", ["on", "blocked"])
    def test_a_wrong_setting(self, text: str) -> None:
        with pytest.raises(pytest.UsageError, match=f"vltair_network = '{text}' is none of block"):
            make(Network, text)


@pytest.mark.requirement("PYT-7")
def test_connecting_is_refused(pytester: pytest.Pytester) -> None:
    result = passes(
        pytester,
        """
    def test_streams():
        with socket.socket() as one:
            said = refused(one.connect, ("192.0.2.1", 80))
            assert said == (
                "connecting to 192.0.2.1 port 80 is blocked in the call of test_suite.py::test_streams "
                "(vltair_network = block, -o); allow it with a line 192.0.2.1:80 of vltair_network_allow, or for this "
                'test by @pytest.mark.vltair_network("192.0.2.1:80")')
            refused(one.connect_ex, ("192.0.2.1", 80))
            refused(one.connect, ("example.org", 80))
            refused(one.connect, (b"192.0.2.1", 80))
            refused(one.connect, (bytearray(b"example.org"), 80))
        assert "example.org" in refused(socket.create_connection, ("example.org", 80))
        refused(socket.create_connection, ("192.0.2.1", 80))
        refused(urllib.request.urlopen, "https://192.0.2.1/")
        with ssl.create_default_context().wrap_socket(socket.socket(), server_hostname="a") as one:
            refused(one.connect, ("192.0.2.1", 443))
    def test_datagrams():
        with socket.socket(type=socket.SOCK_DGRAM) as one:
            refused(one.sendto, b"", ("192.0.2.1", 9))
            refused(one.sendto, b"", 0, ("192.0.2.1", 9))
            refused(one.sendto, b"", ("<broadcast>", 9))
            refused(one.sendto, b"", ("224.0.0.1", 9))
            if hasattr(one, "sendmsg"):
                refused(one.sendmsg, [b""], [], 0, ("192.0.2.1", 9))
    @pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
    def test_the_newer_protocol():
        with socket.socket(socket.AF_INET6) as one:
            assert '"[2001:db8::1]:80"' in refused(one.connect, ("2001:db8::1", 80, 0, 0))
            refused(one.connect, ("::ffff:192.0.2.1", 80))
    def test_of_another_class(server):
        from collections import namedtuple
        class Own(socket.socket): pass
        with Own() as one:
            refused(one.connect, namedtuple("Place", "host port")("192.0.2.1", 80))
            one.connect(server)
    def test_it_is_no_exception():
        assert not issubclass(BlockedNetwork, Exception)
        assert issubclass(BlockedNetwork, pytest.fail.Exception)
        """,
        passed=5,
    )
    assert "can connect in C" not in result.stdout.str()


@pytest.mark.requirement("PYT-7")
def test_looking_up_is_refused(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
    @pytest.mark.parametrize("call", [
        lambda: socket.getaddrinfo("example.org", 80), lambda: socket.getaddrinfo(host="example.org", port=None),
        lambda: socket.getaddrinfo(b"example.org", 80), lambda: socket.gethostbyname("example.org"),
        lambda: socket.gethostbyname_ex("example.org"), lambda: socket.gethostbyaddr("192.0.2.1"),
        lambda: socket.getnameinfo(("192.0.2.1", 80), 0), lambda: socket.getfqdn("example.org"),
    ])
    def test_refused(call):
        assert refused(call).startswith(("looking up example.org is blocked", "looking up 192.0.2.1 is blocked"))
    def test_no_look_up():
        assert socket.getaddrinfo("192.0.2.1", 80)[0][4] == ("192.0.2.1", 80)
        assert socket.gethostbyname("192.0.2.1") == "192.0.2.1"
        both = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        assert socket.getnameinfo(("192.0.2.1", 80), both) == ("192.0.2.1", "80")
    def test_this_machine():
        assert socket.getaddrinfo(None, 80) and socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
        assert socket.gethostbyname("localhost") == "127.0.0.1"
        assert socket.gethostbyname_ex("127.0.0.1")[2] == ["127.0.0.1"]
        socket.gethostbyaddr("127.0.0.1")
        socket.getnameinfo(("127.0.0.1", 80), 0)
    def test_mistakes_are_those_of_socket():
        for call in (lambda: socket.getaddrinfo(5, 80), lambda: socket.gethostbyname(None), socket.getaddrinfo,
                     lambda: socket.getnameinfo("a", 0), lambda: socket.socket().connect(("127.0.0.1",)),
                     lambda: socket.socket().connect("127.0.0.1"), lambda: socket.socket().connect((5, 5)),
                     lambda: socket.socket().sendto(b"")):
            with pytest.raises((TypeError, OSError)): call()
        """,
        passed=11,
    )


@pytest.mark.requirement("PYT-7")
def test_this_machine_is_reached(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
    def test_loopback(server):
        for host in ("127.0.0.1", "localhost", "", "0.0.0.0"):
            socket.create_connection((host or "127.0.0.1", server[1])).close()
            with socket.socket() as one: one.connect((host, server[1]))
        with socket.socket() as one: assert one.connect_ex(server) == 0
    def test_datagrams():
        with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            assert one.sendto(b"abc", other.getsockname()) == 3
            assert one.sendmsg([b"abc"], [], 0, other.getsockname()) == 3
            one.connect(other.getsockname())
            assert one.sendmsg([b"abc"]) == 3
    def test_pairs(tmp_path):
        one, other = socket.socketpair()
        one.send(b"a")
        assert other.recv(1) == b"a"
        one.close(), other.close()
        if hasattr(socket, "AF_UNIX"):
            path = os.path.relpath(tmp_path / "s")
            with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                server.bind(path)
                server.listen()
                client.connect(path)
        """,
        passed=3,
    )


def test_event_loops(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
    def run(coroutine): return asyncio.run(coroutine)
    def test_streams(server):
        refused(run, asyncio.wait_for(asyncio.open_connection("192.0.2.1", 80), 5))
        assert "looking up example.org" in refused(run, asyncio.open_connection("example.org", 80))
        async def reach():
            _, writer = await asyncio.open_connection("localhost", server[1])
            writer.close()
            await writer.wait_closed()
        run(reach())
    def test_sockets():
        async def connect():
            with socket.socket() as one:
                one.setblocking(False)
                await asyncio.get_running_loop().sock_connect(one, ("192.0.2.1", 80))
        refused(run, connect())
    def test_looking_up():
        async def ask(): return await asyncio.get_running_loop().getaddrinfo("example.org", 80)
        refused(run, ask())
        async def name(): return await asyncio.get_running_loop().getnameinfo(("192.0.2.1", 80))
        refused(run, name())
        async def thread(): return await asyncio.to_thread(socket.gethostbyname, "example.org")
        refused(run, thread())
        """,
        passed=3,
    )


def test_every_phase_and_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import socket
        def reach():
            with socket.socket(type=socket.SOCK_DGRAM) as one: one.connect(("192.0.2.1", 9))
        reach()
        def pytest_collection_finish(): reach()
        def pytest_runtest_logreport(report): reach()
        def pytest_runtest_logfinish(): reach()
        def pytest_sessionfinish(): reach()
        """
    )
    result = passes(
        pytester,
        """
    from conftest import reach
    reach()
    @pytest.fixture(scope="session")
    def early(): reach()
    @pytest.fixture(scope="module")
    def late():
        yield
        reach()
    def test_early(early): pass
    def test_late(late): pass
    """,
        passed=1,
        errors=2,
    )
    result.stdout.fnmatch_lines(["*blocked in the setup of test_suite.py::test_early*"])
    result.stdout.fnmatch_lines(["*blocked in the teardown of test_suite.py::test_late*"])


def test_threads(pytester: pytest.Pytester) -> None:
    """Those that tests start are refused, also between phases; those that were there before are not."""
    pytester.makeconftest(
        """
        import _thread, queue, socket, threading
        asked, answered, raw = queue.Queue(), queue.Queue(), queue.Queue()
        def reach():
            try:
                with socket.socket(type=socket.SOCK_DGRAM) as one: one.connect(("192.0.2.1", 9))
            except BaseException as error:
                return type(error).__name__
            return "reached"
        def serve(asked, answered):
            while asked.get(): answered.put(reach())
        threading.Thread(target=serve, args=(asked, answered), daemon=True).start()
        raws = queue.Queue()
        _thread.start_new_thread(serve, (raw, raws))
        later = []
        def pytest_runtest_logreport(report):
            if report.when == "setup":
                asked_late, answered_late = queue.Queue(), queue.Queue()
                threading.Thread(target=serve, args=(asked_late, answered_late), daemon=True).start()
                later[:] = asked_late, answered_late
            if report.when == "call" and own:
                own[0].put(True)
                print("between:", own[1].get(timeout=5))
        own = []
        """
    )
    result = passes(
        pytester,
        """
    import queue, _thread
    import conftest
    def answer(asked, answered):
        asked.put(True)
        return answered.get(timeout=5)
    def test_those_of_others():
        assert answer(conftest.asked, conftest.answered) == "reached"
        assert answer(conftest.raw, conftest.raws) == "reached"
        assert answer(*conftest.later) == "reached"
        assert conftest.reach() == "BlockedNetwork"
    def test_those_of_tests():
        asked, answered = queue.Queue(), queue.Queue()
        threading.Thread(target=conftest.serve, args=(asked, answered), daemon=True).start()
        assert answer(asked, answered) == "BlockedNetwork"
        conftest.own[:] = asked, answered
        raw, raws = queue.Queue(), queue.Queue()
        _thread.start_new_thread(conftest.serve, (raw, raws))
        assert answer(raw, raws) == "BlockedNetwork"
    def test_next(): assert answer(*conftest.own) == "BlockedNetwork"
    """,
        "-s",
        passed=3,
    )
    assert result.stdout.str().count("between: BlockedNetwork") == 2


def test_allowed_hosts(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nvltair_network = block\nvltair_network_allow =\n    192.0.2.1\n    198.51.100.0/24:9\n  db.test:9\n"
    )
    pytester.makepyfile(
        resolver="""
        import socket
        before = socket.getaddrinfo
        def resolve(host, port, *args, **named):
            found = {"db.test": "203.0.113.5", "other.test": "203.0.113.6"}.get(host)
            return [(2, 1, 6, "", (found, port))] if found else before(host, port, *args, **named)
        socket.getaddrinfo = resolve
        """
    )
    pytester.makepyfile(
        test_suite=TOP
        + """
    def reach(host, port=9):
        with socket.socket(type=socket.SOCK_DGRAM) as one: one.connect((host, port))
    def test_addresses():
        reach("192.0.2.1"), reach("192.0.2.1", 80), reach("198.51.100.7")
        refused(reach, "198.51.100.7", 80), refused(reach, "192.0.2.2")
    def test_names():
        refused(reach, "203.0.113.5")
        assert socket.getaddrinfo("db.test", 9)[0][4][0] == "203.0.113.5"
        reach("203.0.113.5")
        refused(reach, "203.0.113.5", 10)
        refused(socket.getaddrinfo, "other.test", 9)
    @pytest.mark.vltair_network("other.test")
    def test_marker():
        socket.getaddrinfo("other.test", 9)
        reach("203.0.113.6"), reach("192.0.2.1")
        refused(reach, "203.0.113.7")
    def test_after(): refused(reach, "203.0.113.6")
    @pytest.mark.vltair_network
    def test_all(): reach("203.0.113.7"), reach("203.0.113.8")
    def test_after_all(): refused(reach, "203.0.113.7")
    """
    )
    result = pytester.runpytest_subprocess(*ARGS, "-p", "resolver")
    result.stdout.fnmatch_lines(["vltair: *network block (but for 192.0.2.1, 198.51.100.0/24:9, db.test:9); *"])
    result.assert_outcomes(passed=6)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("('http://a')", "the marker vltair_network names 'http://a', which is a URL and no host: *"),
        ("(hosts='a')", "the marker vltair_network takes hosts, and nothing by the name hosts"),
    ],
)
@pytest.mark.parametrize("blocked", [(), BLOCKED], ids=["open", "blocked"])
def test_a_wrong_marker(pytester: pytest.Pytester, marker: str, said: str, blocked: tuple[str, ...]) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.vltair_network{marker}\ndef test_a(): pass\ndef test_b(): pass\n")
    result = pytester.runpytest_inprocess(*ARGS, *blocked)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines([said])


def test_a_marker_where_nothing_is_blocked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.vltair_network('a')\ndef test_a(): pass\n")
    pytester.runpytest_inprocess(*ARGS).assert_outcomes(passed=1)


def test_a_wrong_entry(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvltair_network = block\nvltair_network_allow = https://a\n")
    result = pytester.runpytest_subprocess(*ARGS)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: tox.ini:3: vltair_network_allow = 'https://a' has 'https://a', which is a URL and no host: *"]
    )


def test_what_code_under_test_hides_is_said(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import socket
        def test_hides():
            try: socket.gethostbyname("example.org")
            except: pass
            assert False
        """
    )
    result = pytester.runpytest_subprocess(*ARGS, *BLOCKED)
    result.stdout.fnmatch_lines(["*Captured blocked network call*", "looking up example.org is blocked"])


def test_tests_that_replace_sockets(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
    from unittest import mock
    def test_replaced(monkeypatch):
        class Fake:
            def connect(self, address): return address
        monkeypatch.setattr(socket, "socket", Fake)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args: args)
        assert socket.socket().connect(("192.0.2.1", 80)) and socket.getaddrinfo("example.org", 80)
    def test_patched_methods():
        with mock.patch.object(socket.socket, "connect", autospec=True) as connect:
            socket.socket().connect(("192.0.2.1", 80))
        assert connect.called
    def test_after():
        refused(socket.socket().connect, ("192.0.2.1", 80))
        refused(socket.getaddrinfo, "example.org", 80)
        """,
        passed=3,
    )


def test_modules_that_connect_by_themselves_are_said(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(pycurl="", test_suite="import pycurl\ndef test_a(): pass\n")
    result = pytester.runpytest_subprocess(*ARGS, *BLOCKED)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["vltair: pycurl can connect in C, where the network is not blocked: *"])


def test_forked_children(pytester: pytest.Pytester) -> None:
    if "fork" not in __import__("multiprocessing").get_all_start_methods():
        pytest.skip("there is no fork")
    passes(
        pytester,
        """
    import multiprocessing
    def child(pipe): pipe.send("example.org" in refused(socket.gethostbyname, "example.org"))
    @pytest.mark.filterwarnings("ignore")
    def test_fork():
        near, far = multiprocessing.Pipe()
        process = multiprocessing.get_context("fork").Process(target=child, args=(far,))
        process.start()
        assert near.poll(10) and near.recv()
        process.join()
        """,
        passed=1,
    )


def test_what_was_never_applied_takes_nothing_away() -> None:
    before = attributes()
    make(Network, "block").restore()
    assert attributes() == before
