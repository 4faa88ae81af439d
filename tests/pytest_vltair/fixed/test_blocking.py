"""The checks themselves: what other plugins hold of sockets, what a check outlives, what a system does not have."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pytest_vltair.fixed import blocking
from pytest_vltair.fixed.blocking import Block, BlockedNetwork
from pytest_vltair.fixed.hosts import Hosts, rule
from pytest_vltair.fixed.threads import Threads

FAR = ("192.0.2.1", 9)


class Item:
    """A test, as far as a block tells of it."""

    nodeid = "test_a.py::test_a"

    def __init__(self) -> None:
        self.sections: list[tuple[str, str, str]] = []

    def add_report_section(self, *section: str) -> None:
        """Keep it."""
        self.sections.append(section)  # type: ignore[arg-type]


@pytest.fixture
def block() -> Iterator[Block]:
    made = Block(Hosts([rule("example.org")]), "vltair_network = block")
    yield made
    made.remove()


def test_what_pytest_socket_took_for_the_original_is_the_check(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs: Any = ModuleType("pytest_socket")
    original = socket.socket.connect
    theirs._true_connect, theirs._true_socket = original, socket.socket
    monkeypatch.setitem(sys.modules, "pytest_socket", theirs)
    block.install()
    assert theirs._true_connect is socket.socket.connect is not original
    assert theirs._true_socket is socket.socket
    block.remove()
    assert theirs._true_connect is socket.socket.connect is original


def test_a_function_that_a_system_does_not_have_is_not_made(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "METHODS", ("connect", "send_by_pigeon"))
    block.install()
    assert "connect" in vars(socket.socket)
    assert not hasattr(socket.socket, "send_by_pigeon")
    assert block.replaced() == []


def test_where_all_is_allowed_names_are_looked_up_and_learned(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostbyname", Resolving("192.0.2.7"))
    item: Any = Item()
    block.install()
    block.begin(item, "call")
    with block.allowing(None):
        assert socket.gethostbyname("shop.example") == "192.0.2.7"
        with socket.socket(type=socket.SOCK_DGRAM) as one:
            one.connect(FAR)  # a datagram socket sends nothing by it
    with pytest.raises(BlockedNetwork, match=r"looking up shop\.example is blocked in the call of test_a.py::test_a"):
        socket.gethostbyname("shop.example")
    assert socket.gethostbyname("example.org") == "192.0.2.7"
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.7", 9))
    block.end()
    assert item.sections == [("call", "blocked network", "looking up shop.example is blocked")]


class Resolving:
    """A look-up that asks nobody."""

    __name__ = "gethostbyname"

    def __init__(self, found: str) -> None:
        self._found = found

    def __call__(self, _host: str) -> str:
        """Always the same."""
        return self._found


def test_a_thread_of_a_test_that_outlives_the_run_is_refused_still(block: Block) -> None:
    said: list[str] = []
    goes_on = threading.Event()
    block.install()
    check = socket.socket.connect

    def work() -> None:
        goes_on.wait(10)
        with socket.socket(type=socket.SOCK_DGRAM) as one:
            try:
                check(one, FAR)
            except BlockedNetwork as error:
                said.append(str(error))

    item: Any = Item()
    block.begin(item, "call")
    thread = threading.Thread(target=work)
    thread.start()
    block.end()
    block.remove()
    goes_on.set()
    thread.join()
    assert len(said) == 1
    assert said[0].startswith("connecting to 192.0.2.1 port 9 is blocked in the call of a test (")


@pytest.mark.parametrize(
    ("known", "inside", "refused"), [(True, True, False), (False, True, True), (False, False, False)]
)
def test_a_thread_that_threading_does_not_know(known: bool, inside: bool, refused: bool) -> None:
    threads = Threads()
    number = -7
    threads._frames = lambda: {number: sys._getframe()} if known else {}
    threads.begin()
    if not inside:
        threads.end()
    threads._ident = lambda: number
    assert threads.refuse() is refused


def test_what_a_look_up_returns_is_read_in_each_of_its_forms() -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]
    assert list(blocking._addresses("192.0.2.1")) == ["192.0.2.1"]
    assert list(blocking._addresses(("name", [], ["192.0.2.1", "192.0.2.2"]))) == ["192.0.2.1", "192.0.2.2"]
    assert list(blocking._addresses(found)) == ["192.0.2.1"]
    assert blocking._text(SimpleNamespace()) is None
