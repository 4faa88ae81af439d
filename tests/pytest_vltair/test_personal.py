"""Personal data: what is taken out, what is not, and that it is taken out once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vltair.personal import STANDARD, scrub

ROOT = "/root"
"""The home of a system's first user."""

PARTS = (
    "::",
    ":",
    "1",
    "a",
    "2001",
    ".",
    "10",
    "-",
    "0a1b2c3d",
    "4e5f",
    "0123456789ab",
    " ",
    "/home/x",
    "@",
    "x.y",
    "12:34",
)


@pytest.mark.requirement("REC-7")
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mail to bob.o'neil+x@mail.example.co.uk now", "mail to bob.o'<email> now"),
        ("from 192.168.1.17:8080 and 10.0.0.1", "from <ip>:8080 and <ip>"),
        ("2001:db8::8a2e:370:7334 and 2001:0db8:85a3:0000:0000:8a2e:0370:7334", "<ip> and <ip>"),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id <uuid>"),
        ('File "/home/alice/project/a.py", line 3', 'File "~/project/a.py", line 3'),
        (
            f"/Users/bob/a and {ROOT}/b and C:\\Users\\Carol\\c and C:\\\\Users\\\\Dan\\\\d",
            "~/a and ~/b and ~\\c and ~\\\\d",
        ),
        ("token ghp_" + "a1B2" * 9, "token <<REDACTED>>"),
        ("https://ann:secret@host/x", "https://<<REDACTED>>@host/x"),
    ],
)
def test_what_tells_of_a_person_is_taken_out(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:5432 and 0.0.0.0 and ::1",
        "at 12:34:56, version 1.2.3 and 141.0.7390.37",
        "tests/test_a.py::TestB::test_c[1-2]",
        "std::vector of a::b",
        "/srv/rooted/home and /homes/x",
        "pkg @ decorator @pytest.fixture",
        "3f2c1ab0-not-a-uuid",
    ],
)
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert scrub(text) == text


def test_the_strict_profile_takes_what_may_be_personal_too() -> None:
    text = "00:1B:44:11:3A:B7 called 4915112345678 at http://db.internal:80/x?user=ann&id=3 key 9f86d081884c7d65"
    assert scrub(text) == text
    assert scrub(text, strict=True) == "<mac> called <number> at http://<host>/x?<query> key <number>"


PIECES = st.sampled_from(
    ["ann@example.org", "10.1.2.3", "fe80::1", "/home/ann", "/root", "550e8400-e29b-41d4-a716-446655440000", "://x?a=b"]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join), st.booleans())
def test_what_was_scrubbed_stays_as_it_is(text: str, strict: bool) -> None:
    once = scrub(text, strict=strict)
    assert scrub(once, strict=strict) == once


@given(st.lists(st.sampled_from(PARTS), max_size=24).map("".join))
def test_no_pattern_is_passed_over_that_would_have_found_something(text: str) -> None:
    every = text
    for _, _, pattern, instead in STANDARD:
        every = re.sub(pattern, instead, every)
    assert scrub(text) == every
