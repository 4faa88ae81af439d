"""Channel: whoever speaks wrongly, too much, or not at all is told apart from a process, and keeps nobody waiting."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.bench.paired import channel, worker
from gates.builtin.bench.paired.channel import Closed, Exchange, Line, Silence
from gates.builtin.bench.paired.protocol import Done, Forked, Hello, Release
from gates.builtin.bench.paired.worker import Lost, Worker
from gates.process.child import Completed
from support.bench_processes import completed

HELLO = b'{"event":"hello","token":"%s","side":"head","pid":1}\n'


@pytest.fixture(params=[False, True], ids=["port", "file"])
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    with channel.opened(offline=request.param) as opened:
        yield opened


def connected(address: str) -> socket.socket:
    host, port, *_ = address.rsplit(":", 3)
    if port != "0":
        return socket.create_connection((host, int(port)), timeout=5.0)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5.0)
    connection.connect(host)
    return connection


def caller(exchange: Exchange, said: bytes = b"") -> socket.socket:
    connection = connected(exchange.address("t", "head"))
    connection.sendall(said)
    return connection


def pair() -> tuple[Line, socket.socket]:
    mine, theirs = socket.socketpair()
    return Line(mine), theirs


def test_a_process_that_says_hello_is_known_by_its_token(exchange: Exchange) -> None:
    with caller(exchange, HELLO % b"one" + b'{"event":"done"}\n'):
        got = exchange.accept(5.0)
        assert got is not None
        assert got[0] == "one"
        assert got[1].receive(1.0) == Done()
        got[1].close()


def test_nobody_is_waited_for_longer_than_asked(exchange: Exchange) -> None:
    began = time.monotonic()
    assert exchange.accept(0.05) is None
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\n",
        b"{}\n",
        b'{"event":"hello"}\n',
        b'{"event":"done"}\n',
        b"x" * 100_000,
        b"",
        b'{"event":',
    ],
)
def test_strangers_keep_nobody_waiting(exchange: Exchange, said: bytes) -> None:
    began = time.monotonic()
    with caller(exchange, said), caller(exchange), caller(exchange, HELLO % b"me"):
        got = exchange.accept(20.0)
    assert got is not None
    assert got[0] == "me"
    got[1].close()
    assert time.monotonic() - began < channel.PATIENCE


def test_who_says_much_before_hello_is_hung_up_on(exchange: Exchange) -> None:
    with caller(exchange, b"x" * 100_000) as stranger:
        assert exchange.accept(0.3) is None
        with suppress(ConnectionError):
            assert stranger.recv(1) == b""


def test_a_stranger_that_went_away_is_forgotten(exchange: Exchange) -> None:
    caller(exchange).close()
    caller(exchange, b"half").close()
    assert exchange.accept(0.05) is None
    with caller(exchange, HELLO % b"me"):
        got = exchange.accept(5.0)
    assert got is not None
    got[1].close()


def test_a_hello_in_pieces_is_put_together(exchange: Exchange) -> None:
    text = HELLO % b"slow"
    with caller(exchange, text[:10]) as connection:
        assert exchange.accept(0.05) is None
        connection.sendall(text[10:])
        got = exchange.accept(5.0)
    assert got is not None
    assert got[0] == "slow"
    got[1].close()


def test_silence_and_the_end_are_told_apart() -> None:
    line, theirs = pair()
    with pytest.raises(Silence):
        line.receive(0.01)
    theirs.sendall(b'{"event":')
    with pytest.raises(Silence):
        line.receive(0.0)
    theirs.sendall(b'"done"}\n{"event":"forked","id":"x"}\n{"ev')
    assert line.receive(0.0) == Done()
    assert line.receive(0.0) == Forked(id="x")
    theirs.close()
    with pytest.raises(Closed) as closed:
        line.receive(5.0)
    assert not closed.value.said
    line.close()


def test_who_trickles_is_as_silent_as_who_says_nothing() -> None:
    line, theirs = pair()
    stop = threading.Event()

    def trickle() -> None:
        while not stop.wait(0.005):
            theirs.sendall(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    began = time.monotonic()
    with pytest.raises(Silence):
        line.receive(0.1)
    assert time.monotonic() - began < 5
    stop.set()
    thread.join()
    line.close()
    theirs.close()


@given(st.binary(max_size=60).filter(lambda data: b"\n" not in data))
def test_whatever_is_no_message_closes_the_line(data: bytes) -> None:
    line, theirs = pair()
    theirs.sendall(data + b"\n")
    with pytest.raises(Closed) as closed:
        line.receive(1.0)
    assert closed.value.said
    line.close()
    theirs.close()


@given(st.lists(st.builds(Forked, id=st.text(max_size=9)), max_size=8), st.integers(1, 50))
def test_messages_come_as_they_were_sent_however_they_are_cut(messages: list[Forked], many: int) -> None:
    line, theirs = pair()
    data = b"".join(msgspec.json.encode(one) + b"\n" for one in messages)
    # Few pieces: the system's buffer holds some hundred, however small they are.
    size = len(data) // many + 1
    for at in range(0, len(data), size):
        theirs.sendall(data[at : at + size])
    assert [line.receive(1.0) for _ in messages] == messages
    line.close()
    theirs.close()


def test_a_line_without_end_is_closed() -> None:
    mine, theirs = socket.socketpair()
    line = Line(mine, longest=1000)
    theirs.sendall(b"x" * 2000)
    with pytest.raises(Closed, match="a line without end"):
        line.receive(1.0)
    line.close()
    theirs.close()


def test_telling_who_is_gone_is_noticed() -> None:
    line, theirs = pair()
    theirs.close()
    with pytest.raises(Closed):
        line.tell(Release())
    line.close()
    line.close()


class Twice:
    """A process that connects twice with its token, and speaks on the first line."""

    def run(self, _side: str, address: str, _cancel: object) -> Completed:
        hello = HELLO % address.split(":")[-2].encode()
        with connected(address) as first:
            first.sendall(hello)
            time.sleep(0.05)
            with connected(address) as second:
                second.sendall(hello)
                first.sendall(b'{"event":"collected","benchmarks":[]}\n')
                first.recv(1)
        return completed()


def test_a_process_that_connects_twice_has_one_line(exchange: Exchange) -> None:
    one = Worker("head", exchange, Twice().run)
    worker.connect([one], exchange, 5.0)
    assert one.lost is None
    assert one.collected is not None
    other = Worker("base", exchange, Twice().run)
    worker.connect([other], exchange, 5.0)
    assert other.lost is None
    worker.end([one, other])
    assert one.over


def test_who_has_no_token_of_ours_is_turned_away(exchange: Exchange) -> None:
    with caller(exchange, HELLO % b"stranger"):
        time.sleep(0.05)
        one = Worker("head", exchange, Twice().run)
        worker.connect([one], exchange, 5.0)
    assert one.lost is None
    assert one.collected is not None
    worker.end([one])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b'{"event":"done"}\n', "it began with done"),
        (b"nonsense\n", "it said what is not understood"),
        (b"", "it never"),
    ],
)
def test_what_is_said_instead_of_a_collection(exchange: Exchange, said: bytes, why: str) -> None:
    def run(_side: str, address: str, cancel: Any) -> Completed:
        with connected(address) as line:
            line.sendall(HELLO % address.split(":")[-2].encode() + said)
            cancel.wait(20.0)
        return completed()

    one = Worker("head", exchange, run)
    worker.connect([one], exchange, 10.0 if said else 0.3)
    assert one.lost is not None
    assert one.collected is None
    assert one.over
    if said:
        assert why in str(one.lost)
    else:
        assert one.lost.kind == "hung"


def test_one_that_never_connects_is_ended(exchange: Exchange) -> None:
    def run(_side: str, _address: str, cancel: Any) -> Completed:
        cancel.wait(20.0)
        return completed()

    one = Worker("base", exchange, run)
    began = time.monotonic()
    worker.connect([one], exchange, 0.2)
    assert str(one.lost) == "it was not ready to run anything in time"
    assert one.over
    assert time.monotonic() - began < 10


def met(exchange: Exchange, after: Callable[[socket.socket, Any], None]) -> Worker:
    """A process that collected nothing, and then does this with its line and what ends it."""

    def run(_side: str, address: str, cancel: Any) -> Completed:
        with connected(address) as line:
            line.sendall(HELLO % address.split(":")[-2].encode() + b'{"event":"collected","benchmarks":[]}\n')
            after(line, cancel)
        return completed("Fatal Python error: no luck", "exit code 1")

    one = Worker("head", exchange, run)
    worker.connect([one], exchange, 5.0)
    assert one.collected is not None
    return one


def test_telling_a_process_that_has_gone_loses_it(exchange: Exchange) -> None:
    one = met(exchange, lambda line, _: line.close())
    with pytest.raises(Lost, match="its process is gone: exit code 1 \\(Fatal Python error: no luck\\)"):
        one.receive(5.0)
    one.tell(Release())
    assert one.over


def test_a_process_that_does_not_listen_is_lost_when_it_is_told() -> None:
    with channel.opened(offline=True) as exchange:
        one = met(exchange, lambda line, _: line.close())
        while not one.over:
            time.sleep(0.005)
        one.tell(Release())
        assert one.lost is not None
        assert one.lost.kind == "crashed"


def test_a_process_that_hangs_up_and_goes_on_is_ended(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FAREWELL", 0.05)

    def goes_on(line: socket.socket, cancel: Any) -> None:
        line.close()
        cancel.wait(10.0)

    one = met(exchange, goes_on)
    with pytest.raises(Lost, match="it hung up and went on"):
        one.receive(5.0)
    assert one.over


def test_processes_that_do_not_end_by_themselves_are_ended_together(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "END", 0.3)
    started = [met(exchange, lambda _, cancel: cancel.wait(30.0)) for _ in range(12)]
    began = time.monotonic()
    worker.end(started)
    assert all(one.over for one in started)
    assert time.monotonic() - began < 3.0, "one after the other takes 3.6 seconds"


def test_an_interrupt_while_they_connect_ends_them(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    def run(_side: str, _address: str, cancel: Any) -> Completed:
        cancel.wait(10.0)
        return completed()

    monkeypatch.setattr(exchange, "accept", interrupted)
    one = Worker("base", exchange, run)
    with pytest.raises(KeyboardInterrupt):
        worker.connect([one], exchange, 5.0)
    assert one.over


def test_one_that_said_all_and_ended_at_once_is_heard(exchange: Exchange) -> None:
    def run(_side: str, address: str, _cancel: object) -> Completed:
        with connected(address) as line:
            line.sendall(HELLO % address.split(":")[-2].encode() + b'{"event":"collected","benchmarks":[]}\n')
        return completed()

    one = Worker("base", exchange, run)
    while not one.over:
        time.sleep(0.005)
    worker.connect([one], exchange, 5.0)
    assert one.lost is None
    assert one.collected is not None
    worker.end([one])


def test_hello_names_what_it_must() -> None:
    assert msgspec.json.decode(HELLO % b"x", type=Hello) == Hello(token="x", side="head", pid=1)


@pytest.mark.parametrize(
    ("out", "err", "words"),
    [
        ("", "", ""),
        ("collected 1 item\nno such luck\n", "", "no such luck"),
        ("", "usage: pytest\npytest: error: unrecognized arguments: --nope\n", "unrecognized arguments: --nope"),
        ("ERROR: file or directory not found: x\n\nlast\n", "", "ERROR: file or directory not found: x"),
        ("E   ImportError: no\nlast", "", "ImportError: no"),
    ],
)
def test_the_last_words_of_a_process_say_what_was_wrong(out: str, err: str, words: str) -> None:
    done = Completed(argv=(), status="OK", code=1, reason="", stdout=out.encode(), stderr=err.encode())
    assert worker.last_words(done) == words


def test_the_file_of_a_channel_is_gone_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with channel.opened(offline=True) as opened:
        path = Path(opened.address("t", "head").rsplit(":", 3)[0])
        assert path.is_socket()
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.parent.exists()
