"""Audit: listeners hear events until they are ignored, what they raise is theirs, and a forked child hears nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_vltair.leaks import audit


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        self.heard.append((event, args))


@pytest.fixture
def ears() -> Iterator[tuple[Ear, Ear]]:
    one, other = Ear(), Ear()
    yield one, other
    audit.ignore(one)
    audit.ignore(other)


def test_each_hears_its_events(ears: tuple[Ear, Ear]) -> None:
    one, other = ears
    audit.listen(["vltair.a", "vltair.b"], one)
    audit.listen(["vltair.a"], other)
    sys.audit("vltair.a", 1)
    sys.audit("vltair.b", 2)
    sys.audit("vltair.c", 3)
    assert one.heard == [("vltair.a", (1,)), ("vltair.b", (2,))]
    assert other.heard == [("vltair.a", (1,))]
    audit.ignore(one)
    sys.audit("vltair.a", 4)
    sys.audit("vltair.b", 5)
    assert len(one.heard) == 2
    assert other.heard[-1] == ("vltair.a", (4,))


def test_what_a_listener_raises_reaches_nobody(ears: tuple[Ear, Ear]) -> None:
    def broken(event: str, args: tuple[Any, ...]) -> None:
        raise OSError

    audit.listen(["vltair.a"], broken)
    audit.listen(["vltair.a"], ears[0])
    try:
        sys.audit("vltair.a")
    finally:
        audit.ignore(broken)
    assert ears[0].heard == [("vltair.a", ())]


def test_the_hook_calls_who_listens(ears: tuple[Ear, Ear]) -> None:
    audit.listen(["vltair.a"], ears[0])
    audit._hook("vltair.a", (1,))
    audit._hook("vltair.b", (1,))
    assert ears[0].heard == [("vltair.a", (1,))]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_hears_nothing(ears: tuple[Ear, Ear]) -> None:
    audit.listen(["vltair.a"], ears[0])
    pid = os.fork()
    if pid == 0:
        sys.audit("vltair.a")
        os._exit(len(ears[0].heard))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    sys.audit("vltair.a")
    assert len(ears[0].heard) == 1
