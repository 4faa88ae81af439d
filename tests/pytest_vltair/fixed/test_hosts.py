"""Hosts: what an entry means, and whom it lets through."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import example
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed.hosts import Hosts, Machine, address, normal, rule

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,10}(\.[a-z][a-z0-9]{0,5}){0,3}", fullmatch=True)
PORTS = st.integers(1, 65535)


def hosts(*entries: str) -> Hosts:
    return Hosts(map(rule, entries))


@pytest.mark.parametrize(
    ("entry", "reached", "refused"),
    [
        ("example.org", [("example.org", 80), ("EXAMPLE.org.", 1)], [("www.example.org", 80), ("192.0.2.1", 80)]),
        ("example.org:443", [("example.org", 443)], [("example.org", 80)]),
        ("bücher.example", [("xn--bcher-kva.example", 80), ("BÜCHER.example", 80)], [("bucher.example", 80)]),
        ("192.0.2.1", [("192.0.2.1", 80), ("::ffff:192.0.2.1", 80)], [("192.0.2.2", 80), ("example.org", 80)]),
        ("192.0.2.1:53", [("192.0.2.1", 53)], [("192.0.2.1", 80), ("192.0.2.1", "53")]),
        ("192.0.2.0/24", [("192.0.2.255", 80)], [("192.0.3.0", 80), ("2001:db8::1", 80)]),
        ("192.0.2.0/24:80", [("192.0.2.9", 80)], [("192.0.2.9", 81)]),
        ("2001:db8::1", [("2001:db8:0::1", 80), ("2001:db8::1%eth0", 80)], [("2001:db8::2", 80)]),
        ("[2001:db8::1]", [("2001:db8::1", 80)], [("2001:db8::2", 80)]),
        ("[2001:db8::1]:443", [("2001:db8::1", 443)], [("2001:db8::1", 80)]),
        ("2001:db8::/32", [("2001:db8::1", 80)], [("2001:db9::1", 80)]),
        ("::ffff:192.0.2.0/120", [("192.0.2.9", 80), ("::ffff:192.0.2.9", 80)], [("192.0.3.9", 80)]),
        ("db_1", [("db_1", 5432)], [("db_2", 5432)]),
    ],
)
def test_entries(entry: str, reached: list[tuple[str, int]], refused: list[tuple[str, int]]) -> None:
    known = hosts(entry)
    assert [one for one in reached if not known.may_reach(*one)] == []
    assert [one for one in refused if known.may_reach(*one)] == []


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("https://example.org", "is a URL and no host: write example.org, 192.0.2.1"),
        ("192.0.2.1/24", r"is no network: did you mean 192\.0\.2\.0/24\?"),
        ("example.org:0", "names no port from 1 to 65535"),
        ("example.org:http", "names no port from 1 to 65535"),
        ("example.org:", "names no port from 1 to 65535"),
        ("example.org:70000", "names no port from 1 to 65535"),
        ("192.0.2.256", "is no host"),
        ("*.example.org", "is no host"),
        ("example.org/path", "is no host"),
        ("", "is no host"),
        ("-a.example", "is no host"),
        ("a" * 64, "is no host"),
        (".".join(["a" * 60] * 5), "is no host"),
        ("\udcff", "is no host"),
        (80, "is no host"),
    ],
)
def test_what_is_no_entry(entry: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rule(entry)


@varied(st.text(max_size=40))
def test_any_text_is_an_entry_or_refused(text: str) -> None:
    said = "is no host"
    try:
        rule(text)
    except ValueError as error:
        said = str(error)
    assert said.startswith(("is no", "is a URL", "names no port"))


@varied(NAMES, PORTS, PORTS)
def test_a_port_is_kept_to(name: str, port: int, other: int) -> None:
    assert hosts(f"{name}:{port}").may_reach(name, other) == (port == other)
    assert hosts(f"{name}:{port}", name).may_reach(name, other)
    assert hosts(f"{name}:{port}", f"{name}:{other}").may_reach(name, other)


@varied(st.ip_addresses(), PORTS)
@example(ipaddress.ip_address("::ffff:0:0"), 1)
def test_every_address_is_read_as_it_is_written(one: object, port: int) -> None:
    text = f"[{one}]:{port}" if ":" in str(one) else f"{one}:{port}"
    known = hosts(text)
    assert known.may_reach(str(one), port)
    assert known.may_look_up(str(one))


def test_what_was_found_for_a_name_is_allowed_on_its_ports() -> None:
    known = hosts("example.org:443")
    known.learn("Example.ORG", ["192.0.2.1", "2001:db8::1"])
    known.learn("example.com", ["192.0.2.2"])
    assert known.may_reach("192.0.2.1", 443)
    assert known.may_reach("2001:db8::1", 443)
    assert not known.may_reach("192.0.2.1", 80)
    assert not known.may_reach("192.0.2.2", 443)


def test_looking_up() -> None:
    known = hosts("example.org:443", "192.0.2.0/24")
    assert [one for one in ("example.org", "192.0.2.3", "example.com", "192.0.3.1") if known.may_look_up(one)] == [
        "example.org",
        "192.0.2.3",
    ]


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "LOCALHOST.", "db.localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "127.255.0.9",
     "::1", "0:0::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "::1%lo"],
)  # fmt: skip
def test_this_machine(host: str) -> None:
    assert host in Machine()


@pytest.mark.parametrize(
    "host",
    ["example.org", "localhost.example", "notlocalhost", "192.0.2.1", "128.0.0.1", "::2", "255.255.255.255",
     "169.254.169.254", "224.0.0.1", "fe80::1%eth0", "10.0.0.1", "127.0.0.1.example.org", "0x8.0x8.0x8.0x8"],
)  # fmt: skip
def test_another_machine(host: str) -> None:
    assert host not in Machine()


def test_the_name_that_this_machine_calls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Build-7.example")
    machine = Machine()
    assert "build-7.example" in machine
    assert "192.0.2.7" not in machine
    machine.learn("example.org", ["192.0.2.8"])
    machine.learn("build-7.example", ["192.0.2.7", "fe80::7"])
    assert "192.0.2.7" in machine
    assert "192.0.2.8" not in machine


def test_names_are_compared_in_one_form() -> None:
    assert normal("Straße.Example.") == "strasse.example"
    assert normal("a..ü") == "a..ü"
    assert address("1.2.3.4.5") is None
    assert address("cafe") is None


def test_what_is_found_that_is_no_address_is_not_learned() -> None:
    one = hosts("example.org:443")
    one.learn("example.org", ["/run/socket", "192.0.2.1"])
    assert one.may_reach("192.0.2.1", 443)
    assert not one.may_reach("192.0.2.1", 80)
    assert not one.may_reach("/run/socket", 443)
