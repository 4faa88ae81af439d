"""Descriptors: what stays open is named and closed by what owns it; garbage, loops and handlers are not accused."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from pytest_vltair.leaks import audit, descriptors
from pytest_vltair.leaks.descriptors import Descriptors
from pytest_vltair.leaks.values import MISSING
from support.leaving import accused


def test_what_is_left_is_closed(pytester: pytest.Pytester) -> None:
    source = """
        import os, pytest, socket, tempfile, threading
        kept = []
        def test_text(): kept.append(open("text.txt", "w")); kept[0].write("unwritten")
        def test_1():
            assert kept[0].closed
            with open("text.txt") as file: assert file.read() == "unwritten"
        def test_raw(): kept.append(open("text.txt", "rb", buffering=0))
        def test_2(): assert kept[1].closed
        def test_low(): kept.append(os.open("text.txt", os.O_RDONLY))
        def test_3():
            with pytest.raises(OSError): os.fstat(kept[2])
        def test_socket():
            kept.append(socket.socket()); kept[3].bind(("127.0.0.1", 0)); kept[3].listen()
        def test_4(): assert kept[3].fileno() == -1
        def test_pair(): kept.extend(socket.socketpair())
        def test_5(): assert kept[4].fileno() == kept[5].fileno() == -1
        def test_two():
            kept.append(open("text.txt")); kept.append(open("text.txt", "rb"))
        def test_6(): assert kept[6].closed and kept[7].closed
        def test_pipe(): kept.extend(os.pipe())
        def test_7(): os.close(kept[8]); os.close(kept[9])
    """
    found = accused(pytester, "descriptors", source)
    assert list(found) == ["test_text", "test_raw", "test_low", "test_socket", "test_pair", "test_two", "test_pipe"]
    for name in ("test_text", "test_raw", "test_low"):
        assert found[name][0].endswith(f"is left open: {pytester.path / 'text.txt'}")
    assert ", at 127.0.0.1:" in found["test_socket"][0]
    assert len(found["test_pair"]) == len(found["test_two"]) == len(found["test_pipe"]) == 2
    assert [name for name, whats in found.items() if whats[0].endswith("!")] == ["test_pipe"]


def test_innocent(pytester: pytest.Pytester) -> None:
    source = """
        import asyncio, logging, multiprocessing, os, pytest, socket, sys, tempfile, builtins
        @pytest.fixture(scope="session")
        def handler():
            handler = logging.FileHandler("log.txt", delay=True)
            logging.getLogger().addHandler(handler)
            yield
            logging.getLogger().removeHandler(handler)
            handler.close()
        @pytest.fixture(scope="module")
        def server():
            with socket.socket() as listening: yield listening
        kept = []
        def test_closed(tmp_path):
            with open(tmp_path / "x", "w") as file: file.write("x")
            with socket.socket(): pass
            for end in os.pipe(): os.close(end)
        def test_garbage():
            ring = [open(__file__)]
            ring.append(ring)
        def test_handler(handler): logging.getLogger().warning("x")
        def test_server(server): pass
        def test_server_lives(server): assert server.fileno() != -1
        def test_device(): kept.append(open(os.devnull)); kept.append(os.open("/dev/urandom", os.O_RDONLY))
        def test_loop():
            async def work(): await asyncio.sleep(0)
            asyncio.run(work())
        def test_current_loop(): asyncio.set_event_loop(asyncio.new_event_loop())
        def test_process():
            process = multiprocessing.get_context("spawn").Process(target=len, args=("x",))
            process.start(); process.join()
            kept.append(process)
        def test_patched(monkeypatch, tmp_path):
            monkeypatch.setattr(os, "listdir", None); monkeypatch.setattr(os, "readlink", None)
            open(tmp_path / "x", "w").close()
        def test_captured(capfd): os.write(1, b"x")
        def test_closes_what_was_open(): pass
    """
    assert accused(pytester, "descriptors", source, "-W", "ignore") == {}


@pytest.fixture
def probe() -> Descriptors:
    made = Descriptors()
    made.look()
    return made


def test_changed_only_if_something_was_opened(probe: Descriptors) -> None:
    known = probe.look()
    assert not probe.changed(known)
    with Path(__file__).open(encoding="utf-8"):
        assert probe.changed(known)
        assert probe.changed(known), "not only once"
    assert not probe.changed(known) or probe.look().keys() == known.keys()
    audit.ignore(probe._hear)


@pytest.mark.skipif(sys.platform != "linux", reason="the count is Linux's")
def test_pipes_are_seen_by_their_count(probe: Descriptors) -> None:
    if not probe._last:
        pytest.skip("this Linux does not count descriptors")
    known = probe.look()
    ends = os.pipe()
    try:
        assert probe.changed(known)
    finally:
        for end in ends:
            os.close(end)


def test_without_a_list_numbers_are_tried(probe: Descriptors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "FOLDER", "/dev/fd-that-is-not")
    other = Descriptors()
    audit.ignore(other._hear)
    assert other._last == 0
    known = other.look()
    with socket.socket() as made, Path(__file__).open("rb") as file:
        other._hear("socket.__new__", ())
        assert other.changed(known)
        names = {one.number: one.name for one in other.look().values()}
        assert names[made.fileno()] == "a socket"
        assert names[file.fileno()] == "a file"
    assert descriptors._sort(Path(os.devnull).stat().st_mode) == "a file"


def test_what_cannot_be_owned_is_not_closed(probe: Descriptors, tmp_path: Path) -> None:
    known = probe.look()
    end, other = os.pipe()
    try:
        live = probe.look()
        mine = [key for key in live if key not in known]
        assert len(mine) == 2
        for key in mine:
            assert not probe.same(key, MISSING, live[key])
            assert not probe.restore(key, MISSING, live[key])
    finally:
        os.close(end)
        os.close(other)
    assert probe.same(mine[0], live[mine[0]], MISSING)


def test_names_heard_are_bounded(probe: Descriptors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "LIMIT", 2)
    for name in "abc":
        probe._hear("open", (name, None, 0))
    assert probe._raw == {str(Path("c").absolute())}
