"""Network: in the phases of tests, Python's sockets reach this machine and what is allowed, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_vltair.fixed.blocking import Block
from pytest_vltair.fixed.hosts import Hosts, Rule, rule
from pytest_vltair.settings import Given, Settings

MARKER = "vltair_network"
ALLOW = "network-allow"
ELSEWHERE = (
    "MySQLdb", "aiodns", "confluent_kafka", "curl_cffi", "cx_Oracle", "grpc", "oracledb", "psycopg", "psycopg2",
    "pycares", "pycurl", "pymssql", "pyodbc", "ssh2", "uvloop", "zmq",
)  # fmt: skip
"""Modules that connect, or look names up, in C, past Python's sockets."""

_blocks: list[Block] = []


class Network:
    """The factor: connections and look-ups of tests are refused unless they are allowed."""

    name = "network"

    def __init__(self, given: Given, settings: Settings) -> None:
        self.demanded = given.choice("block")
        allow = settings[ALLOW]
        rules = [] if allow is None else [_rule(allow, line) for line in allow.lines]
        self.note = f"but for {', '.join(allow.lines)}" if allow is not None and rules else ""
        self._block = Block(Hosts(rules), f"{given.name} = {given.text}, {given.place}")
        self.hooks = Phases(self._block)

    def apply(self, _config: pytest.Config) -> None:
        """Put the checks in place; they let everything pass until a test begins."""
        self._block.install()
        _blocks.append(self._block)

    def restore(self) -> None:
        """Take the checks away."""
        if self._block in _blocks:
            _blocks.remove(self._block)
            self._block.remove()

    def shown(self) -> str:
        """`block`, or what of Python's sockets is not checked since somebody put their own in its place."""
        replaced = self._block.replaced()
        return f"block, but not {', '.join(replaced)}" if replaced else "block"


class Phases:
    """Hooks: refuse in set-up, call and teardown of tests, and let everything pass around them."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Refuse, in fixtures of wider scope too."""
        self._block.begin(item, "setup")
        try:
            return (yield)
        finally:
            self._block.end()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Refuse."""
        self._block.begin(item, "call")
        try:
            return (yield)
        finally:
            self._block.end()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Refuse, in what fixtures of wider scope do at their end too."""
        self._block.begin(item, "teardown")
        try:
            return (yield)
        finally:
            self._block.end()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which loaded modules go past the block."""
        found = [name for name in ELSEWHERE if name in sys.modules]
        if found:
            terminalreporter.write_line(
                f"vltair: {', '.join(found)} can connect in C, where the network is not blocked: "
                "to be sure of them, run where there is no network"
            )


@contextmanager
def during(mark: pytest.Mark) -> Iterator[None]:
    """Allow what a marker names as long as this lasts; without any host, everything.

    Fails the test where the marker names what is no host.
    """
    hosts = Hosts(_rules(mark)) if mark.args or mark.kwargs else None
    if not _blocks:
        yield
        return
    with _blocks[-1].allowing(hosts):
        yield


def _rules(mark: pytest.Mark) -> list[Rule]:
    found: list[Rule] = []
    wrong = [f"takes hosts, and nothing by the name {name}" for name in mark.kwargs]
    for text in mark.args:
        try:
            found.append(rule(text))
        except ValueError as error:
            wrong.append(f"names {text!r}, which {error}")
    if wrong:
        pytest.fail(f"the marker {MARKER} {wrong[0]}", pytrace=False)
    return found


def _rule(allow: Given, line: str) -> Rule:
    try:
        return rule(line)
    except ValueError as error:
        allow.wrong(f"has {line!r}, which {error}")
