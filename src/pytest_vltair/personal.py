"""Personal data: what may tell of a person is taken out of text before it is written into the record.

E-mail and IP addresses, UUIDs, tokens and the names of home directories; `strict` also takes what may be some: MAC
addresses, hosts and queries in URLs, long numbers and long hexadecimal words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from pytest_vltair.tokens import ARMOUR, EMAIL, MASK, SHAPES, masked

_UUID = r"(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f-])"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = rf"(?<![\w.])(?!127\.|0\.0\.0\.0)(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.\d)"
_IPV6 = r"(?<![\w:.])(?=[0-9A-Fa-f:]*\d)(?:[0-9A-Fa-f]{1,4}:){1,7}(?::?[0-9A-Fa-f]{1,4}){1,7}(?![\w:])"
_HOME = r"(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})[^\s/\\\"':;,<>|)\]}]+|(?<![\w/.-])/root(?![\w.-])"
_MAC = r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])"
_HOST = r"(?<=://)[^\s/?#\"'<>\\]+"
_QUERY = r"(?<=[\w/])\?[\w%.~+-]+=[^\s\"'<>]*"
_LONG = r"(?<![\w<])(?:\d{7,}|(?=[0-9a-f]*\d)[0-9a-f]{16,})(?![\w>])"


def scrub(text: str, *, strict: bool = False) -> str:
    """`text` without personal data and tokens; what is scrubbed already stays as it is."""
    if "PRIVATE KEY" in text:
        text = ARMOUR.sub(MASK, text)
    for words, pattern, instead in _standard():
        if any(word in text for word in words):
            text = pattern.sub(instead, text)
    if strict:
        for pattern, instead in _strict():
            text = pattern.sub(instead, text)
    return text


@lru_cache(maxsize=1)
def _standard() -> tuple[tuple[tuple[str, ...], re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    """Patterns with words of which one occurs wherever they match, since the search for a word is cheap."""
    tokens = [(words, re.compile(shape), masked) for words, shape in SHAPES]
    addresses = [(words, re.compile(shape), _named("<email>")) for words, shape in EMAIL]
    return (
        *tokens,
        *addresses,
        (("-",), re.compile(_UUID), _named("<uuid>")),
        (("/home/", "/Users/", ":\\", "/root"), re.compile(_HOME), _named("~")),
        ((".",), re.compile(_IPV4), _named("<ip>")),
        ((":",), re.compile(_IPV6), _address),
    )


@lru_cache(maxsize=1)
def _strict() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    return (
        (re.compile(_MAC), _named("<mac>")),
        (re.compile(_HOST), _named("<host>")),
        (re.compile(_QUERY), _named("?<query>")),
        (re.compile(_LONG), _named("<number>")),
    )


def _named(name: str) -> Callable[[re.Match[str]], str]:
    return lambda _: name


def _address(found: re.Match[str]) -> str:
    """`<ip>` for what is an address of version 6; a time of day looks like one, and `::1` is nobody's."""
    text = found.group()
    return "<ip>" if "::" in text or text.count(":") == 7 else text
